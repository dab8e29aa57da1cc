"""What holds when many want the same document at once, in one process and in several."""

import asyncio

import pytest

from stores.documents import Database, Documents
from tests.storage.address import finish, opened, start

SEVERAL_PROCESSES = pytest.mark.parametrize("engine", ["sqlite", "mongo"], indirect=True)
CLAIM = {"$set": {"state": "held"}, "$inc": {"tries": 1}}


async def test_of_a_hundred_claims_one_wins(documents: Documents) -> None:
    await documents.insert("questions", {"_id": "q", "state": "noted"})
    claims = (documents.update("questions", {"_id": "q", "state": "noted"}, CLAIM) for _ in range(100))
    won = [claim for claim in await asyncio.gather(*claims) if claim]
    assert won == [{"_id": "q", "state": "held", "tries": 1}]


async def test_of_a_hundred_inserts_one_wins(documents: Documents) -> None:
    inserted = await asyncio.gather(*(documents.insert("events", {"_id": "e", "by": number}) for number in range(100)))
    assert inserted.count(True) == 1
    assert await documents.find("events", {}) == [{"_id": "e", "by": inserted.index(True)}]


async def test_of_a_hundred_claims_by_upsert_one_wins(documents: Documents) -> None:
    def claim(number: int) -> dict[str, dict[str, object]]:
        return {"$set": {"holder": number, "until": 20}}

    first = (documents.update("leases", {"_id": "l", "until": {"$lt": 10}}, claim(number), upsert=True) for number in range(100))
    won = [lease for lease in await asyncio.gather(*first) if lease]
    assert won == await documents.find("leases", {})


async def test_two_hundred_increments_count_two_hundred(documents: Documents) -> None:
    one = {"$inc": {"n": 1}}
    await asyncio.gather(*(documents.update("lists", {"_id": "s"}, one, upsert=True) for _ in range(200)))
    assert await documents.find("lists", {}) == [{"_id": "s", "n": 200}]


async def test_two_hundred_additions_to_a_list_all_stay(documents: Documents) -> None:
    additions = (documents.update("insights", {"_id": "i"}, {"$addToSet": {"words": f"w{n}"}}, upsert=True) for n in range(200))
    await asyncio.gather(*additions)
    (insight,) = await documents.find("insights", {"words": "w199"})
    assert len(insight["words"]) == 200


@SEVERAL_PROCESSES
async def test_four_processes_keep_and_none_is_lost_or_doubled(address: str, database: Database) -> None:
    await finish([await start("writer", "keep", address, who, "50") for who in "abcd"])
    documents = database.workspace("W")
    kept = {insight["_id"]: insight for insight in await documents.find("insights", {})}
    assert len(kept) == 250
    for number in range(50):
        assert kept[f"all-{number}"]["kept"] == 4
        assert sorted(kept[f"all-{number}"]["words"]) == ["a", "b", "c", "d"]
    assert await documents.count("insights", {"words": "c"}) == 100


@SEVERAL_PROCESSES
async def test_eight_processes_add_to_one_number(address: str, database: Database) -> None:
    await finish([await start("writer", "add", address, str(who), "50") for who in range(8)])
    assert await database.workspace("W").find("lists", {}) == [{"_id": "sum", "number": 400}]


@SEVERAL_PROCESSES
async def test_four_processes_prepare_at_once(address: str) -> None:
    await finish([await start("writer", "prepare", address, "", "0") for _ in range(4)])
    database = await opened(address)
    assert await database.workspace("W").insert("insights", {"_id": "x"})
    await database.close()


@SEVERAL_PROCESSES
@pytest.mark.parametrize("acknowledged", [1, 150])
async def test_what_was_acknowledged_outlives_a_killed_writer(address: str, acknowledged: int) -> None:
    writer = await start("writer", "stream", address, "w", "1000000")
    assert writer.stdout
    lines = [await writer.stdout.readline() for _ in range(acknowledged)]
    writer.kill()
    more = (await writer.communicate())[0].splitlines()
    database = await opened(address)
    documents = database.workspace("W")
    for number in [*lines, *more]:
        assert await documents.count("insights", {"_id": f"w-{int(number)}", "words": f"n{int(number)}"}) == 1
    await database.close()
