"""Settling by rule: a draft is the same as, or contradicts, what is known or was said before it in the same run."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from bot.sandbox.offline_model.words import CUES, STOP, WORDS, cue, stem, written

_CORRECTION, _ALSO, _NEGATION = (cue("settling", name) for name in ("correction", "also", "negation"))
_VALUES = {word: (kind, group.split(",")[0]) for kind, text in CUES["value"].items() for group in text.split() for word in group.split(",")}
_HOUR = re.compile(r"(\d{1,2})(?:[:.]00)? ?(am|pm)\b|\b(\d{1,2})[:.]00\b", re.I)


class Token(NamedTuple):
    """A word as it is compared: `kind` is "word" (then `text` is a stem), "little", or a class of values."""

    kind: str
    text: str


class Claim:
    """A sentence taken apart, without its marks of a correction."""

    def __init__(self, sentence: str) -> None:
        self.corrects = bool(_CORRECTION.search(sentence)) and not _ALSO.search(sentence)
        self.negated = len(_NEGATION.findall(sentence)) % 2 == 1
        said = written(_HOUR.sub(_hour, _CORRECTION.sub(" ", sentence)))
        tokens = [_token(word, first=n == 0, last=n == len(said) - 1) for n, word in enumerate(said)]
        self.tokens = [t for t in tokens if t.text not in WORDS["articles"]]
        self.names = {stem(word.lower()) for word in said[1:] if word[0].isupper()}
        self.words = frozenset(t for t in self.tokens if t.kind == "word")
        self.values = frozenset(t for t in self.tokens if t.kind not in ("word", "little"))

    def subject(self) -> frozenset[Token]:
        """The values that name what is spoken of: "room 3 …", "the north gate …", "on Mondays the lab …"."""
        words = [n for n, t in enumerate(self.tokens) if t.kind == "word"]
        little = [n for n, t in enumerate(self.tokens) if t.kind == "little" and n]
        end = min([*words[1:2], *little[:1]], default=0)
        leads = [t for n, t in enumerate(self.tokens[:end]) if t.kind != "number" or n > min(words, default=n)]
        return frozenset(t for t in self.values if t in leads or t.kind == "event")


def verdicts(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to a settling prompt. Only drafts that are not new get a verdict."""
    body = json.loads(next(m["content"] for m in messages if m["role"] == "user"))
    before, found = [(k["id"], k["sentence"]) for k in body["known"]], []
    for draft in body["drafts"]:
        ways = settle(draft["sentence"], before, draft.get("answers"))
        found += [{"draft": draft["id"], "verdict": verdict, "of": of} for verdict, of in ways.items()]
        before.append((draft["id"], draft["sentence"]))
    return {"verdicts": found}


def settle(sentence: str, before: list[tuple[str, str]], told: list[str] | None = None) -> dict[str, list[str]]:
    """How a sentence stands to those (id, sentence) before that it is most like: each way with their ids. `told` are right before it."""
    draft, claims = Claim(sentence), [(identity, Claim(text)) for identity, text in before]
    found = [(_likeness(draft, known), _relation(draft, known), identity) for identity, known in claims]
    best = max((likeness for likeness, way, _ in found if way != "new"), default=None)
    if told and draft.corrects and best is None and not draft.words:
        return {"contradicts": told}  # "No, it's Friday now"
    ways = dict.fromkeys(way for likeness, way, _ in found if likeness == best and way != "new")
    return {way: [identity for likeness, other, identity in found if (likeness, other) == (best, way)] for way in ways}


def _likeness(draft: Claim, known: Claim) -> float:
    """The share of words, and of classes of values, that both have: "on Friday" corrects "on Thursday" rather than "at 3 pm"."""
    mine, theirs = ({t.text for t in c.words} | {f"{t.kind}:" for t in c.values} for c in (draft, known))
    return len(mine & theirs) / max(1, len(mine | theirs))


def _relation(draft: Claim, known: Claim) -> str:
    if _differ(draft.subject(), known.subject()):
        return "new"
    shared, only, missing = draft.words & known.words, draft.words - known.words, known.words - draft.words
    flipped, differ = draft.negated != known.negated, _differ(draft.values, known.values)
    if shared and not (only or flipped or draft.values - known.values) and len(shared) >= 0.6 * len(known.words):
        return "same"
    said = draft.words or draft.values  # "It's Friday, not Thursday" has no words
    common = said & (known.words | known.values)
    corrected = draft.corrects and common and len(common) >= min(len(said), len(known.words)) / 2
    another = shared and flipped != differ and not only and (not missing or (flipped and len(shared) > 1))
    return "contradicts" if corrected or another or _another_name(draft, known) else "new"


def _differ(mine: frozenset[Token], theirs: frozenset[Token]) -> bool:
    """Whether each has a value that the other has not, of one class."""
    return bool({t.kind for t in mine - theirs} & {t.kind for t in theirs - mine})


def _another_name(draft: Claim, known: Claim) -> bool:
    """The same beginning up to "is", "to", "in" …, and another name behind it, or another place behind "is in"."""
    pairs = zip(draft.tokens, known.tokens, strict=False)
    start = next((n for n, (a, b) in enumerate(pairs) if a != b), 0)
    begin, mine, theirs = draft.tokens[:start], draft.tokens[start:], known.tokens[start:]
    if draft.negated != known.negated or not draft.words & {*begin} or max(len(mine), len(theirs)) > 3:
        return False
    before = [t.text for t in begin]
    place = before[-1] in WORDS["places"] and {"is", "are", "ist", "sind"} & {*before}
    link = before[-1] in WORDS["links"] | WORDS["places"]
    return all((place and t.kind != "little") or (link and t.text in draft.names | known.names) for t in mine + theirs)


def _token(word: str, *, first: bool, last: bool) -> Token:
    low = word.lower()
    kind, value = _VALUES.get(low, ("", ""))
    if kind and (last or low not in WORDS["ambiguous"]) and (kind != "colour" or first or word.islower()):  # not "Ms Brown"
        return Token(kind, value)
    if low[0].isdigit():
        return Token("number", low.lstrip("0") or "0")
    return Token("little", low) if low in STOP | WORDS["articles"] else Token("word", stem(low))


def _hour(time: re.Match[str]) -> str:
    """ "3 pm" and "15:00" are the number 15."""
    return time[3] or str(int(time[1]) % 12 + 12 * (time[2].lower() == "pm"))
