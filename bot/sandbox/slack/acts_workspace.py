"""Control: what happens to channels and people."""

from dataclasses import fields

from . import membership
from .errors import ControlError
from .events import emit
from .journal import Json
from .request import Wish
from .users import User
from .workspace import ChannelSpec, TeammateSpec, channel_spec, teammate_spec


def join(wish: Wish) -> Json:
    """Join, or be invited."""
    wish.only("as", "in", "by")
    channel, user = wish.channel(), wish.user()
    by = wish.user("by") if wish.body.get("by") else None
    return {"channel": channel.id, "events": membership.join(wish.world, channel, user, by)}


def leave(wish: Wish) -> Json:
    """Leave, or be removed."""
    wish.only("as", "in", "by")
    channel, user = wish.channel(), wish.user()
    by = wish.user("by") if wish.body.get("by") else None
    return {"channel": channel.id, "events": membership.leave(wish.world, channel, user, by)}


def _actor(wish: Wish) -> User:
    """Return who does it: `as`, or else the channel's creator."""
    return wish.user("as", wish.channel().creator or wish.world.bot_user)


def privacy(wish: Wish) -> Json:
    """Turn a channel private or public."""
    wish.only("as", "in", "private")
    channel = wish.channel()
    if channel.kind not in ("channel", "private"):
        raise ControlError("A DM stays a DM.")
    return {"channel": channel.id, "events": membership.privacy(wish.world, channel, _actor(wish), wish.flag("private", True))}


def share(wish: Wish) -> Json:
    """Share a channel with another workspace, or end it."""
    wish.only("in", "team")
    channel = wish.channel()
    return {"channel": channel.id, "events": membership.share(wish.world, channel, wish.text("team", "") or None)}


def archive(wish: Wish) -> Json:
    """Archive a channel or bring it back."""
    wish.only("as", "in", "archived")
    channel = wish.channel()
    return {"channel": channel.id, "events": membership.archive(wish.world, channel, _actor(wish), wish.flag("archived", True))}


def rename(wish: Wish) -> Json:
    """Rename a channel."""
    wish.only("as", "in", "name")
    channel = wish.channel()
    return {"channel": channel.id, "events": membership.rename(wish.world, channel, _actor(wish), wish.text("name"))}


def remove(wish: Wish) -> Json:
    """Delete a channel."""
    wish.only("as", "in")
    channel = wish.channel()
    return {"channel": channel.id, "events": membership.remove(wish.world, channel, _actor(wish))}


def create_channel(wish: Wish) -> Json:
    """Create a channel; Tacit hears that it joined."""
    name, spec = _described(wish)
    if wish.world.find_channel(name):
        raise ControlError(f"There is a channel {name!r} already.")
    known = [user.name for user in wish.world.users.values()]
    described = channel_spec(name, spec, known)
    # A group DM has its members from the start; into a channel Tacit is invited.
    invited = described.tacit and not described.group_dm
    channel = wish.world.add_channel(name, ChannelSpec(**{**vars(described), "tacit": described.tacit and not invited}))
    if not invited:
        return {"channel": channel.id, "events": []}
    return {"channel": channel.id, "events": membership.join(wish.world, channel, wish.world.users[wish.world.bot_user])}


def _described(wish: Wish) -> tuple[str, Json]:
    spec = {key: value for key, value in wish.body.items() if key not in ("name", "wait", "timeout")}
    return wish.text("name").removeprefix("#").removeprefix("@"), spec


def teammate(wish: Wish) -> Json:
    """Create a teammate, or change one: what is not named stays."""
    name, spec = _described(wish)
    user = wish.world.find_user(name)
    if user is None:
        user = wish.world.add_user(name, teammate_spec(name, spec))
        type = "team_join"
    else:
        now = {"admin": user.admin, "owner": user.owner, "guest": user.guest, "bot": user.bot, "deleted": user.deleted}
        now |= {"tz": user.tz, "locale": user.locale, "real_name": user.real_name, "external": user.team_id if user.external else ""}
        user.describe(teammate_spec(name, {**{each.name: now[each.name] for each in fields(TeammateSpec)}, **spec}))
        wish.world.keep_user(user)
        type = "user_change"
    event = {"type": type, "user": user.in_slack(), "cache_ts": user.updated, "event_ts": wish.world.clock.ts()}
    return {"user": user.id, "events": emit(wish.world, event)}


def home(wish: Wish) -> Json:
    """Open the app's page."""
    wish.only("as", "tab")
    user = wish.user()
    channel, tab = wish.world.direct(user), wish.text("tab", "messages")
    event: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": tab, "event_ts": wish.world.clock.ts()}
    if tab == "home" and user.id in wish.world.homes:
        event["view"] = wish.world.homes[user.id]
    return {"channel": channel.id, "events": emit(wish.world, event)}


def inject(wish: Wish) -> Json:
    """Send any event, whether it makes sense or not."""
    wish.only("event", "event_id")
    event = wish.body.get("event")
    if not isinstance(event, dict) or not event.get("type"):
        raise ControlError("`event` must be an object with a `type`.")
    where = event.get("channel")
    channel = wish.world.channels.get(where) if isinstance(where, str) else None
    return {"events": emit(wish.world, event, channel, event_id=wish.text("event_id", ""))}
