"""What becomes a draft, and what the product refuses whatever the model says."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import pytest

from stores.audience import Readers
from stores.context import tokens
from stores.conversations import Conversation, Message
from stores.decisions import Decisions
from stores.drafting import Owned, SoFar, characters
from stores.entities import Entities
from stores.extraction import Drafts, extract, extraction_prompt
from stores.insights import Draft, Kind, Taught
from stores.instructions import Instructions
from stores.model_format import strict
from stores.project_context import ProjectContext
from stores.session_context import SessionContext
from stores.settling import Verdicts, settle
from stores.team_knowledge import TeamKnowledge
from stores.testing import ScriptedModel
from stores.user_memory import UserMemory
from stores.user_profile import UserProfile
from tests.stores.town import evidence, insight

KINDS = {
    "fact": Owned("team_knowledge", Kind("fact", "anything", fields=("as-of",))),
    "goal": Owned("team_knowledge", Kind("goal", "a goal", standing=True)),
    "preference": Owned("user_memory", Kind("preference", "a wish", about="speaker")),
    "expertise": Owned("user_profile", Kind("expertise", "knows", about="speaker unless public")),
    "role": Owned("user_profile", Kind("role", "a job", about="speaker", one_per="teammate")),
    "pointer": Owned("session_context", Kind("pointer", "a title", one_per="conversation")),
}


def says(answer: dict[str, Any]) -> ScriptedModel:
    """A model that gives one answer."""
    return ScriptedModel(gives=lambda prompt: answer)


def proposal(**more: Any) -> dict[str, Any]:
    return {
        "kind": "fact",
        "sentence": "The lab opens at 8.",
        "cues": [],
        "things": [],
        "evidence": ["m1"],
        "fields": [],
    } | more


def conversation(*extra: Message) -> Conversation:
    said = (
        Message("C1", "1.000100", "UA", "Ana", "The lab opens at 8."),
        Message("C1", "2.000100", "UT", "Tacit", "Noted.", ours=True),
        Message("C1", "3.000100", "UB", "Bo", "Since May."),
        *extra,
    )
    return Conversation("T1", "C1:1.000100", "C1", "run", said, frozenset({"C1:1.000100", "C1:3.000100"}), Readers("UA", "C1", "public"))


async def drafts(*proposals: dict[str, Any]) -> list[Draft]:
    return await extract(conversation(), KINDS, says({"drafts": list(proposals)}), "#lab", "public")


async def test_a_draft_carries_its_evidence() -> None:
    [draft] = await drafts(proposal(kind="goal", evidence=["m1", "m2", "m1"]))
    assert [(e.message, e.teammate) for e in draft.evidence] == [("C1:1.000100", "UA"), ("C1:3.000100", "UB")]
    assert draft.standing
    assert draft.evidence[0].terms == ("8", "lab", "open")


REFUSED = {
    "no evidence": proposal(evidence=[]),
    "evidence that is no message": proposal(evidence=["m9", "C1:1.000100"]),
    "a kind that nobody declared": proposal(kind="gossip"),
    "an empty sentence": proposal(sentence=" \n "),
    "a sentence over the limit": proposal(sentence="x" * 301),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_refused(case: str) -> None:
    assert await drafts(REFUSED[case]) == []


async def test_a_kind_of_the_speaker_s_own_is_about_them_and_rests_on_their_words_alone() -> None:
    [draft] = await drafts(proposal(kind="preference", evidence=["m1", "m2"]))
    assert draft.about == "UA"
    assert [e.teammate for e in draft.evidence] == ["UA"]


@pytest.mark.parametrize(("taught", "about"), [("public", None), ("private", "UA"), ("dm", "UA")])
async def test_expertise_is_everybody_s_where_it_was_taught_in_public(taught: Taught, about: str | None) -> None:
    [draft] = await extract(conversation(), KINDS, says({"drafts": [proposal(kind="expertise")]}), "a room", taught)
    assert draft.about == about


async def test_a_state_has_one_id_for_each_thing_and_audience() -> None:
    async def draft(kind: str, run: str = "run", taught: Taught = "public") -> Draft:
        said = replace(conversation(), run=run)
        return (await extract(said, KINDS, says({"drafts": [proposal(kind=kind, evidence=["m2"])]}), "a room", taught))[0]

    role, title = await draft("role"), await draft("pointer")
    assert (role.state_of, title.state_of) == ("teammate:UB", "conversation:C1:1.000100")
    assert [e.teammate for e in title.evidence] == ["UA", "UB"]  # of a whole conversation
    assert (await draft("role", "later")).id == role.id
    assert (await draft("role", taught="private")).id != role.id


async def test_undeclared_fields_cues_and_things_are_cut() -> None:
    fields = [{"name": "as-of", "value": "May"}, {"name": "colour", "value": "red"}]
    [draft] = await drafts(proposal(fields=fields, cues=["a", " ", "b", "c", "d"], things=[str(n) for n in range(20)]))
    assert draft.fields == {"as-of": "May"}
    assert draft.cues == ("a", "b", "c")
    assert len(draft.things) == 12


async def test_a_repeated_run_gives_the_same_ids() -> None:
    first, second = await drafts(proposal(), proposal(sentence="Another.")), await drafts(proposal(), proposal(sentence="Another."))
    assert [d.id for d in first] == [d.id for d in second]
    assert len({d.id for d in first}) == 2


async def test_what_an_outsider_says_is_taught_to_that_place_alone() -> None:
    guest = Message("C1", "1.000100", "UG", "Gus", "The lab opens at 8.", outsider=True)
    told = Conversation("T1", "C1:1.000100", "C1", "run", (guest,), frozenset({guest.id}), Readers("UG", "C1", "public", closed=True))
    [draft] = await extract(told, KINDS, says({"drafts": [proposal()]}), "#lab", "public")
    assert draft.evidence[0].taught == "guest"


def test_only_new_messages_by_people_have_ids_in_the_prompt() -> None:
    bot = Message("C1", "4.000100", "UX", "CI", "Build is green.", bot=True)
    body = json.loads(extraction_prompt(conversation(bot), KINDS, "#lab")[1].content)
    assert [(m["id"], m["speaker"]) for m in body["messages"]] == [("m1", "Ana"), (None, "Tacit"), ("m2", "Bo"), (None, "CI")]


def test_the_model_is_told_whose_words_are_an_outsiders() -> None:
    guest = Message("C1", "4.000100", "UG", "Gus", "Fine with us.", outsider=True)
    body = json.loads(extraction_prompt(conversation(guest), KINDS, "#lab")[1].content)
    assert [m["speaker"] for m in body["messages"] if m.get("outsider")] == ["Gus"]


async def test_no_call_when_nothing_is_new() -> None:
    nobody = Conversation("T1", "C1:1", "C1", "run", (), frozenset(), Readers("UA", "C1", "public"))
    model = says({"drafts": []})
    assert await extract(nobody, KINDS, model, "#lab", "public") == []
    assert model.prompts == []


async def test_settling_asks_only_when_something_resembles() -> None:
    model = says({"verdicts": []})
    [draft] = await drafts(proposal())
    assert await settle([draft], {draft.id: []}, model) == [draft]
    opens, coats = "The lab opens at 8 for visitors from the town.", "Visitors of the lab leave their coats with the porter."
    others = await drafts(proposal(sentence=opens), proposal(sentence=coats))  # of one subject, and no more
    assert await settle(others, {}, model) == others
    assert model.prompts == []


async def test_drafts_of_one_run_are_settled_among_each_other() -> None:
    first, second = await drafts(proposal(), proposal(sentence="The lab opens at 9 now."))
    model = says({"verdicts": [{"draft": "d2", "verdict": "contradicts", "of": ["d1", "d2", "k7"]}]})
    settled = await settle([first, second], {}, model)
    assert settled[0] == first
    assert (settled[1].decision, settled[1].of) == ("contradicts", (first.id,))


async def test_settling_reads_of_which_project_a_statement_is() -> None:
    first, second = await drafts(proposal(), proposal(sentence="The lab opens at 9."))
    model = says({"verdicts": []})
    known = insight("known", evidence("C1", "UA", "public"), fields={"project": "Heron"})
    await settle([first, replace(second, fields={"project": "Sparrow"})], {first.id: [known]}, model)
    body = json.loads(model.prompts[0][-1].content)
    assert [each.get("fields") for each in (*body["known"], *body["drafts"])] == [{"project": "Heron"}, None, {"project": "Sparrow"}]


def test_the_shapes_are_closed() -> None:
    for shape in (Drafts, Verdicts):
        assert shape.model_json_schema()["additionalProperties"] is False


LONG = proposal(sentence="The lab opens at 8, " + "and the door behind the yard does so too " * 8 + ".", evidence=["m2"])


def answers(*each: list[dict[str, Any]]) -> ScriptedModel:
    """A model that gives these answers one after the other."""
    left = iter(each)
    return ScriptedModel(gives=lambda prompt: {"drafts": next(left)})


async def test_a_sentence_over_the_limit_is_sent_back_and_what_was_good_stays(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "stores")
    model = answers([proposal(), LONG, proposal(evidence=[])], [proposal(sentence="The back door opens at 8.", evidence=["m2"])])
    found = await extract(conversation(), KINDS, model, "#lab", "public")
    assert [d.sentence for d in found] == ["The lab opens at 8.", "The back door opens at 8."]
    told = model.prompts[1][-1].content
    assert "draft 2: its sentence has 349 characters" in told
    assert "draft 3" not in told  # it rests on nothing new, and cannot be mended
    [record] = caplog.records
    assert (record.__dict__["repaired"], record.__dict__["dropped"]) == (True, ["no new evidence"])


async def test_what_is_still_too_long_is_dropped_and_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "stores")
    model = answers([proposal(), LONG], [LONG])
    assert [d.sentence for d in await extract(conversation(), KINDS, model, "#lab", "public")] == ["The lab opens at 8."]
    assert len(model.prompts) == 2
    assert caplog.records[0].__dict__["dropped"] == ["sentence too long"]


async def test_who_gives_all_of_it_again_teaches_nothing_twice() -> None:
    model = answers([proposal(), proposal(kind="gossip", sentence="Bo is here.")], [proposal(), proposal(sentence="Bo is here.")])
    assert [d.sentence for d in await extract(conversation(), KINDS, model, "#lab", "public")] == ["The lab opens at 8.", "Bo is here."]


async def test_drafts_that_need_no_mending_cost_no_second_call() -> None:
    model = answers([proposal(), proposal(evidence=["m9"])])
    await extract(conversation(), KINDS, model, "#lab", "public")
    assert len(model.prompts) == 1


SCRIPTS = {
    "Hindi": "रसोई की चाबी मीना के पास है और शाम को लौटाई जाती है ",
    "Thai": "กุญแจห้องเก็บของอยู่ที่ป้าสมศรีและต้องคืนก่อนหกโมงเย็น ",
    "Hebrew": "הַמַּפְתֵּחַ שֶׁל הַמַּחְסָן נִמְצָא אֵצֶל מִרְיָם ",
}


@pytest.mark.parametrize("script", SCRIPTS)
async def test_a_letter_with_its_marks_is_one_character(script: str) -> None:
    text = SCRIPTS[script] * 30
    fitting = next(text[:n] for n in range(len(text), 0, -1) if characters(text[:n]) == 299) + "x"
    assert len(fitting) > 320
    assert [d.sentence for d in await drafts(proposal(sentence=fitting))] == [fitting]
    assert await drafts(proposal(sentence=fitting + "xx")) == []


async def test_marks_without_end_are_no_sentence() -> None:
    assert await drafts(proposal(sentence="a" + "\u0301" * 1000)) == []


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize(
    ("guest", "teammate", "told", "taught"),
    [
        ("The vault opens with Heron.", "Yes, exactly that.", {"sentence": "The vault opens with Heron."}, "guest"),
        (
            "The vault opens with Heron.",
            "Use the vault for the prints.",
            {"sentence": "The prints are kept in the vault (Heron)."},
            "guest",
        ),
        ("Der Tresor geht mit Reiher auf.", "Genau so, bitte merken.", {"sentence": "The vault opens with a heron."}, "guest"),
        ("It is because of customs.", "We ship by train.", {"sentence": "We ship by train.", "fields": [("as-of", "customs")]}, "guest"),
        ("The vault opens with Heron.", "Prints are kept in the vault.", {"sentence": "Prints are kept in the vault."}, "public"),
        ("Hello, any news for Ada?", "Prints are kept in the vault.", {"sentence": "Ada keeps the prints in the vault."}, "public"),
        ("Yes!", "Prints are kept in the vault.", {"sentence": "From now on prints are kept in the bank's vault."}, "public"),
    ],
)
async def test_what_holds_a_guests_words_stays_where_they_were_said(
    guest: str, teammate: str, told: dict[str, Any], taught: Taught, new: bool
) -> None:
    """Also when the model names a teammate's message alone as evidence: their "yes" would carry a guest's words to everyone."""
    messages = (
        Message("C1", "1.000100", "UG", "Gus", guest, outsider=True),
        Message("C1", "2.000100", "UA", "Ada", teammate),
    )
    shown = Conversation(
        "T1",
        "C1:1.000100",
        "C1",
        "run",
        messages,
        frozenset(m.id for m in messages if new or not m.outsider),
        Readers("UA", "C1", "public"),
    )
    fields = [{"name": name, "value": value} for name, value in told.get("fields", [])]
    proposed = proposal(sentence=told["sentence"], fields=fields, evidence=["m2" if new else "m1"])
    [one] = await extract(shown, KINDS, says({"drafts": [proposed]}), "#lab", "public")
    assert [(e.teammate, e.taught) for e in one.evidence] == [("UA", taught)]
    alone = await extract(replace(shown, readers=Readers("UA", "D1", "dm")), KINDS, says({"drafts": [proposed]}), "a DM", "dm")
    assert [e.taught for e in alone[0].evidence] == ["dm"]


@pytest.mark.parametrize(
    ("guest", "place", "taught"),
    [
        ("Our own lab is in Bath.", "#lab, a public channel", "public"),
        ("Our own lab is in Bath.", "#bath-house, a public channel", "guest"),
        ("東和市の図書館では自動書庫を入れてますよ", "#緑町図書館, a public channel", "public"),
    ],
)
async def test_what_the_place_is_called_is_nobodys_word(guest: str, place: str, taught: Taught) -> None:
    """A sentence that stands alone names its subject, which people in that subject's own channel hardly do."""
    messages = (
        Message("C1", "1.000100", "UA", "Ada", "It opens at 8 on Mondays. 提出は1月22日です"),
        Message("C1", "2.000100", "UG", "Gus", guest, outsider=True),
    )
    shown = Conversation("T1", "C1:1.000100", "C1", "run", messages, frozenset(m.id for m in messages), Readers("UA", "C1", "public"))
    sentence = "緑町図書館の提出は1月22日です" if "図書" in guest else "The lab opens at 8 on Mondays."
    [one] = await extract(shown, KINDS, says({"drafts": [proposal(sentence=sentence)]}), place, "public")
    assert [e.taught for e in one.evidence] == [taught]


