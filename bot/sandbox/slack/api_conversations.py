"""conversations.* and users.conversations (https://docs.slack.dev/reference/methods?family=conversations)."""

import base64

from .access import entered_channel, readable, require, seen_channel, seen_user
from .args import Args, page
from .channels import LIST_TYPES, SCOPE_WORDS, Channel
from .errors import ApiError
from .journal import Json
from .membership import join, leave
from .workspace import ChannelSpec
from .world import World


def info(world: World, args: Args) -> Json:
    """conversations.info."""
    channel = seen_channel(world, args.text("channel"))
    require(world, f"{SCOPE_WORDS[channel.kind]}:read")
    shown = _shown(world, channel)
    return {"channel": shown | ({"num_members": len(channel.members)} if args.flag("include_num_members") else {})}


def _shown(world: World, channel: Channel) -> Json:
    return channel.in_slack(world.bot_user, world.team_id)


def _types(world: World, args: Args) -> set[str]:
    types = {each.strip() for each in args.text("types", "public_channel").split(",")}
    if types - set(LIST_TYPES.values()):
        raise ApiError("invalid_types")
    for kind, name in LIST_TYPES.items():
        if name in types:
            require(world, f"{SCOPE_WORDS[kind]}:read")
    return types


def list_channels(world: World, args: Args) -> Json:
    """conversations.list: public ones, and those private ones that the app is in."""
    return _listed(world, args, [each for each in world.channels.values() if each.kind == "channel" or world.bot_in(each)])


def of_user(world: World, args: Args) -> Json:
    """users.conversations: with a bot token a user's public channels, and those private ones where the bot is a member too."""
    user = seen_user(world, args.text("user", world.bot_user))
    theirs = [each for each in world.channels.values() if user.id in each.members]
    return _listed(world, args, [each for each in theirs if each.kind == "channel" or world.bot_in(each)])


def _listed(world: World, args: Args, channels: list[Channel]) -> Json:
    types, unarchived = _types(world, args), args.flag("exclude_archived")
    wanted = [each for each in channels if LIST_TYPES[each.kind] in types and not (unarchived and each.archived)]
    found, cursor = page(wanted, args)
    return {"channels": [_shown(world, each) for each in found], "response_metadata": {"next_cursor": cursor}}


def members(world: World, args: Args) -> Json:
    """conversations.members."""
    channel = seen_channel(world, args.text("channel"))
    require(world, f"{SCOPE_WORDS[channel.kind]}:read")
    found, cursor = page(channel.members, args)
    return {"members": found, "response_metadata": {"next_cursor": cursor}}


def history(world: World, args: Args) -> Json:
    """conversations.history: newest first."""
    channel = readable(world, args)
    messages = [each for each in world.messages.top_level(channel.id) if _within(each["ts"], args)]
    return _messages(world, args, messages[::-1]) | {"pin_count": 0}


def replies(world: World, args: Args) -> Json:
    """conversations.replies: the root first, always; then its replies, oldest first. The ts of a reply returns that reply."""
    channel, ts = readable(world, args), args.text("ts")
    message = world.messages.get(channel.id, ts)
    if message is None:
        raise ApiError("thread_not_found")
    found = [each for each in world.messages.replies(channel.id, ts) if _within(each["ts"], args)]
    return _messages(world, args, [message, *found])


def _within(ts: str, args: Args) -> bool:
    """Say whether a ts lies between oldest and latest, which count themselves only if `inclusive`."""
    moment, oldest, latest = _micros(ts), args.text("oldest", ""), args.text("latest", "")
    inclusive = args.flag("inclusive")
    after = not oldest or moment > _micros(oldest) or (inclusive and moment == _micros(oldest))
    before = not latest or moment < _micros(latest) or (inclusive and moment == _micros(latest))
    return after and before


def _micros(ts: str) -> int:
    try:
        seconds, _, rest = ts.partition(".")
        return int(seconds) * 1_000_000 + int((rest + "000000")[:6])
    except ValueError:
        raise ApiError("invalid_ts_oldest") from None


def _messages(world: World, args: Args, messages: list[Json]) -> Json:
    """Return one page; the cursor names the ts of the next message, so that news between two pages shifts nothing."""
    start = _cursor_at(args.text("cursor", ""), messages)
    limit, metadata = args.number("limit", 100, 1000), args.flag("include_all_metadata")
    shown = [world.messages.shown(each, metadata=metadata) for each in messages[start : start + limit]]
    following = messages[start + limit : start + limit + 1]
    cursor = base64.b64encode(f"next_ts:{following[0]['ts']}".encode()).decode() if following else ""
    return {"messages": shown, "has_more": bool(cursor)} | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _cursor_at(cursor: str, messages: list[Json]) -> int:
    if not cursor:
        return 0
    try:
        word, _, ts = base64.b64decode(cursor, validate=True).decode().partition(":")
    except ValueError:
        word, ts = "", ""
    places = [number for number, each in enumerate(messages) if each["ts"] == ts]
    if word != "next_ts":
        raise ApiError("invalid_cursor")
    return places[0] if places else _gone(messages, ts)


def _gone(messages: list[Json], ts: str) -> int:
    """Find where to go on when the next message was deleted meanwhile."""
    if len(messages) > 1 and messages[-1]["ts"] < messages[-2]["ts"]:
        return next((number for number, each in enumerate(messages) if each["ts"] < ts), len(messages))
    return next((number for number, each in enumerate(messages) if number and each["ts"] > ts), len(messages))


def open_conversation(world: World, args: Args) -> Json:
    """conversations.open: the DM with one user, or a group DM with several."""
    if args.given.get("channel"):
        return {"channel": {"id": entered_channel(world, args.text("channel")).id}, "no_op": True, "already_open": True}
    users = [seen_user(world, each.strip()) for each in args.text("users").split(",")]
    require(world, "im:write" if len(users) == 1 else "mpim:write")
    channel = world.direct(users[0]) if len(users) == 1 else _group(world, [user.id for user in users])
    return {"channel": _shown(world, channel) if args.flag("return_im") else {"id": channel.id}}


def _group(world: World, people: list[str]) -> Channel:
    wanted = {*people, world.bot_user}
    found = next((each for each in world.channels.values() if each.kind == "group_dm" and set(each.members) == wanted), None)
    name = f"mpdm-{'--'.join(world.users[each].name for each in people)}-1"
    spec = ChannelSpec(group_dm=True, members=tuple(world.users[each].name for each in people))
    return found or world.add_channel(name, spec)


def join_channel(world: World, args: Args) -> Json:
    """conversations.join: public channels alone."""
    channel = seen_channel(world, args.text("channel"))
    require(world, "channels:join")
    if channel.kind != "channel":
        raise ApiError("method_not_supported_for_channel_type")
    if channel.archived:
        raise ApiError("is_archived")
    join(world, channel, world.users[world.bot_user])
    return {"channel": _shown(world, channel)}


def leave_channel(world: World, args: Args) -> Json:
    """conversations.leave."""
    channel = seen_channel(world, args.text("channel"))
    require(world, f"{SCOPE_WORDS[channel.kind]}:manage" if channel.kind == "channel" else f"{SCOPE_WORDS[channel.kind]}:write")
    if not world.bot_in(channel):
        return {"not_in_channel": True}
    leave(world, channel, world.users[world.bot_user])
    return {}
