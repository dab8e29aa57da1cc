"""What `change` does, alike on both engines."""

from typing import Any

import pytest

from stores.documents import Documents

START: dict[str, Any] = {"_id": "x", "n": 1, "f": 1.5, "s": "b", "list": ["a", 1], "in": {"n": 1}, "none": None}

CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"$set": {"n": 2, "new": [1, {"a": None}]}}, {"n": 2, "new": [1, {"a": None}]}),
    ({"$set": {"in.n": 5, "in.m": 6, "far.away": 1}}, {"in": {"n": 5, "m": 6}, "far": {"away": 1}}),
    ({"$set": {"list": ("t", ("u",))}}, {"list": ["t", ["u"]]}),
    ({"$set": {"in": {"other": True}}}, {"in": {"other": True}}),
    ({"$setOnInsert": {"n": 9}, "$set": {"f": 0.0}}, {"f": 0.0}),
    ({"$unset": {"n": "", "in.n": "", "gone.far": "", "none": 1}}, {"n": ..., "in": {}, "none": ...}),
    ({"$inc": {"n": 2, "f": 1, "in.n": -1, "new": 3, "a.b": 0.5}}, {"n": 3, "f": 2.5, "in": {"n": 0}, "new": 3, "a": {"b": 0.5}}),
    ({"$max": {"n": 5, "f": 1, "new": 2, "s": "a"}}, {"n": 5, "new": 2}),
    ({"$max": {"s": "c", "none": 1, "n": 1.0}}, {"s": "c", "none": 1}),
    ({"$max": {"n": "text", "s": 7}}, {"n": "text"}),
    ({"$min": {"n": 5, "f": 1, "new": 2, "s": "a"}}, {"f": 1, "new": 2, "s": "a"}),
    ({"$addToSet": {"list": "a", "new": "b"}}, {"new": ["b"]}),
    ({"$addToSet": {"list": {"$each": ["a", "b", "b", 1.0, True]}}}, {"list": ["a", 1, "b", True]}),
    ({"$addToSet": {"list": {"k": 1}, "in.l": ["x"]}}, {"list": ["a", 1, {"k": 1}], "in": {"n": 1, "l": [["x"]]}}),
    ({"$pull": {"list": "a", "new": "b", "in.far": 1}}, {"list": [1]}),
    ({"$pull": {"list": True}}, {}),
    ({"$pull": {"list": 1.0}, "$inc": {"n": 1}}, {"list": ["a"], "n": 2}),
]


async def test_every_operator_changes_the_same_on_both_engines(documents: Documents) -> None:
    for change, difference in CASES:
        await documents.insert("places", START)
        expected = {name: value for name, value in {**START, **difference}.items() if value is not ...}
        assert _typed(await documents.update("places", {"_id": "x"}, change)) == _typed(expected), change
        assert list(map(_typed, await documents.find("places", {}))) == [_typed(expected)], change
        assert await documents.delete("places", {}) == 1


def _typed(value: Any) -> Any:
    """The value so that 1, 1.0 and True differ, and the order of names does not count."""
    if isinstance(value, dict):
        return {name: _typed(item) for name, item in value.items()}
    return [_typed(item) for item in value] if isinstance(value, list) else repr(value)


REFUSED: list[Any] = [
    {},
    {"$set": {}},
    {"$push": {"list": 1}},
    {"n": 1},
    {"$set": {"_id": "y"}},
    {"$set": {"_workspace": "B"}},
    {"$set": {"n": 1}, "$inc": {"n": 1}},
    {"$set": {"in": {}}, "$inc": {"in.n": 1}},
    {"$set": {"n": {"$gt": 1}}},
    {"$set": {"n": {"a.b": 1}}},
    {"$set": {"n": float("inf")}},
    {"$set": {"n": 2**64}},
    {"$set": {"n": {1: 2}}},
    {"$set": {"n": object()}},
    {"$set": {"expires": "soon"}},
    {"$inc": {"expires": 1}},
    {"$inc": {"n": "1"}},
    {"$inc": {"n": True}},
    {"$inc": {"s": 1}},
    {"$inc": {"none": 1}},
    {"$set": {"n.m": 1}},
    {"$set": {"none.m": 1}},
    {"$addToSet": {"s": 1}},
    {"$addToSet": {"none": 1}},
    {"$pull": {"s": 1}},
    {"$pull": {"list": {"$gt": 0}}},
    {"$max": {"n": None}},
]


