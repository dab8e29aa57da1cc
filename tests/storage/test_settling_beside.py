"""How what is said stands to what is known elsewhere, and what becomes of that: seen by everybody in turn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from stores.audience import look, readers_of
from stores.documents import Database
from stores.insights import Draft
from stores.keeping import keep
from stores.pending import accept
from stores.settling import settle
from tests.storage.test_settling_across import Street

FRI, TUE, TUE2 = "The letters go out on Friday.", "The letters go out on Tuesday.", "On Tuesday the letters go out."
DAYS = ("Friday", "Tuesday", "Monday")


class Days:
    """A sensible model: of the same day is the same, of another contradicts, in an entry of its own."""

    async def extract(self, prompt: Sequence[Any], shape: Any, *, wrong: Any = None) -> Any:
        body = json.loads(prompt[-1].content)
        return shape.model_validate({"verdicts": [v for d in body["drafts"] for v in self._verdicts(d, body["known"])]}), None

    def _verdicts(self, draft: dict[str, str], known: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
        same = [k["id"] for k in known if _day(k["sentence"]) == _day(draft["sentence"])]
        other = [k["id"] for k in known if k["id"] not in same]
        return [{"draft": draft["id"], "verdict": way, "of": of} for way, of in (("contradicts", other), ("same", same)) if of]


class Pairs:
    """A model that finds contradictions between these pairs of sentences (newer, older), and nothing else."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = set(pairs)

    async def extract(self, prompt: Sequence[Any], shape: Any, *, wrong: Any = None) -> Any:
        body = json.loads(prompt[-1].content)
        found = [(d["id"], [k["id"] for k in body["known"] if (d["sentence"], k["sentence"]) in self._pairs]) for d in body["drafts"]]
        return shape.model_validate({"verdicts": [{"draft": d, "verdict": "contradicts", "of": of} for d, of in found if of]}), None


def _day(sentence: str) -> str:
    return next(day for day in DAYS if day in sentence)


async def drafted(street: Street, who: str, place: str, sentence: str, kind: str = "fact") -> tuple[Any, Draft]:
    conversation = await street.rig.conversation(f"{who}: {sentence}", place=place)
    owned = street.machine.kinds[kind]
    return conversation, street.rig.draft(conversation, owned.store, owned.kind, sentence)


async def settled(street: Street, said: tuple[Any, Draft], model: Any = None, *, asking: Sequence[str] = ()) -> Draft:
    """The draft as the product settles it now."""
    (conversation, draft), known = said, street.machine.known
    near, beside = await known.resembling([draft], conversation, asking=asking), await known.beside([draft], conversation)
    [done] = await settle([draft], near, model or Days(), beside=beside)
    return done


async def says(street: Street, who: str, place: str, sentence: str, kind: str = "fact", **how: Any) -> str:
    """Somebody says it there, and it is learned. The message's id."""
    conversation, draft = said = await drafted(street, who, place, sentence, kind)
    done = await settled(street, said, **how)
    await street.machine.process(replace(conversation, drafts=(done,)), seconds=5)
    return str(draft.evidence[0].message)


async def sees(street: Street, who: str, where: str) -> set[str]:
    readers = await readers_of(street.rig.town, where, who)
    view = await look(await street.rig.insights(), readers, street.rig.town, street.rig.repository)
    return {i.sentence for i in view.insights}


async def test_saying_again_in_public_what_somebody_else_said_ends_what_one_knows_from_private(database: Database) -> None:
    street = Street(database, "W")
    await says(street, "ana", "legal", FRI)
    await says(street, "cy", "office", TUE)  # who is not in #legal
    await says(street, "bo", "office", TUE2)
    assert FRI not in await sees(street, "bo", "D-bo")


async def test_the_newer_of_the_workspace_is_not_hidden_by_the_older_of_a_private_place(database: Database) -> None:
    street = Street(database, "W")
    await says(street, "ana", "office", TUE)
    await says(street, "ana", "legal", FRI)
    assert await sees(street, "bo", "D-bo") == {FRI}
    await says(street, "ana", "office", TUE2)
    assert await sees(street, "bo", "D-bo") == {TUE2}


async def test_what_is_said_again_where_a_guest_reads_along_ends_what_its_teacher_knows_in_private(database: Database) -> None:
    street = Street(database, "W")
    await says(street, "ana", "legal", FRI)
    await says(street, "cy", "office", TUE)
    assert await sees(street, "bo", "D-bo") == {FRI, TUE}
    await says(street, "bo", "help", TUE2)
    assert FRI not in await sees(street, "bo", "D-bo")


async def test_what_is_said_again_where_a_guest_reads_along_is_the_workspace_s_once_the_first_is_forgotten(database: Database) -> None:
    street = Street(database, "W")
    first = await says(street, "cy", "office", TUE)
    await says(street, "bo", "help", TUE2)
    assert await sees(street, "bo", "D-bo") == {TUE}
    assert await sees(street, "gus", "help") == {TUE2}
    await street.rig.repository.set_forgotten([first], True)
    await street.rig.repository.withdraw_all(first)
    assert await sees(street, "bo", "D-bo") == {TUE2}


