"""Settling by rule: a draft is the same as, or contradicts, what is known or was said before it in the same run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bot.sandbox.offline_model.cues import words
from bot.sandbox.offline_model.values import LITTLE, Sentence, Token, take_apart

# Verbs after which a place, a person or a thing can only be one.
_ONE_ONLY = words("one only")
_OPPOSITES = (
    ({"open", "opens", "opening", "opened"}, {"close", "closes", "closing", "closed"}),
    ({"start", "starts", "begin", "begins", "beginning"}, {"end", "ends", "finish", "finishes", "stop", "stops"}),
    ({"arrive", "arrives", "arrival", "enter"}, {"leave", "leaves", "depart", "departs", "departure", "exit"}),
    ({"buy", "buys"}, {"sell", "sells"}),
    ({"öffnet", "öffnen", "aufgemacht"}, {"schließt", "schließen"}),
    ({"beginnt", "beginnen", "startet", "fängt"}, {"endet", "enden", "aufhört"}),
    ({"minimum", "least", "mindestens"}, {"maximum", "most", "höchstens"}),
    ({"signed"}, {"unsigned"}),
)
_PURPOSE, _USE = words("purpose"), words("use")


def verdicts(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to a settling prompt. Only drafts that are not new get a verdict."""
    body = json.loads(next((str(m.get("content")) for m in messages if m.get("role") == "user"), "{}"))
    before = [(str(k["id"]), str(k["sentence"])) for k in body.get("known", [])]
    found = []
    for draft in body.get("drafts", []):
        verdict, of = settle(str(draft["sentence"]), before)
        if verdict != "new":
            found.append({"draft": draft["id"], "verdict": verdict, "of": of})
        before.append((str(draft["id"]), str(draft["sentence"])))
    return {"verdicts": found}


def settle(sentence: str, before: Sequence[tuple[str, str]]) -> tuple[str, list[str]]:
    """How a sentence stands to earlier ones (id, sentence), oldest first; and to which."""
    draft, known = take_apart(sentence), [(identity, take_apart(text)) for identity, text in before]
    against = [identity for identity, k in known if another_value(draft, k)]
    corrected = max(((_likeness(draft, k), n) for n, (_, k) in enumerate(known) if corrects(draft, k)), default=None)
    if corrected is not None and known[corrected[1]][0] not in against:
        against.append(known[corrected[1]][0])
    if against:
        return "contradicts", against
    alike = max(((_likeness(draft, k), n) for n, (_, k) in enumerate(known) if same(draft, k)), default=None)
    return ("same", [known[alike[1]][0]]) if alike is not None else ("new", [])


def relation(sentence: str, known: str) -> str:
    """ "same", "contradicts" or "new"."""
    return settle(sentence, [("k", known)])[0]


def same(draft: Sentence, known: Sentence) -> bool:
    """The draft says nothing that the known one does not say too, and most of it."""
    if draft.negated != known.negated or not draft.words or draft.ended != known.ended or draft.denied:
        return False
    mine, theirs = _values(draft), _values(known)
    if any(not values <= theirs.get(sort, set()) for sort, values in mine.items()):
        return False
    shared, only, missing = _compare(draft, known)
    return not only and shared >= 0.6 * (shared + len(missing)) and (shared > 1 or not missing) and len(mine) >= len(theirs)


def another_value(draft: Sentence, known: Sentence) -> bool:
    """The same subject, and another value in the same place: a number, a day, a colour, yes or no, a name, a place."""
    if _apart(draft, known) or (draft.also and not draft.strong):
        return False
    shared, only, missing = _compare(draft, known)
    differing = _differing(draft.values(head=False), known.values(head=False))
    if draft.negated != known.negated and not differing:
        return shared >= 1 and not only and (not missing or shared >= 2)
    if differing and shared and not only and not missing and draft.negated == known.negated:
        return len(differing) == 1 or not _number_then_day(draft)
    return not differing and _another_name(draft, known)


def corrects(draft: Sentence, known: Sentence) -> bool:
    """Marked as a correction, with a subject in common."""
    if not (draft.strong or draft.weak) or _apart(draft, known) or (draft.also and not draft.ended):
        return False
    shared, only, _ = _compare(draft, known)
    if any(d.like(t) for d in draft.denied for t in known.tokens if t.word or t.value) and (shared or not draft.words):
        return True
    differing = _differing(_values(draft), _values(known))
    if not draft.words:
        return bool(differing) and draft.strong
    if not shared or not _subject_in_common(draft, known):
        return False
    equal = sum(any(t.like(k) for k in known.tokens) for t in draft.tokens if t.sort not in (*LITTLE, "word"))
    shared, mine, theirs = shared + equal, len(draft.words) + equal, len(known.words) + equal
    if draft.ended:
        return shared > 0.6 * mine
    share = shared / (mine if shared == 1 else min(mine, theirs))
    return share >= 0.5 if draft.strong or differing else share >= 0.6 and bool(only)


