"""What `tacit rank` does with its files."""

from __future__ import annotations

from pathlib import Path

import click

from bot.corpus import BadLine, read_corpus, read_questions
from bot.rank import rank
from bot.settings import Settings
from stores.embedder import EmbeddingFailed
from stores.embedding.choose import NoEmbedder, open_embedder


async def rank_files(corpus: Path, questions: Path, settings: Settings) -> int:
    """Rank and print; the exit status: 0, or 1 when a line is wrong or nothing could be embedded, which standard error says."""
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    try:
        lines, asked = read_corpus(corpus), read_questions(questions)
        embedder = open_embedder(
            settings.embeddings, key, settings.openai_base_url, settings.embedding_model, settings.embedding_dimensions
        )
        try:
            answers = await rank(lines, asked, embedder, _say)
        finally:
            if embedder is not None:
                await embedder.close()
    except (BadLine, NoEmbedder, EmbeddingFailed) as e:
        click.echo(e, err=True)
        return 1
    for answer in answers:
        click.echo(answer.line())
    return 0


def _say(progress: str) -> None:
    click.echo(progress, err=True)
