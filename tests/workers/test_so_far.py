"""A thread that is too long for one run: each run carries on what the one before wrote of it, as far as that may still be read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from stores.conversations import Message
from stores.insights import Insight
from stores.sqlite.documents import open_sqlite
from tests.workers.school import PLACE, School

LONG = "We talked it over and over, the chairs and the light and the doors. " * 120  # a third of what one run reads


@pytest.fixture
async def thread() -> AsyncIterator[School]:
    """A thread of five such messages, whose every run sums up how far it came."""
    database = await open_sqlite(":memory:")
    school = School(database)
    school.stores = ["team_knowledge", "session_context"]
    school.model.propose = lambda new: [_state("summary", f"Up to {new[-1]['text'][:2]}."), _state("pointer", "The fair.")]
    school.threads.said[f"{PLACE}:100.000000"] = [Message(PLACE, f"{100 + n}.000000", "ana", "Ana", f"m{n} {LONG}") for n in range(5)]
    yield school
    await database.close()


def _state(kind: str, sentence: str) -> dict[str, Any]:
    return {"kind": kind, "sentence": sentence, "cues": [], "things": [], "evidence": [], "fields": [{"name": "goal", "value": "a fair"}]}


async def _learn(school: School, ts: str = "104.000000") -> None:
    await school.ledger.join(PLACE, "100.000000", since="")
    await school.ledger.moved(f"{PLACE}:100.000000", ts, due=0.0)
    while (await school.conversation())["due"] is not None:
        assert await school.learn()


async def _summaries(school: School) -> list[Insight]:
    return [s for s in await school.repository.states_of(f"conversation:{PLACE}:100.000000") if s.kind == "summary"]


def _change(school: School, ts: str, **to: Any) -> None:
    said = school.threads.said[f"{PLACE}:100.000000"]
    said[:] = [replace(m, **to) if m.ts == ts else m for m in said]


async def test_each_run_carries_on_what_was_written(thread: School) -> None:
    await _learn(thread)
    first, second, third = thread.model.asked
    assert "so_far" not in first
    assert [s["sentence"] for s in second["so_far"] if s["kind"] == "summary"] == ["Up to m1."]
    assert {s["kind"]: s.get("fields") for s in second["so_far"]} == {"summary": {"goal": "a fair"}, "pointer": None}
    assert [s["sentence"] for s in third["so_far"] if s["kind"] == "summary"] == ["Up to m3."]
    assert (first["not_shown"], third["not_shown"]) == (3, 4)


async def test_it_rests_on_all_that_it_carries_on(thread: School) -> None:
    await _learn(thread)
    [summary] = await _summaries(thread)
    assert summary.sentence == "Up to m4."
    assert len(summary.evidence) == 5
    marks = await thread.documents.find("marks", {"checked_at": {"$gt": 0}}, sort="_id")
    assert [m["_id"] for m in marks] == [e.message for e in summary.evidence]  # looked at again some day
    assert not any("stale_at" in m for m in marks)  # a summary marks no message, and asks Slack for nothing
    await thread.delete("100.000000")
    assert await _summaries(thread) == []


async def test_an_outsider_s_words_stay_in_their_place_however_long_it_goes_on(thread: School) -> None:
    _change(thread, "100.000000", outsider=True)
    await _learn(thread)
    assert all("m0" not in str(asked["messages"]) for asked in thread.model.asked[1:])
    [summary] = await _summaries(thread)
    assert {e.taught for e in summary.evidence} == {"guest"}


@pytest.mark.parametrize("why", ["edited", "deleted", "opted out", "forgotten", "a reply told what is forgotten"])
async def test_what_nobody_may_read_any_more_is_not_carried_on(thread: School, why: str) -> None:
    await _learn(thread)
    asked = len(thread.model.asked)
    if why == "edited":
        _change(thread, "100.000000", text="Never mind.", version="105.000000")
    elif why == "deleted":  # and its event was lost
        del thread.threads.said[f"{PLACE}:100.000000"][0]
    elif why == "opted out":
        await thread.repository.opted_out.leave("ana")
    elif why == "forgotten":
        await thread.repository.set_forgotten([f"{PLACE}:100.000000"], True)
    else:
        reply = Message(PLACE, "104.500000", "tacit", "Tacit", "It is Tuesday.", ours=True, question="q", cited=("gone",))
        thread.threads.said[f"{PLACE}:100.000000"].append(reply)
    thread.threads.said[f"{PLACE}:100.000000"].append(Message(PLACE, "106.000000", "bo", "Bo", "And the doors?"))
    await _learn(thread, "106.000000")
    assert len(thread.model.asked) > asked
    assert all("so_far" not in each for each in thread.model.asked[asked : asked + 1])


async def test_what_was_said_in_private_is_not_carried_on_in_public(thread: School) -> None:
    thread.town.turn(PLACE, "private", 99.0)
    await _learn(thread)
    thread.town.turn(PLACE, "public", 104.5)
    thread.threads.said[f"{PLACE}:100.000000"].append(Message(PLACE, "106.000000", "bo", "Bo", "And the doors?"))
    asked = len(thread.model.asked)
    await _learn(thread, "106.000000")
    assert "so_far" not in thread.model.asked[asked]


async def test_what_is_deleted_while_it_is_carried_on_takes_the_summary_along(thread: School) -> None:
    async def delete() -> None:
        if len(thread.model.asked) == 3:
            await thread.delete("100.000000")

    thread.model.meanwhile = delete
    await _learn(thread)
    assert len(thread.model.asked) == 3
    assert await _summaries(thread) == []


async def test_what_is_written_of_500_messages_is_of_all_of_them(thread: School) -> None:
    """By a model that writes down the first word of what it reads, behind what was written so far."""

    def told(new: list[dict[str, Any]]) -> list[dict[str, Any]]:
        before = {s["kind"]: s["sentence"] for s in thread.model.asked[-1].get("so_far", [])}
        return [_state(kind, f"{before.get(kind, '')} {new[0]['text'].split()[0]}") for kind in ("summary", "pointer")]

    thread.model.propose = told
    said = [Message(PLACE, f"{100 + n}.000000", "ana", "Ana", f"m{n} " + "Machines stand in rooms. " * 8) for n in range(500)]
    thread.threads.said[f"{PLACE}:100.000000"] = said
    await _learn(thread, said[-1].ts)
    every = await thread.repository.states_of(f"conversation:{PLACE}:100.000000")
    assert len(thread.model.read) > 4
    firsts = " ".join(read[0].split()[0] for read in thread.model.read)
    assert [s.sentence for s in every] == [firsts, firsts]
    assert [len(s.evidence) for s in every] == [500, 500]
    assert all(asked["not_shown"] == 500 - len(asked["messages"]) for asked in thread.model.asked)
