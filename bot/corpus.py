"""The files of `tacit rank`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.lines import BadLine, Label, objects


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that may be found. `audience`: None, or the labels of those who may see it. `group` None belongs to no group. `date`: in
    words, or as 2023-05-08."""

    id: Label
    text: str
    source: str = ""
    cues: tuple[str, ...] = ()
    audience: frozenset[Label] | None = None
    speaker: str = ""
    date: str = ""
    group: Label | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `readers`: the labels of those who read the answer. `group` None searches everything."""

    id: Label
    text: str
    readers: frozenset[Label] = frozenset()
    group: Label | None = None


def read_corpus(path: Path) -> list[Line]:
    """The lines of a corpus, whose ids differ. Raises `BadLine`."""
    seen: dict[Label, int] = {}
    lines = []
    for number, fields in objects(path):
        line = Line(
            fields.label("id"),
            fields.text("text"),
            fields.text("source", ""),
            fields.texts("cues"),
            fields.labels("audience") if fields.has("audience") else None,
            fields.words("speaker"),
            fields.words("date"),
            fields.label("group") if fields.has("group") else None,
        )
        if line.id in seen:
            raise BadLine(f'{path}:{number}: "id" {line.id!r} stands in line {seen[line.id]} already; give each its own.')
        seen[line.id] = number
        lines.append(line)
    return lines


def read_questions(path: Path) -> list[Asked]:
    """The questions, in order. Raises `BadLine`."""
    return [
        Asked(
            fields.label("id"),
            fields.text("text"),
            fields.labels("readers") if fields.has("readers") else frozenset(),
            fields.label("group") if fields.has("group") else None,
        )
        for _, fields in objects(path)
    ]
