"""The form of the data: a JSON object a line, one case each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from stores.terms import terms

CASES = Path(__file__).with_name("cases.jsonl")


@dataclass(frozen=True, slots=True)
class Case:
    """What a team was told, the insight that was learned from it, a question that it bears on, and one that it has nothing to do with."""

    message: str
    sentence: str
    kind: str
    question: str
    control: str
    cues: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    expansion: str = ""  # of the question
    control_expansion: str = ""


def shared(case: Case) -> set[str]:
    """The stems that the question has in common with the insight or the message it came from; there should be none."""
    return set(terms(case.question)) & set(terms(f"{case.sentence} {case.message}"))


def read(path: Path) -> list[Case]:
    """The cases of a file. Raises `ValueError` for a line that is none, or whose question shares a stem with its insight."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            fields = json.loads(line)
            case = Case(**fields | {name: tuple(fields.get(name, ())) for name in ("cues", "things")})
        except (TypeError, ValueError) as e:
            raise ValueError(f"{path}:{number}: this is no case: {e}") from None
        if common := shared(case):
            raise ValueError(f"{path}:{number}: the question shares {sorted(common)} with its insight.")
        found.append(case)
    return found


def write(path: Path, cases: Iterable[Case]) -> None:
    path.write_text("".join(json.dumps(asdict(case), ensure_ascii=False) + "\n" for case in cases), encoding="utf-8")
