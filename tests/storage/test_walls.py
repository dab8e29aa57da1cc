"""No call on one workspace reads, counts, changes or deletes another's documents, whatever is put into it."""

import random
from typing import Any

import pytest

from stores.documents import Database

WORKSPACES = ["A", "B", "AB", "A B", "é", "A%2F", "$ne", "_workspace"]
IDS = ["x", "B/x", "A/x", "/x", "x/", "../B/x", "$ne", "%", "*", "A/B/x", "' OR 1=1 --", "é", "x.y", "_id"]
VALUES: list[Any] = ["x", None, 1, 2, True, "B", *IDS]


def _value(chance: random.Random) -> Any:
    operator = chance.choice(["", "$ne", "$in", "$gt", "$gte", "$lt", "$exists"])
    if not operator:
        return chance.choice(VALUES)
    return {operator: {"$in": chance.sample(VALUES, 3), "$exists": chance.random() < 0.5}.get(operator, chance.choice(IDS))}


def _where(chance: random.Random) -> dict[str, Any]:
    fields = chance.sample(["_id", "n", "words", "workspace", "in.n", "standing"], chance.randint(0, 3))
    return {field: _value(chance) for field in fields}


async def _everything(database: Database, but: str) -> dict[str, list[dict[str, Any]]]:
    others = [name for name in WORKSPACES if name != but]
    return {name: await database.workspace(name).find("insights", {}, sort="_id") for name in others}


@pytest.mark.parametrize("seed", range(4))
async def test_no_call_crosses_the_wall(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    for name in WORKSPACES:
        for id in chance.sample(IDS, 6):
            document = {"_id": id, "owner": name, "n": chance.choice([1, 2]), "words": ["x", "B"], "workspace": "B", "in": {"n": 1}}
            assert await database.workspace(name).insert("insights", document)
    for _ in range(40):
        name = chance.choice(WORKSPACES)
        before = await _everything(database, name)
        await _call_everything(database, name, chance)
        assert await _everything(database, name) == before


async def _call_everything(database: Database, name: str, chance: random.Random) -> None:
    documents, change = (
        database.workspace(name),
        {"$set": {"n": chance.choice([1, 2]), "owner": name, "workspace": chance.choice(WORKSPACES)}},
    )
    assert {found["owner"] for found in await documents.find("insights", _where(chance))} <= {name}
    mine = len(await documents.find("insights", {}))
    assert await documents.count("insights", _where(chance)) <= mine
    updated = await documents.update("insights", _where(chance), change)
    assert updated is None or updated["owner"] == name
    made = await documents.update("insights", {**_where(chance), "_id": chance.choice(IDS)}, change, upsert=True)
    assert made is None or (made["owner"] == name and made["_id"] in IDS)
    await documents.insert("insights", {"_id": chance.choice(IDS), "owner": name})
    if chance.random() < 0.3:
        assert await documents.delete("insights", _where(chance)) <= mine + 2


async def test_the_same_id_lives_once_in_each_workspace(database: Database) -> None:
    for name in ("A", "B"):
        assert await database.workspace(name).insert("events", {"_id": "e", "of": name})
    assert await database.workspace("A").delete("events", {}) == 1
    assert await database.workspace("B").find("events", {}) == [{"_id": "e", "of": "B"}]


async def test_the_fields_of_the_engines_are_nobodys(database: Database) -> None:
    documents = database.workspace("A")
    with pytest.raises(ValueError, match="_workspace"):
        await documents.insert("events", {"_id": "e", "_workspace": "B"})
    with pytest.raises(ValueError, match="_workspace"):
        await documents.update("events", {"_id": "e", "_workspace": "B"}, {"$set": {"n": 1}}, upsert=True)
    document = {"_id": "e", "workspace": "B", "expires": 9e9}
    assert await documents.insert("events", document)
    assert await documents.find("events", {"workspace": "B"}) == [document]


@pytest.mark.parametrize("name", ["", "A/B", None, 1])
async def test_a_name_that_could_blur_the_wall_is_no_workspace(database: Database, name: Any) -> None:
    with pytest.raises(ValueError, match="workspace"):
        database.workspace(name)


async def test_the_sweep_sees_every_workspace_lowest_first(database: Database) -> None:
    for number, name in enumerate(["C", "A", "B"]):
        for due in (number, number + 10):
            await database.workspace(name).insert("conversations", {"_id": f"c{due}", "due": due})
    found = await database.sweep("conversations", {"due": {"$lt": 10}}, limit=2)
    assert found == [("C", {"_id": "c0", "due": 0}), ("A", {"_id": "c1", "due": 1})]
    assert len(await database.sweep("conversations", {"due": {"$lt": 10}}, limit=10)) == 3
