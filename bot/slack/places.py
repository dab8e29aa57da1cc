"""Channels and DMs as Slack describes them, turned into `Place`, and the lasting note of when each was last seen to be private."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.slack.calls import Json
from stores.audience import Place, Room
from stores.documents import Documents

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
    """When each place was last seen to be private, kept in the database for good, so that turning public widens nothing.

    Every method raises `Unavailable` while the database is away.
    """

    def __init__(self, documents: Documents, now: Callable[[], float] = time.time) -> None:
        self._documents, self._now = documents, now

    async def seen(self, place: str, room: Room) -> float:
        """Note how the place stands now, and say when it was last seen to be private (0: never)."""
        if room == "private":
            return await self.private(place, self._now())
        found = await self._documents.find("places", {"_id": place}, limit=1)
        return float(found[0].get("private_until", 0.0)) if found else 0.0

    async def private(self, place: str, at: float) -> float:
        """Note that the place was private at this time. Earlier than what is noted changes nothing."""
        noted = await self._documents.update("places", {"_id": place}, {"$max": {"private_until": at}}, upsert=True)
        return float(noted["private_until"]) if noted else at

    async def moved(self, old: str, new: str) -> None:
        """A place has a new id: what was private under the old one was private under the new one."""
        if until := await self.seen(old, "public"):
            await self.private(new, until)
