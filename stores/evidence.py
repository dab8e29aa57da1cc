"""Messages as evidence: which of them may be, and to whom what they teach was told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from stores.conversations import Conversation, Message
from stores.insights import Evidence, Insight, Taught
from stores.terms import terms

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
    theirs = _stems([*(m.text for m in every if m.outsider), *told]) | {t for s in kept_of_theirs for e in s.evidence for t in e.terms}
    said, named = _stems(texts), _named(m.name for m in every if m.outsider and not m.ours)
    own = said & _stems(f"{m.name} {named.sub(' ', m.text)}" for m in every if not (m.outsider or m.ours))
    return bool(theirs) and (not theirs.isdisjoint(said - own - _stems([place])) or len(own) < len(said) / 3)


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
