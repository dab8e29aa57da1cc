"""What `tacit rank` does with its files."""

from __future__ import annotations

from pathlib import Path

import click

from bot.corpus import read_corpus, read_questions
from bot.embeddings import embedder_of
from bot.lines import BadLine
from bot.rank import rank
from bot.settings import Settings, WrongSettings
from stores.embedder import EmbeddingFailed


async def rank_files(corpus: Path, questions: Path, settings: Settings) -> int:
    """Rank and print; the exit status: 0, or 1 when a line is wrong or nothing could be embedded, which standard error says."""
    try:
        lines, asked = read_corpus(corpus), read_questions(questions)
        embedder = embedder_of(settings)
        try:
            answers = await rank(lines, asked, embedder, _say)
        finally:
            if embedder is not None:
                await embedder.close()
    except (BadLine, WrongSettings, EmbeddingFailed) as e:
        click.echo(e, err=True)
        return 1
    for answer in answers:
        click.echo(answer.line())
    return 0


def _say(progress: str) -> None:
    click.echo(progress, err=True)