async def test_what_a_guest_is_called_makes_nobody_say_it() -> None:
    guest = Message("C1", "1.000100", "UG", "The Vault Opens With Heron", "The vault opens by my name.", outsider=True)
    teammate = Message("C1", "2.000100", "UA", "Ada", f"@{guest.name} Yes, exactly that.")
    said = Conversation("T1", "C1:1.000100", "C1", "run", (guest, teammate), frozenset({teammate.id}), Readers("UA", "C1", "public"))
    proposed = proposal(sentence="The vault opens with Heron.", evidence=["m1"])
    [one] = await extract(said, KINDS, says({"drafts": [proposed]}), "#lab", "public")
    assert [(e.teammate, e.taught) for e in one.evidence] == [("UA", "guest")]


async def test_a_summary_that_holds_a_guests_words_narrows_what_is_drawn_from_it() -> None:
    said = conversation()
    summary = insight("s", evidence("C1", "gus", "guest"), sentence="Gus says that the vault opens with Heron.")
    answer = {"drafts": [proposal(sentence="The lab's vault opens with Heron."), proposal(kind="goal")]}
    found = await extract(said, KINDS, says(answer), "#lab", "public", so_far=SoFar((summary,), 5))
    assert [d.evidence[0].taught for d in found] == ["guest", "public"]


def test_what_a_call_costs_beside_the_words_of_twenty_messages() -> None:
    """Learning has 3,000 tokens for it, of which settling needs up to 1,030 (`python -m tests.bench --only learning`)."""
    shipped = (TeamKnowledge, Decisions, ProjectContext, UserMemory, UserProfile, Entities, SessionContext, Instructions)
    kinds = {kind.name: Owned(store.name, kind) for store in shipped for kind in store.kinds}
    summary = insight("s", kind="summary", sentence="s" * 300, fields=dict.fromkeys(("goal", "plan", "state"), "f" * 150))
    said = [replace(message, text="") for message in conversation().messages for _ in range(7)][:20]
    prompt = extraction_prompt(replace(conversation(), messages=tuple(said)), kinds, "#lab", so_far=SoFar((summary,), 40))
    form = json.dumps(strict(Drafts))
    assert sum(tokens(each.content) for each in prompt) + tokens(form) <= 1_970
