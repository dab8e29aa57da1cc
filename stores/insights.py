"""What is learned: kinds, drafts, evidence, insights."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

OF_CONVERSATION = "conversation:"
Taught = Literal["public", "private", "dm", "guest", "unconfirmed"]
"""How the place stood when something was taught in it. "guest": the teacher was a guest or an external person, whatever the place.
"unconfirmed": in public, by one teammate, and a second one has to say so before it leaves that place (see `stores.trust`)."""

Decision = Literal["new", "same", "refines", "contradicts"]
Owner = Literal["", "speaker", "speaker unless public"]
Each = Literal["", "teammate", "conversation"]
Status = Literal["", "pending", "archived"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of thing that a store learns.

    `guidance` is one line for the model. `fields` names optional flat text fields. A `standing` insight is given to the model with every
    question, as far as a small budget allows, because it matters to choices that share no word with it. `about` says whose it is: recalled
    for its speaker alone, or, "speaker unless public", for everybody where it was taught in public. `one_per` makes it state: of each
    teammate or conversation there is one, the newest replaces it, and it is not listed. `lasts`: the days in which one that nobody cites
    or says again loses half its worth; what is worth too little is archived. `waits`: what is learned of it waits until a person puts it in
    force (`Kit.propose`), and is settled with what waits already.
    """

    name: str
    guidance: str
    fields: tuple[str, ...] = ()
    standing: bool = False
    about: Owner = ""
    one_per: Each = ""
    lasts: int = 365
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A message that supports an insight. `terms` are the unordered stems of its redacted text; the text itself stays in Slack."""

    message: str  # "PLACE:TS", as `message_id` writes it
    place: str
    conversation: str  # the ts of the thread it stands in
    teammate: str
    at: float  # seconds since the epoch, when it was written
    taught: Taught
    version: str = ""  # the ts of its last edit, "" for an unedited message
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Insight:
    """One thing learned, in a sentence that someone else can use.

    What a reader gets holds only the evidence which that reader may see (see `stores.audience`). `doubts` says who holds it to be wrong,
    and of which reply of ours (`message`) they said so; what a reader gets holds only those that nobody has answered by saying it again.
    `superseded_by` names newer insights that contradict or refine this one and hide it from everybody who may see them. `about` limits it
    to one teammate. `handle` is set for one
    reply. `state_of` names what it is the one present state of ("teammate:U…", "conversation:PLACE:TS"). `belongs_to` is the id of an
    insight that this one adds to: an outcome to its decision. A `status` says why it is not in force: it waits for a person's word, or was
    not used for long; while a state waits, `belongs_to` is the id of the state that it would replace. `edited_by`: who put it into these
    words, if it was not the model. `holds_from`: when the day begins from which on it holds, in seconds since the epoch, where that was
    still to come when it was said (see `stores.endings`).
    """

    id: str
    workspace: str
    store: str
    kind: str
    sentence: str
    evidence: tuple[Evidence, ...] = ()
    cues: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    about: str | None = None
    standing: bool = False
    superseded_by: tuple[str, ...] = ()
    learned_at: float = 0.0
    source: str | None = None  # a URL, for insights that come from elsewhere than Slack
    state_of: str = ""
    belongs_to: str = ""
    status: Status = ""
    doubts: tuple[Evidence, ...] = ()
    uses: int = 0  # replies that cited it
    used_at: float = 0.0  # when one did last, in seconds since the epoch
    decided: Decision = "new"  # how it stood to what was known when it was learned
    edited_by: str = ""
    holds_from: float = 0.0
    agreed: bool = False  # a second teammate confirmed these words without saying them: by 👍, or by putting them in force
    handle: str = ""

    @property
    def gathered(self) -> bool:
        """Whether it is the state of a conversation, made from all of its messages: a title or a summary."""
        return self.state_of.startswith(OF_CONVERSATION)

    @property
    def unconfirmed(self) -> bool:
        """Whether it waits for a second teammate (see `stores.trust`)."""
        return any(e.taught == "unconfirmed" for e in self.evidence)

    def was_taught(self, place: str) -> bool:
        """Whether any of its evidence was said there."""
        return any(e.place == place for e in self.evidence)

    @property
    def newest(self) -> float:
        """When it was last said, in seconds since the epoch."""
        return max([e.at for e in self.evidence], default=self.learned_at)


@dataclass(frozen=True, slots=True)
class Draft:
    """An insight proposed by the model and not kept yet. `decision`, `of`, `outdates` and `repeats` are filled by settling."""

    id: str
    store: str
    kind: str
    sentence: str
    evidence: tuple[Evidence, ...]
    cues: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    about: str | None = None
    standing: bool = False
    decision: Decision = "new"
    of: tuple[str, ...] = ()  # ids of the insights that the decision is about
    outdates: tuple[str, ...] = ()  # ids of what was said elsewhere, that somebody who took part may see, and that it contradicts
    repeats: tuple[str, ...] = ()  # and of that which says the same
    state_of: str = ""
    belongs_to: str = ""
    holds_from: float = 0.0  # as of an insight

    @property
    def at(self) -> float:
        """When it was last said, in seconds since the epoch."""
        return max((e.at for e in self.evidence), default=0.0)


def as_said(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The same evidence as if nobody had to confirm it: what is the same for those who hear it in its channel is compared by this."""
    return tuple(replace(e, taught="public") if e.taught == "unconfirmed" else e for e in evidence)


def message_id(place: str, ts: str) -> str:
    """The one way to name a message: its place and its Slack ts."""
    return f"{place}:{ts}"


def state_id(store: str, kind: str, state_of: str, audience: str) -> str:
    """There is one state of a kind for each thing that it is of, and for each audience that it was taught to."""
    return hashlib.sha256(f"{store}/{kind}/{state_of}/{audience}".encode()).hexdigest()[:24]


def insight_id(run: str, store: str, position: int) -> str:
    """The same run, store and position give the same id, so that a repeated run keeps nothing twice."""
    return hashlib.sha256(f"{run}/{store}/{position}".encode()).hexdigest()[:24]
