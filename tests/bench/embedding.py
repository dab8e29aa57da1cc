"""How fast the local model embeds, in a process of its own, and for how long it holds up that process's event loop."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Awaitable
from typing import Any

from stores.embedding.local import LocalEmbedder, installed
from tests.bench.figures import Figure, in_ms, percentile, resident
from tests.bench.stage import Where

TEXTS, QUESTIONS = 1_000, 50
WORDS = """the team of our service keeps each report for a month because costs of egress from this region went up and we want to move
it before winter unless legal says that customers in Europe must be asked first so please talk to Ana about invoices""".split()  # noqa: SIM905


async def embedding(where: Where) -> list[Figure]:
    """The local model's figures; none where it is not installed. OpenAI's depend on the network."""
    if where.mongodb_url or not installed():
        return []
    ran = await asyncio.to_thread(subprocess.run, [sys.executable, "-m", "tests.bench.embedding"], check=True, stdout=subprocess.PIPE)
    return [Figure(**each) for each in json.loads(ran.stdout)]


async def _figures() -> list[Figure]:
    before = resident(os.getpid())
    start = time.perf_counter()
    local = LocalEmbedder()
    await local.embed(["yes"])
    cold = time.perf_counter() - start
    took = [await _timed(local.embed([text])) for text in _texts(QUESTIONS, 14)]
    start, spent = time.perf_counter(), time.process_time()
    held_up = await _held_up(local.embed(_texts(TEXTS, 20)))
    seconds, spent = time.perf_counter() - start, time.process_time() - spent
    return [
        Figure("embedding: cold start", cold, "s"),
        *in_ms("embedding a question:", took, (0.5, 0.95)),
        Figure("embedding texts of 20 words", TEXTS / seconds, "/s"),
        Figure("embedding texts of 20 words, of one processor", TEXTS / spent, "/s"),
        *in_ms("embedding: event loop held up", held_up, (0.5, 0.99)),
        Figure("embedding: event loop held up at most", 1000 * percentile(held_up, 1), "ms"),
        Figure("embedding: memory", resident(os.getpid()) - before, "MiB"),
    ]


async def _timed(work: Awaitable[Any]) -> float:
    start = time.perf_counter()
    await work
    return time.perf_counter() - start


async def _held_up(work: Awaitable[Any]) -> list[float]:
    """How much longer than it asked for a sleep of a millisecond took, again and again while the work went on."""
    going, late = asyncio.ensure_future(work), []
    while not going.done():
        late.append(await _timed(asyncio.sleep(0.001)) - 0.001)
    await going
    return late


def _texts(how_many: int, words: int) -> list[str]:
    chance = random.Random(7)
    return [" ".join(chance.choices(WORDS, k=chance.randint(words // 2, words * 3 // 2))) for _ in range(how_many)]


if __name__ == "__main__":
    sys.stdout.write(json.dumps([{"name": f.name, "value": f.value, "unit": f.unit} for f in asyncio.run(_figures())]))
