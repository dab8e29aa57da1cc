"""What is made of the verdicts of the one call: about what everybody in the place may see, and about what one teammate may see beside."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from stores.insights import Draft, Insight
from stores.settling import settle
from stores.testing import ScriptedModel
from tests.stores.town import evidence, insight

HERE = [insight(f"here-{n}", evidence("C1", "UA", "public")) for n in (1, 2)]
BESIDE = [insight(f"beside-{n}", evidence("C2", "UA", "private")) for n in (1, 2)]  # the first was found for the first draft, and so on
DRAFTS = [Draft(f"draft-{n}", "team_knowledge", "fact", f"The lab opens at {n}.", ()) for n in (1, 2)]

Verdict = tuple[str, str, str]


async def settled(*verdicts: Verdict, here: list[Insight] = HERE) -> list[Draft]:
    """k1 and k2 are what is here, k3 and k4 what is beside."""
    model = ScriptedModel(gives=lambda prompt: {"verdicts": [{"draft": d, "verdict": way, "of": of.split()} for d, way, of in verdicts]})
    known = {d.id: here for d in DRAFTS}
    return await settle(DRAFTS, known, model, beside={d.id: [i] for d, i in zip(DRAFTS, BESIDE, strict=True)})


CASES: dict[str, tuple[list[Verdict], str, str, str, str]] = {
    "contradicts both kinds": ([("d1", "contradicts", "k1 k3")], "contradicts", "here-1", "beside-1", ""),
    "the same as both kinds": ([("d1", "same", "k3 k1")], "same", "here-1", "", "beside-1"),
    "refines both kinds": ([("d1", "refines", "k1 k3")], "refines", "here-1", "", ""),
    "beside alone": ([("d1", "contradicts", "k3")], "new", "", "beside-1", ""),
    "each in its way": ([("d1", "same", "k1"), ("d1", "contradicts", "k3")], "same", "here-1", "beside-1", ""),
    "and the other way round": ([("d1", "same", "k3"), ("d1", "contradicts", "k2")], "contradicts", "here-2", "", "beside-1"),
    "what hides is one": ([("d1", "contradicts", "k1"), ("d1", "refines", "k2")], "contradicts", "here-1 here-2", "", ""),
    "ending one counts for more": ([("d1", "contradicts", "k1"), ("d1", "same", "k2")], "contradicts", "here-1", "", ""),
    "whatever comes first": ([("d1", "same", "k2"), ("d1", "contradicts", "k1")], "contradicts", "here-1", "", ""),
    "one in two entries": ([("d1", "same", "k1"), ("d1", "same", "k2")], "same", "here-1 here-2", "", ""),
    "one in two ways": ([("d1", "contradicts", "k3 k1"), ("d1", "same", "k1 k3")], "contradicts", "here-1", "beside-1", ""),
    "found for another": ([("d1", "contradicts", "k4"), ("d1", "same", "k4")], "new", "", "", ""),
    "a later draft, or itself": ([("d1", "contradicts", "d2 d1")], "new", "", "", ""),
    "unknown": ([("d1", "contradicts", "k5 d1 k0"), ("d7", "same", "k1"), ("k1", "same", "k2")], "new", "", "", ""),
}


@pytest.mark.parametrize("case", CASES)
async def test_verdicts(case: str) -> None:
    verdicts, decision, of, outdates, repeats = CASES[case]
    first, second = await settled(*verdicts)
    assert (first.decision, {*first.of}) == (decision, {*of.split()})
    assert ({*first.outdates}, {*first.repeats}) == ({*outdates.split()}, {*repeats.split()})
    assert second == DRAFTS[1]


@pytest.mark.parametrize(
    ("more", "decision"),
    [
        ({"sentence": "the  lab opens at 1!"}, "same"),
        ({"about": "UB"}, "new"),
        ({"fields": {"project": "x"}}, "new"),
        ({"holds_from": 9.0}, "new"),
    ],
)
async def test_what_is_said_word_for_word_is_the_same_whatever_the_model_makes_of_it(more: dict[str, Any], decision: str) -> None:
    known = replace(HERE[0], **({"sentence": DRAFTS[0].sentence} | more))
    first, second = await settled(here=[known, HERE[1]])
    assert (first.decision, first.of) == (decision, ("here-1",) if decision == "same" else ())
    assert second.decision == "new"
    first, _ = await settled(("d1", "contradicts", "k2"), here=[known, HERE[1]])
    assert (first.decision, first.of) == ("contradicts", ("here-2",))


async def test_what_is_in_both_lists_is_here() -> None:
    first, _ = await settled(("d1", "contradicts", "k1"), here=BESIDE[:1])
    assert (first.of, first.outdates) == (("beside-1",), ())


async def test_the_model_is_not_told_which_are_beside() -> None:
    prompts: list[Any] = []
    model = ScriptedModel(gives=lambda prompt: prompts.append(prompt) or {"verdicts": []})  # type: ignore[func-returns-value]
    await settle(DRAFTS, {DRAFTS[0].id: HERE[:1]}, model, beside={DRAFTS[0].id: BESIDE[:1]})
    body = json.loads(prompts[0][-1].content)
    assert [{**known, "id": "", "sentence": ""} for known in body["known"]] == [{"id": "", "kind": "fact", "sentence": ""}] * 2
