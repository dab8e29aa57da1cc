"""A question's vector, made once for all who search for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict

import numpy as np

from stores import ranking
from stores.embedder import Embedder, EmbeddingFailed
from stores.index.matrix import Numbers

log = logging.getLogger(__name__)

KEPT = 64
LONGEST = 2000  # characters that are embedded
SECONDS = 0.6  # that a question waits for its vector
QUIET = 60.0  # seconds between two lines in the log about the same outage


class QuestionVectors:
    """The last questions' vectors. One for all workspaces: it is asked for by text alone."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._asked: OrderedDict[tuple[str, str], asyncio.Task[Numbers | None]] = OrderedDict()
        self._said = 0.0

    async def of(self, text: str, expansion: str = "") -> Numbers | None:
        """The vector of a question, turned towards its expansion; None when there is none in time, and the log says why."""
        key = text[:LONGEST], expansion[:LONGEST]
        task = self._asked.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._asked[key] = asyncio.create_task(self._embed(*key))
        self._asked.move_to_end(key)
        while len(self._asked) > KEPT:
            self._asked.popitem(last=False)
        await asyncio.wait({task}, timeout=SECONDS)  # whoever stops waiting takes it from nobody else
        try:
            if task.done():
                return task.result()
            self._say("It took too long.")
        except EmbeddingFailed as e:
            self._say(str(e))
        return None

    async def _embed(self, text: str, expansion: str) -> Numbers | None:
        rows = await self.embedder.embed([text, expansion] if expansion else [text])
        if rows.shape != (1 + bool(expansion), self.embedder.dimensions) or not np.isfinite(rows).all():
            raise EmbeddingFailed(f"{self.embedder.name} gave vectors of shape {rows.shape}, or some that are no numbers.")
        vector = rows[0] + ranking.TOGETHER * rows[1] if expansion else rows[0]
        length = float(np.linalg.norm(vector))
        return np.asarray(vector / length, np.float32) if length > 0 else None

    def _say(self, reason: str) -> None:
        if time.monotonic() - self._said > QUIET:
            self._said = time.monotonic()
            log.warning("search.keywords_alone", extra={"embedder": self.embedder.name, "reason": reason})
