"""The learning ledger: each conversation learned once, whatever goes on meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from stores.conversations import Message
from stores.documents import Database
from stores.insights import message_id
from stores.model import ModelFailed
from stores.sqlite.documents import open_sqlite
from tests.workers.crew import until
from tests.workers.school import PLACE, ROOT, Fault, School
from workers.conversations import ring
from workers.sweep import purge_forgotten, ring_due
from workers.window import LONGEST


@pytest.fixture
async def school() -> AsyncIterator[School]:
    database: Database = await open_sqlite(":memory:")
    yield School(database)
    await database.close()


def message(ts: str) -> str:
    return message_id(PLACE, ts)


async def test_of_many_jobs_for_one_conversation_one_learns(school: School) -> None:
    await school.say("100.000000", "Releases go out on Tuesdays.")
    assert sorted(await asyncio.gather(*(school.learn() for _ in range(8)))) == [False] * 7 + [True]
    assert await school.sentences() == ["Releases go out on Tuesdays."]
    assert len(school.model.read) == 1


async def test_a_conversation_that_goes_on_is_learned_from_its_news_alone(school: School) -> None:
    await school.say("100.000000", "Releases go out on Tuesdays.")

    async def meanwhile() -> None:
        school.model.meanwhile = None
        await school.say("101.000000", "Backups run at night.", learn_after=time.time())

    school.model.meanwhile = meanwhile
    assert await school.learn()
    assert (await school.conversation())["due"] > time.time()  # quiet is waited for anew
    assert await school.sentences() == ["Releases go out on Tuesdays."]
    await school.ledger.due_now(message(ROOT))
    assert await school.learn()
    assert school.model.read == [["Releases go out on Tuesdays."], ["Backups run at night."]]
    assert len(await school.sentences()) == 2
    await school.ledger.due_now(message(ROOT))
    assert await school.learn()
    assert len(school.model.read) == 2  # no news, no call


async def test_what_is_asked_for_at_once_during_a_run_is_learned_right_after_it(school: School) -> None:
    await school.say("100.000000", "Releases go out on Tuesdays.")

    async def meanwhile() -> None:
        school.model.meanwhile = None
        await school.say("101.000000", "Remember that backups run at night.", learn_after=time.time())
        await school.ledger.due_now(message(ROOT), at="101.000000")

    school.model.meanwhile = meanwhile
    assert await school.learn()
    assert await school.learn()
    assert (await school.conversation())["due"] is None
    assert len(await school.sentences()) == 2


async def test_an_edit_replaces_what_the_message_taught(school: School) -> None:
    await school.say("100.000000", "Releases go out on Tuesdays.")
    await school.learn()
    await school.say("100.000000", "Releases go out on Thursdays.", edited="105.000000")
    await school.learn()
    assert await school.sentences() == ["Releases go out on Thursdays."]


async def test_an_edit_that_says_the_same_keeps_the_insight(school: School) -> None:
    await school.say("100.000000", "Releases go out on Tuesdays.")
    await school.learn()
    school.model.verdict = lambda drafted, known: "same"
    await school.say("100.000000", "Releases go out on Tuesdays!", edited="105.000000")
    await school.learn()
    [kept] = await school.known()
    assert (kept.sentence, [e.version for e in kept.evidence]) == ("Releases go out on Tuesdays.", ["105.000000"])


@pytest.mark.parametrize("at", [0, 1])
async def test_what_is_deleted_while_it_is_learned_is_not_kept(school: School, at: int) -> None:
    """0: while the model reads; 1: after a run died that had stored its drafts."""
    await school.say("100.000000", "Releases go out on Tuesdays.")
    await school.say("101.000000", "Backups run at night.")
    if at == 0:
        school.model.meanwhile = lambda: school.delete("100.000000")
        assert await school.learn()
    else:
        await drafted(school)
        await school.delete("100.000000")
        assert await school.learn()
    assert await school.sentences() == ["Backups run at night."]


async def drafted(school: School, *, settled: bool = False) -> None:
    """A run that dies once its drafts are stored, or settled too."""
    for at in range(1, 60):
        await school.learn(fault=Fault("killed before", at))
        await school.restart()
        run = (await school.conversation()).get("run") or {}
        if run.get("settled" if settled else "drafts") is not None:
            assert await school.sentences() == []
            return
    raise AssertionError("no run stored its drafts")


async def test_evidence_that_is_gone_is_not_kept_beside_what_stays(school: School) -> None:
    school.model.propose = lambda new: [
        {"kind": "fact", "sentence": "Both said it.", "cues": [], "things": [], "evidence": ["m1", "m2"], "fields": []}
    ]
    await school.say("100.000000", "Releases go out on Tuesdays.")
    await school.say("101.000000", "Right, on Tuesdays.", by="bo")
    school.model.meanwhile = lambda: school.delete("100.000000")
    await school.learn()
    [kept] = await school.known()
    assert [e.message for e in kept.evidence] == [message("101.000000")]


async def test_what_was_forgotten_is_not_learned_again(school: School) -> None:
    await school.say("100.000000", "Releases go out on Tuesdays.")
    await school.learn()
    [known] = await school.known()
    await school.repository.set_forgotten([message("100.000000")], True)
    await school.repository.withdraw(known.id, [message("100.000000")], undo="u")
    await school.say("101.000000", "Backups run at night.")
    await school.learn()
    assert await school.sentences() == ["Backups run at night."]
    back = await school.repository.restore(known.id, "u")
    assert back
    assert len(await school.sentences()) == 2


async def test_undo_does_not_bring_back_a_message_deleted_meanwhile(school: School) -> None:
    await school.say("100.000000", "Releases go out on Tuesdays.")
    await school.learn()
    [known] = await school.known()
    await school.repository.withdraw(known.id, [message("100.000000")], undo="u")
    await school.repository.withdraw(known.id, [message("100.000000")])
    assert await school.repository.restore(known.id, "u") is None
    assert await school.sentences() == []
    [left] = await school.documents.find("insights", {"_id": known.id})
    assert (left["sentence"], left["words"], left["withdrawn"]) == ("", [], {})


async def test_the_words_go_after_ten_minutes_and_undo_is_too_late_at_once(school: School) -> None:
    await school.say("100.000000", "Releases go out on Tuesdays.")
    await school.learn()
    [known] = await school.known()
    await school.repository.support(known.id, [replace(known.evidence[0], message="C1:9.0", teammate="bo")])
    await school.repository.withdraw(known.id, [message("100.000000")], undo="u")
    await school.documents.update("insights", {"_id": known.id}, {"$set": {"purge_at": time.time() - 1}})
    assert await school.repository.restore(known.id, "u") is None  # another's evidence keeps the insight; ours is not brought back
    await purge_forgotten(school.database)
    [left] = await school.documents.find("insights", {"_id": known.id})
    assert (left["withdrawn"], left["messages"]) == ({}, ["C1:9.0"])


async def test_a_long_thread_is_learned_whole_also_when_a_run_dies(school: School) -> None:
    every = [f"Machine {n} stands in room {n}." for n in range(2000)]
    said = [Message(PLACE, f"{100 + n}.000000", "ana", "ana", text) for n, text in enumerate(every)]
    school.threads.said[message(ROOT)] = said[:-1]
    await school.say(said[-1].ts, said[-1].text)
    propose = school.model.propose
    school.model.propose = lambda new: propose([new[0], new[-1]])
    await drafted(school)
    rings = set()
    while (await school.conversation())["due"] is not None:
        now = ring(await school.conversation())
        assert now not in rings
        rings.add(now)
        assert await school.learn()
    assert {text for read in school.model.read for text in read} == set(every)
    kept = await school.sentences()
    assert (kept[0], kept[-1], len(kept)) == (every[0], every[-1], 2 * len(rings))
    assert max(map(len, school.model.read)) < 500


async def test_a_message_of_40000_characters_is_learned_from(school: School) -> None:
    await school.say("100.000000", "word " * 8000)
    await school.say("101.000000", "Backups run at night.")
    while (await school.conversation())["due"] is not None:
        assert await school.learn()
    assert "Backups run at night." in await school.sentences()
    assert max(len(text) for read in school.model.read for text in read) <= LONGEST


async def test_failures_are_named_and_tried_again_later_and_later(school: School) -> None:
    async def down() -> None:
        raise ModelFailed("The language model does not answer.")

    school.model.meanwhile = down
    await school.say("100.000000", "Releases go out on Tuesdays.")
    waits = []
    for _ in range(4):
        assert not await school.learn()
        left = await school.conversation()
        assert left["error"] == "ModelFailed"
        waits.append(round(left["due"] - time.time()))
        assert not await school.learn()  # not due
        await school.restart()
    assert waits == [5, 30, 120, 600]
    school.model.meanwhile = None
    assert await school.learn()
    assert (await school.conversation())["error"] is None
    assert await school.sentences() == ["Releases go out on Tuesdays."]


async def test_a_run_that_takes_too_long_waits_like_a_failed_one(school: School) -> None:
    school.model.meanwhile = lambda: asyncio.sleep(60)
    await school.say("100.000000", "Releases go out on Tuesdays.")
    assert not await school.learn(longest=0.05)
    left = await school.conversation()
    assert left["error"] == "TimeoutError"
    assert left["due"] > time.time() + 3


async def test_nonsense_teaches_nothing_and_ends_the_run(school: School) -> None:
    good = {"kind": "fact", "sentence": "Fine.", "cues": [], "things": [], "evidence": ["m1"], "fields": []}
    school.model.propose = lambda new: [
        good | {"kind": "rumour"},
        good | {"evidence": ["m9", "C1:100.000000"]},
        good | {"evidence": []},
        good | {"sentence": " "},
    ]
    await school.say("100.000000", "Releases go out on Tuesdays.")
    assert await school.learn()
    assert await school.sentences() == []
    assert (await school.conversation())["due"] is None


async def test_a_thread_that_is_gone_is_done(school: School) -> None:
    await school.say("100.000000", "Releases go out on Tuesdays.")
    school.threads.said.clear()
    assert await school.learn()
    assert (await school.conversation())["due"] is None


async def test_two_workers_do_not_both_find_the_same_thing_new(school: School) -> None:
    roots = [f"{n}00.000000" for n in range(1, 7)]
    for root in roots:
        await school.say(root, "Releases go out on Tuesdays.", root=root)
    assert all(await asyncio.gather(*(school.learn(root) for root in roots)))
    [kept] = await school.known()
    assert len(kept.evidence) == 6


async def test_a_run_that_died_before_it_kept_sees_what_others_kept_since(school: School) -> None:
    await school.say("100.000000", "Releases go out on Tuesdays.")
    await drafted(school, settled=True)
    await school.say("200.000000", "Releases go out on Tuesdays.", root="200.000000", by="bo")
    assert await school.learn("200.000000")
    assert await school.learn()
    [kept] = await school.known()
    assert [e.teammate for e in kept.evidence] == ["ana", "bo"]


async def test_a_cancelled_run_is_taken_up_at_once_and_rung_for_under_another_name(school: School) -> None:
    school.model.meanwhile = lambda: asyncio.sleep(60)
    await school.say("100.000000", "Releases go out on Tuesdays.")
    before = ring(await school.conversation())
    learning = asyncio.create_task(school.learn())
    await until(lambda: school.model.read)
    assert not await school.learn()
    learning.cancel()
    await learning
    school.model.meanwhile = None
    rung: list[tuple[str, ...]] = []

    class Bell:
        async def ring(self, *names: object) -> None:
            rung.append(tuple(map(str, names)))

    assert await ring_due(school.database, Bell()) == 1
    assert rung[0][2:] != tuple(map(str, before))
    assert await school.learn()


async def test_the_earliest_mention_counts_in_whatever_order_they_come(school: School) -> None:
    await school.ledger.join(PLACE, ROOT, since="105.000000")
    await school.ledger.join(PLACE, ROOT, since="102.000000")
    await school.ledger.join(PLACE, ROOT, since="107.000000")
    assert (await school.conversation())["since"] == "102.000000"
    await school.ledger.join(PLACE, ROOT, since="", talks=False)
    assert (await school.conversation())["since"] == ""
