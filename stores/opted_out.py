"""Who opted out: nothing is learned of what they say, nor of what they said until they came back."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable

from stores.conversations import Message
from stores.documents import Change, Document, Documents
from stores.insights import Evidence


class OptedOut:
    """One workspace's teammates who do not want to be learned from. Who asks gets what the database says at that moment."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def leave(self, teammate: str) -> None:
        """From now on nothing of theirs is learned that was not learned before. In force when this returns; may be repeated."""
        await self._documents.update("opted_out", {"_id": teammate}, {"$set": {"out": True}}, upsert=True)

    async def come_back(self, teammate: str) -> None:
        """What they say from now on is learned again; what they said so far is not. May be repeated."""
        change: Change = {"$set": {"out": False}, "$max": {"until": time.time()}}
        await self._documents.update("opted_out", {"_id": teammate, "out": True}, change)

    async def out(self, teammate: str) -> bool:
        """Whether they are out now."""
        return bool(await self._documents.find("opted_out", {"_id": teammate, "out": True}, limit=1))

    async def unheard(self, teammate: str, at: float) -> bool:
        """Whether what they did at this time, in seconds since the epoch, is not to be learned from."""
        found = await self._documents.find("opted_out", {"_id": teammate})
        return any(at <= _until(d) for d in found)

    async def among(self, said: Iterable[Message | Evidence]) -> frozenset[str]:
        """The ids of those of these messages that must not be learned from."""
        by = {_id(one): (_teammate(one), one.at) for one in said}
        people = sorted({teammate for teammate, _ in by.values()})
        found = {d["_id"]: d for d in await self._documents.find("opted_out", {"_id": {"$in": people}})} if people else {}
        until = {i: _until(d) for i, d in found.items()}
        return frozenset(message for message, (teammate, at) in by.items() if at <= until.get(teammate, 0.0))


def _until(document: Document) -> float:
    """When they are heard again, in seconds since the epoch."""
    return math.inf if document["out"] else float(document.get("until", 0.0))


def _id(said: Message | Evidence) -> str:
    return said.id if isinstance(said, Message) else said.message


def _teammate(said: Message | Evidence) -> str:
    return said.speaker if isinstance(said, Message) else said.teammate
