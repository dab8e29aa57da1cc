"""Channels and DMs as Slack describes them, turned into `Place`, and the lasting note of when each was last seen to be private."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.slack.calls import Json
from stores.audience import Place, Room
from stores.documents import Change, Documents

SHARED = (
    "is_ext_shared",
    "is_pending_ext_shared",
    "is_shared",
    "is_org_shared",
    "pending_shared",
    "pending_connected_team_ids",
    "connected_team_ids",
)


def room_of(channel: Json) -> Room:
    """What sort of place this is. Whatever is not plainly public is private."""
    if channel.get("is_im"):
        return "dm"
    public = channel.get("is_private") is False and not channel.get("is_mpim") and not channel.get("is_group")
    return "public" if public else "private"


def place_of(channel: Json, private_until: float) -> Place:
    """A place from Slack's conversation object (https://docs.slack.dev/reference/objects/conversation-object). A group DM has no name."""
    name = "" if channel.get("is_mpim") else str(channel.get("name") or "")
    return Place(channel["id"], room_of(channel), name, private_until, shared=any(channel.get(key) for key in SHARED))


class Privacy:
    """When each place was last private, kept in the database for good, so that turning public widens nothing.

    A place that was private when last seen, and of whose turn no event told, may have been private until it is seen to be public.
    Every method raises `Unavailable` while the database is away.
    """

    def __init__(self, documents: Documents, now: Callable[[], float] = time.time) -> None:
        self._documents, self._now = documents, now

    async def seen(self, place: str, room: Room) -> float:
        """Note how the place stands now, and say until when it may have been private (0: never)."""
        if room == "private":
            return await self.private(place, self._now())
        found = next(iter(await self._documents.find("places", {"_id": place}, limit=1)), {})
        if found.get("stands") == "private":
            unnoticed: Change = {"$set": {"stands": "public"}, "$max": {"private_until": self._now()}}
            found = await self._documents.update("places", {"_id": place}, unnoticed) or found
        return float(found.get("private_until", 0.0))

    async def private(self, place: str, at: float, *, still: bool = True) -> float:
        """Note that the place was private at this time, and that it is so still, or not any more. An earlier time changes nothing."""
        change: Change = {"$max": {"private_until": at}, "$set": {"stands": "private" if still else "public"}}
        noted = await self._documents.update("places", {"_id": place}, change, upsert=True)
        return float(noted["private_until"]) if noted else at

    async def moved(self, old: str, new: str) -> None:
        """A place has a new id: what was private under the old one was private under the new one."""
        for found in await self._documents.find("places", {"_id": old, "private_until": {"$gt": 0}}, limit=1):
            await self.private(new, float(found["private_until"]), still=found.get("stands") == "private")
