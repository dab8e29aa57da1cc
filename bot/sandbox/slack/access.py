"""What the app's token may do and see: scopes, channels, messages."""

from .args import Args
from .channels import SCOPE_WORDS, Channel
from .errors import ApiError
from .journal import Json
from .users import User
from .world import World


def require(world: World, scope: str) -> None:
    """Raise ApiError missing_scope unless the app was granted the scope."""
    if scope not in world.scopes:
        raise ApiError("missing_scope", needed=scope, provided=",".join(world.scopes))


def seen_channel(world: World, where: str) -> Channel:
    """Return the channel if the app can know of it: a public one, or one that it is in. Raises ApiError channel_not_found."""
    channel = world.channels.get(where)
    if channel is None or (channel.kind != "channel" and not world.bot_in(channel)):
        raise ApiError("channel_not_found")
    return channel


def entered_channel(world: World, where: str) -> Channel:
    """Return the channel if the app is in it. Raises ApiError channel_not_found, not_in_channel."""
    channel = seen_channel(world, where)
    if not world.bot_in(channel):
        raise ApiError("not_in_channel")
    return channel


def readable(world: World, args: Args) -> Channel:
    """Return the channel that the call wants to read messages of."""
    channel = seen_channel(world, args.text("channel"))
    require(world, f"{SCOPE_WORDS[channel.kind]}:history")
    return entered_channel(world, channel.id)


def writable(world: World, args: Args) -> Channel:
    """Return the channel that the call wants to write into: by id, by #name, or by a user's id for their DM."""
    where = args.text("channel")
    user = world.users.get(where)
    if user is not None:
        return world.direct(user)
    named = world.find_channel(where) if where.startswith("#") else None
    channel = entered_channel(world, named.id if named else where)
    if channel.archived:
        raise ApiError("is_archived")
    return channel


def seen_user(world: World, who: str) -> User:
    """Return the user. Raises ApiError user_not_found."""
    user = world.users.get(who)
    if user is None:
        raise ApiError("user_not_found")
    return user


def seen_message(world: World, channel: Channel, ts: str) -> Json:
    """Return the message. Raises ApiError message_not_found."""
    message = world.messages.get(channel.id, ts)
    if message is None or message.get("subtype") == "tombstone":
        raise ApiError("message_not_found")
    return message
