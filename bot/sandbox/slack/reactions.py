"""Reactions and their events."""

from .channels import Channel
from .events import emit_if_member
from .journal import Json
from .world import World


def add(world: World, channel: Channel, message: Json, user: str, emoji: str) -> list[str] | None:
    """Add a reaction; return the ids of its events, None where it stands already."""
    reactions: list[Json] = message.setdefault("reactions", [])
    entry = next((each for each in reactions if each["name"] == emoji), None)
    if entry is None:
        reactions.append(entry := {"name": emoji, "users": [], "count": 0})
    if user in entry["users"]:
        return None
    entry["users"].append(user)
    return _tell(world, channel, message, user, entry, "reaction_added")


def remove(world: World, channel: Channel, message: Json, user: str, emoji: str) -> list[str] | None:
    """Remove a reaction; return the ids of its events, None where there is none."""
    reactions: list[Json] = message.get("reactions", [])
    entry = next((each for each in reactions if each["name"] == emoji and user in each["users"]), None)
    if entry is None:
        return None
    entry["users"].remove(user)
    if not entry["users"]:
        reactions.remove(entry)
    return _tell(world, channel, message, user, entry, "reaction_removed")


def _tell(world: World, channel: Channel, message: Json, user: str, entry: Json, type: str) -> list[str]:
    entry["count"] = len(entry["users"])
    if not message["reactions"]:
        del message["reactions"]
    world.messages.keep(message)
    kind = "reaction" if type == "reaction_added" else "unreaction"
    world.feed.add(kind, channel=channel.id, ts=message["ts"], user=user, emoji=entry["name"])
    item = {"type": "message", "channel": channel.id, "ts": message["ts"]}
    event = {"type": type, "user": user, "reaction": entry["name"], "item": item, "item_user": message["user"]}
    return emit_if_member(world, event | {"event_ts": world.clock.ts()}, channel)
