"""Opting out while a run is under way: at whatever moment, nothing of theirs is kept from then on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from stores.sqlite.documents import open_sqlite
from tests.workers.school import PLACE, ROOT, Fault, School

OURS, THEIRS = "Releases go out on Tuesdays.", "Backups run at night."


@contextlib.asynccontextmanager
async def school() -> AsyncIterator[School]:
    database = await open_sqlite(":memory:")
    found = School(database)
    await found.say("100.000000", OURS)
    await found.say("101.000000", THEIRS, by="bo")
    try:
        yield found
    finally:
        await database.close()


async def test_at_any_moment_nothing_of_theirs_is_kept_that_was_not_kept_by_then() -> None:
    for at in range(1, 200):
        async with school() as it:
            fault, before = Fault("meanwhile", at), set[str]()

            async def leave(it: School = it, before: set[str] = before) -> None:
                before |= set(await it.sentences())
                await it.repository.opted_out.leave("ana")

            fault.meanwhile = leave
            assert await it.learn(fault=fault)
            left = set(await it.sentences())
            assert THEIRS in left
            if fault.calls < at:
                assert OURS in left  # nobody opted out
                return
            assert OURS not in left - before, f"kept after call {at}"
    raise AssertionError("a run makes fewer calls than this")


@pytest.mark.parametrize("how", ["killed before", "killed after"])
async def test_a_run_that_died_at_any_moment_is_repeated_without_them(how: str) -> None:
    for at in range(1, 200):
        async with school() as it:
            fault = Fault(how, at)
            await it.learn(fault=fault)
            done = (await it.conversation())["runs"] == 1
            await it.repository.opted_out.leave("ana")
            await it.restart()
            await it.learn()
            assert set(await it.sentences()) == ({OURS, THEIRS} if done else {THEIRS}), f"at call {at}"
            if not fault.dead:
                return
    raise AssertionError("a run makes fewer calls than this")


async def test_a_sentence_that_rests_on_their_words_too_is_not_kept() -> None:
    async with school() as it:
        both = [{"kind": "fact", "sentence": "All is well.", "cues": [], "things": [], "evidence": ["m1", "m2"], "fields": []}]
        it.model.propose = lambda new: both if len(new) == 2 else []
        it.model.meanwhile = lambda: it.repository.opted_out.leave("ana")
        assert await it.learn()
        assert await it.sentences() == []


async def test_what_was_read_without_them_is_not_read_again_when_they_come_back() -> None:
    async with school() as it:
        await it.repository.opted_out.leave("ana")
        await it.learn()
        await it.documents.update("opted_out", {"_id": "ana"}, {"$set": {"out": False}})  # as if nothing had been said meanwhile
        await it.ledger.due_now(f"{PLACE}:{ROOT}")
        await it.learn()
        assert it.model.read == [[THEIRS]]
