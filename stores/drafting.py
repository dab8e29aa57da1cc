"""What a proposal of the model becomes: a draft, or the reason why there is none."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pydantic import BaseModel, ConfigDict

from stores.conversations import Conversation, Message
from stores.evidence import borrowed, carried_on, confined, evidence_of
from stores.insights import Draft, Evidence, Insight, Kind, Taught, insight_id, state_id

SENTENCE_LIMIT = 300  # characters
CODE_POINTS = 3 * SENTENCE_LIMIT  # that may be, marks included
FIELD_LIMIT = 300  # characters
CUES, THINGS = 3, 12
AHEAD = 3 * 365 * 86_400.0  # seconds: a later day is taken for a slip


class Field(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    value: str


class Proposal(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: str
    sentence: str
    cues: list[str]
    things: list[str]
    evidence: list[str]
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Owned:
    """A kind and the store that it belongs to."""

    store: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class SoFar:
    """Of a conversation what its messages at hand do not tell: the states of it that the new ones carry on, all of whose words everybody in
    its place may read now, and how many of its messages are not at hand."""

    states: tuple[Insight, ...] = ()
    not_shown: int = 0


ALL_SHOWN = SoFar()


def characters(text: str) -> int:
    """How many characters a reader sees: a letter with the marks on it, as in Hindi or Thai, is one."""
    return sum(unicodedata.category(c) not in ("Mn", "Mc", "Me", "Cf") for c in text)


def fits(sentence: str) -> bool:
    """Whether a sentence is no longer than one may be."""
    return characters(sentence) <= SENTENCE_LIMIT and len(sentence) <= CODE_POINTS


def drafted(
    position: int,
    p: Proposal,
    conversation: Conversation,
    kinds: Mapping[str, Owned],
    names: Mapping[str, str],
    taught: Taught,
    so_far: SoFar = ALL_SHOWN,
    beside: Sequence[Message] = (),
    place: str = "",
) -> Draft | str:
    """What a proposal of the model becomes: a draft, or the reason why there is none. `names`: message ids by their names in the prompt;
    `beside`: what else the model had read; `place`: what the room is called."""
    owned, sentence = kinds.get(p.kind), " ".join(p.sentence.split())
    if owned is None:
        return "unknown kind"
    if not sentence:
        return "sentence empty"
    if not fits(sentence):
        return "sentence too long"
    evidence = _evidence(owned.kind, p, conversation, names, taught, so_far, beside, place)
    return _draft(position, p, owned, evidence, conversation) if evidence else "no new evidence"


def _evidence(
    kind: Kind,
    p: Proposal,
    conversation: Conversation,
    names: Mapping[str, str],
    taught: Taught,
    so_far: SoFar,
    beside: Sequence[Message],
    place: str,
) -> tuple[Evidence, ...]:
    gathered = kind.one_per == "conversation"  # it holds words of the background as well
    said = conversation.messages if gathered else _supporting(kind, p.evidence, conversation, names)
    evidence = evidence_of(said, conversation, taught, background=gathered)
    if gathered:
        evidence = carried_on(evidence, (e for state in so_far.states for e in state.evidence))
        return confined(evidence) if any(m.ours and m.outsider for m in said) else evidence
    words = [" ".join(p.sentence.split()), *(f.value for f in p.fields)]
    return confined(evidence) if borrowed(words, [*conversation.messages, *beside], so_far.states, place) else evidence


def _draft(position: int, p: Proposal, owned: Owned, evidence: tuple[Evidence, ...], conversation: Conversation) -> Draft:
    taught, speaker = evidence[0].taught, evidence[0].teammate
    state_of = _state_of(owned.kind, speaker, conversation)
    return Draft(
        id=state_id(owned.store, p.kind, state_of, taught if taught in ("public", "dm") else f"{taught}:{conversation.place}")
        if state_of
        else insight_id(conversation.run, owned.store, position),
        store=owned.store,
        kind=p.kind,
        sentence=" ".join(p.sentence.split()),
        evidence=evidence,
        cues=_short(p.cues, CUES),
        things=_short(p.things, THINGS),
        fields={f.name: f.value[:FIELD_LIMIT] for f in p.fields if f.name in owned.kind.fields and f.value.strip()},
        about=speaker if _is_own(owned.kind, taught) else None,
        standing=owned.kind.standing,
        state_of=state_of,
        holds_from=_holds_from(p.fields, max(e.at for e in evidence)),
    )


def _holds_from(fields: Sequence[Field], said: float) -> float:
    """When the day begins that `from` names, 0 when it names none that was to come soon."""
    for named in (f.value for f in fields if f.name == "from"):
        with contextlib.suppress(ValueError):
            day = datetime.combine(date.fromisoformat(named.strip()), datetime.min.time(), UTC).timestamp()
            return day if said < day < said + AHEAD else 0.0
    return 0.0


def _supporting(kind: Kind, named: Sequence[str], conversation: Conversation, names: Mapping[str, str]) -> list[Message]:
    """The new messages that a draft rests on: those that it names; of what is one teammate's, only theirs."""
    by_id = {m.id: m for m in conversation.messages}
    found = [by_id[names[name]] for name in dict.fromkeys(named) if name in names]
    return [m for m in found if m.speaker == found[0].speaker] if kind.about or kind.one_per == "teammate" else found


def _state_of(kind: Kind, speaker: str, conversation: Conversation) -> str:
    if kind.one_per == "teammate":
        return f"teammate:{speaker}"
    return f"conversation:{conversation.id}" if kind.one_per == "conversation" else ""


def _is_own(kind: Kind, taught: Taught) -> bool:
    return kind.about == "speaker" or (kind.about == "speaker unless public" and taught != "public")


def _short(words: Sequence[str], most: int) -> tuple[str, ...]:
    return tuple(w for w in (" ".join(word.split())[:120] for word in words) if w)[:most]
