"""The inspector tells what the product's documents say, and its addresses serve the page and nothing else."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.page.inspector import inspect_learned, inspect_reply, inspect_states
from bot.sandbox.page.page import About, page_routes
from stores.documents import Documents, Unavailable
from stores.sqlite.documents import open_sqlite

SAID = {
    "message": "C1:1700000000.000100",
    "place": "C1",
    "conversation": "1700000000.000100",
    "teammate": "U1",
    "at": 1700000000.0001,
    "taught": "public",
}


@pytest.fixture
async def documents() -> AsyncIterator[Documents]:
    database = await open_sqlite(":memory:")
    yield database.workspace("T1")
    await database.close()


async def keep(documents: Documents, collection: str, *kept: dict[str, Any]) -> None:
    for one in kept:
        assert await documents.insert(collection, one)


def insight(id: str, **more: Any) -> dict[str, Any]:
    return {
        "_id": id,
        "store": "team_knowledge",
        "kind": "goal",
        "sentence": f"Sentence {id}.",
        "evidence": {"a": SAID},
        "learned_at": 1.0,
        "live": True,
    } | more


async def test_a_reply_is_told_by_what_it_cited_recalled_and_withheld(documents: Documents) -> None:
    await keep(documents, "insights", insight("i1"), insight("i2"), insight("i3"))
    question = {"_id": "C1:1.0", "state": "answered", "thread": "C1:0.5", "asker": "U2", "reply": "2.0", "recalled": ["i1", "i2", "i3"]}
    await keep(documents, "questions", question | {"withheld": {"i3": "superseded"}, "cited": ["i1"]})
    told = await inspect_reply(documents, "C1", "2.0")
    assert [one["sentence"] for one in told["cited"]] == ["Sentence i1."]
    assert [one["id"] for one in told["recalled"]] == ["i2"]
    assert [(one["id"], one["reason"]) for one in told["withheld"]] == [("i3", "superseded")]
    assert told["question"] == {"place": "C1", "ts": "1.0", "thread": "0.5", "asker": "U2", "state": "answered", "failed": False}
    assert told["cited"][0]["evidence"] == [
        {"place": "C1", "ts": "1700000000.000100", "thread": SAID["conversation"], "teammate": "U1", "at": SAID["at"], "taught": "public"}
    ]


async def test_a_reply_tells_why_each_was_shown_or_left_out(documents: Documents) -> None:
    await keep(documents, "insights", insight("i1"), insight("i2"))
    explained = {"i1": {"why": "shown: it fits", "scores": {"score": 0.5}}, "i2": {"why": "left out: others fit better", "scores": {}}}
    await keep(documents, "questions", {"_id": "C1:1.0", "reply": "2.0", "recalled": ["i1"], "explained": explained})
    told = await inspect_reply(documents, "C1", "2.0")
    assert [(one["id"], one["why"], one["scores"]) for one in told["recalled"]] == [("i1", "shown: it fits", {"score": 0.5})]
    assert [(one["id"], one["why"]) for one in told["left"]] == [("i2", "left out: others fit better")]


async def test_a_reply_in_another_place_with_the_same_ts_is_another_reply(documents: Documents) -> None:
    await keep(documents, "questions", {"_id": "C2:1.0", "reply": "2.0"})
    assert await inspect_reply(documents, "C1", "2.0") == {"found": False}


async def test_what_was_forgotten_or_purged_is_told_without_its_sentence(documents: Documents) -> None:
    await keep(documents, "insights", insight("i1", evidence={}, live=False))
    await keep(documents, "questions", {"_id": "C1:1.0", "reply": "2.0", "recalled": ["i1"], "cited": ["gone"]})
    told = await inspect_reply(documents, "C1", "2.0")
    assert [(one["id"], one["forgotten"], one["sentence"], one["evidence"]) for one in told["recalled"] + told["cited"]] == [
        ("i1", True, "", []),
        ("gone", True, "", []),
    ]


async def test_what_was_learned_is_told_newest_first_without_the_forgotten(documents: Documents) -> None:
    await keep(
        documents, "insights", insight("old"), insight("new", learned_at=9.0), insight("gone", learned_at=5.0, evidence={}, live=False)
    )
    told = await inspect_learned(documents)
    assert ([one["id"] for one in told["insights"]], told["total"]) == (["new", "old"], 2)


async def test_what_waits_is_told_apart_and_whether_somebody_was_asked(documents: Documents) -> None:
    waits = {"live": False, "status": "pending", "state_of": ""}
    await keep(documents, "insights", insight("asked", **waits), insight("alone", **waits), insight("dropped", **waits | {"evidence": {}}))
    await keep(documents, "approvals", {"_id": "asked", "cards": {"U1": {"state": "open"}}}, {"_id": "alone", "cards": {}})
    told = await inspect_learned(documents)
    assert told["insights"] == []
    assert {one["id"]: one["asked"] for one in told["waiting"]} == {"asked": True, "alone": False}


async def test_states_are_told_apart_from_insights(documents: Documents) -> None:
    states = [insight(name, kind=name, state_of=of) for name, of in (("summary", "conversation:C1:1.0"), ("role", "teammate:U1"))]
    await keep(documents, "insights", insight("one", state_of=""), *states)
    await keep(documents, "questions", {"_id": "C1:1.0", "reply": "2.0", "recalled": ["one", "summary"]})
    told = await inspect_learned(documents)
    assert ([one["id"] for one in told["insights"]], told["total"]) == (["one"], 1)
    assert sorted(one["id"] for one in told["states"]) == ["role", "summary"]
    recalled = (await inspect_reply(documents, "C1", "2.0"))["recalled"]
    assert [(one["id"], one["state"]) for one in recalled] == [("one", False), ("summary", True)]


async def test_conversations_and_questions_are_told_by_their_state(documents: Documents) -> None:
    await keep(
        documents,
        "conversations",
        {"_id": "C1:1.0", "due": 50.0},
        {"_id": "C1:2.0", "due": 40.0, "run": {"drafts": [], "settled": False, "attempt": 2, "lease": time.time() + 9}},
        {"_id": "C1:6.0", "due": 60.0, "run": {"attempt": 1, "lease": 0.0}, "error": "model"},
        {"_id": "C1:3.0", "due": None, "run": None, "through": "3.5", "error": None},
    )
    await keep(documents, "questions", {"_id": "C1:4.0", "state": "leased"}, {"_id": "C1:5.0", "state": "answered"})
    told = await inspect_states(documents)
    assert {one["thread"]: (one["phase"], one["step"], one["attempt"]) for one in told["conversations"]} == {
        "1.0": ("due", "reading", None),
        "2.0": ("learning", "settling", 2),
        "3.0": ("learned", "reading", None),
        "6.0": ("due", "reading", 1),
    }
    assert [one["ts"] for one in told["questions"]] == ["4.0"]
    assert told["counts"] == {"noted": 0, "leased": 1, "posting": 0, "answered": 1}


async def test_the_page_is_served_at_permalinks_under_a_policy_that_forbids_everything_foreign(documents: Documents) -> None:
    async with TestClient(TestServer(_application(documents))) as client:
        for path in ("/", "/archives/C1", "/archives/C1/p1700000000000100?thread_ts=1700000000.000100"):
            answer = await client.get(path)
            assert (answer.status, answer.content_type) == (200, "text/html")
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert (await client.get("/page/scripts/app.js")).content_type == "text/javascript"
        assert [(await client.get(f"/page/{path}")).status for path in ("page.py", "scripts/../page.py", "scripts/no.js")] == [404] * 3
        about = await (await client.get("/inspect/about")).json()
        assert (about["model"], about["store"], len(about["try"])) == ("offline", "sqlite", 3)


async def test_the_inspector_answers_only_under_this_machines_own_name(documents: Documents) -> None:
    async with TestClient(TestServer(_application(documents))) as client:
        assert (await client.get("/inspect/learned", headers={"Host": "evil.example"})).status == 403


async def test_a_database_that_is_away_is_said_in_a_sentence() -> None:
    async with TestClient(TestServer(_application(_Away()))) as client:
        answer = await client.get("/inspect/states")
        assert (answer.status, await answer.json()) == (503, {"error": "The database is away."})


def _application(documents: Documents) -> web.Application:
    app = web.Application()
    app.add_routes(page_routes(documents, About("offline", "sqlite", "0.1.0")))
    return app


class _Away:
    """A database that does not answer."""

    async def insert(self, *_: Any) -> bool:
        raise Unavailable("The database is away.")

    async def find(self, *_: Any, **__: Any) -> list[dict[str, Any]]:
        raise Unavailable("The database is away.")

    async def update(self, *_: Any, **__: Any) -> None:
        raise Unavailable("The database is away.")

    async def delete(self, *_: Any) -> int:
        raise Unavailable("The database is away.")

    async def count(self, *_: Any) -> int:
        raise Unavailable("The database is away.")
