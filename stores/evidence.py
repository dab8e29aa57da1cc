"""Messages as evidence, for stores that draft insights themselves."""

from __future__ import annotations

from collections.abc import Sequence

from stores import extraction
from stores.conversations import Conversation, Message
from stores.insights import Evidence, Taught


def evidence_of(messages: Sequence[Message], conversation: Conversation) -> tuple[Evidence, ...]:
    """Those of these messages that may support something learned from this conversation: the new ones by people.

    One sentence rests on all of it, so all of it has the narrowest audience: an outsider's words among them leave it to that very place.
    """
    able = [m for m in dict.fromkeys(messages) if m.id in conversation.new and not m.ours and not m.bot]
    taught: Taught = conversation.readers.room
    if taught != "dm" and any(m.outsider for m in able):
        taught = "guest"
    return tuple(extraction.evidence_of(m, conversation, taught) for m in able)
