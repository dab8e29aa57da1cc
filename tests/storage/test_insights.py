"""Two hundred insights kept at the same time, by four processes: none is lost, none is there twice."""

from __future__ import annotations

import pytest

from stores.documents import Database
from stores.repository import InsightRepository
from tests.storage.address import finish, start


@pytest.mark.parametrize("engine", ["sqlite", "mongo"], indirect=True)
async def test_four_processes_keep_two_hundred_insights(address: str, database: Database) -> None:
    await finish([await start("writer", "learn", address, who, "50") for who in "abcd"])
    repository = InsightRepository("W", database.workspace("W"))
    kept = {i.id: i for i in await repository.newest(limit=1000)}
    own = [f"{who}-{n}" for who in "abcd" for n in range(25)]
    shared = [f"all-{n}" for n in range(25)]
    assert sorted(kept) == sorted(own + shared)
    for identity in shared:
        assert sorted(e.teammate for e in kept[identity].evidence) == ["a", "b", "c", "d"]
        assert len(await repository.supported_by(f"C1:{identity}-a")) == 1
