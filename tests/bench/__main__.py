"""`make bench`, or `python -m tests.bench --help`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from tests.bench import contexts, embedding, events, index, learning, recalling, replies, saving, starting
from tests.bench.figures import Figure, table, write_json
from tests.bench.recall import measuring
from tests.bench.stage import Where
from tests.servers import mongo
from tests.servers.machine import Unavailable, say_on_stderr
from tests.servers.process import attached

Measure = Callable[[Where], Awaitable[list[Figure]]]

MEASURES: dict[str, Measure] = {
    "socket": events.over_socket_mode,
    "http": events.over_http,
    "reply": replies.replies,
    "learning": learning.learning,
    "saving": saving.saving,
    "recall": recalling.recall,
    "context": contexts.contexts,
    "index": index.index,
    "embedding": embedding.embedding,
    "found": measuring.quality,
    "start": starting.starting,
}


def main() -> int:
    options = _options().parse_args()
    figures: list[Figure] = []
    start = time.monotonic()
    try:
        with _places(options.mongodb) as places:
            for where in places:
                for name in options.only or MEASURES:
                    sys.stderr.write(f"{name} ({where.database}) ...\n")
                    figures += asyncio.run(_measure(MEASURES[name], where))
    except Unavailable as reason:
        sys.exit(str(reason))
    busy = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors" if hasattr(os, "getloadavg") else ""
    sys.stdout.write(f"{table(figures)}\n\nmeasured in {time.monotonic() - start:.0f} s; {busy}\n")
    if options.json:
        write_json(options.json, figures)
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure speed, memory, and how well recall finds.")
    parser.add_argument(
        "--only",
        action="append",
        choices=list(MEASURES),
        metavar="NAME",
        help=f"measure this alone, of {', '.join(MEASURES)}; may be repeated",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--mongodb", action="store_true", help="measure on MongoDB as well, in a second column")
    return parser


async def _measure(measure: Measure, where: Where) -> list[Figure]:
    return await measure(where)


@contextlib.contextmanager
def _places(with_mongodb: bool) -> Iterator[list[Where]]:
    """Where to measure, one after the other, with servers of our own. Each MongoDB database is dropped at the end."""
    with attached("tests.servers.redis") as redis_url, contextlib.ExitStack() as stack:
        places = [Where("sqlite", redis_url)]
        if with_mongodb:
            mongo.prepare(say_on_stderr)
            places.append(
                Where("mongodb", redis_url, os.environ.get("MONGODB_URL") or stack.enter_context(attached("tests.servers.mongo")))
            )
        yield places


if __name__ == "__main__":
    sys.exit(main())
