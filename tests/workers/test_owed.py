"""A store that is disabled holds nothing up and loses nothing: what it missed is learned once it is there again."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from stores import Conversation, Insight, Kind, Kit, Question
from stores.documents import Database, Unavailable
from stores.isolation import StoreFailed
from stores.sqlite.documents import open_sqlite
from tests.workers.school import PLACE, ROOT, Fault, School
from workers.learn import learn
from workers.parts import Parts
from workers.sweep import ring_due

FREE = threading.Event()
CONVERSATION = f"{PLACE}:{ROOT}"
BACKUPS, RELEASES = "Backups run at night.", "Releases go out on Tuesdays."


class Holdings:
    """A third party's store that blocks while it is not free."""

    name = "holdings"
    kinds = (Kind("holding", "what the library holds"),)

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        return []

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        FREE.wait(30)
        return await self.kit.keep(conversation.drafts)

    def build_context(self, insights: Sequence[Insight]) -> str:
        return ""


class Bell:
    async def ring(self, *names: object) -> None:
        """Rings nobody."""


@pytest.fixture
async def school(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[School]:
    database: Database = await open_sqlite(":memory:")
    school = School(database)
    school.stores = ["team_knowledge", "tests.workers.test_owed:Holdings"]
    school.model.propose = lambda new: [_proposal(kind, m) for m in new for kind in ("fact", "holding")]
    monkeypatch.setattr("stores.watchdog.BLOCKED", 0.001)
    FREE.clear()
    yield school
    FREE.set()
    await database.close()


def _proposal(kind: str, message: dict[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {"cues": [], "things": [], "fields": []}
    return {"kind": kind, "sentence": f"{kind}: {message['text']}", "evidence": [message["id"]]} | more


async def disabled(parts: Parts) -> None:
    """Let the store block until it is disabled."""
    talk = Conversation("T1", "C1:1.0", "C1", "r", (), frozenset(), None)  # type: ignore[arg-type]
    while not parts.machine.disabled:
        with pytest.raises(StoreFailed):
            await parts.machine.process(talk, seconds=0.05)


async def once_more(school: School, parts: Parts, identity: str = CONVERSATION) -> bool:
    """Whether a run is done, when the conversation is looked at at the time that was set for it."""
    change = {"$set": {"due": time.time()}}
    await school.documents.update("conversations", {"_id": identity, "due": {"$gt": 0}}, change)
    return await learn(identity, parts, seconds=5)


async def test_a_disabled_store_burns_no_try_and_learns_when_it_is_there_again(school: School) -> None:
    await school.say("100.000000", RELEASES)
    async with school.process() as parts:
        await disabled(parts)
        assert await learn(CONVERSATION, parts, seconds=5)
        assert await school.sentences() == [f"fact: {RELEASES}"]
        noted = await school.conversation()
        assert (noted.get("run"), noted["error"], list(noted["owed"])) == (None, None, ["holdings"])
        assert noted["due"] > time.time()
        assert await ring_due(school.database, Bell()) == 0
        reads = len(school.model.read)
        assert not await once_more(school, parts)
        assert (await school.conversation()).get("run") is None
        assert (await school.conversation())["due"] > time.time()
        assert len(school.model.read) == reads
    FREE.set()
    async with school.process() as parts:  # after a start
        assert await once_more(school, parts)
    assert sorted(await school.sentences()) == [f"fact: {RELEASES}", f"holding: {RELEASES}"]
    noted = await school.conversation()
    assert (noted["owed"], noted["due"]) == ({}, None)


async def test_what_is_said_meanwhile_is_learned_by_the_others_and_owed_too(school: School) -> None:
    await school.say("100.000000", RELEASES)
    async with school.process() as parts:
        await disabled(parts)
        assert await learn(CONVERSATION, parts, seconds=5)
        await school.say("101.000000", BACKUPS)
        assert await once_more(school, parts)
        assert sorted(await school.sentences()) == [f"fact: {BACKUPS}", f"fact: {RELEASES}"]
    FREE.set()
    async with school.process() as parts:
        assert await once_more(school, parts)
        assert not await once_more(school, parts)
    assert school.model.read[-1] == [RELEASES, BACKUPS]
    assert len(await school.sentences()) == 4


async def test_what_was_deleted_meanwhile_is_owed_no_more(school: School) -> None:
    await school.say("100.000000", RELEASES)
    await school.say("101.000000", BACKUPS)
    async with school.process() as parts:
        await disabled(parts)
        assert await learn(CONVERSATION, parts, seconds=5)
    await school.delete("100.000000")
    FREE.set()
    async with school.process() as parts:
        assert await once_more(school, parts)
    assert sorted(await school.sentences()) == [f"fact: {BACKUPS}", f"holding: {BACKUPS}"]
    assert (await school.conversation())["owed"] == {}


async def test_one_that_blocks_again_is_owed_still(school: School) -> None:
    await school.say("100.000000", RELEASES)
    for _ in range(2):
        async with school.process() as parts:
            await disabled(parts)
            await once_more(school, parts)
    assert list((await school.conversation())["owed"]) == ["holdings"]
    FREE.set()
    async with school.process() as parts:
        assert await once_more(school, parts)
    assert len(await school.sentences()) == 2


async def test_what_it_missed_is_learned_wherever_the_run_dies_and_whenever_it_is_there_again(school: School) -> None:
    fault, done, dies = Fault("killed after"), False, 0
    async with school.process(fault) as before:
        await disabled(before)
        FREE.set()
        while not done:
            dies += 1
            root, said = f"{dies}.000000", f"{RELEASES} {dies}"
            identity = f"{PLACE}:{root}"
            await school.say(root, said, root=root)
            fault.dead, fault.at = False, fault.calls + dies
            with contextlib.suppress(Unavailable):
                done = await learn(identity, before, seconds=5) and not fault.dead
            await school.restart(root)
            async with school.process() as parts:  # after a start
                for _ in range(3):
                    await once_more(school, parts, identity)
            assert sorted(s for s in await school.sentences() if s.endswith(said)) == [f"fact: {said}", f"holding: {said}"], dies
    assert dies > 10
