"""Whether anything is lost or kept twice when several processes save at the same time."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from stores.repository import InsightRepository
from tests.bench.figures import Figure
from tests.bench.stage import Where
from tests.storage.address import finish, opened, start

PROCESSES, SAVES = "abcd", 50  # half of each process's saves are its own, half are those of all of them


async def saving(where: Where) -> list[Figure]:
    """200 saves in one workspace, as many at a time as the processes can make."""
    with TemporaryDirectory(prefix="tacit-bench-") as folder, where.fresh() as mongodb_url:
        address = mongodb_url or str(Path(folder) / "saves.sqlite")
        database = await opened(address)
        await database.prepare()
        begin = time.perf_counter()
        await finish([await start("writer", "learn", address, who, str(SAVES)) for who in PROCESSES])
        took = time.perf_counter() - begin
        kept = await InsightRepository("W", database.workspace("W")).newest()
        await database.close()
    half, evidence = SAVES // 2, [(i.sentence, e.message) for i in kept for e in i.evidence]
    own, all_s = half * len(PROCESSES), half
    lost = own + all_s - len({i.sentence for i in kept}) + 2 * own - len(set(evidence))
    doubled = len(kept) - len({i.sentence for i in kept}) + len(evidence) - len(set(evidence))
    return [
        Figure("saving: 200 by 4 processes, with their start", took, "s", where.database),
        Figure("saving: lost", lost, "", where.database),
        Figure("saving: kept twice", doubled, "", where.database),
    ]
