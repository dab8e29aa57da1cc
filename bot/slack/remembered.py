"""Answers kept for a while: asked for once at a time, bounded in number, never kept when they may be out of date."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """What `ask` answers, for each key. A failure is not kept.

    After `forget` nobody gets an answer that was asked for before it: a lookup under way is not kept, and whoever waits for it asks again.
    """

    def __init__(
        self,
        ask: Callable[[str], Awaitable[Answer]],
        *,
        seconds: float = 300,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._seconds, self._most, self._clock = ask, seconds, most, clock
        self._kept: OrderedDict[str, tuple[float, Answer]] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[tuple[Answer, bool]]] = {}
        self.generation = 0  # Grows with every `forget`.

    async def get(self, key: str) -> Answer:
        """The answer for this key. Raises what `ask` raises. Cancelling one who waits does not harm the others."""
        while True:
            kept = self._kept.get(key)
            if kept and kept[0] > self._clock():
                return kept[1]
            answer, current = await asyncio.shield(self._under_way.get(key) or self._start(key))
            if current:
                return answer

    def known(self, key: str) -> Answer | None:
        """The answer that is kept, without asking."""
        kept = self._kept.get(key)
        return kept[1] if kept and kept[0] > self._clock() else None

    def put(self, key: str, answer: Answer, generation: int) -> None:
        """Keep an answer that was come by otherwise, unless something was forgotten since `generation` was read, before asking."""
        if generation == self.generation:
            self._keep(key, answer)

    def forget(self, key: str | None = None) -> None:
        """Drop the answer for this key; without one, drop all."""
        self.generation += 1
        if key is None:
            self._kept.clear()
            self._under_way.clear()
        else:
            self._kept.pop(key, None)
            self._under_way.pop(key, None)

    def _start(self, key: str) -> asyncio.Task[tuple[Answer, bool]]:
        task = self._under_way[key] = asyncio.create_task(self._look(key))
        task.add_done_callback(_looked_at)
        return task

    async def _look(self, key: str) -> tuple[Answer, bool]:
        """The answer, and whether nothing was forgotten since it was asked for."""
        me = asyncio.current_task()
        try:
            answer = await self._ask(key)
            current = self._under_way.get(key) is me
            if current:
                self._keep(key, answer)
            return answer, current
        finally:
            if self._under_way.get(key) is me:
                del self._under_way[key]

    def _keep(self, key: str, answer: Answer) -> None:
        self._kept[key] = (self._clock() + self._seconds, answer)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def _looked_at(task: asyncio.Task[tuple[Answer, bool]]) -> None:
    """Look at the failure of a lookup that nobody waits for any more, so that asyncio does not complain about it."""
    if not task.cancelled():
        task.exception()