def _apart(draft: Sentence, known: Sentence) -> bool:
    """Whether they speak of different things for certain: opposite events, or subjects with different numbers, days, sides."""
    if _differing(draft.values(head=True), known.values(head=True)):
        return True
    mine, theirs = ({t.written.lower() for t in s.tokens if t.word or t.sort == "open"} for s in (draft, known))
    return any(
        (mine & a and theirs & b) or (mine & b and theirs & a)
        for a, b in _OPPOSITES
        if not (draft.values(head=False).keys() & {"open"} and mine - a - b)
    )


def _another_name(draft: Sentence, known: Sentence) -> bool:
    """The same beginning up to a preposition or a copula, then another name or place, then the same end."""
    a, b = draft.tokens, known.tokens
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if not x.like(y)), min(len(a), len(b)))
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end].like(b[-1 - end]):
        end += 1
    mine, theirs, tail = a[start : len(a) - end], b[start : len(b) - end], a[len(a) - end :]
    names = [[t for t in slot if t.word] for slot in (mine, theirs)]
    plain = all(t.word or t.sort in ("preposition", "article", "number") for t in (*mine, *theirs))
    if not plain or not all(1 <= len(n) <= 3 for n in names) or any(x.like(y) for x in names[0] for y in names[1]):
        return False
    return _only_one(a[:start], mine, theirs, tail)


def _only_one(lead: Sequence[Token], mine: Sequence[Token], theirs: Sequence[Token], tail: Sequence[Token]) -> bool:
    """Whether there can be only one such name after this beginning."""
    said = [t.written.lower() for t in lead]
    if not any(t.word for t in lead) or {"have", "haben", "has", "hat"} & set(said):
        return bool(_USE & set(said)) and bool(tail) and tail[0].value in _PURPOSE
    last = next((t for t in reversed(lead) if t.sort != "article" and not (t.word and t.written[0].isupper())), lead[-1])
    if last.sort == "copula" and {t.sort for t in mine[:1]} != {"preposition"}:
        definite = lead[0].sort == "article" and said[0] not in ("a", "an", "ein", "eine")
        return definite and (
            lead[-1].sort == "article"
            or mine[0].sort == theirs[0].sort == "article"
            or all(s[0].written[0].isupper() for s in (mine, theirs))
        )
    into = last.sort == "preposition" or (mine[0].sort == theirs[0].sort == "preposition")
    away = {t.value for t in (last, mine[0], theirs[0]) if t.sort == "preposition"} & {
        "with",
        "mit",
        "for",
        "für",
        "as",
        "als",
        "of",
        "without",
        "per",
    }
    return into and not away and (any(t.sort == "copula" for t in lead) or bool(_ONE_ONLY & set(said)))


def _number_then_day(sentence: Sentence) -> bool:
    """ "opens at 8 on Mondays" speaks of Mondays alone, where "is on Monday at 8" does not."""
    at = {sort: n for n, sort in reversed([*enumerate(t.sort for t in sentence.tokens)])}
    return "number" in at and at.get("day", 0) > at["number"] + 1


def _subject_in_common(draft: Sentence, known: Sentence) -> bool:
    return any(t.like(draft.words[0]) for t in known.words) or any(t.like(known.words[0]) for t in draft.words)


def _compare(draft: Sentence, known: Sentence) -> tuple[int, list[Token], list[Token]]:
    """How many words they share, and which only one of them has."""
    only = [t for t in draft.words if not any(t.like(k) for k in known.words)]
    missing = [t for t in known.words if not any(t.like(d) for d in draft.words)]
    return len(draft.words) - len(only), only, missing


def _likeness(draft: Sentence, known: Sentence) -> float:
    shared, only, missing = _compare(draft, known)
    return shared / max(1, shared + len(only) + len(missing))


def _values(sentence: Sentence) -> dict[str, set[str]]:
    head, rest = sentence.values(head=True), sentence.values(head=False)
    return {sort: head.get(sort, set()) | rest.get(sort, set()) for sort in head | rest}


def _differing(mine: dict[str, set[str]], theirs: dict[str, set[str]]) -> set[str]:
    """The classes in which both have a value that the other has not."""
    return {sort for sort in mine.keys() & theirs.keys() if mine[sort] - theirs[sort] and theirs[sort] - mine[sort]}
