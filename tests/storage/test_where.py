"""What `where` finds, alike on both engines."""

import random
import re
from functools import partial
from typing import Any

import pytest

from stores.documents import Database, Documents

MANY: list[dict[str, Any]] = [
    {"_id": "one", "n": 1, "s": "b", "list": ["x", "y"], "in": {"n": 1}, "yes": True, "words": ["red", "blue"], "learned_at": 1.5},
    {"_id": "two", "n": 2.5, "s": "a", "list": ["y", 2], "in": {"n": 2}, "yes": False, "words": ["blue"], "learned_at": 2},
    {"_id": "none", "n": None, "s": None, "list": [], "in": None, "yes": None, "words": [], "learned_at": None},
    {"_id": "missing"},
    {
        "_id": "mixed",
        "n": "1",
        "s": 1,
        "list": [None, True],
        "in": {"deep": {"er": 1}},
        "yes": 1,
        "words": [None, True, 1],
        "learned_at": "2",
    },
]

CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "missing mixed none one two"),
    ({"_id": "one"}, "one"),
    ({"_id": {"$in": ["one", "two", "other"]}}, "one two"),
    ({"_id": {"$ne": "one"}}, "missing mixed none two"),
    ({"_id": {"$gt": "none"}}, "one two"),
    ({"_id": {"$exists": True}}, "missing mixed none one two"),
    ({"_id": None}, ""),
    ({"_id": {"$in": []}}, ""),
    ({"n": 1}, "one"),
    ({"n": 1.0}, "one"),
    ({"n": "1"}, "mixed"),
    ({"n": None}, "missing none"),
    ({"n": {"$ne": None}}, "mixed one two"),
    ({"n": {"$ne": 1}}, "missing mixed none two"),
    ({"n": {"$in": [1, None]}}, "missing none one"),
    ({"n": {"$in": [2.5, "1"]}}, "mixed two"),
    ({"n": {"$in": []}}, ""),
    ({"n": {"$in": [1], "$gt": 0}}, "one"),
    ({"n": {"$in": [1, 2.5], "$ne": 1, "$exists": True}}, "two"),
    ({"n": {"$exists": True}}, "mixed none one two"),
    ({"n": {"$exists": False}}, "missing"),
    ({"n": {"$lt": 2}}, "one"),
    ({"n": {"$lte": 2.5}}, "one two"),
    ({"n": {"$gt": 0}}, "one two"),
    ({"n": {"$gte": 1, "$lt": 2.5}}, "one"),
    ({"n": {"$gt": ""}}, "mixed"),
    ({"s": {"$lt": "b"}}, "two"),
    ({"s": {"$gte": "a"}}, "one two"),
    ({"n": {"$gt": 0}, "s": "a"}, "two"),
    ({"yes": True}, "one"),
    ({"yes": False}, "two"),
    ({"yes": 1}, "mixed"),
    ({"yes": {"$ne": True}}, "missing mixed none two"),
    ({"yes": {"$in": [True, 1]}}, "mixed one"),
    ({"in.n": 2}, "two"),
    ({"in.n": {"$gt": 0}}, "one two"),
    ({"in.n": None}, "missing mixed none"),
    ({"in.n": {"$exists": False}}, "missing mixed none"),
    ({"in.deep.er": 1}, "mixed"),
    ({"in": None}, "missing none"),
    ({"in": {"$gt": 0}}, ""),
    ({"list": "y"}, "one two"),
    ({"list": {"$in": ["x", 2]}}, "one two"),
    ({"list": {"$ne": "y"}}, "missing mixed none"),
    ({"list": {"$exists": True}}, "mixed none one two"),
    ({"list": {"$exists": False}}, "missing"),
    ({"list": None}, "missing mixed"),
    ({"list": {"$ne": None}}, "none one two"),
    ({"list": {"$gt": 1}}, "two"),
    ({"list": {"$gt": "x"}}, "one two"),
    ({"list": True}, "mixed"),
    ({"list": 1}, ""),
    ({"words": "blue"}, "one two"),
    ({"words": {"$in": ["red", "green"]}}, "one"),
    ({"words": {"$ne": "blue"}}, "missing mixed none"),
    ({"words": {"$in": ["red", None]}}, "missing mixed one"),
    ({"words": None}, "missing mixed"),
    ({"words": {"$exists": True}}, "mixed none one two"),
    ({"words": True}, "mixed"),
    ({"words": 1}, "mixed"),
    ({"words": {"$gt": "blue"}}, "one"),
    ({"words": {"$lt": 5}}, "mixed"),
    ({"words": "blue", "learned_at": {"$gte": 1.5}}, "one two"),
    ({"learned_at": {"$lte": 2}}, "one two"),
    ({"learned_at": {"$lte": "2"}}, "mixed"),
    ({"learned_at": None}, "missing none"),
    ({"learned_at": {"$ne": None}, "n": {"$ne": 1}}, "mixed two"),
]