async def test_a_change_outside_the_language_or_the_shape_is_refused(documents: Documents) -> None:
    await documents.insert("places", START)
    for change in REFUSED:
        with pytest.raises(ValueError, match=r".{10}"):
            await documents.update("places", {"_id": "x"}, change)
        assert await documents.find("places", {}) == [START], change


async def test_an_update_that_does_not_hold_changes_nothing(documents: Documents) -> None:
    await documents.insert("places", START)
    assert await documents.update("places", {"_id": "x", "n": 2}, {"$set": {"n": 3}}) is None
    assert await documents.update("places", {"_id": "y"}, {"$set": {"n": 3}}) is None
    assert await documents.find("places", {}) == [START]


async def test_an_update_changes_one_document_only(documents: Documents) -> None:
    for name in "abc":
        await documents.insert("places", {"_id": name, "state": "open"})
    changed = await documents.update("places", {"state": "open"}, {"$set": {"state": "shut"}})
    assert changed is not None
    assert await documents.count("places", {"state": "open"}) == 2
    assert await documents.find("places", {"state": "shut"}) == [changed]


async def test_an_upsert_makes_a_document_from_equalities_and_change(documents: Documents) -> None:
    where = {"_id": "x", "state": "due", "in.n": 1, "nothing": None, "at": {"$lt": 5}, "holder": {"$in": ["a", "b"]}, "one": {"$in": [1]}}
    change = {"$setOnInsert": {"made": 1.5}, "$set": {"in.m": 2}, "$inc": {"tries": 1}, "$addToSet": {"words": "w"}, "$max": {"top": 3}}
    made = {
        "_id": "x",
        "state": "due",
        "in": {"n": 1, "m": 2},
        "nothing": None,
        "one": 1,
        "made": 1.5,
        "tries": 1,
        "words": ["w"],
        "top": 3,
    }
    assert await documents.update("places", where, change, upsert=True) == made
    assert await documents.find("places", {}) == [made]
    assert await documents.update("places", {"_id": "x"}, change, upsert=True) == {**made, "tries": 2}


async def test_an_upsert_may_change_its_own_equality(documents: Documents) -> None:
    made = await documents.update(
        "places", {"_id": "x", "state": "due", "n": 1}, {"$set": {"state": "held"}, "$inc": {"n": 1}}, upsert=True
    )
    assert made == {"_id": "x", "state": "held", "n": 2}


async def test_an_upsert_leaves_a_document_alone_for_which_the_rest_does_not_hold(documents: Documents) -> None:
    await documents.insert("leases", {"_id": "x", "holder": "a", "until": 10})
    assert await documents.update("leases", {"_id": "x", "until": {"$lt": 10}}, {"$set": {"holder": "b"}}, upsert=True) is None
    assert await documents.update("leases", {"_id": "x", "holder": "b"}, {"$set": {"until": 11}}, upsert=True) is None
    assert await documents.find("leases", {}) == [{"_id": "x", "holder": "a", "until": 10}]


async def test_an_upsert_needs_a_plain_id(documents: Documents) -> None:
    wheres: list[dict[str, Any]] = [{}, {"_id": {"$in": ["x"]}}, {"_id": 5}, {"_id": ""}, {"_id": None}]
    for where in wheres:
        with pytest.raises(ValueError, match="_id"):
            await documents.update("places", where, {"$set": {"n": 1}}, upsert=True)


async def test_indexed_fields_follow_their_document(documents: Documents) -> None:
    await documents.insert("insights", {"_id": "x", "words": ["a", "b"], "learned_at": 1.1})
    await documents.update(
        "insights", {"words": "a"}, {"$pull": {"words": "a"}, "$addToSet": {"messages": "C:1"}, "$set": {"learned_at": 2.2}}
    )
    counted = [
        await documents.count("insights", w) for w in ({"words": "a"}, {"words": "b"}, {"messages": "C:1"}, {"learned_at": {"$lt": 2}})
    ]
    assert counted == [0, 1, 1, 0]
    assert await documents.delete("insights", {"words": "b"}) == 1
    assert await documents.insert("insights", {"_id": "x", "words": ["c"]})
    assert await documents.find("insights", {"words": {"$in": ["b", "c"]}}) == [{"_id": "x", "words": ["c"]}]
