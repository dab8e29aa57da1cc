"""Expansions that are under way: each begun as early as the question's words are known, and taken when the rest of the work needs it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from stores.expansion import Expander

KEPT = 500  # questions whose expansions are remembered


@dataclass(frozen=True, slots=True)
class Words:
    """What a question says, as far as that is known. They are held in memory alone."""

    question: str  # its id
    text: str
    version: str = ""  # the ts of the last edit of its message


class Expansions:
    """The expansions of one process. A question that was begun when its event came is not expanded again when its thread has been read."""

    def __init__(self, expander: Expander) -> None:
        self._expander = expander
        self._begun: dict[tuple[str, str, str], asyncio.Task[str]] = {}

    def begin(self, workspace: str, words: Words) -> asyncio.Task[str]:
        """The expansion of a question: the one that is under way or done for this version of its words, else a new one.

        Await it shielded; it takes as long as `Expander.expand` from its beginning on, and never raises.
        """
        key = (workspace, words.question, words.version)
        if key not in self._begun or self._begun[key].cancelled():
            self._begun[key] = asyncio.create_task(self._expander.expand(words.text))
        while len(self._begun) > KEPT:
            del self._begun[next(iter(self._begun))]
        return self._begun[key]

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = [task for task in self._begun.values() if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
