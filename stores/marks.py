"""What is noted of messages that something rests on: whether their 🧠 may be wrong, and when they were last seen to stand in Slack."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from stores.documents import Change, Documents


class Marks:
    """One workspace's. Every method may be repeated."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def learned_from(self, messages: Iterable[str]) -> None:
        """These messages were read just now, and an insight rests on them: their 🧠 may be wrong."""
        for message in messages:
            now = time.time()
            await self._documents.update("marks", {"_id": message}, {"$set": {"stale_at": now, "checked_at": now}}, upsert=True)

    async def gathered_from(self, messages: Sequence[str]) -> None:
        """These messages were read just now, and a summary or a title rests on them, which gives none a 🧠. Noted of those alone that
        nothing rested on before: of a long thread that are few."""
        known = await self._documents.find("marks", {"_id": {"$in": list(messages)}, "checked_at": {"$gt": 0}})
        for message in dict.fromkeys(messages).keys() - {d["_id"] for d in known}:
            await self._documents.update("marks", {"_id": message}, {"$set": {"checked_at": time.time()}}, upsert=True)

    async def stale(self, messages: Iterable[str]) -> None:
        """The 🧠 of these messages may be wrong now."""
        for message in messages:
            await self._documents.update("marks", {"_id": message}, {"$set": {"stale_at": time.time()}}, upsert=True)

    async def settle(self, message: str, before: float) -> None:
        """The 🧠 of this message is right again, unless something changed since `before`."""
        await self._documents.update("marks", {"_id": message, "stale_at": {"$lt": before}}, {"$unset": {"stale_at": ""}})

    async def unchecked(self, messages: Iterable[str], *, before: float) -> list[str]:
        """Those of these messages that were last seen to stand in Slack at an earlier time than `before`."""
        where = {"_id": {"$in": list(messages)}, "checked_at": {"$lt": before}}
        return [d["_id"] for d in await self._documents.find("marks", where)]

    async def checked(self, message: str, *, again: bool) -> None:
        """This message was looked at just now. `again`: something rests on it, so that it is to be looked at again some day."""
        change: Change = {"$set": {"checked_at": time.time()}} if again else {"$unset": {"checked_at": ""}}
        await self._documents.update("marks", {"_id": message}, change)