async def test_who_corrects_back_where_a_guest_reads_along_is_heard_everywhere(database: Database) -> None:
    street = Street(database, "W")
    await says(street, "bo", "help", TUE)
    await says(street, "cy", "office", FRI)
    assert await sees(street, "ana", "office") == {FRI}
    await says(street, "bo", "help", TUE2)
    assert FRI not in await sees(street, "ana", "office")


async def test_nobody_s_word_is_an_outsider_s_where_no_outsider_is(database: Database) -> None:
    """Cy's fourth goal stays in #office until somebody confirms it, and hides Ana's there."""
    street = Street(database, "W")
    await says(street, "ana", "office", TUE, "goal")
    for other in ("Parcels travel by train on Monday.", "Invoices reach Lisbon each Monday.", "Visitors wear badges any Monday."):
        await says(street, "cy", "office", other, "goal", model=Pairs())
    await says(street, "cy", "office", FRI, "goal")
    assert FRI in await sees(street, "cy", "D-cy")
    assert FRI not in await sees(street, "bo", "D-bo")
    await says(street, "bo", "office", TUE2, "goal")
    assert FRI not in await sees(street, "cy", "D-cy")
    [newest] = [i for i in await street.rig.insights() if i.sentence == TUE2]
    assert {e.taught for e in newest.evidence} == {"public"}


async def test_what_a_private_one_hid_is_not_hidden_from_those_who_never_saw_that(database: Database) -> None:
    """The second contradicts the first in #legal. The third, said to all, contradicts the second, and holds beside the first."""
    first, second, third = "Letters go out on Tuesday and Friday.", "Letters go out on Tuesday alone.", "Letters go out on Friday at noon."
    street, model = Street(database, "W"), Pairs((second, first), (third, second))
    await says(street, "cy", "office", first, model=model)
    await says(street, "ana", "legal", second, model=model)
    assert await sees(street, "cy", "D-cy") == {first}
    assert await sees(street, "ana", "D-ana") == {second}
    await says(street, "ana", "office", third, model=model)
    assert await sees(street, "cy", "D-cy") == {first, third}


async def confirmed(street: Street, who: str, place: str, sentence: str) -> str:
    """Somebody says it where people confirm what is kept. The id of what waits."""
    _, draft = said = await drafted(street, who, place, sentence)
    await keep([await settled(street, said, asking=[draft.store])], street.rig.repository, street.rig.town, confirm=True)
    return draft.id


async def test_what_is_seconded_ends_what_its_teacher_knows_from_elsewhere_once_it_is_kept(database: Database) -> None:
    street = Street(database, "W")
    await says(street, "ana", "legal", FRI)
    waiting = await confirmed(street, "cy", "office", TUE)
    await confirmed(street, "ana", "office", TUE2)
    [one] = await street.rig.repository.with_status("pending")
    assert one.id == waiting
    await accept(waiting, "bo", street.rig.repository)
    assert await sees(street, "ana", "D-ana") == {TUE}


async def test_what_waits_hides_nothing_until_it_is_kept(database: Database) -> None:
    street = Street(database, "W")
    await says(street, "ana", "legal", FRI)
    waiting = await confirmed(street, "ana", "office", TUE)
    assert await sees(street, "ana", "D-ana") == {FRI}
    await accept(waiting, "bo", street.rig.repository)
    assert await sees(street, "ana", "D-ana") == await sees(street, "cy", "D-cy") == {TUE}


async def test_what_was_said_earlier_and_is_learned_late_is_hidden_by_the_newer(database: Database) -> None:
    """From those who see that, and from nobody else."""
    street = Street(database, "W")
    said = await drafted(street, "ana", "office", TUE)
    await says(street, "ana", "legal", FRI)
    await keep([await settled(street, said)], street.rig.repository, street.rig.town)
    assert await sees(street, "ana", "D-ana") == await sees(street, "bo", "legal") == {FRI}
    assert await sees(street, "cy", "D-cy") == {TUE}


async def test_what_a_guest_contradicted_is_not_hidden_from_the_workspace_by_who_corrects_the_guest(database: Database) -> None:
    first, second, third = "Letters go out on Tuesday and Friday.", "Letters go out on Tuesday alone.", "Letters go out on Friday at noon."
    street, model = Street(database, "W"), Pairs((second, first), (third, second))
    await says(street, "ana", "help", first, model=model)
    await says(street, "gus", "help", second, model=model)
    assert await sees(street, "cy", "D-cy") == {first}
    await says(street, "bo", "help", third, model=model)
    assert await sees(street, "cy", "D-cy") == {first, third}


async def test_three_do_not_hide_each_other(database: Database) -> None:
    """Learned late: what somebody said before another, who knows nothing of #legal, repeated the first."""
    street = Street(database, "W")
    await says(street, "cy", "office", TUE)
    await says(street, "ana", "legal", FRI)
    late = await drafted(street, "ana", "office", "The letters go out on Monday.")
    await says(street, "cy", "office", TUE)
    await keep([await settled(street, late)], street.rig.repository, street.rig.town)
    assert await sees(street, "ana", "D-ana")
