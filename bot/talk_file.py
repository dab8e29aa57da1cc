"""The files of `tacit learn`: a conversation, and insights that are known already."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bot.lines import BadLine, Fields, objects

PlaceName = Literal["public", "private", "dm"]
TACIT = "tacit"  # the speaker whose words are Tacit's own
LONG_AGO = 1.0  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message. `at`: seconds since the epoch; `ts`: the same as the file writes it."""

    speaker: str
    text: str
    at: float
    ts: object


@dataclass(frozen=True, slots=True)
class Known:
    """One insight that is known already, in the form in which `tacit learn` prints it; only kind and sentence must be there."""

    kind: str
    sentence: str
    cues: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    teacher: str = ""
    at: float = LONG_AGO
    place: PlaceName = "public"  # in which it was taught
    about: str | None = None


def read_talk(path: Path) -> list[Spoken]:
    """The messages of a conversation in the order of their times, which differ. Raises `BadLine`, also when there is none."""
    seen: dict[float, int] = {}
    said = []
    for number, line in objects(path):
        one = Spoken(line.text("speaker"), line.text("text"), _time(line, "ts", line.values.get("ts")), line.values.get("ts"))
        if not one.speaker.strip():
            line.wrong("speaker", "a name", one.speaker)
        if one.at in seen:
            raise BadLine(f'{path}:{number}: "ts" {one.ts!r} stands in line {seen[one.at]} already; each message needs its own.')
        seen[one.at] = number
        said.append(one)
    if not said:
        raise BadLine(
            f'{path}: there is no message in it; write lines such as {{"speaker": "ana", "text": "…", "ts": "1764000000.000100"}}.'
        )
    return sorted(said, key=lambda one: one.at)


def read_known(path: Path) -> list[Known]:
    """Known insights, in order. Raises `BadLine`."""
    return [_known(line) for _, line in objects(path)]


def _known(line: Fields) -> Known:
    fields = line.values.get("fields") or {}
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        line.wrong("fields", "an object of texts", fields)
    times = line.values.get("evidence") or [LONG_AGO]
    if not isinstance(times, list):
        line.wrong("evidence", "a list of times", times)
    place, teacher = _audience(line)
    return Known(
        line.text("kind"),
        line.text("sentence"),
        line.texts("cues"),
        line.texts("things"),
        fields,
        teacher=teacher or next(iter(line.texts("from")), "somebody"),
        at=max(_time(line, "evidence", ts) for ts in times),
        place=place,
        about=line.text("about", "") or None,
    )


def _audience(line: Fields) -> tuple[PlaceName, str]:
    """Where it was taught and, of a direct message, by whom."""
    audience = line.text("audience", "workspace")
    sort, _, who = audience.partition(":")
    if sort == "teammate" and who:
        return "dm", who
    if audience not in ("workspace", "place:private"):
        line.wrong("audience", "workspace, place:private or teammate:NAME", audience)
    return ("public" if audience == "workspace" else "private"), ""


def _time(line: Fields, name: str, value: object) -> float:
    """A Slack ts, seconds since the epoch, or a date and time as ISO 8601 writes it (UTC, unless it says otherwise)."""
    try:
        at = _seconds(value)
    except ValueError:
        line.wrong(name, 'a time, such as "1764000000.000100" or "2025-11-24T16:00:00Z"', value)
    return round(at, 6)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError
    try:
        at = float(value)
    except ValueError:
        when = datetime.fromisoformat(str(value))
        at = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(at) or not 0 < at < 1e11:
        raise ValueError
    return at
