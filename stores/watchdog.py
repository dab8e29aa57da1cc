"""Which store blocks its thread: it is named in the log and left alone until the next start. One that is merely slow is not."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

BLOCKED = 30.0  # seconds behind its budget after which a call that still blocks disables its store
MOMENT = 0.5  # seconds behind its budget after which a call blocked: one that waits without blocking ends at once
BLOCKS = 3  # calls in a row that blocked, after which their store is disabled


class Watchdog:
    """Watches the calls of one store. It looks when a call is made, so that it costs nothing in between."""

    def __init__(self, store: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._method = ""
        self._since: float | None = None  # when the call that may block ran over its budget
        self._blocks = 0
        self.disabled = False

    def objection(self) -> str:
        """Why this store is not to be called now, "" when it may be. One that blocked too long or too often is disabled and logged."""
        behind = self._clock() - self._since if self._since is not None else 0.0
        if not self.disabled and (behind >= BLOCKED or self._blocks >= BLOCKS):
            self.disabled = True
            log.error("store.disabled", extra={"store": self._store, "method": self._method})
        if self.disabled:
            return f"{self._store} is disabled until the next start: it blocked in {self._method}"
        return f"{self._store} still blocks in {self._method}" if self._since is not None else ""

    def overran(self, method: str) -> None:
        """A call of this method ran over its budget."""
        self._method, self._since = method, self._clock()

    def responded(self) -> None:
        """The store's thread is free again. May be called from that thread."""
        if self._since is not None and self._clock() - self._since >= MOMENT:
            self._blocks += 1
        self._since = None

    def came_back(self) -> None:
        """A call ended in time, well or not."""
        self._blocks = 0
