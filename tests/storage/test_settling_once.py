"""One call settles what everybody in the place may see and what those who took part may see beside: whose eyes, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from stores.audience import Person
from stores.documents import Database
from stores.settling import settle
from stores.testing import ScriptedModel
from tests.storage.test_settling_across import Street
from tests.storage.test_settling_beside import FRI, TUE, TUE2, Pairs, drafted, says, sees, settled


class Answers:
    """A model that says which draft stands in which way to which sentences. `shown`: what it was asked, call by call."""

    def __init__(self, *verdicts: tuple[str, str, Sequence[str]]) -> None:
        self._verdicts, self.shown = verdicts, list[str]()

    async def extract(self, prompt: Sequence[Any], shape: Any, *, wrong: Any = None) -> Any:
        self.shown.append(prompt[-1].content)
        body = json.loads(prompt[-1].content)
        names = {one["sentence"]: one["id"] for one in (*body["known"], *body["drafts"])}
        found = [{"draft": names[d], "verdict": way, "of": [names[s] for s in of]} for d, way, of in self._verdicts]
        return shape.model_validate({"verdicts": found}), None


async def said(street: Street, place: str, *lines: str) -> tuple[Any, list[Any]]:
    """What people say there, and a draft of each line."""
    conversation, owned = await street.rig.conversation(*lines, place=place), street.machine.kinds["fact"]
    each = [(n, replace(conversation, new=frozenset({m.id})), m.text) for n, m in enumerate(conversation.messages)]
    return conversation, [street.rig.draft(alone, owned.store, owned.kind, text, position=n) for n, alone, text in each]


async def learn(street: Street, conversation: Any, drafts: list[Any], model: Any) -> None:
    """The drafts are settled, in one call, and kept."""
    known = await street.machine.known.resembling(drafts, conversation)
    beside = await street.machine.known.beside(drafts, conversation)
    settled = await settle(drafts, known, model, beside=beside)
    await street.machine.process(replace(conversation, drafts=tuple(settled)), seconds=5)


async def looked_at(street: Street, place: str, *lines: str) -> list[str]:
    """What is found beside for the first line."""
    conversation, [draft, *_] = await said(street, place, *lines)
    return sorted(i.sentence for known in (await street.machine.known.beside([draft], conversation)).values() for i in known)


async def test_it_is_looked_with_the_eyes_of_three_who_take_part(database: Database) -> None:
    """Those whose words are learned, then those who spoke."""
    street, told = Street(database, "W"), {}
    street.rig.town.people |= {who: Person(who, who) for who in ("dee", "eli")}
    for who in ("ana", "bo", "cy", "dee"):
        told[who] = f"The letters of {who} go out on Monday."
        await says(street, who, f"D-{who}", told[who], model=Pairs())
    assert await looked_at(street, "office", f"ana: {FRI}") == [told["ana"]]
    assert await looked_at(street, "office", f"dee: {FRI}", "ana: Fine.", "bo: Good.", "cy: Yes.") == [
        told[who] for who in ("ana", "bo", "dee")
    ]
    assert await looked_at(street, "office", f"eli: {FRI}") == []


async def test_each_statement_ends_what_whoever_made_it_knew(database: Database) -> None:
    """In one call, though Ana knows more than Cy."""
    street, early, late = Street(database, "W"), "The lab opens at seven.", "The lab opens at nine."
    for sentence in (FRI, "The letters of house 9 go out on Friday."):
        await says(street, "ana", "legal", sentence, model=Pairs())
    await says(street, "cy", "D-cy", early)
    model = Answers((TUE, "contradicts", [FRI]), (late, "contradicts", [early]))
    await learn(street, *await said(street, "office", f"ana: {TUE}", f"cy: {late}"), model)
    assert len(model.shown) == 1
    assert FRI not in await sees(street, "ana", "D-ana")
    assert await sees(street, "cy", "D-cy") == {TUE, late}


async def test_of_much_the_nearest_is_looked_at(database: Database) -> None:
    street = Street(database, "W")
    street.rig.town.build("help", "public", "ana", "bo", "cy", "gus")
    for n in range(20):
        await says(street, "ana", "office", f"The letters of house {n} go out on Tuesday.", model=Pairs())
    await says(street, "bo", "D-bo", "On Friday letters go out at noon.", model=Pairs())
    found = await looked_at(street, "help", f"ana: {FRI}", "bo: Fine.", "cy: Good.")
    assert (len(found), found[0]) == (5, "On Friday letters go out at noon.")


async def test_what_says_the_same_as_one_and_ends_another_that_not_everybody_knows_does_both(database: Database) -> None:
    street = Street(database, "W")
    await says(street, "ana", "legal", FRI)
    await says(street, "cy", "office", TUE)
    model = Answers((TUE2, "same", [TUE]), (TUE2, "contradicts", [FRI]))
    await learn(street, *await said(street, "office", f"bo: {TUE2}"), model)
    assert len(model.shown) == 1
    assert await sees(street, "ana", "D-ana") == await sees(street, "bo", "legal") == await sees(street, "cy", "D-cy") == {TUE2}


async def test_what_was_said_before_is_said_again_and_ends_nothing_said_since(database: Database) -> None:
    """The draft is older than what it would end, and merely one more word for what everybody knows."""
    street = Street(database, "W")
    await says(street, "cy", "office", TUE)
    late = await said(street, "office", f"bo: {TUE2}")
    await says(street, "ana", "legal", FRI, model=Pairs())
    await learn(street, *late, Answers((TUE2, "same", [TUE]), (TUE2, "contradicts", [FRI])))
    [public] = [i for i in await street.rig.insights() if i.sentence == TUE]
    assert [e.teammate for e in public.evidence] == ["cy", "bo"]
    assert await sees(street, "ana", "D-ana") == {TUE, FRI}


async def test_one_entry_about_both_is_taken_apart(database: Database) -> None:
    street, noon = Street(database, "W"), "The letters go out at noon."
    await says(street, "ana", "legal", FRI)
    await says(street, "cy", "office", noon)
    await learn(street, *await said(street, "office", f"bo: {TUE}"), Answers((TUE, "contradicts", [noon, FRI])))
    assert await sees(street, "ana", "D-ana") == await sees(street, "cy", "D-cy") == {TUE}
    [newer] = [i for i in await street.rig.insights() if i.sentence == TUE]
    assert newer.decided == "contradicts"


async def test_a_guest_s_words_beside_what_is_not_theirs_to_see_stand_to_none_of_it(database: Database) -> None:
    """Whatever the model says, of the guest's words or of a teammate's that resemble nothing of it."""
    street, guest, cake = Street(database, "W"), "The letters go out when I say so.", "Cake is in the kitchen."
    await says(street, "ana", "office", FRI)
    model = Answers((guest, "contradicts", [FRI]), (guest, "same", [FRI]), (cake, "contradicts", [FRI]), (cake, "same", [FRI]))
    await learn(street, *await said(street, "help", f"gus: {guest}", f"bo: {cake}", f"bo: {TUE}"), model)
    [shown] = model.shown
    assert [one in shown for one in (guest, cake, TUE, FRI)] == [True] * 4
    assert [i.superseded_by for i in await street.rig.insights() if i.sentence == FRI] == [()]
    assert await sees(street, "ana", "office") == {FRI, cake, TUE}
    assert await sees(street, "gus", "help") == {guest, cake, TUE}


async def test_who_puts_a_guest_right_is_heard_there(database: Database) -> None:
    """They repeat what the guest had contradicted: that, the guest's and theirs do not hide each other."""
    street = Street(database, "W")
    street.rig.town.build("help", "public", "ana", "bo", "gus")
    await says(street, "ana", "help", TUE)
    await says(street, "gus", "help", FRI)
    await says(street, "bo", "help", TUE2)
    assert await sees(street, "gus", "help") == {TUE2}
    assert await sees(street, "bo", "D-bo") <= {TUE, TUE2} != set()
    street.rig.town.build("help", "public", "ana", "bo")
    assert await sees(street, "bo", "help") <= {TUE, TUE2} != set()


