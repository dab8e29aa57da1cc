"""Carrying out what settling decided, also a second time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from stores.audience import Readers, look
from stores.insights import Draft, Insight, Taught
from stores.isolation import bridged
from stores.keeping import keep
from stores.repository import InsightRepository
from stores.sqlite.documents import open_sqlite
from stores.testing import Town
from tests.stores.town import evidence, insight


@pytest.fixture
async def town() -> Town:
    town = Town()
    town.build("PUBLIC", "public", "ana")
    town.build("LEGAL", "private", "ana")
    return town


def draft(identity: str, at: float, **more: object) -> Draft:
    return Draft(identity, "team_knowledge", "fact", f"{identity}.", (evidence("PUBLIC", "ana", "public", at),), **more)  # type: ignore[arg-type]


async def test_a_contradiction_carried_out_again_is_not_turned_round() -> None:
    """A run may be repeated after a crash, and somebody may have repeated the older statement in between."""
    database, town = await open_sqlite(":memory:"), Town()
    town.build("PUBLIC", "public", "ana")
    repository = InsightRepository("T1", database.workspace("T1"))
    await repository.keep(insight("older", evidence("PUBLIC", "ana", "public", 10.0)))
    newer = draft("newer", 20.0, decision="contradicts", of=("older",))
    await keep([newer], repository, town)
    await repository.support("older", [evidence("PUBLIC", "bo", "public", 30.0)])
    await keep([newer], repository, town)
    links = {i.id: i.superseded_by for i in await repository.newest()}
    assert links == {"older": ("newer",), "newer": ()}
    await database.close()


async def test_nothing_is_kept_that_rests_on_words_of_somebody_who_opted_out(repository: InsightRepository, town: Town) -> None:
    """Whoever keeps: a run, a tool, or a store that made drafts of its own."""
    await repository.opted_out.leave("ana")
    assert await keep([draft("hers", 20.0)], repository, town) == []
    await repository.opted_out.come_back("ana")
    assert await keep([draft("meanwhile", 20.0)], repository, town) == []
    [later] = await keep([draft("later", 4e9)], repository, town)
    assert [i.id for i in await repository.newest()] == [later.id]


async def test_a_store_on_another_loop_keeps_all_the_same(town: Town) -> None:
    """Databases belong to the product's loop; a plugin's thread has its own."""
    database, home = await open_sqlite(":memory:"), asyncio.get_running_loop()
    documents = database.workspace("T1")

    class AtHome:
        def __getattr__(self, name: str) -> Any:
            async def call(*arguments: Any, **named: Any) -> Any:
                assert asyncio.get_running_loop() is home
                return await getattr(documents, name)(*arguments, **named)

            return call

    ports = bridged(InsightRepository("T1", AtHome()), home), bridged(town, home)
    [kept] = await asyncio.to_thread(asyncio.run, keep([draft("one", 20.0)], *ports))
    assert kept.id == "one"
    await database.close()


async def test_the_same_said_elsewhere_adds_no_evidence() -> None:
    database, town = await open_sqlite(":memory:"), Town()
    town.build("PUBLIC", "public", "ana")
    town.build("LEGAL", "private", "ana")
    repository = InsightRepository("T1", database.workspace("T1"))
    await repository.keep(insight("public", evidence("PUBLIC", "ana", "public")))
    for place, taught in (("LEGAL", "private"), ("Dana", "dm"), ("PUBLIC", "guest")):
        same = Draft("d", "s", "fact", "So.", (evidence(place, "ana", taught, 20.0),), decision="same", of=("public",))  # type: ignore[arg-type]
        await keep([same], repository, town)
    [known] = await repository.newest()
    assert isinstance(known, Insight)
    assert len(known.evidence) == 1
    await database.close()


async def test_what_says_the_same_as_two_confirms_both(repository: InsightRepository, town: Town) -> None:
    for identity in ("one", "other"):
        await repository.keep(insight(identity, evidence("PUBLIC", "bo", "public", 10.0)))
    await keep([draft("both", 20.0, decision="same", of=("one", "other"))], repository, town)
    assert {i.id: len(i.evidence) for i in await repository.newest()} == {"one": 2, "other": 2}


async def test_what_is_refined_makes_way_and_comes_back(repository: InsightRepository, town: Town) -> None:
    await repository.keep(insight("older", evidence("PUBLIC", "ana", "public", 10.0)))
    await keep([draft("newer", 20.0, decision="refines", of=("older",))], repository, town)
    assert await _seen(repository, town) == ["newer"]
    await repository.withdraw("newer", ["PUBLIC:20.000000"])
    assert await _seen(repository, town) == ["older"]


@pytest.mark.parametrize(("place", "taught"), [("LEGAL", "private"), ("D1", "dm"), ("PUBLIC", "guest")])
async def test_what_refines_for_others_is_kept_beside(repository: InsightRepository, town: Town, place: str, taught: Taught) -> None:
    """In their place both hold; the older one stays in force for everybody."""
    await repository.keep(insight("older", evidence("PUBLIC", "ana", "public", 10.0)))
    own = Draft("n", "team_knowledge", "fact", "N.", (evidence(place, "ana", taught, 20.0),), decision="refines", of=("older",))
    await keep([own], repository, town)
    assert {i.id: i.superseded_by for i in await repository.newest()} == {"older": (), "n": ()}


def state(sentence: str, at: float, of: str = "teammate:ana") -> Draft:
    said = (evidence("PUBLIC", "ana", "public", at),)
    return Draft("state", "user_profile", "role", sentence, said, state_of=of)


async def test_the_newest_state_replaces_and_is_not_listed(repository: InsightRepository, town: Town) -> None:
    for one in (state("Ana is a nurse.", 10.0), state("Ana is a matron.", 20.0), state("Ana is a nurse.", 10.0)):
        await keep([one], repository, town)
    [known] = await repository.states_of("teammate:ana", "teammate:bo")
    assert (known.sentence, [e.at for e in known.evidence]) == ("Ana is a matron.", [20.0])
    assert await repository.newest() == []


async def test_what_rests_on_a_whole_conversation_goes_with_any_of_its_messages(repository: InsightRepository, town: Town) -> None:
    await keep([state("The roof.", 10.0, "conversation:PUBLIC:1.0"), state("The roof and the gutter.", 20.0, "conversation:PUBLIC:1.0")],
               repository, town)  # fmt: skip
    [known] = await repository.states_of("conversation:PUBLIC:1.0")
    assert [e.at for e in known.evidence] == [10.0, 20.0]
    await repository.withdraw_all("PUBLIC:10.000000")
    assert await repository.states_of("conversation:PUBLIC:1.0") == []


async def test_it_goes_too_when_one_of_its_messages_is_not_to_be_learned_from(repository: InsightRepository, town: Town) -> None:
    await keep([state("The roof.", 10.0, "conversation:PUBLIC:1.0"), state("Both.", 20.0, "conversation:PUBLIC:1.0")], repository, town)
    await repository.set_forgotten(["PUBLIC:10.000000"], True)
    assert await repository.states_of("conversation:PUBLIC:1.0") == []


async def test_what_waits_or_is_archived_is_not_in_force(repository: InsightRepository, town: Town) -> None:
    await repository.keep(insight("one", evidence("PUBLIC", "ana", "public", 10.0)))
    for status in ("pending", "archived"):
        await repository.set_status("one", status)  # type: ignore[arg-type]
        assert await repository.get(["one"]) == await repository.newest() == []
        assert [i.id for i in await repository.supported_by("PUBLIC:10.000000")] == ["one"]  # a deletion must find it
        assert [i.id for i in await repository.with_status(status)] == ["one"]  # type: ignore[arg-type]
    await repository.set_status("one", "")
    assert [i.id for i in await repository.get(["one"])] == ["one"]


async def test_a_kind_s_insights_are_its_store_s(repository: InsightRepository) -> None:
    """A kind may move to another store; what was kept before moves with it."""
    await repository.keep(insight("one", evidence("PUBLIC", "ana", "public", 10.0)))
    before = await repository.revision()
    await repository.adopt({"fact": "elsewhere"})
    [known] = await repository.get(["one"])
    assert known.store == "elsewhere"
    assert (await repository.revision()).n > before.n


async def _seen(repository: InsightRepository, town: Town) -> list[str]:
    view = await look(await repository.newest(), Readers("bo", "PUBLIC", "public"), town, repository)
    return [i.id for i in view.insights]


async def test_what_was_hidden_and_said_again_does_not_hide_what_is_newer(repository: InsightRepository, town: Town) -> None:
    """The second hides the first, which somebody repeated since. A third, said between, contradicts the second: one of them stands."""
    await repository.keep(insight("first", evidence("PUBLIC", "ana", "public", 10.0)))
    await keep([draft("second", 20.0, decision="contradicts", of=("first",))], repository, town)
    await repository.support("first", [evidence("PUBLIC", "bo", "public", 40.0)])
    await keep([draft("third", 30.0, decision="contradicts", of=("second",))], repository, town)
    view = await look(await repository.newest(), Readers("ana", "PUBLIC", "public"), town, repository)
    assert [i.id for i in view.insights] == ["third"]
