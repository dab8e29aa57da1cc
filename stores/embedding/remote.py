"""OpenAI's embeddings, or those of any server that offers /embeddings as OpenAI does (Ollama, vLLM, LM Studio).

Imports the openai library only when the first `RemoteEmbedder` is made.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from stores.embedder import Vectors
from stores.embedding.breaker import Breaker
from stores.embedding.remembered import Remembered
from stores.openai_client import OPENAI, open_client

QUESTION, QUESTION_SECONDS = 2, 0.5  # so few texts are a question, and somebody waits for it
SECONDS = 20.0  # for one request, retries included
TEXTS, CHARACTERS = 128, 100_000  # in one request, whose answer is read in a few milliseconds; OpenAI takes 2,048 and 300,000 tokens
LONGEST = 5_000  # characters of one text that are read; OpenAI takes 8,192 tokens, and some scripts need more than one a character
TOGETHER = 4  # requests at once


class RemoteEmbedder:
    """The port `Embedder`. Remembers the last vectors. `dimensions` is asked of the server, and what it gives must have as many.

    One text or two are taken for a question: if there is no answer within half a second, `EmbeddingFailed` is raised, and again at
    once for 30 seconds, unless the answer comes late after all.
    """

    def __init__(self, key: str | None, base_url: str | None, model: str, dimensions: int) -> None:
        address = base_url or OPENAI
        self._host = urlsplit(address).netloc.rpartition("@")[2]
        self.name = f"{model}/{dimensions}" + (f"@{self._host}" if base_url else "")
        self.dimensions = dimensions
        self._model = model
        self._client = open_client(key or "none", address, SECONDS, retries=1)
        self._remembered, self._breaker = Remembered(), Breaker(self.name)
        self._room = asyncio.Semaphore(TOGETHER)
        self._late: set[asyncio.Task[Vectors]] = set()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`. An empty text is not sent."""
        wanted = [text.strip()[:LONGEST] for text in texts]
        known = {text: self._remembered.get(text) for text in wanted if text}
        missing = [text for text, vector in known.items() if vector is None]
        if missing:
            self._breaker.check()
            known.update(zip(missing, await self._ask_all(missing), strict=True))
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(wanted):
            if text:
                vectors[row] = known[text]
        return vectors

    async def close(self) -> None:
        """Close the connections. May be called twice."""
        for task in self._late:
            task.cancel()
        await self._client.close()

    async def _ask_all(self, texts: Sequence[str]) -> Vectors:
        """The texts' vectors, in order. Requests that are late go on behind our back: their answers are remembered."""
        if len(texts) <= QUESTION:
            tasks = [asyncio.create_task(self._ask(texts))]
            pending = await _unfinished(tasks, QUESTION_SECONDS)
        else:
            tasks = [asyncio.create_task(self._in_turn(batch)) for batch in _batches(texts)]
            pending = await _unfinished(tasks, None)
        if pending:
            self._late |= pending
            for task in pending:
                task.add_done_callback(self._end)
            raise self._breaker.failed(f"{self._host} did not answer within {QUESTION_SECONDS:g} seconds.")
        return np.concatenate([task.result() for task in tasks])

    def _end(self, task: asyncio.Task[Vectors]) -> None:
        self._late.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain; the breaker knows it

    async def _in_turn(self, batch: Sequence[str]) -> Vectors:
        async with self._room:
            return await self._ask(batch)

    async def _ask(self, batch: Sequence[str]) -> Vectors:
        """One request's vectors, remembered. An answer, however late, closes the breaker."""
        from openai import OpenAIError

        try:
            async with asyncio.timeout(SECONDS):
                asked: dict[str, Any] = {"model": self._model, "dimensions": self.dimensions, "encoding_format": "base64"}
                answer = await self._client.embeddings.create(input=list(batch), **asked)
            vectors = _vectors(answer, len(batch), self.dimensions)
        except (OpenAIError, TimeoutError, ValueError) as e:
            raise self._breaker.failed(self._why(e)) from None
        self._breaker.answered()
        for text, vector in zip(batch, vectors, strict=True):
            self._remembered.put(text, vector)
        return vectors

    def _why(self, error: Exception) -> str:
        """The failure in words, without a word of the texts or of the server's answer."""
        status = getattr(error, "status_code", None)
        if status is None:
            if isinstance(error, _Unusable):
                return str(error)
            return f"{self._host} cannot be reached, or did not answer ({type(error).__name__})."
        remedy = _REMEDIES.get(status, "")
        return f"{self._host} refused to embed (status {status}). {remedy}".strip()


class _Unusable(ValueError):
    """The server answered with what cannot be used."""


_REMEDIES = {
    400: "Does EMBEDDING_MODEL take as many dimensions as EMBEDDING_DIMENSIONS says?",
    401: "Check OPENAI_API_KEY.",
    403: "May this OPENAI_API_KEY use EMBEDDING_MODEL?",
    404: "Check OPENAI_BASE_URL and EMBEDDING_MODEL; EMBEDDINGS=local or none does without that server.",
    429: "It is asked too often, or the account has no credit left.",
}


async def _unfinished(tasks: Sequence[asyncio.Task[Vectors]], seconds: float | None) -> set[asyncio.Task[Vectors]]:
    """Those that are not done in time. The first failure is raised; it, or being cancelled, ends the others."""
    try:
        done, pending = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    except BaseException:
        for task in tasks:
            task.cancel()
        raise
    return pending


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in order, in pieces that fit into one request."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and (len(batch) == TEXTS or size + len(text) > CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def _numbers(embedding: Any) -> Any:
    """One embedding's numbers; a server that knows no base64 gives a list."""
    return np.frombuffer(base64.b64decode(embedding, validate=True), "<f4") if isinstance(embedding, str) else embedding


def _vectors(answer: Any, texts: int, dimensions: int) -> Vectors:
    """The vectors of an answer, in the texts' order and of length 1. The library checks nothing of what a server sends."""
    try:
        rows = [_numbers(item.embedding) for item in sorted(answer.data, key=lambda item: item.index)]
        vectors = np.array(rows, np.float32)
    except (AttributeError, TypeError, ValueError):
        raise _Unusable("The server's answer holds no embeddings.") from None
    if vectors.ndim != 2 or len(vectors) != texts or not np.isfinite(vectors).all():
        raise _Unusable("The server's answer does not hold one embedding for each text.")
    if vectors.shape[1] != dimensions:
        raise _Unusable(f"The server's embeddings have {vectors.shape[1]} dimensions, and EMBEDDING_DIMENSIONS says {dimensions}.")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)
