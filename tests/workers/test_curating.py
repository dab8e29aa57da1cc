"""The daily upkeep: a slice a sweep, each by one process, once a day; a process that died is replaced."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from stores.sqlite.documents import open_sqlite
from stores.upkeep import DAY
from tests.stores.town import evidence, insight
from tests.workers.school import School
from workers import curating
from workers.curating import begin_upkeep, curate
from workers.parts import Parts


class Workspaces:
    def __init__(self, parts: Parts) -> None:
        self._parts, self.asked = parts, 0

    async def parts(self, workspace: str) -> Parts:
        self.asked += 1
        return self._parts

    async def keep_up(self) -> None: ...


@pytest.fixture
async def school() -> AsyncIterator[School]:
    database = await open_sqlite(":memory:")
    yield School(database)
    await database.close()


async def old(school: School, count: int) -> None:
    at = time.time() - 2000 * DAY
    for n in range(count):
        await school.repository.keep(replace(insight(f"i{n:04}", evidence("C1", "ana", "public", at + n)), learned_at=at))


async def test_slice_by_slice_and_then_not_before_the_next_day(school: School) -> None:
    await old(school, curating.SLICE + 5)
    await begin_upkeep(school.documents)
    async with school.process() as parts:
        workspaces = Workspaces(parts)
        await curate(school.database, workspaces)
        assert len(await school.repository.newest()) == 5
        await curate(school.database, workspaces)
        assert await school.repository.newest() == []
        await curate(school.database, workspaces)
        assert workspaces.asked == 2
        await begin_upkeep(school.documents)  # a process that starts again
        await curate(school.database, workspaces)
        assert workspaces.asked == 2
        [state] = await school.documents.find("upkeep", {})
        assert state["due"] > time.time() + DAY / 2


async def test_of_several_processes_one_does_a_slice(school: School) -> None:
    await old(school, 3)
    await begin_upkeep(school.documents)
    async with school.process() as parts:
        workspaces = Workspaces(parts)
        await asyncio.gather(*(curate(school.database, workspaces) for _ in range(8)))
        assert workspaces.asked == 1
        assert await school.repository.newest() == []


async def test_a_slice_whose_process_died_is_done_by_another_one(school: School) -> None:
    await old(school, 3)
    await begin_upkeep(school.documents)
    async with school.process() as parts:

        class Dying(Workspaces):
            async def parts(self, workspace: str) -> Parts:
                raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await curate(school.database, Dying(parts))
        await curate(school.database, Workspaces(parts))
        assert len(await school.repository.newest()) == 3  # not before its lease has run out
        await school.documents.update("upkeep", {"_id": "insights"}, {"$set": {"due": time.time()}})
        await curate(school.database, Workspaces(parts))
        assert await school.repository.newest() == []
