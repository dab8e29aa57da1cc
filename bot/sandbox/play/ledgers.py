"""What a play reads in the product's database, and the one thing it sets there: that a conversation is due."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from stores.documents import Document, Documents
from stores.insights import message_id
from workers.conversations import ConversationLedger

FAR = 3600.0  # seconds: what is due later than that is due when LEARN_AFTER has passed, which it never does in a play
OPEN = ("noted", "leased", "posting")  # states of a question that waits for its reply


@dataclass(frozen=True)
class Kept:
    """An insight as a play judges it: its words, and the ids of its teachers."""

    sentence: str
    words: str
    teachers: frozenset[str]


class Ledgers:
    """A look into one workspace's documents."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._conversations = ConversationLedger(documents)

    async def question(self, place: str, ts: str) -> Document | None:
        """The question that this message is, None when it is none (yet)."""
        return next(iter(await self._documents.find("questions", {"_id": message_id(place, ts)})), None)

    async def unanswered(self) -> int:
        """How many questions wait for their reply."""
        return await self._documents.count("questions", {"state": {"$in": list(OPEN)}})

    async def nothing_pending(self) -> bool:
        """Whether nothing is due or being learned now."""
        due = await self._documents.count("conversations", {"due": {"$lte": time.time()}})
        return not (due or await self._documents.count("conversations", {"run": {"$ne": None}}))

    async def finish(self, conversation: str) -> bool:
        """Make a conversation due, unless it is. False when there is nothing to wait for: all is learned, or Tacit has no part in it.

        A run that failed and is to be tried again in minutes is left in peace.
        """
        found = next(iter(await self._documents.find("conversations", {"_id": conversation})), None)
        if found is None or is_learned(found):
            return False
        if found.get("run") is None and (found.get("due") or 0) > time.time() + FAR:
            await self._conversations.due_now(conversation)
        return True

    async def insights(self) -> dict[str, Kept]:
        """Everything that is kept now, by id; what waits for a person's word is not, and what is gathered from a whole conversation, its
        title say, is no insight."""
        found = await self._documents.find("insights", {}, sort="learned_at")
        own = [each for each in found if not str(each.get("state_of") or "").startswith("conversation:")]
        return {each["_id"]: _kept(each) for each in own if each.get("evidence") and each.get("status") != "pending"}


def is_learned(conversation: Document) -> bool:
    """Neither due nor being learned: with any news it would be due, if only in the far future."""
    return conversation.get("due") is None and conversation.get("run") is None


def _kept(document: Document) -> Kept:
    evidence = document["evidence"]
    pieces = list(evidence.values()) if isinstance(evidence, Mapping) else list(evidence)
    fields = [str(value) for value in (document.get("fields") or {}).values()]
    sentence = str(document.get("sentence") or "")
    return Kept(sentence, "\n".join([sentence, *fields]), frozenset(str(piece.get("teammate")) for piece in pieces))
