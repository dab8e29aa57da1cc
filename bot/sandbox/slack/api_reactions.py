"""reactions.* (https://docs.slack.dev/reference/methods?family=reactions)."""

from . import reactions
from .access import entered_channel, seen_message
from .args import Args
from .channels import Channel
from .errors import ApiError
from .journal import Json
from .world import World


def _target(world: World, args: Args) -> tuple[Channel, Json, str]:
    channel = entered_channel(world, args.text("channel"))
    emoji = args.text("name").strip(":")
    if not emoji or not all(part.isalnum() or part in "_-+'" for part in emoji.partition("::")[0]):
        raise ApiError("invalid_name")
    if channel.archived:
        raise ApiError("is_archived")
    return channel, seen_message(world, channel, args.text("timestamp")), emoji


def add(world: World, args: Args) -> Json:
    """reactions.add."""
    channel, message, emoji = _target(world, args)
    if reactions.add(world, channel, message, world.bot_user, emoji) is None:
        raise ApiError("already_reacted")
    return {}


def remove(world: World, args: Args) -> Json:
    """reactions.remove: the app's own alone."""
    channel, message, emoji = _target(world, args)
    if reactions.remove(world, channel, message, world.bot_user, emoji) is None:
        raise ApiError("no_reaction")
    return {}


def get(world: World, args: Args) -> Json:
    """reactions.get."""
    channel = entered_channel(world, args.text("channel"))
    message = seen_message(world, channel, args.text("timestamp"))
    return {"type": "message", "channel": channel.id, "message": world.messages.shown(message) | {"permalink": world.permalink(message)}}
