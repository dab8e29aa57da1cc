"""Who agreed to a rule before it was learned has confirmed it, and nothing that keeps Slack from saying so stops the learning."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from stores.audience import Person
from stores.insights import message_id
from stores.sqlite.documents import open_sqlite
from tests.workers.school import PLACE, School, Threads
from workers.checking import check
from workers.transcripts import Hidden, ReadFailed, Seen

RULES = ("Parcels travel by train.", "Invoices go to Lisbon.", "Visitors wear badges.", "The canteen closes at noon.")
FOURTH = message_id(PLACE, "103.000000")


class Away(Threads):
    """Slack that does not say what stands there, as long as it is `away`."""

    def __init__(self, away: Exception | None) -> None:
        super().__init__()
        self.away, self.asked = away, 0

    async def look(self, place: str, ts: str) -> Seen | None:
        self.asked += 1
        if self.away:
            raise self.away
        return await super().look(place, ts)


@pytest.fixture
async def school() -> AsyncIterator[School]:
    database = await open_sqlite(":memory:")
    await database.prepare()
    school = School(database)

    def propose(new: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"kind": "policy", "sentence": m["text"], "cues": [], "things": [], "evidence": [m["id"]], "fields": []} for m in new]

    school.model.propose = propose
    for n, rule in enumerate(RULES):
        await school.say(f"{100 + n}.000000", rule)
    yield school
    await database.close()


async def taught(school: School) -> list[str]:
    return [e.taught for i in await school.known() for e in i.evidence]


@pytest.mark.parametrize("thumbs", [[], ["ana"], ["gus"]])
async def test_nobody_agreed(school: School, thumbs: list[str]) -> None:
    school.threads.thumbs[FOURTH] = thumbs
    assert await school.learn()
    assert await taught(school) == ["public"] * 3 + ["unconfirmed"]


async def test_a_second_teammate_did(school: School) -> None:
    school.threads.thumbs[FOURTH] = ["ana", "bo"]
    assert await school.learn()
    assert await taught(school) == ["public"] * 4


@pytest.mark.parametrize("away", [ReadFailed("missing_scope"), Hidden("not_in_channel"), None])
async def test_what_slack_does_not_say_is_found_by_a_later_check_and_stops_nothing(school: School, away: Exception | None) -> None:
    said, school.threads = school.threads.said, Away(away)
    school.threads.said, school.threads.thumbs[FOURTH] = said, ["bo"]
    if away is None:
        school.town.fails.add("person bo")
    assert await school.learn()
    assert await taught(school) == ["public"] * 3 + ["unconfirmed"]
    school.threads.away = None
    school.town.fails.clear()
    async with school.process() as parts:
        await check(FOURTH, parts)
    assert await taught(school) == ["public"] * 4


async def test_who_cannot_be_looked_up_hides_nobody_who_can(school: School) -> None:
    school.threads.thumbs[FOURTH] = ["cy", "bo"]
    school.town.fails.add("person cy")
    assert await school.learn()
    assert await taught(school) == ["public"] * 4


async def test_a_message_is_checked_however_long_it_takes_to_look_its_people_up(school: School) -> None:
    """Else the same one would come first for ever."""
    school.threads.thumbs[FOURTH] = ["bo"]
    school.town.fails.add("person bo")
    assert await school.learn()
    school.town.fails.clear()

    async def for_ever(teammate: str) -> Person:
        await asyncio.sleep(60)
        raise AssertionError(teammate)

    school.town.person = for_ever  # type: ignore[method-assign]
    await school.documents.update("marks", {"_id": FOURTH}, {"$set": {"checked_at": 1.0}})
    async with school.process() as parts:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(check(FOURTH, parts), 0.2)
    [mark] = await school.documents.find("marks", {"_id": FOURTH})
    assert mark["checked_at"] > 1.0


async def test_a_run_that_teaches_much_asks_for_a_few(school: School) -> None:
    for n in range(20):
        await school.say(f"{110 + n}.000000", f"Rule number{n} bans thing{n}.")
    said, school.threads = school.threads.said, Away(None)
    school.threads.said = said
    assert await school.learn()
    assert (await taught(school)).count("unconfirmed") == 21
    assert school.threads.asked == 5


@pytest.mark.parametrize("edited", ["before", "meanwhile"])
async def test_a_thumb_under_words_that_were_edited_counts_for_nothing(school: School, edited: str) -> None:
    """Slack does not say which words they agreed to."""

    async def edit() -> None:
        school.model.meanwhile = None
        await school.say("103.000000", "The canteen closes at ten.", edited="104.000000")

    school.threads.thumbs[FOURTH] = ["bo"]
    if edited == "before":
        await edit()
    school.model.meanwhile = edit
    await school.learn()
    assert (await taught(school))[3:] == ["unconfirmed"]
