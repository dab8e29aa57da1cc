"""`make bench`, or `python -m tests.bench --help`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from tests.bench import events
from tests.bench.figures import Figure, table, write_json
from tests.bench.stage import Where
from tests.servers import mongo
from tests.servers.machine import Unavailable
from tests.servers.process import attached

Measure = Callable[[Where], Awaitable[list[Figure]]]

MEASURES: dict[str, Measure] = {
    "socket": events.over_socket_mode,
    "http": events.over_http,
}


def main() -> int:
    options = _options().parse_args()
    figures: list[Figure] = []
    start = time.monotonic()
    with _places(options.mongodb) as places:
        for where in places:
            for name in options.only or MEASURES:
                sys.stderr.write(f"{name} ({where.database}) ...\n")
                figures += asyncio.run(_measure(MEASURES[name], where))
    sys.stdout.write(table(figures) + f"\n\nmeasured in {time.monotonic() - start:.0f} s\n")
    if options.json:
        write_json(options.json, figures)
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure speed and memory.")
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
def _places(with_mongodb: bool) -> Iterator[Iterator[Where]]:
    """Where to measure, one after the other, with servers of our own. Each MongoDB database is dropped at the end."""
    with attached("tests.servers.redis") as redis_url, contextlib.ExitStack() as stack:
        places = [Where("sqlite", redis_url)]
        if with_mongodb:
            with contextlib.suppress(Unavailable):
                mongo.prepare(lambda line: sys.stderr.write(line + "\n") and None)
                places.append(Where("mongodb", redis_url, stack.enter_context(attached("tests.servers.mongo"))))
        yield iter(places)


if __name__ == "__main__":
    sys.exit(main())
