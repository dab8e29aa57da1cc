"""The data, each set in the same form. None of it is in this repository but the pairs."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.machine import Unavailable

ASSOCIATIVE = Path(__file__).with_name("pairs.jsonl")
PASSAGE = 35  # words: about an insight and what was said around it
WRONG_PERSON = 5  # LoCoMo's category of questions about one person whose answer was said of another


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that can be found. `answers`: what a question's gold names, such as the turn it was said in."""

    text: str
    answers: frozenset[str]
    source: str = ""
    speaker: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what answers it, which may be nothing that was learned."""

    text: str
    gold: frozenset[str]
    wrong_person: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """What one conversation or meeting taught, and what is asked of it."""

    name: str
    lines: tuple[Line, ...]
    questions: tuple[Asked, ...]

    def answerable(self, question: Asked) -> bool:
        """Whether anything that was learned answers it."""
        return any(question.gold & line.answers for line in self.lines)


def folder() -> Path:
    """Where the data lies. Raises `Unavailable`."""
    found = Path(os.environ.get("TACIT_BENCH_DATA") or Path(__file__).parents[4] / "shared" / "bench") / "recall"
    if not (found / "locomo-dev.json.gz").exists():
        raise Unavailable(f"recall: no data in {found}; name the folder that holds recall/ in TACIT_BENCH_DATA")
    return found


def locomo() -> list[Collection]:
    """Facts that a model wrote down from three long conversations, each with the turn it came from."""
    return [Collection(each["sample_id"], tuple(_facts(each)), tuple(_questions(each["qa"]))) for each in _samples()]


def locomo_turns() -> list[Collection]:
    """The same conversations as they were said, turn by turn."""
    return [Collection(each["sample_id"], tuple(_turns(each)), tuple(_questions(each["qa"]))) for each in _samples()]


def qmsum(most: int, words: int = PASSAGE) -> list[Collection]:
    """Real meetings as they were spoken, in passages of whole turns with at least so many words (0: each turn is one); gold are the turns
    of the annotated spans. `most` meetings, evenly over all."""
    meetings = list(_read(folder() / "qmsum.json.gz").items())
    return [_meeting(name, meeting, words) for name, meeting in meetings[:: max(1, round(len(meetings) / most))]]


def pairs() -> list[tuple[str, str]]:
    """Insights, and questions that share no stem with them though they bear on them."""
    return [(pair["insight"], pair["question"]) for pair in map(json.loads, ASSOCIATIVE.read_text().splitlines())]


def _read(path: Path) -> Any:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def _samples() -> Any:
    return _read(folder() / "locomo-dev.json.gz")


def _facts(sample: dict[str, Any]) -> Iterator[Line]:
    said = {turn.answers: turn.text for turn in _turns(sample)}
    for session, people in sample["observation"].items():
        date = sample["conversation"][f"{session.removesuffix('_observation')}_date_time"]
        for speaker, facts in people.items():
            for text, turns in facts:
                turns = [turns] if isinstance(turns, str) else turns
                source = " ".join(said.get(frozenset([turn]), "") for turn in turns)
                yield Line(text, frozenset(turns), source, speaker, date)


def _turns(sample: dict[str, Any]) -> Iterator[Line]:
    for session, turns in sample["conversation"].items():
        for turn in turns if isinstance(turns, list) else ():
            date = sample["conversation"][f"{session}_date_time"]
            yield Line(turn["text"], frozenset([turn["dia_id"]]), "", turn["speaker"], date)


def _questions(asked: list[dict[str, Any]]) -> Iterator[Asked]:
    return (Asked(each["question"], frozenset(each["evidence"]), each["category"] == WRONG_PERSON) for each in asked if each["evidence"])


def _meeting(name: str, meeting: dict[str, Any], words: int) -> Collection:
    questions = tuple(Asked(text, frozenset(str(n) for a, b in spans for n in range(a, b + 1))) for text, spans in meeting["q"])
    return Collection(name, tuple(_passages(meeting["turns"], words)), questions)


def _passages(turns: list[list[str]], words: int) -> Iterator[Line]:
    start, long = 0, 0
    for n, (_, text) in enumerate(turns):
        long += len(text.split())
        if long >= words or n == len(turns) - 1:
            said = " ".join(f"{speaker}: {text}" for speaker, text in turns[start : n + 1])
            yield Line(said, frozenset(map(str, range(start, n + 1))))
            start, long = n + 1, 0
