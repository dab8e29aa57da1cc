"""The associative set: what a model writes becomes cases, and cases are scored by the product's own search."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from stores.model import Said, Usage
from tests.bench.associative.cases import CASES, Case, read, shared, write
from tests.bench.associative.make import ASK, PLAN, TELL, make
from tests.bench.associative.score import score


class Writer:
    """A model that writes the same few things for everybody who asks, and keeps what each was told."""

    def __init__(self, *questions: str) -> None:
        self.questions = list(questions)
        self.told: dict[str, list[str]] = {}

    async def answer(self, prompt: Sequence[Said], tools: Sequence[object] = ()) -> Any:
        raise AssertionError("nobody is answered")

    async def extract(self, prompt: Sequence[Said], shape: Any, *, wrong: Any = None) -> tuple[Any, Usage]:
        system, user = prompt[0].content, prompt[1].content
        self.told.setdefault(system, []).append(user)
        return shape.model_validate(self._said(system, user)), Usage()

    async def hint(self, prompt: Sequence[Said], *, most: int) -> str:
        return f"about {json.loads(prompt[1].content.partition(chr(10))[2])}"

    def _said(self, system: str, user: str) -> dict[str, Any]:
        if system == PLAN:
            return {"plans": [{"told": "less data leaves", "faced": "which vendor", "unrelated": "lunch"}]}
        if system == TELL:
            return {"texts": ["We cut egress costs by half."]}
        if system == ASK:
            return {"texts": ["Where is lunch?" if brief == "lunch" else self.questions.pop(0) for brief in json.loads(user)]}
        goal = {"kind": "goal", "sentence": "The team cuts egress costs.", "cues": ["choosing a vendor"], "things": ["Datadog"]}
        return {"drafts": [goal | {"evidence": ["m1"], "fields": []}]}


async def test_a_question_that_shares_a_word_is_written_again() -> None:
    writer = Writer("What do egress costs mean?", "Datadog or Grafana?")
    [case] = await make(writer, 1)
    assert case.question == "Datadog or Grafana?"
    assert (case.sentence, case.cues, case.things) == ("The team cuts egress costs.", ("choosing a vendor",), ("Datadog",))
    assert (case.expansion, case.control_expansion) == ("about Datadog or Grafana?", "about Where is lunch?")
    assert all("egress" not in told for told in writer.told[ASK])


async def test_a_plan_without_a_free_question_is_dropped() -> None:
    assert await make(Writer(*["What of egress?"] * 3), 1) == []


def test_the_cases_of_this_repository_share_no_stem() -> None:
    assert len(read(CASES)) >= 100


def test_what_is_no_case_is_named(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    case = Case("We cut egress.", "They cut egress.", "goal", "Datadog?", "Lunch?", ("a",), ())
    write(file, [case])
    assert read(file) == [case]
    file.write_text('{"message": 1}\n')
    with pytest.raises(ValueError, match=r"cases\.jsonl:1"):
        read(file)
    write(file, [Case("We cut egress.", "They cut egress.", "goal", "Egress?", "Lunch?")])
    assert shared(Case("We cut egress.", "They cut egress.", "goal", "Egress?", "Lunch?"))
    with pytest.raises(ValueError, match="shares"):
        read(file)


async def test_cues_and_expansions_find_what_shares_no_word() -> None:
    case = Case(
        "We cut egress costs by half.",
        "The team cuts egress costs.",
        "goal",
        "Grafana or Zabbix?",
        "Where is lunch?",
        things=("Zabbix",),
        expansion="monitoring, egress traffic",
    )
    found = {figure.name.partition(" (")[0]: figure.value for figure in await score([case], ["The dog is called Rex."], None)}
    assert [found[f"with {how}: hit@3"] for how in ("nothing", "cues", "expansion", "both")] == [0, 100, 100, 100]
    assert found["with both: controls said unasked"] == 0
