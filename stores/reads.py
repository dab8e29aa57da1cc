"""What was read from the database for one question, so that what a search has just read is not read again by the machine.

The database decides at the moment of a reply. What was read counts as that moment for `SECONDS`; after that it is read anew.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from stores.insights import Insight
from stores.repository import InsightRepository

SECONDS = 0.05

_read: ContextVar[dict[str, tuple[float, Insight]] | None] = ContextVar("read", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Remember what is noted from here on, in this task and in those that it starts. A store of a third party notes nothing."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def note(insights: Iterable[Insight], at: float) -> None:
    """These were in force, with all this evidence, `at` this time (`time.monotonic`)."""
    held = _read.get()
    if held is not None:
        held.update((i.id, (at, i)) for i in insights)


async def in_force(ids: Sequence[str], repository: InsightRepository) -> list[Insight]:
    """`repository.get`, but for what was read for this question just now."""
    held, now = _read.get() or {}, time.monotonic()
    known = {i: held[i][1] for i in ids if i in held and now - held[i][0] < SECONDS}
    known |= {i.id: i for i in await repository.get([i for i in ids if i not in known])}
    return [known[i] for i in ids if i in known]
