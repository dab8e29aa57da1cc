"""What has expired is gone, and what comes back is what was stored."""

import contextlib
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient

from stores.documents import Database, Documents
from stores.mongo.documents import open_mongo
from stores.sqlite.documents import open_sqlite

HOUR = 3600.0
WRONG: list[dict[str, Any]] = [
    {"a.b": 1},
    {"$a": 1},
    {"a": {1}},
    {"a": {"b": {"$c": 1}}},
    {"a": b"x"},
    {"expires": "soon"},
    {"a": "\ud800"},
]


async def test_what_has_expired_is_gone_for_every_call(database: Database) -> None:
    documents, now = database.workspace("W"), time.time()
    await documents.insert("marks", {"_id": "gone", "expires": now - 1, "stale_at": 1})
    await documents.insert("marks", {"_id": "here", "expires": now + HOUR, "stale_at": 2})
    await documents.insert("marks", {"_id": "ever", "expires": None, "stale_at": 3})
    assert [mark["_id"] for mark in await documents.find("marks", {}, sort="stale_at")] == ["here", "ever"]
    assert await documents.count("marks", {}) == 2
    assert await documents.update("marks", {"_id": "gone"}, {"$set": {"n": 1}}) is None
    assert [mark["_id"] for _, mark in await database.sweep("marks", {"stale_at": {"$gt": 0}}, limit=9)] == ["here", "ever"]
    assert await documents.delete("marks", {}) == 2


async def test_what_has_expired_makes_room(documents: Documents) -> None:
    now = time.time()
    await documents.insert("leases", {"_id": "l", "holder": "a", "expires": now - 1})
    assert await documents.insert("leases", {"_id": "l", "holder": "b", "expires": now - 1})
    where = {"_id": "l", "expires": {"$lt": now}}
    taken = await documents.update("leases", where, {"$set": {"expires": now + HOUR}, "$inc": {"tries": 1}}, upsert=True)
    assert taken == {"_id": "l", "expires": now + HOUR, "tries": 1}
    assert await documents.update("leases", where, {"$set": {"expires": now + 2 * HOUR}}, upsert=True) is None
    assert await documents.insert("leases", {"_id": "l"}) is False


async def test_expiry_can_be_changed(documents: Documents) -> None:
    now = time.time()
    await documents.insert("leases", {"_id": "l", "expires": now + HOUR})
    for change in ({"$max": {"expires": now + 2 * HOUR}}, {"$unset": {"expires": ""}}, {"$set": {"expires": now + 0.123456}}):
        assert await documents.update("leases", {"_id": "l"}, change)
    assert await documents.update("leases", {"_id": "l"}, {"$min": {"expires": now - 1}})
    assert await documents.find("leases", {}) == []


async def test_what_has_expired_leaves_the_file(tmp_path: Path) -> None:
    now = [100.0]
    database = await open_sqlite(tmp_path / "x.db", clock=lambda: now[0])
    await database.workspace("W").insert("marks", {"_id": "old", "expires": 110.0, "stale_at": 1})
    now[0] = 1000.0
    await database.workspace("V").insert("events", {"_id": "any"})
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as file:
        assert file.execute("SELECT (SELECT count(*) FROM marks), (SELECT count(*) FROM marks_fields)").fetchone() == (0, 0)
    await database.close()


async def test_mongodb_is_told_when_to_remove_what_has_expired(mongo_url: str, mongo_database: str) -> None:
    database = await open_mongo(urlsplit(mongo_url)._replace(path=f"/{mongo_database}").geturl())
    await database.prepare()
    await database.workspace("W").insert("marks", {"_id": "m", "expires": 4e9})
    await database.workspace("W").update("marks", {"_id": "m"}, {"$set": {"expires": 5e9}})
    with MongoClient[dict[str, Any]](mongo_url) as client:
        marks = client[mongo_database]["marks"]
        assert [index["key"] for index in marks.list_indexes() if index.get("expireAfterSeconds") == 0] == [{"_expires": 1}]
        stored = marks.find_one({})
    assert stored is not None
    assert stored["_expires"] == datetime.fromtimestamp(5e9, UTC).replace(tzinfo=None)
    await database.close()


async def test_the_clock_can_be_set() -> None:
    now = [100.0]
    database = await open_sqlite(":memory:", clock=lambda: now[0])
    documents = database.workspace("W")
    await documents.insert("leases", {"_id": "l", "expires": 110.0})
    assert await documents.count("leases", {}) == 1
    now[0] = 110.0
    assert await documents.count("leases", {}) == 0
    await database.close()


VALUES = [0.1, 1e300, 1763800000.123457, -5e-324, 2**63 - 1, -(2**63), 1.0, 0, "é\U0001f600\n\"'\\", "", None, True]


async def test_values_are_found_and_come_back_as_they_were(documents: Documents) -> None:
    for value in VALUES:
        document = {"_id": "x", "plain": value, "learned_at": value, "deep": {"l": [value, [value], {"d": value}]}}
        await documents.insert("insights", document)
        assert repr(await documents.find("insights", {"plain": value, "learned_at": value, "deep.l": value})) == repr([document])
        await documents.delete("insights", {})


async def test_thousands_of_floats_are_found_again(documents: Documents) -> None:
    times = [1763800000 + number / 7 for number in range(200)]
    await documents.insert("insights", {"_id": "x", "at": times, "messages": times})
    for at in times[::10]:
        assert await documents.count("insights", {"at": at, "messages": at}) == 1


async def test_two_megabytes_come_back(documents: Documents) -> None:
    document = {"_id": "big", "text": "é" * 1_000_000, "words": [f"w{number}" for number in range(1000)]}
    assert await documents.insert("insights", document)
    assert await documents.find("insights", {"words": "w999"}) == [document]
    changed = await documents.update("insights", {"_id": "big"}, {"$inc": {"n": 1}})
    assert changed == {**document, "n": 1}


async def test_what_is_too_large_is_refused(documents: Documents) -> None:
    with pytest.raises(ValueError, match=r"large|size"):
        await documents.insert("insights", {"_id": "big", "text": "x" * 17_000_000})
    assert await documents.count("insights", {}) == 0


async def test_a_document_that_cannot_come_back_is_refused(documents: Documents) -> None:
    refused: list[dict[str, Any]] = [{}, {"_id": None}, {"_id": 1}, {"_id": ""}, *({"_id": "x", **wrong} for wrong in WRONG)]
    for document in refused:
        with pytest.raises(ValueError, match=r".{10}"):
            await documents.insert("insights", document)


async def test_insert_leaves_the_callers_document_alone_and_says_what_is_taken(documents: Documents) -> None:
    document = {"_id": "x", "expires": time.time() + HOUR, "n": 1}
    copy = dict(document)
    assert await documents.insert("events", document)
    assert document == copy
    assert await documents.insert("events", {"_id": "x", "n": 2}) is False
    assert await documents.find("events", {"_id": "x"}) == [copy]
