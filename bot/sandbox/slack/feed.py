"""The feed: everything that changes, numbered, for a page or a player to follow."""

import asyncio
import time
from collections import deque
from typing import Any

KEPT = 20_000


class Feed:
    """Numbers grow for ever, also across restarts: they start at the time in milliseconds."""

    def __init__(self) -> None:
        self._items: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._seq = time.time_ns() // 1_000_000
        self._news = asyncio.Event()

    @property
    def last(self) -> int:
        """The number of the newest item."""
        return self._seq

    def next(self) -> int:
        """Take a number for something that is listed elsewhere (deliveries, calls)."""
        self._seq += 1
        return self._seq

    def add(self, type: str, **data: Any) -> None:
        """Add an item and wake everybody who waits for one."""
        self._items.append({"seq": self.next(), "type": type, "at": time.time(), **data})
        self._news.set()
        self._news = asyncio.Event()

    def since(self, seq: int) -> list[dict[str, Any]]:
        """Return the items after this number, oldest first (at most the last 20,000)."""
        found: list[dict[str, Any]] = []
        for item in reversed(self._items):
            if item["seq"] <= seq:
                break
            found.append(item)
        return found[::-1]

    async def wait(self, seq: int, seconds: float) -> list[dict[str, Any]]:
        """Return the items after this number as soon as there is one, [] when the time is over."""
        news = self._news
        found = self.since(seq)
        if found or seconds <= 0:
            return found
        try:
            async with asyncio.timeout(seconds):
                await news.wait()
        except TimeoutError:
            return []
        return self.since(seq)
