"""What our replies told beside what people said: forgotten since, or not for everybody there any more, it is learned by no detour."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from stores.conversations import Message
from stores.sqlite.documents import open_sqlite
from tests.stores.town import evidence, insight
from tests.workers.school import PLACE, ROOT, School

HERON = "The vault opens with Heron."


@pytest.fixture
async def school() -> AsyncIterator[School]:
    """A thread in which we told what was taught in another channel."""
    database = await open_sqlite(":memory:")
    school = School(database)
    school.town.build("C2", "public", "ana", "bo")
    await school.repository.keep(insight("heron", evidence("C2", "ana", "public"), sentence=HERON))
    await school.say(ROOT, "How does the vault open?", by="bo")
    reply = Message(PLACE, "100.500000", "tacit", "Tacit", HERON, ours=True, question=f"{PLACE}:{ROOT}", cited=("heron",))
    school.threads.said[f"{PLACE}:{ROOT}"].append(reply)
    yield school
    await database.close()


@pytest.mark.parametrize(
    ("since", "told"),
    [("nothing", True), ("archived", True), ("superseded", True), ("forgotten", False), ("turned private", False), ("unknown", False)],
)
async def test_the_model_that_learns_reads_what_may_still_be_known(school: School, since: str, told: bool) -> None:
    if since == "archived":
        await school.repository.set_status("heron", "archived")
    elif since == "superseded":
        await school.repository.supersede("heron", "newer")
    elif since == "forgotten":
        await school.repository.withdraw("heron", ["C2:10.000000"], undo="ana/act")
    elif since == "turned private":
        school.town.turn("C2", "private", 50.0)
    elif since == "unknown":
        school.town.fails.add("place C2")
    assert await school.learn()
    assert (HERON in str(school.model.asked)) is told
    assert "How does the vault open?" in str(school.model.asked)


@pytest.mark.parametrize("reply", [["heron"], []])
async def test_what_was_gathered_beside_it_goes_when_it_is_forgotten(school: School, reply: list[str]) -> None:
    school.stores = ["team_knowledge", "session_context"]
    pointer = {"kind": "pointer", "sentence": HERON, "cues": [], "things": [], "evidence": [], "fields": []}
    school.model.propose = lambda new: [pointer]
    assert await school.learn()
    await school.documents.insert("questions", {"_id": f"{PLACE}:{ROOT}", "thread": f"{PLACE}:{ROOT}", "cited": reply})
    of_it = f"conversation:{PLACE}:{ROOT}"
    assert len(await school.repository.states_of(of_it)) == 1
    await school.repository.withdraw("heron", ["C2:10.000000"], undo="ana/act")
    assert bool(await school.repository.states_of(of_it)) is not bool(reply)
