"""Leaves a provider that does not answer alone for a while, so that an outage costs one question its wait, and the next ones nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from stores.embedder import EmbeddingFailed

log = logging.getLogger(__name__)

REST = 30.0


class Breaker:
    """Open after a failure, for REST seconds; then the next caller tries again. The log says when it opens, and when all is well again."""

    def __init__(self, embedder: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._embedder, self._clock = embedder, clock
        self._why: str | None = None
        self._until = 0.0

    def check(self) -> None:
        """Raise `EmbeddingFailed` while it is open."""
        if self._why is not None and self._clock() < self._until:
            raise EmbeddingFailed(self._why)

    def failed(self, why: str) -> EmbeddingFailed:
        """Note a failure; what to raise for it. In the log stands the first one of an outage."""
        if self._why is None:
            log.warning("embedding.away", extra={"embedder": self._embedder, "reason": why})
        self._why, self._until = why, self._clock() + REST
        return EmbeddingFailed(why)

    def answered(self) -> None:
        """Note that the provider answered."""
        if self._why is not None:
            log.info("embedding.back", extra={"embedder": self._embedder})
        self._why = None
