"""The words and cues of `cues.txt`, by section."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_HEADING = re.compile(r"^== (.+)$", re.M)
_OTHER = re.compile(r"\{([a-z][a-z :]*)\}")


@cache
def _sections() -> dict[str, str]:
    _, *parts = _HEADING.split(Path(__file__).with_name("cues.txt").read_text(encoding="utf-8"))
    return dict(zip(parts[::2], parts[1::2], strict=True))


def words(name: str) -> frozenset[str]:
    """The words of a section."""
    return frozenset(word for group in groups(name) for word in group)


def groups(name: str) -> list[list[str]]:
    """The words of a section in order, those that mean the same together."""
    return [group.split(",") for group in _sections()[name].split()]


def cues(name: str) -> str:
    """The patterns of a section as one alternative, other sections filled in."""
    lines = (line.strip() for line in _sections()[name].splitlines())
    return _OTHER.sub(lambda m: cues(m[1]), f"(?:{'|'.join(line for line in lines if line)})")


def pattern(name: str, before: str = "", after: str = "") -> re.Pattern[str]:
    """The patterns of a section as one regular expression, with something before and behind it; case aside."""
    return re.compile(before + cues(name) + after, re.IGNORECASE)


def starting(prefix: str) -> dict[str, str]:
    """The names of the sections that begin so: the rest of the name → the name, in order."""
    return {name.removeprefix(prefix): name for name in _sections() if name.startswith(prefix)}