async def test_settled_again_in_another_way_a_draft_and_what_it_repeated_do_not_hide_each_other(database: Database) -> None:
    street = Street(database, "W")
    await says(street, "cy", "office", TUE)
    conversation, draft = repeated = await drafted(street, "bo", "help", TUE2)
    for way in ("same", "contradicts"):
        done = await settled(street, repeated, Answers((draft.sentence, way, [TUE])))
        await street.machine.process(replace(conversation, drafts=(done,)), seconds=5)
    assert await sees(street, "cy", "D-cy")


async def test_two_drafts_that_contradict_each_other_leave_one_however_often_they_are_kept(database: Database) -> None:
    street = Street(database, "W")
    first, second = (f"The quarterly letters of the Lisbon office travel by train on {day}." for day in ("Tuesday", "Friday"))
    conversation = await street.rig.conversation(f"ana: {first} No, wait: {second}", place="office")
    owned = street.machine.kinds["fact"]
    drafts = [street.rig.draft(conversation, owned.store, owned.kind, s, position=n) for n, s in enumerate((first, second))]
    done = await settle(drafts, {}, Answers((first, "contradicts", [second]), (second, "contradicts", [first])))
    for _ in range(2):
        await street.machine.process(replace(conversation, drafts=tuple(done)), seconds=5)
        assert await sees(street, "cy", "office") == {second}


async def test_what_is_said_word_for_word_after_somebody_ended_it_is_kept(database: Database) -> None:
    street = Street(database, "W")
    await says(street, "ana", "office", TUE)
    conversation, [friday, tuesday] = await said(street, "office", f"bo: {FRI}", f"ana: {TUE}")
    known = {d.id: await street.rig.repository.newest() for d in (friday, tuesday)}
    ends = ScriptedModel(gives=lambda prompt: {"verdicts": [{"draft": "d1", "verdict": "contradicts", "of": ["k1"]}]})
    done = await settle([friday, tuesday], known, ends)
    await street.machine.process(replace(conversation, drafts=tuple(done)), seconds=5)
    assert TUE in await sees(street, "cy", "office")


@pytest.mark.parametrize(("older", "newer"), [("fact", "policy"), ("convention", "instruction")])
async def test_the_same_words_as_something_that_counts_for_more_are_kept(database: Database, older: str, newer: str) -> None:
    street, wish = Street(database, "W"), "Answer in German."
    await says(street, "ana", "office", wish, older, model=Pairs())
    await says(street, "bo", "office", wish, newer, model=Pairs())
    every = [*await street.rig.insights(), *await street.rig.repository.with_status("pending")]
    assert sorted(i.kind for i in every) == sorted([older, newer])
