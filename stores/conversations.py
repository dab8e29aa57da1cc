"""What is said: messages, questions and finished conversations, as the stores get them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stores.audience import Readers
from stores.insights import Draft, message_id


@dataclass(frozen=True, slots=True)
class Message:
    """One thing somebody wrote. `text` is plain (names instead of ids); in a `Conversation` it is redacted as well."""

    place: str
    ts: str
    speaker: str  # the teammate's id
    name: str  # the teammate's display name
    text: str
    version: str = ""  # the ts of its last edit
    ours: bool = False  # Tacit wrote it
    bot: bool = False  # another app wrote it
    outsider: bool = False  # a guest or an external person wrote it; or it is a reply of ours that told what they said
    question: str = ""  # of a reply of ours: the id of the question that it answers
    cited: tuple[str, ...] = ()  # of a reply of ours, where it is learned from: the ids of the insights that it cited

    @property
    def id(self) -> str:
        return message_id(self.place, self.ts)

    @property
    def at(self) -> float:
        """When it was written, in seconds since the epoch."""
        return float(self.ts)


@dataclass(frozen=True, slots=True)
class Question:
    """What a teammate asks now, and who will read the reply."""

    workspace: str
    id: str
    asker: str
    place: str
    text: str
    readers: Readers
    thread: tuple[Message, ...] = ()
    at: float = 0.0
    conversation: str = ""  # the id of the one that it is asked in
    cut: bool = False  # older messages of that one did not fit into `thread`
    profile: Mapping[str, str] = field(default_factory=dict)  # what Slack's profile says of the asker
    expansion: str = ""  # words that bear on it, by a model (see `stores.expansion`): to search with, never to show


@dataclass(frozen=True, slots=True)
class Conversation:
    """A finished conversation. `new` holds the ids of the messages that nothing was learned from yet; only they may be evidence,
    but of what is gathered from the whole of it."""

    workspace: str
    id: str  # "PLACE:TS" of its first message
    place: str
    run: str  # names this run of learning; repeated runs have the same name
    messages: tuple[Message, ...]
    new: frozenset[str]
    readers: Readers  # everybody in its place
    drafts: tuple[Draft, ...] = ()
