"""How soon the command says something."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.bench.figures import Figure, percentile
from tests.bench.stage import Where

TIMES = 5


async def starting(where: Where) -> list[Figure]:
    """`tacit --help`, of the interpreter alone and of the product's part."""
    if where.mongodb_url:
        return []
    helped, bare = _median("-m", "bot.command", "--help"), _median("-c", "")
    return [Figure("tacit --help", helped, "s"), Figure("tacit --help: times a bare python", helped / bare, "x")]


def _median(*arguments: str) -> float:
    took = []
    for _ in range(TIMES):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - start)
    return percentile(took, 0.5)
