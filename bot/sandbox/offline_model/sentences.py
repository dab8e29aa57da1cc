"""A message cut into its sentences, as said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.sandbox.offline_model.cues import words

LONGEST = 300  # characters of a sentence

_CODE = re.compile(r"\n?```(?:\w*\n)?(.*?)(?:```|\Z)", re.S)
_BULLET = re.compile(r"^\s*(?:[-*•◦▪\u2013]|\(?\d{1,2}[.)]|\(?[a-z]\))\s+")
_QUOTED = re.compile(r"^\s*(?:>|&gt;)")
_END = re.compile(r"(?:[.!?…]+|[\u3002\uff01\uff1f])(?:[\"'\u201d\u2019»)\]]|\*|_)*(?=\s|$)|[\u3002\uff01\uff1f]")
_ABBREVIATIONS = words("abbreviations")
_MONTH = r"(?:Jan|Feb|M[aä]r|Apr|Ma[iy]|Jun|Jul|Aug|Sep|Okt|Oct|Nov|De[zc])\w*"
_ORDINAL_AFTER = re.compile(r"(?i)\b(?:am|im|der|die|das|den|dem|des|zum|zur|vom|beim|jede[rnms]?|unsere?|mein|dein)\s+\d{1,2}\.$")
_CLAUSE = re.compile(r"[;:,\u2013\u2014](?=\s)")


def sentences(text: str) -> list[str]:
    """The sentences of a message in order. Quoted lines are left out; a list's lines get the words that announce the list."""
    found = []
    for line in _lines(_CODE.sub(lambda m: " `" + " ".join(m[1].split())[:200] + "`", text)):
        for sentence in _cut(line):
            found += _short(sentence)
    return found


def _lines(text: str) -> Iterator[str]:
    lead = ""
    for line in text.splitlines():
        if _QUOTED.match(line) or not line.strip():
            continue
        bare = _BULLET.sub("", line).strip()
        bullet = bare != line.strip()
        if bullet and lead:
            bare = f"{lead} {bare}"
        elif not bullet:
            lead = bare if bare.endswith(":") else ""
            if lead and _announces(text, line):
                continue
        yield bare


def _announces(text: str, line: str) -> bool:
    after = text.partition(line)[2].lstrip("\n").splitlines()
    return bool(after) and _BULLET.match(after[0]) is not None


def _cut(line: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(line):
        if _goes_on(line[max(start, end.start() - LONGEST) : end.start() + 1], line[end.end() : end.end() + 20], end.group()):
            continue
        yield line[start : end.end()].strip()
        start = end.end()
    if line[start:].strip():
        yield line[start:].strip()


def _goes_on(before: str, after: str, mark: str) -> bool:
    """Whether a full stop stands within a sentence: an abbreviation, an initial, a German ordinal, code."""
    if before.count("`") % 2:
        return True
    if mark[0] != "." or not after.strip():
        return False
    word = before[:-1].rsplit(None, 1)[-1].lstrip("(\"'").lower() if before[:-1].split() else ""
    following = after.lstrip()
    if word in _ABBREVIATIONS:
        return not (word in ("etc", "usw", "a.m", "p.m", "inc", "ltd", "max", "min", "no", "sun", "co") and following[:1].isupper())
    if len(word) == 1 and word.isalpha():
        return True
    return word.isdigit() and (
        re.match(_MONTH, following) is not None or following[:1].islower() or _ORDINAL_AFTER.search(before) is not None
    )


def _short(sentence: str) -> list[str]:
    """The sentence, or its clauses where it is longer than an insight may be."""
    if len(sentence) <= LONGEST:
        return [sentence]
    cuts = [m.end() for m in _CLAUSE.finditer(sentence[:LONGEST])]
    at = cuts[-1] if cuts and cuts[-1] > 40 else sentence.rfind(" ", 0, LONGEST)
    at = at if at > 0 else LONGEST
    return [sentence[:at].strip(" ,;:"), *_short(sentence[at:].strip())]
