"""Messages as evidence: which of them may be, and to whom what they teach was told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from stores.conversations import Conversation, Message
from stores.insights import Evidence, Insight, Taught
from stores.terms import terms

BEGINS, ENDS = 5, 3  # letters that two forms of a word share at least, and that each may end in besides
_LITTLE = re.compile(r"\b[^\W\d_]{1,3}\b")
MOST_TERMS = 1000  # different stems of one message; without spaces, a long one has ten times as many


def evidence_of(
    messages: Sequence[Message], conversation: Conversation, taught: Taught | None = None, *, background: bool = False
) -> tuple[Evidence, ...]:
    """Those of these messages that may support something learned from this conversation: the new ones by people.

    One sentence rests on all of it, so all of it has the narrowest audience: an outsider's words among them leave it to that very place.
    `taught`: how the place stood, unless as the conversation says. `background`: what is not new counts too, for what is gathered from the
    whole of a conversation.
    """
    able = [m for m in dict.fromkeys(messages) if (background or m.id in conversation.new) and not m.ours and not m.bot]
    stood = taught or conversation.readers.room
    narrowest: Taught = "guest" if stood != "dm" and any(m.outsider for m in able) else stood
    return tuple(_evidence(m, conversation, narrowest) for m in able)


def carried_on(evidence: Sequence[Evidence], before: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The evidence of what goes on from something older: all of both, the older first, with the narrowest audience among them."""
    every = {e.message: e for e in (*before, *evidence)}
    outside = any(e.taught == "guest" for e in every.values())
    return tuple(replace(e, taught="guest" if outside else evidence[0].taught) for e in every.values()) if evidence else ()


def borrowed(texts: Iterable[str], messages: Iterable[Message], states: Iterable[Insight] = (), place: str = "") -> bool:
    """Whether what is learned, in these `texts`, holds words that only outsiders said in these messages, also as a reply of ours told them,
    or in the `states` that were at hand; or hardly a word of anybody else's, so that nobody can tell whose it is. What the `place` is
    called is nobody's."""
    every = [m for m in messages if not m.bot]
    kept_of_theirs = [s for s in states if any(e.taught == "guest" for e in s.evidence)]
    told = [text for s in kept_of_theirs for text in (s.sentence, *s.fields.values())]
    theirs = _stems(_telling(t) for t in (*(m.text for m in every if m.outsider), *told))
    theirs |= {t for s in kept_of_theirs for e in s.evidence for t in e.terms}
    said, named = _stems(texts), _named(m.name for m in every if m.outsider and not m.ours)
    ours = _stems(f"{m.name} {named.sub(' ', m.text)}" for m in every if not (m.outsider or m.ours))
    own = {stem for stem in said if stem in ours or _a_form(stem, ours)}
    return bool(theirs) and (not theirs.isdisjoint(said - own - _stems([place])) or len(own) < len(said) / 3)


def _telling(text: str) -> str:
    """A text without little words in small letters, such as "się" or "col", which are nobody's; a name or a figure may be as short."""
    return _LITTLE.sub(lambda word: " " if word[0].islower() else word[0], text)


def _a_form(stem: str, stems: Iterable[str]) -> bool:
    """Whether one of these is the same word but for its ending, as in languages whose endings stay on. A figure is what it is."""
    begins = stem[: max(BEGINS, len(stem) - ENDS)]
    return len(stem) >= BEGINS and stem.isalpha() and any(o.startswith(begins) and len(o) <= len(begins) + ENDS for o in stems)


def confined(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The same evidence of something that an outsider said too: it stays in that very place. A DM is its teammate's own anyway."""
    return tuple(e if e.taught == "dm" else replace(e, taught="guest") for e in evidence)


def _named(outsiders: Iterable[str]) -> re.Pattern[str]:
    """Where a text mentions one of them. They choose what they are called, and could be called what they want said."""
    return re.compile("|".join(rf"@{re.escape(name)}(?!\w)" for name in sorted({*outsiders}, key=len, reverse=True)) or r"(?!)")


def _stems(texts: Iterable[str]) -> set[str]:
    return {stem for text in texts for stem in terms(text)}


def _evidence(message: Message, conversation: Conversation, taught: Taught) -> Evidence:
    return Evidence(
        message=message.id,
        place=message.place,
        conversation=conversation.id.rpartition(":")[2],
        teammate=message.speaker,
        at=message.at,
        taught=taught,
        version=message.version,
        terms=tuple(sorted(list(dict.fromkeys(terms(message.text)))[:MOST_TERMS])),
    )