async def test_every_operator_finds_the_same_on_both_engines(documents: Documents) -> None:
    for document in MANY:
        assert await documents.insert("insights", document)
    for where, expected in CASES:
        found = sorted(document["_id"] for document in await documents.find("insights", where))
        assert " ".join(found) == expected, where
        assert await documents.count("insights", where) == len(found), where


async def test_documents_come_back_as_they_were(documents: Documents) -> None:
    for document in MANY:
        await documents.insert("insights", document)
    found = {document["_id"]: document for document in await documents.find("insights", {})}
    assert list(map(repr, (found[document["_id"]] for document in MANY))) == list(map(repr, MANY))


async def test_the_last_few_of_many_are_those_of_the_whole_order(
    documents: Documents, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stores.sqlite.documents.FEW", 20)
    chance, other = random.Random(1), database.workspace("T2")
    for number in range(60):
        times: dict[str, Any] = {"learned_at": chance.choice([1.5, 2, 3])} if chance.random() < 0.9 else {}
        document = {"_id": str(number), "words": chance.sample(["red", "blue", "green"], 2), "live": chance.random() < 0.7} | times
        await documents.insert("insights", document | ({"expires": 1.0} if chance.random() < 0.1 else {}))
        await other.insert("insights", document)
    for where in ({}, {"words": {"$in": ["red", "blue"]}, "live": True}, {"words": "green"}, {"live": False}, {"words": "none"}):
        every = [d["_id"] for d in await documents.find("insights", where, sort="-learned_at")]
        for limit, skip in ((1, 0), (5, 0), (5, 20), (40, 10), (100, 0)):
            found = await documents.find("insights", where, sort="-learned_at", limit=limit, skip=skip)
            assert [d["_id"] for d in found] == every[skip : skip + limit]


async def test_sort_limit_and_skip(documents: Documents) -> None:
    for number in range(10):
        await documents.insert("insights", {"_id": str(number), "rank": number % 3, "learned_at": -number / 2})
    await documents.insert("insights", {"_id": "without"})

    async def ids(**how: Any) -> list[str]:
        return [document["_id"] for document in await documents.find("insights", {}, **how)]

    assert await ids(sort="learned_at", limit=3) == ["without", "9", "8"]
    assert await ids(sort="-learned_at", limit=3, skip=1) == ["1", "2", "3"]
    assert await ids(sort="rank") == ["without", *"0369", *"147", *"258"]
    assert await ids(sort="-rank") == [*"852", *"741", *"9630", "without"]
    assert await ids(sort="-_id", limit=2) == ["without", "9"]
    assert await ids(sort="rank", skip=10, limit=5) == ["8"]
    assert len(await ids(skip=4)) == 7


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"n": {"$regex": "x"}}, "$regex"),
    ({"n": {"$eq": 1}}, "$eq"),
    ({"n": {"$not": {"$gt": 1}}}, "$not"),
    ({"n": {"$gt": 1, "x": 2}}, "x"),
    ({"$or": [{"n": 1}]}, "$or"),
    ({"$where": "true"}, "$where"),
    ({"_workspace": "B"}, "_workspace"),
    ({"n": {}}, "n"),
    ({"n": {"thread": "x"}}, "thread"),
    ({"n": ["x"]}, "list"),
    ({"n": {"$ne": {"$gt": ""}}}, "n"),
    ({"n": {"$in": [{"$gt": ""}]}}, "n"),
    ({"n": {"$in": "text"}}, "$in"),
    ({"n": {"$exists": 1}}, "$exists"),
    ({"n": {"$lt": None}}, "NoneType"),
    ({"n": {"$lt": True}}, "bool"),
    ({"n": float("nan")}, "nan"),
    ({"n": 2**63}, "64-bit"),
    ({"n": b"x"}, "bytes"),
    ({"a..b": 1}, "a..b"),
    ({'a"b': 1}, "a"),
    ({"": 1}, "''"),
]


async def test_what_is_no_language_of_where_is_refused_by_name(documents: Documents) -> None:
    await documents.insert("insights", {"_id": "x", "n": 1})
    for where, named in REFUSED:
        for call in (documents.find, documents.count, documents.delete, partial(documents.update, change={"$set": {"n": 2}})):
            with pytest.raises(ValueError, match=re.escape(named)):
                await call("insights", where)
    assert await documents.find("insights", {}) == [{"_id": "x", "n": 1}]


async def test_collections_and_sorts_are_checked_too(documents: Documents) -> None:
    with pytest.raises(ValueError, match="others"):
        await documents.find("others", {})
    with pytest.raises(ValueError, match="x"):
        await documents.find("insights", {}, sort='x"')
