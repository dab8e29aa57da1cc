"""What `tacit try` does while it runs: it starts again what died, and shows the warnings that bot and worker log."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.sandbox.processes import Child

LOOK_EVERY = 0.2  # seconds
FIRST_PAUSE, LONGEST_PAUSE, STEADY = 1.0, 30.0, 60.0
SHOWN_LINES = 8
QUIET = ("queue",)  # its warnings are about the machine, not about Tacit

_LOUD = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b")

Say = Callable[[str], None]


async def keep_up(children: Iterable[Child], say: Say) -> None:
    """Look after these children until cancelled."""
    await asyncio.gather(*(_look_after(child, say) for child in children))


async def _look_after(child: Child, say: Say) -> None:
    pause, tail = FIRST_PAUSE, Tail(child.log)
    while True:
        since = time.monotonic()
        while child.alive or not child.wanted:
            await asyncio.sleep(LOOK_EVERY)
            if child.name not in QUIET:
                _show(tail.warnings(), child, say)
        if time.monotonic() - since > STEADY:
            pause = FIRST_PAUSE
        say(f"The {child.name} {child.how_it_ended}; it is started again in {pause:.0f} s. The end of {child.log}:")
        _show(child.last_lines(SHOWN_LINES), child, say)
        await child.clear()
        await asyncio.sleep(pause)
        tail.warnings()
        child.start()
        pause = min(pause * 2, LONGEST_PAUSE)


def _show(lines: Iterable[str], child: Child, say: Say) -> None:
    for line in lines:
        say(f"  {child.name}: {line}")


class Tail:
    """Follows a log."""

    def __init__(self, log: Path) -> None:
        self._log, self._read = log, 0

    def warnings(self) -> list[str]:
        """The lines since the last look that carry a warning or worse."""
        try:
            with self._log.open("rb") as log:
                log.seek(self._read)
                new = log.read()
        except OSError:
            return []
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        return [line for line in whole.decode(errors="replace").splitlines() if _LOUD.search(line)]
