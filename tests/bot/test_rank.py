"""`tacit rank`: its files, its walls, its output."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from bot.command import main
from bot.corpus import Asked, Line, read_corpus, read_questions
from bot.lines import BadLine
from bot.rank import Answer, rank, standing_alone
from stores.embedder import Vectors
from stores.terms import terms

OPEN = {"id": "egress", "text": "The team is cutting egress costs.", "cues": ["choosing a cloud"], "source": "our bill is absurd"}


class Hashed:
    """An embedder for tests: texts are near when they share stems. `broken` gives no numbers."""

    name, dimensions = "hashed", 64

    def __init__(self, broken: bool = False) -> None:
        self._broken = broken

    async def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.full((len(texts), 64), math.nan if self._broken else 0.0, np.float32)
        for n, text in enumerate(texts):
            for stem in terms(text):
                vectors[n, hashlib.sha256(stem.encode()).digest()[0] % 64] += 1
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)


async def answers(corpus: Sequence[Line], *questions: Asked, embedder: Hashed | None = None) -> list[Answer]:
    return await rank(corpus, questions, embedder, lambda progress: None)


def ids(answer: Answer) -> list[Any]:
    return [identity for identity, _ in answer.ranked]


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, corpus: object, questions: object) -> Result:
    monkeypatch.setenv("EMBEDDINGS", "none")
    for name, lines in (("corpus", corpus), ("questions", questions)):
        text = lines if isinstance(lines, str) else "\n".join(json.dumps(line) for line in lines)  # type: ignore[attr-defined]
        (folder / name).write_bytes(text.encode())
    return CliRunner().invoke(main, ["rank", str(folder / "corpus"), str(folder / "questions")])


def test_output_is_one_line_a_question_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = [OPEN, *({"id": n, "text": f"Nobody deploys on day {n}."} for n in range(30))]
    questions = [{"id": 2, "text": "When does nobody deploy?"}, {"id": "q", "text": "egress costs, absurd bill"}, {"id": 3, "text": ""}]
    done = run(tmp_path, monkeypatch, corpus, questions)
    assert done.exit_code == 0, done.output
    first, second, third = (json.loads(line) for line in done.stdout.splitlines())
    assert [first["question"], second["question"], third["question"]] == [2, "q", 3]
    assert len(first["ranked"]) == 20
    assert second["ranked"][0][0] == "egress"
    assert second["surfaced"] == ["egress"]
    assert third == {"question": 3, "ranked": [], "surfaced": []}
    assert "3 questions" in done.stderr


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "no JSON"),
        ("[1]", "must be an object"),
        ('{"text": "x"}', '"id" is missing'),
        ('{"id": 1}', '"text" is missing'),
        ('{"id": 1, "text": 2}', '"text" must be a text, not 2'),
        ('{"id": [], "text": "x"}', '"id" must be a text or a number'),
        ('{"id": 1, "text": "x", "cues": [1]}', '"cues" must be a list of texts'),
        ('{"id": 1, "text": "x", "speaker": ["Ana"]}', '"speaker" must be a text or a number'),
        ('{"id": 1, "text": "x", "audience": {}}', '"audience" must be a list of labels'),
        ('{"id": "egress", "text": "x"}', "stands in line 1 already"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, says: str) -> None:
    done = run(tmp_path, monkeypatch, f"{json.dumps(OPEN)}\n\n{line}\n", [{"id": 1, "text": "x"}])
    assert done.exit_code == 1
    assert done.stdout == ""
    assert f"{tmp_path / 'corpus'}:3: " in done.stderr
    assert says in done.stderr


def test_a_bad_question_is_named_and_bytes_that_are_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(tmp_path, monkeypatch, [OPEN], [{"id": 1, "text": "x"}, {"id": 1, "text": "x", "readers": 3.5, "group": []}])
    assert f'{tmp_path / "questions"}:2: "group" must be' in done.stderr
    (tmp_path / "bytes").write_bytes(b'{"id": 1, "text": "\xff"}')
    with pytest.raises(BadLine, match=r"bytes:1: this is not UTF-8"):
        read_corpus(tmp_path / "bytes")


def test_files_may_be_empty_and_half_characters_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(tmp_path, monkeypatch, "", "").stdout == ""
    (tmp_path / "half").write_text('\ufeff{"id": "1", "text": "egress \\ud83d", "readers": "me"}', encoding="utf-8")
    assert read_questions(tmp_path / "half") == [Asked("1", "egress ?", frozenset({"me"}))]


def test_who_and_when_may_be_numbers(tmp_path: Path) -> None:
    (tmp_path / "corpus").write_text('{"id": 1, "text": "x", "speaker": 7, "date": 20230508}\n{"id": 2, "text": "x", "speaker": null}')
    assert [(line.speaker, line.date) for line in read_corpus(tmp_path / "corpus")] == [("7", "20230508"), ("", "")]


async def test_a_question_with_a_group_searches_that_group_alone() -> None:
    corpus = [Line(1, "Egress costs", group="a"), Line(2, "Egress costs", group="b"), Line(3, "Egress costs")]
    in_a, everywhere, nowhere = await answers(corpus, Asked(1, "egress", group="a"), Asked(2, "egress"), Asked(3, "egress", group="c"))
    assert ids(in_a) == [1]
    assert sorted(ids(everywhere)) == [1, 2, 3]
    assert ids(nowhere) == []


async def test_an_audience_is_a_wall() -> None:
    corpus = [Line(1, "Egress for all"), Line(2, "Egress for two", audience=frozenset({"x", 7})), Line(3, "Egress", audience=frozenset())]
    nobody, one, other = await answers(
        corpus, Asked(1, "egress"), Asked(2, "egress", frozenset({7, "z"})), Asked(3, "egress", frozenset({"y"}))
    )
    assert ids(nobody) == ids(other) == [1]
    assert sorted(ids(one)) == [1, 2]


@pytest.mark.parametrize("embedder", [None, Hashed()])
async def test_what_is_hidden_moves_nothing(embedder: Hashed | None) -> None:
    rng = np.random.default_rng(5)
    words = [f"word{n}" for n in range(60)]
    known = [Line(n, " ".join(rng.choice(words, 8)), speaker="Ana", date=f"day {n % 5}") for n in range(40)]
    hidden = [
        Line(f"h{n}", " ".join(rng.choice(words, 6)), speaker="Bo", date=f"day {n % 5}", audience=frozenset({"them"})) for n in range(1000)
    ]
    questions = [Asked(n, f"Bo: {' '.join(rng.choice(words, 4))}", frozenset({"us"})) for n in range(60)]
    assert await answers([*known, *hidden], *questions, embedder=embedder) == await answers(known, *questions, embedder=embedder)


@pytest.mark.parametrize("embedder", [None, Hashed(), Hashed(broken=True)])
@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "egress",
        "what is the",
        "egress " * 7000,
        "x" * 50_000,
        "🎉🎉",
        "```rm -rf /```",
        "Какой провайдер?",
        "\x00",
        "costs\u202e",
    ],
)
async def test_any_question_has_an_answer(text: str, embedder: Hashed | None) -> None:
    corpus = [Line(1, "Egress costs too much"), Line(2, ""), Line(3, "🎉"), Line(4, "y" * 50_000), Line(5, "the", cues=("", "is"))]
    (answer,) = await answers(corpus, Asked("q", text), embedder=embedder)
    assert len(answer.ranked) <= 5
    assert all(math.isfinite(score) for _, score in answer.ranked)
    assert json.loads(answer.line())["question"] == "q"
    assert (await answers([], Asked("q", text), embedder=embedder))[0] == Answer("q", [], [])


async def test_the_same_files_give_the_same_answers() -> None:
    corpus = [Line(n, f"Egress number {n % 7} costs", date=str(n % 3)) for n in range(200)]
    questions = [Asked(n, f"egress {n} costs") for n in range(20)]
    assert await answers(corpus, *questions, embedder=Hashed()) == await answers(corpus, *questions, embedder=Hashed())


async def test_nothing_is_said_of_another_person() -> None:
    corpus = [Line(1, "Bo keeps bees in Ulm.", speaker="Bo"), Line(2, "Ana plays chess.", speaker="Ana")]
    corpus += [Line(n, f"The printer on floor {n} is out of paper.") for n in range(3, 9)]
    right, wrong = await answers(corpus, Asked(1, "Where does Bo keep bees?"), Asked(2, "Where does Ana keep bees?"))
    assert right.surfaced == [1]
    assert wrong.surfaced == []


async def test_a_message_as_it_was_said_is_found_by_who_said_it() -> None:
    corpus = [
        Line(1, "I moved the nightly backup to two.", speaker="Ana Lopez"),
        Line(2, "I moved the nightly backup to four.", speaker="Bo"),
    ]
    for embedder in (None, Hashed()):
        ana, bo = await answers(
            corpus, Asked(1, "When does Ana back up nightly?"), Asked(2, "When does Bo back up nightly?"), embedder=embedder
        )
        assert (ids(ana)[0], ids(bo)[0]) == (1, 2)


def test_only_what_does_not_name_its_speaker_is_told_who_said_it() -> None:
    assert standing_alone(Line(1, "I moved it.", speaker="Ana")) == "Ana said: I moved it."
    for line in (
        Line(1, "ana moved it.", speaker="Ana"),
        Line(1, "Ana: I moved it.", speaker="Ana"),
        Line(1, "It moved."),
        Line(1, " ", speaker="Ana"),
    ):
        assert standing_alone(line) == line.text
    assert standing_alone(Line(1, "Anabel moved it (C++).", speaker="C++")) == "C++ said: Anabel moved it (C++)."


@pytest.mark.parametrize("date", ["2023-03-08", "2023-03-08T10:00:00Z", "8 March, 2023"])
async def test_a_line_is_found_by_its_date(date: str) -> None:
    corpus = [
        Line(1, "The backup moved.", date="2023-05-09"),
        Line(2, "The backup moved.", date=date),
        Line(3, "The backup moved.", date="soon"),
    ]
    (march,) = await answers(corpus, Asked(1, "Which backup moved in March?"))
    assert ids(march)[0] == 2


async def test_a_message_is_found_by_what_it_answers() -> None:
    asks, answers_it = Line(1, "When is the standup?", speaker="Bo", group="a"), Line(2, "At ten.", speaker="Ana", group="a")
    for other, found in (
        ({}, [1, 2]),
        ({"group": "b"}, [1]),
        ({"date": "8 March"}, [1]),
        ({"source": "Ten it is"}, [1]),
        ({"text": "Ana said at ten."}, [1]),
        ({"audience": frozenset({"x"})}, [1]),
    ):
        corpus = [asks, replace(answers_it, **other)]  # type: ignore[arg-type]
        (answer,) = await answers(corpus, Asked(1, "standup", frozenset({"x"})))
        assert ids(answer) == found, other
    (alone,) = await answers([replace(asks, group=None), replace(answers_it, group=None)], Asked(1, "standup"))
    assert ids(alone) == [1]
