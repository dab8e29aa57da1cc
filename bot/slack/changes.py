"""What Slack's events change about people and places, and so which answers of a directory are dropped."""

from __future__ import annotations

import time

from bot.slack.calls import Json
from bot.slack.directory import SlackDirectory
from bot.slack.people import rights_of

JOINED_OR_LEFT = frozenset({"member_joined_channel", "member_left_channel", "channel_join", "channel_leave", "group_join", "group_leave"})
GONE = frozenset({"channel_left", "group_left", "channel_deleted", "group_deleted"})
ALTERED = frozenset(
    {f"{family}_{what}" for family in ("channel", "group") for what in ("rename", "archive", "unarchive", "shared", "unshared")}
)
CONVERTED = frozenset({"channel_convert_to_private", "channel_convert_to_public"})
PERSON = frozenset({"user_change", "team_join"})


class Changes:
    """Keeps one workspace's directory right. When a method returns, no answer from before the change is given any more: in this process
    at once, in the others from their next `refresh` on. Every method may be repeated, and raises `Unavailable` while the database is away
    (the event must not be acknowledged then)."""

    def __init__(self, directory: SlackDirectory) -> None:
        self._directory = directory

    async def on_event(self, event: Json) -> bool:
        """Take in one Slack event, of any type; whether it was one about people or places."""
        kind = str(event.get("subtype") if event.get("type") == "message" else event.get("type"))
        if kind in JOINED_OR_LEFT:
            await self.membership_changed(_place(event), str(event.get("user") or ""))
        elif kind in GONE:
            await self.membership_changed(_place(event), self._directory.installation.bot_user)
        elif kind in ALTERED:
            await self.forget_place(_place(event))
        elif kind in CONVERTED:
            await self.converted(_place(event), _at(event), private=kind == "channel_convert_to_private")
        elif kind in PERSON:
            await self._person_changed(event.get("user") or {})
        elif kind == "channel_id_changed":
            await self._moved(str(event.get("old_channel_id") or ""), str(event.get("new_channel_id") or ""))
        else:
            return False
        return True

    async def membership_changed(self, place: str, teammate: str) -> None:
        """This teammate joined or left this place. For Tacit itself that alters the rooms of everybody."""
        directory = self._directory
        directory.outsiders.forget(place)
        directory.places.forget(place)
        directory.rooms.forget(None if teammate == directory.installation.bot_user or not teammate else teammate)
        await directory.changed()

    async def forget_place(self, place: str) -> None:
        """This place was renamed, archived, shared or the like."""
        self._directory.places.forget(place)
        self._directory.outsiders.forget(place)
        self._directory.rooms.forget()
        await self._directory.changed()

    async def converted(self, place: str, at: float, *, private: bool) -> None:
        """This place turned private, or public again, at this time: up to then, it counts as private for what was taught in it."""
        await self._directory.privacy.private(place, at, still=private)
        await self.forget_place(place)

    async def forget_person(self, teammate: str) -> None:
        """This person may be somebody else now: a guest, an admin, gone."""
        self._directory.people.forget(teammate)
        self._directory.rooms.forget(teammate)
        self._directory.outsiders.forget()
        await self._directory.changed()

    async def _person_changed(self, user: Json) -> None:
        """Drop a person whose rights changed. A new status or picture, which Slack reports as well, drops only the name kept here."""
        teammate, rights = str(user.get("id") or ""), rights_of(user)
        note = {"_id": f"rights:{teammate}"}
        known = await self._directory.documents.find("places", note, limit=1)
        if known and known[0].get("rights") == rights:
            self._directory.people.forget(teammate)
            return
        await self.forget_person(teammate)
        # Noted last: an event that comes again after a crash in between drops again.
        await self._directory.documents.update("places", note, {"$set": {"rights": rights}}, upsert=True)

    async def _moved(self, old: str, new: str) -> None:
        await self._directory.privacy.moved(old, new)
        await self.forget_place(old)
        await self.forget_place(new)


def _place(event: Json) -> str:
    channel = event.get("channel") or ""
    return str(channel.get("id") or "") if isinstance(channel, dict) else str(channel)


def _at(event: Json) -> float:
    try:
        return float(event.get("event_ts") or event.get("ts") or "")
    except ValueError:
        return time.time()
