"""The files of `tacit rank`: a JSON object a line, each checked, each mistake named with its file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

Label = str | int | float | bool


class BadLine(Exception):
    """A line that is not as it should be. The text names the file, the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that may be found. `audience`: None, or the labels of those who may see it. `group` None belongs to no group."""

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
    for number, fields in _objects(path):
        line = Line(
            fields.label("id"),
            fields.text("text"),
            fields.text("source", ""),
            fields.texts("cues"),
            fields.labels("audience") if fields.has("audience") else None,
            fields.text("speaker", ""),
            fields.text("date", ""),
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
        for _, fields in _objects(path)
    ]


@dataclass(frozen=True, slots=True)
class _Fields:
    where: str
    values: Mapping[str, Any]

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            self._wrong(name, "a text", value)
        return _clean(value)

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.values.get(name) or []
        values = [values] if isinstance(values, str) else values
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            self._wrong(name, "a list of texts", values)
        return tuple(_clean(v) for v in values)

    def label(self, name: str) -> Label:
        value = self.values.get(name)
        if not isinstance(value, Label):
            self._wrong(name, "a text or a number", value)
        return value

    def labels(self, name: str) -> frozenset[Label]:
        values = self.values[name]
        values = [values] if isinstance(values, Label) else values
        if not isinstance(values, list) or not all(isinstance(v, Label) for v in values):
            self._wrong(name, "a list of labels", values)
        return frozenset(values)

    def _wrong(self, name: str, wanted: str, value: object) -> NoReturn:
        raise BadLine(f'{self.where}: "{name}" {f"must be {wanted}" if name in self.values else "is missing"}{_shown(value)}.')


def _objects(path: Path) -> Iterator[tuple[int, _Fields]]:
    """Each line's number and fields; blank lines are passed over."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.strip():
                yield number, _Fields(f"{path}:{number}", _object(f"{path}:{number}", raw))


def _object(where: str, raw: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as e:
        raise BadLine(f"{where}: this is not UTF-8 (byte {e.start}).") from None
    except (ValueError, RecursionError) as e:
        raise BadLine(f"{where}: this is no JSON: {e}.") from None
    if not isinstance(value, dict):
        raise BadLine(f'{where}: a line must be an object such as {{"id": "1", "text": "…"}}{_shown(value)}.')
    return value


def _clean(text: str) -> str:
    """Without halves of characters, which JSON can hold and nothing else can."""
    return text.encode("utf-8", "replace").decode()


def _shown(value: object) -> str:
    return "" if value is None else f", not {json.dumps(value)[:60]}"
