"""What one person sees of the workspace, and what a viewer of all of it sees."""

from .channels import Channel
from .errors import ControlError
from .journal import Json
from .messages import is_top_level
from .users import User
from .world import World


def shown(world: World, message: Json) -> Json:
    """Return a message for a page or a player: with its place, its author's name and its metadata."""
    author = world.users.get(message["user"])
    more = {"channel": message["channel"], "user_name": author.name if author else message["user"], "permalink": world.permalink(message)}
    return world.messages.shown(message, metadata=True) | more


def everything(world: World, channel: str, thread_ts: str, since: str) -> Json:
    """Return the messages of a channel (or of all), ephemeral ones among them, oldest first, and the statuses."""
    places = [channel] if channel else list(world.channels)
    found = [each for place in places for each in world.messages.of_channel(place) + world.messages.ephemeral_in(place)]
    found = [each for each in found if each.get("subtype") != "tombstone" and each["ts"] > since and _in_thread(each, thread_ts)]
    statuses = [
        {"channel": place, "thread_ts": ts, "status": status} for (place, ts), status in world.statuses.items() if channel in ("", place)
    ]
    return {"messages": [shown(world, each) for each in sorted(found, key=lambda each: str(each["ts"]))], "statuses": statuses}


def _in_thread(message: Json, thread_ts: str) -> bool:
    return not thread_ts or message.get("thread_ts", message["ts"]) == thread_ts


def may_see(channel: Channel, user: User) -> bool:
    """Say whether the person sees the channel: it is public and they are a full teammate, or they are in it."""
    return user.id in channel.members or (channel.kind == "channel" and user.full)


def of_person(world: World, user: User) -> Json:
    """Return the channels and DMs that this person sees."""
    channels = [_summary(world, each, user) for each in world.channels.values() if may_see(each, user)]
    return {"user": user.in_slack(), "channels": channels, "dm": None if user.bot else world.direct(user).id}


def _summary(world: World, channel: Channel, user: User) -> Json:
    messages = world.messages.top_level(channel.id)
    summary: Json = {"id": channel.id, "name": channel.name, "kind": channel.kind, "topic": channel.topic, "archived": channel.archived}
    summary |= {"private": channel.kind != "channel", "shared": bool(channel.shared), "tacit": world.bot_in(channel)}
    summary |= {"member": user.id in channel.members, "members": list(channel.members)}
    return summary | {"latest": messages[-1]["ts"] if messages else None, "last_text": messages[-1]["text"] if messages else ""}


def messages_of_person(world: World, user: User, channel: Channel, thread_ts: str) -> Json:
    """Return a channel's top level, or a thread, as this person sees it. Raises ControlError 403."""
    if not may_see(channel, user):
        raise ControlError(f"{user.name} does not see {channel.name or 'that DM'}.", 403)
    mine = [each for each in world.messages.ephemeral_in(channel.id) if each["ephemeral_to"] == user.id]
    both = world.messages.of_channel(channel.id) + mine
    found = [each for each in both if (_in_thread(each, thread_ts) if thread_ts else is_top_level(each))]
    messages = [shown(world, each) for each in sorted(found, key=lambda each: str(each["ts"]))]
    return {"messages": messages, "status": world.statuses.get((channel.id, thread_ts), "")}
