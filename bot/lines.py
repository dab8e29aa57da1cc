"""Files with a JSON object a line: each line checked, each mistake named with its file and line."""

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
class Fields:
    """What one line holds. Every method but `has` raises `BadLine` for a value of another sort, or for none where there is no default."""

    where: str
    values: Mapping[str, Any]

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            self.wrong(name, "a text", value)
        return _clean(value)

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.values.get(name) or []
        values = [values] if isinstance(values, str) else values
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            self.wrong(name, "a list of texts", values)
        return tuple(_clean(v) for v in values)

    def label(self, name: str) -> Label:
        value = self.values.get(name)
        if not isinstance(value, Label):
            self.wrong(name, "a text or a number", value)
        return value

    def words(self, name: str) -> str:
        """A label as a text, "" for none."""
        return _clean(str(self.label(name))) if self.has(name) else ""

    def labels(self, name: str) -> frozenset[Label]:
        values = self.values[name]
        values = [values] if isinstance(values, Label) else values
        if not isinstance(values, list) or not all(isinstance(v, Label) for v in values):
            self.wrong(name, "a list of labels", values)
        return frozenset(values)

    def wrong(self, name: str, wanted: str, value: object) -> NoReturn:
        """Say that a value is missing, or not what is wanted."""
        raise BadLine(f'{self.where}: "{name}" {f"must be {wanted}" if name in self.values else "is missing"}{_shown(value)}.')


def objects(path: Path) -> Iterator[tuple[int, Fields]]:
    """Each line's number and fields; blank lines are passed over."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.strip():
                yield number, Fields(f"{path}:{number}", _object(f"{path}:{number}", raw))


def _object(where: str, raw: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as e:
        raise BadLine(f"{where}: this is not UTF-8 (byte {e.start}).") from None
    except (ValueError, RecursionError) as e:
        raise BadLine(f"{where}: this is no JSON: {e}.") from None
    if not isinstance(value, dict):
        raise BadLine(f"{where}: a line must be an object{_shown(value)}.")
    return value


def _clean(text: str) -> str:
    """Without halves of characters, which JSON can hold and nothing else can."""
    return text.encode("utf-8", "replace").decode()


def _shown(value: object) -> str:
    return "" if value is None else f", not {json.dumps(value)[:60]}"
