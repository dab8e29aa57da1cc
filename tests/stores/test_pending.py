"""What waits for a person's word: in no order of events is it in force before, or learned again after it was dropped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from stores.audience import Readers, look
from stores.documents import Document, Documents
from stores.insight_changes import UNDO
from stores.insight_documents import PENDING
from stores.insights import Decision, Draft, Insight
from stores.keeping import keep
from stores.pending import accept, drop, hold, second, waits
from stores.repository import InsightRepository
from stores.sqlite.documents import open_sqlite
from stores.testing import Town
from tests.stores.town import evidence, insight

EVERYBODY = Readers("cy", "PUBLIC", "public")


@pytest.fixture
def town() -> Town:
    town = Town()
    town.build("PUBLIC", "public", "ana", "bo", "cy")
    return town


def draft(identity: str, sentence: str, at: float = 10.0, **more: object) -> Draft:
    return Draft(identity, "team_knowledge", "fact", sentence, (evidence("PUBLIC", "ana", "public", at),), **more)  # type: ignore[arg-type]


async def in_force(repository: InsightRepository, town: Town) -> list[str]:
    return sorted(i.sentence for i in (await look(await repository.newest(), EVERYBODY, town, repository)).insights)


async def test_a_repeated_run_changes_nothing_that_was_decided(repository: InsightRepository, town: Town) -> None:
    """A worker may die behind any line, also while somebody presses."""
    kept, dropped = draft("kept", "The lab opens at eight."), draft("dropped", "The gate is locked on Sundays.", 11.0)
    for _ in range(2):
        assert await keep([kept, dropped], repository, town, confirm=True) == []
    assert await in_force(repository, town) == []
    await accept("kept", "ana", repository)
    await drop("dropped", repository)
    for confirm in (True, False, True):
        await keep([kept, dropped], repository, town, confirm=confirm)
        assert await in_force(repository, town) == ["The lab opens at eight."]
        assert await repository.with_status("pending") == []


async def test_nobody_finds_it_while_it_waits(repository: InsightRepository, town: Town) -> None:
    await keep([draft("one", "The lab opens at eight.", standing=True)], repository, town, confirm=True)
    assert await repository.get(["one"]) == await repository.newest() == await repository.standing() == []
    assert await repository.matching(["lab", "open"]) == await repository.taught_in("PUBLIC", store="team_knowledge") == []
    assert [c.insight for c in await repository.changed_since(0.0)] == [c.insight for c in await repository.page("", 10)] == [None]
    assert [i.id for i in await repository.with_status("pending")] == ["one"]


@pytest.mark.parametrize(("decision", "of"), [("new", ()), ("same", ("one",))])
async def test_what_goes_with_somebody_who_opted_out_takes_nobody_elses_words_along(
    repository: InsightRepository, town: Town, decision: Decision, of: tuple[str, ...]
) -> None:
    await keep([draft("one", "The lab opens at eight.")], repository, town, confirm=True)
    await repository.opted_out.leave("ana")
    said = replace(draft("two", "The lab opens at eight."), evidence=(evidence("PUBLIC", "bo", "public", 12.0),), decision=decision, of=of)
    await keep([said], repository, town, confirm=True)
    await waits("one", repository)  # as whoever is asked about it looks
    assert [{e.teammate for e in i.evidence} for i in await repository.with_status("pending")] == [{"bo"}]


async def test_of_keep_and_drop_at_once_one_wins(repository: InsightRepository, town: Town) -> None:
    for n in range(20):
        await keep([draft(f"n{n}", f"Room {n} has a projector.", 10.0 + n)], repository, town, confirm=True)
        kept, dropped = await asyncio.gather(accept(f"n{n}", "ana", repository), drop(f"n{n}", repository))
        assert (kept is None) != (dropped is None)
        assert bool(await repository.get([f"n{n}"])) is (kept is not None)


async def test_it_can_be_decided_once(repository: InsightRepository, town: Town) -> None:
    await keep([draft("one", "The lab opens at eight.")], repository, town, confirm=True)
    assert await accept("one", "ana", repository, sentence="The lab opens at nine.") is not None
    assert await accept("one", "bo", repository, sentence="The lab opens at ten.") is None
    assert await drop("one", repository) is None
    assert await in_force(repository, town) == ["The lab opens at nine."]


async def test_what_it_contradicts_stands_until_it_is_kept(repository: InsightRepository, town: Town) -> None:
    await repository.keep(insight("older", evidence("PUBLIC", "ana", "public", 1.0), sentence="The lab opens at seven."))
    await keep([draft("one", "The lab opens at eight.", decision="contradicts", of=("older",))], repository, town, confirm=True)
    assert await in_force(repository, town) == ["The lab opens at seven."]
    await accept("one", "ana", repository)
    assert await in_force(repository, town) == ["The lab opens at eight."]


async def test_what_is_dropped_hides_nothing(repository: InsightRepository, town: Town) -> None:
    await repository.keep(insight("older", evidence("PUBLIC", "ana", "public", 1.0), sentence="The lab opens at seven."))
    await keep([draft("one", "The lab opens at eight.", decision="contradicts", of=("older",))], repository, town, confirm=True)
    await drop("one", repository)
    assert await in_force(repository, town) == ["The lab opens at seven."]


async def test_what_was_said_later_stays_though_it_was_confirmed_before(repository: InsightRepository, town: Town) -> None:
    await repository.keep(insight("older", evidence("PUBLIC", "ana", "public", 1.0), sentence="The lab opens at seven."))
    await keep([draft("one", "The lab opens at eight.", 10.0, decision="contradicts", of=("older",))], repository, town, confirm=True)
    await keep([draft("two", "The lab opens at nine.", 20.0, decision="contradicts", of=("older",))], repository, town)
    await accept("one", "ana", repository)
    assert await in_force(repository, town) == ["The lab opens at nine."]


async def test_the_same_as_something_in_force_waits_for_nobody(repository: InsightRepository, town: Town) -> None:
    await repository.keep(insight("known", evidence("PUBLIC", "bo", "public", 1.0), sentence="The lab opens at eight."))
    await keep([draft("one", "We open the lab at eight.", decision="same", of=("known",))], repository, town, confirm=True)
    [known] = await repository.newest()
    assert [e.teammate for e in known.evidence] == ["bo", "ana"]
    assert await repository.with_status("pending") == []


@pytest.mark.parametrize(
    ("sentence", "again"),
    [("The lab opens at eight.", False), ("Our lab opens at eight o'clock.", False), ("Marta keeps the key of the archive.", True)],
)
async def test_what_was_dropped_is_known_again_in_other_words(
    repository: InsightRepository, town: Town, sentence: str, again: bool
) -> None:
    await keep([draft("one", "The lab opens at eight.")], repository, town, confirm=True)
    await drop("one", repository)
    await keep([draft("two", sentence)], repository, town)
    assert bool(await repository.newest()) is again
    elsewhere = draft("three", "The lab opens at eight.", 77.0)
    await keep([elsewhere], repository, town)
    assert await repository.get(["three"])


async def test_what_was_forgotten_meanwhile_waits_no_more(repository: InsightRepository, town: Town) -> None:
    await keep([draft("one", "The lab opens at eight.")], repository, town, confirm=True)
    await repository.set_forgotten(["PUBLIC:10.000000"], True)
    assert await waits("one", repository) is None
    assert await accept("one", "ana", repository) is None
    assert await repository.newest() == []


async def test_a_thread_s_summary_is_not_asked_about(repository: InsightRepository, town: Town) -> None:
    summary = draft("s", "They compare vendors.", state_of="conversation:PUBLIC:10.000000")
    assert [i.id for i in await keep([summary], repository, town, confirm=True)] == ["s"]


async def test_a_state_whose_message_is_deleted_while_it_is_put_in_force_is_not(town: Town) -> None:
    class Busy(InsightRepository):
        """Between the look at what waits and the keeping of it, its message is deleted."""

        async def replace(self, insight: Insight) -> Insight | None:
            await self.set_forgotten([e.message for e in insight.evidence], True)
            for each in insight.evidence:
                await self.withdraw_all(each.message)
            return await super().replace(insight)

    database = await open_sqlite(":memory:")
    repository = Busy("T1", database.workspace("T1"))
    await keep([draft("role", "Ana is the matron.", state_of="teammate:ana")], repository, town, confirm=True)
    [waiting] = await repository.with_status("pending")
    assert await accept(waiting.id, "bo", repository) is None
    assert await repository.states_of("teammate:ana") == []
    await database.close()


async def test_what_was_dropped_is_not_seconded(repository: InsightRepository, town: Town) -> None:
    """Somebody presses while another one says the same."""
    said = (evidence("PUBLIC", "bo", "public", 12.0),)
    await keep([draft("one", "The lab opens at eight."), draft("two", "The gate is locked.", 11.0)], repository, town, confirm=True)
    await drop("one", repository)
    assert not await second("one", said, repository)
    assert [i.id for i in await repository.with_status("pending")] == ["two"]
    assert await repository.supported_by(said[0].message) == []
    await accept("two", "ana", repository)
    assert await second("two", said, repository)
    assert [len(i.evidence) for i in await repository.get(["two"])] == [2]


async def test_in_one_run_the_same_twice_waits_once(repository: InsightRepository, town: Town) -> None:
    town.build("PRIVATE", "private", "ana", "bo")
    first, again = draft("one", "The lab opens at eight."), draft("two", "Eight is when it opens.", 11.0, decision="same", of=("one",))
    other = Draft("three", "team_knowledge", "fact", "Eight.", (evidence("PRIVATE", "ana", "private", 12.0),), decision="same", of=("one",))
    for _ in range(2):
        await keep([first, again, other], repository, town, confirm=True)
        waiting = {i.id: len(i.evidence) for i in await repository.with_status("pending")}
        assert waiting == {"one": 2, "three": 1}  # what is heard by others waits by itself


async def time_is_up(documents: Documents) -> None:
    """What is to be deleted some day is due."""
    await documents.update("insights", {"_id": "one", "purge_at": {"$gt": 0.0}}, {"$set": {"purge_at": 1.0}})


@pytest.mark.parametrize("kept", [False, True])
async def test_what_one_of_two_forgot_while_it_waited_is_purged_and_the_other_s_word_stays(
    repository: InsightRepository, documents: Documents, town: Town, kept: bool
) -> None:
    await keep([draft("one", "The lab opens at eight.")], repository, town, confirm=True)
    bo = evidence("PUBLIC", "bo", "public", 11.0)
    await keep(
        [replace(draft("two", "The lab opens at eight."), evidence=(bo,), decision="same", of=("one",))], repository, town, confirm=True
    )
    await repository.withdraw("one", [bo.message], undo="bo/x")
    if kept:
        assert await accept("one", "ana", repository)
    [document] = await documents.find("insights", {"_id": "one"})
    assert time.time() < document["purge_at"] <= time.time() + UNDO
    await time_is_up(documents)
    await repository.purge()
    [document] = await documents.find("insights", {"_id": "one"})
    assert document["withdrawn"] == {}
    assert [e["teammate"] for e in document["evidence"].values()] == ["ana"]
    assert document["purge_at"] is None if kept else document["purge_at"] > time.time() + PENDING - 60
    await time_is_up(documents)
    await repository.purge()
    assert bool(await repository.get(["one"])) is kept
    assert await repository.with_status("pending") == []


async def test_words_typed_for_a_state_replace_it_whoever_said_it_too(repository: InsightRepository) -> None:
    said = evidence("PUBLIC", "ana", "public", 10.0), evidence("PUBLIC", "bo", "public", 20.0)
    state = insight("s", evidence("PUBLIC", "cy", "public", 15.0), sentence="Old.", state_of="teammate:ana", kind="doing", standing=True)
    await repository.replace(state)
    await accept(await hold(replace(state, sentence="New.", evidence=said), repository), "ana", repository, sentence="Typed.")
    [now] = await repository.get(["s"])
    assert now.sentence == "Typed."


async def test_who_types_while_their_message_is_deleted_takes_nobody_elses_word_along(repository: InsightRepository, town: Town) -> None:
    ours, bo = draft("one", "The lab opens at eight.", standing=True), evidence("PUBLIC", "bo", "public", 11.0)
    await keep([ours], repository, town, confirm=True)
    await keep(
        [replace(draft("two", "The lab opens at eight."), evidence=(bo,), decision="same", of=("one",))], repository, town, confirm=True
    )
    change = repository.change

    async def meanwhile(identity: str, by: Callable[[Document], bool]) -> Insight | None:
        repository.change = change  # type: ignore[method-assign]
        await repository.withdraw_all(ours.evidence[0].message)
        return await change(identity, by)

    repository.change = meanwhile  # type: ignore[method-assign]
    assert await accept("one", "ana", repository, sentence="The lab never opens.") is None
    assert [e.teammate for i in await repository.with_status("pending") for e in i.evidence] == ["bo"]
