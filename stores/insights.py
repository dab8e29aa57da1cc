"""What is learned: kinds, drafts, evidence, insights."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Taught = Literal["public", "private", "dm", "guest"]
"""How the place stood when something was taught in it. "guest": the teacher was a guest or an external person, whatever the place."""

Decision = Literal["new", "same", "contradicts"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of thing that a store learns.

    `guidance` is one line for the model. `fields` names optional flat text fields. A `standing` insight is given to the model with every
    question, as far as a small budget allows, because it matters to choices that share no word with it.
    """

    name: str
    guidance: str
    fields: tuple[str, ...] = ()
    standing: bool = False


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

    What a reader gets holds only the evidence which that reader may see (see `stores.audience`). `superseded_by` names newer insights that
    contradict this one and hide it from everybody who may see them. `about` limits it to one teammate. `handle` is set for one reply.
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
    handle: str = ""

    @property
    def newest(self) -> float:
        """When it was last said, in seconds since the epoch."""
        return max((e.at for e in self.evidence), default=self.learned_at)


@dataclass(frozen=True, slots=True)
class Draft:
    """An insight proposed by the model and not kept yet. `decision` and `of` are filled by settling."""

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

    @property
    def at(self) -> float:
        """When it was last said, in seconds since the epoch."""
        return max((e.at for e in self.evidence), default=0.0)


def message_id(place: str, ts: str) -> str:
    """The one way to name a message: its place and its Slack ts."""
    return f"{place}:{ts}"


def insight_id(run: str, store: str, position: int) -> str:
    """The same run, store and position give the same id, so that a repeated run keeps nothing twice."""
    return hashlib.sha256(f"{run}/{store}/{position}".encode()).hexdigest()[:24]
