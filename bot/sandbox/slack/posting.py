"""Posting, editing and deleting messages, with the events that each causes."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from .channels import Channel
from .events import emit, emit_if_member
from .journal import Json
from .text import mentions, rich_text
from .users import SLACKBOT, User
from .world import World

MENTION_KEYS = (
    *("user", "text", "ts", "client_msg_id", "team", "blocks", "thread_ts", "parent_user_id", "files", "upload"),
    *("user_team", "source_team", "bot_id", "app_id", "bot_profile", "edited"),
)


@dataclass(frozen=True)
class Draft:
    """A message to post. `text` is in Slack's form; `blocks` are the poster's own."""

    text: str
    thread_ts: str = ""
    broadcast: bool = False
    subtype: str = ""
    blocks: list[Json] | None = None
    more: Json = field(default_factory=dict)  # further keys of the message: files, attachments, metadata, …


def post(world: World, channel: Channel, author: User, draft: Draft) -> tuple[Json, list[str]]:
    """Post the message; return it with the ids of its events."""
    message = _message(world, channel, author, draft)
    world.messages.keep(message)
    _clear_status(world, message)
    world.feed.add("message", channel=channel.id, thread_ts=message.get("thread_ts"), message=world.messages.shown(message, metadata=True))
    return message, _mention(world, channel, message) + emit_if_member(world, message_event(world, channel, message), channel)


def _message(world: World, channel: Channel, author: User, draft: Draft) -> Json:
    message: Json = {"type": "message", "channel": channel.id, "user": author.id, "text": draft.text, "ts": world.clock.ts()}
    message |= {"team": author.team_id, "blocks": draft.blocks or rich_text(draft.text), "own_blocks": draft.blocks is not None}
    subtype = "thread_broadcast" if draft.broadcast and draft.thread_ts else draft.subtype
    if subtype:
        message["subtype"] = subtype
    if author.bot_id:
        message |= _bot_profile(world, author)
    else:
        message["client_msg_id"] = str(uuid.uuid4())
    if author.external:
        message |= {"user_team": author.team_id, "source_team": author.team_id}
    if draft.thread_ts:
        root = world.messages.get(channel.id, draft.thread_ts) or {}
        message |= {"thread_ts": draft.thread_ts, "parent_user_id": root.get("user", "")}
    return message | draft.more


def _bot_profile(world: World, author: User) -> Json:
    app_id = world.app_id if author.id == world.bot_user else ""
    profile = {"id": author.bot_id, "app_id": app_id, "name": author.name, "icons": {}, "deleted": False, "team_id": author.team_id}
    return {"bot_id": author.bot_id, "app_id": app_id, "bot_profile": profile}


def message_event(world: World, channel: Channel, message: Json) -> Json:
    """Return the message as an event (https://docs.slack.dev/reference/events/message)."""
    shown = {key: value for key, value in world.messages.shown(message).items() if not key.startswith("reply_")}
    event = shown | {"channel": channel.id, "event_ts": message["ts"], "channel_type": channel.type}
    if message.get("subtype") == "bot_message":  # An incoming webhook: it has a name and no user.
        event |= {"bot_id": event.get("bot_id", "B0WEBHOOK"), "username": world.users[event.pop("user")].name}
    if message.get("subtype") == "thread_broadcast":
        event["root"] = world.messages.shown(world.messages.get(channel.id, message["thread_ts"]) or {"channel": channel.id, "ts": ""})
    return event


def _mention(world: World, channel: Channel, message: Json, edited: Json | None = None) -> list[str]:
    """Emit app_mention, unless the place is a DM or one that Tacit cannot see (https://docs.slack.dev/reference/events/app_mention)."""
    hidden = channel.kind == "dm" or (channel.kind != "channel" and not world.bot_in(channel))
    own = message["user"] == world.bot_user
    if hidden or own or not mentions(message["text"], message["blocks"], world.bot_user):
        return []
    event = {"type": "app_mention", **{key: message[key] for key in MENTION_KEYS if key in message}}
    return emit(world, event | {"channel": channel.id, "event_ts": edited["ts"] if edited else message["ts"]}, channel)


def _clear_status(world: World, message: Json) -> None:
    """A reply by the app ends the status of its thread, except an agent session's (https://docs.slack.dev/reference/methods/assistant.threads.setStatus)."""
    key = (message["channel"], message.get("thread_ts", ""))
    if message["user"] == world.bot_user and world.statuses.get(key, "processing") != "processing":
        del world.statuses[key]
        world.feed.add("status", channel=key[0], thread_ts=key[1], status="")


def edit(world: World, channel: Channel, message: Json, editor: User, changes: Json) -> list[str]:
    """Change the message's text, blocks, … and mark it edited; return the ids of its events."""
    before, had = dict(message), mentions(message["text"], message["blocks"], world.bot_user)
    message |= changes
    if not message["own_blocks"]:
        message["blocks"] = rich_text(message["text"])
    message["edited"] = {"user": editor.id, "ts": world.clock.ts()}
    events = [] if had else _mention(world, channel, message, message["edited"])
    return events + changed(world, channel, message, before, message["edited"]["ts"])


def changed(world: World, channel: Channel, message: Json, before: Json, ts: str = "") -> list[str]:
    """Keep a changed message and emit message_changed (https://docs.slack.dev/reference/events/message/message_changed)."""
    ts = ts or world.clock.ts()
    world.messages.keep(message)
    shown, previous = world.messages.shown(message), world.messages.shown(before)
    world.feed.add("changed", channel=channel.id, thread_ts=message.get("thread_ts"), message=shown, previous=previous)
    return emit_if_member(world, _hidden(channel, "message_changed", ts, message=shown, previous_message=previous), channel)


def delete(world: World, channel: Channel, message: Json) -> list[str]:
    """Delete the message; a root with replies leaves a tombstone, and that is a message_changed."""
    before = dict(message)
    if world.messages.replies(channel.id, message["ts"]):
        message.clear()
        message.update(_tombstone(before))
        return changed(world, channel, message, before)
    previous = world.messages.shown(before)
    world.messages.drop(message)
    world.feed.add("deleted", channel=channel.id, ts=before["ts"], thread_ts=before.get("thread_ts"), ephemeral=False)
    event = _hidden(channel, "message_deleted", world.clock.ts(), deleted_ts=before["ts"], previous_message=previous)
    return emit_if_member(world, event, channel)


def _tombstone(message: Json) -> Json:
    words = "This message was deleted."
    kept = {"type": "message", "channel": message["channel"], "ts": message["ts"], "thread_ts": message["ts"]}
    return kept | {"subtype": "tombstone", "text": words, "user": SLACKBOT, "hidden": True, "blocks": [], "own_blocks": True}


def _hidden(channel: Channel, subtype: str, ts: str, **parts: Any) -> Json:
    head = {"type": "message", "subtype": subtype, "channel": channel.id, "channel_type": channel.type}
    return head | {"hidden": True, "ts": ts, "event_ts": ts, **parts}


def post_ephemeral(world: World, channel: Channel, author: User, reader: str, draft: Draft) -> Json:
    """Show a message to one person; no event comes of it."""
    message = _message(world, channel, author, draft)
    message |= {"is_ephemeral": True, "ephemeral_to": reader}
    world.messages.keep_ephemeral(message)
    show_ephemeral(world, message)
    return message


def show_ephemeral(world: World, message: Json) -> None:
    """Tell the feed of an ephemeral message, new or changed."""
    shown, reader = world.messages.shown(message), message["ephemeral_to"]
    world.feed.add("ephemeral", channel=message["channel"], thread_ts=message.get("thread_ts"), message=shown, ephemeral_to=reader)


def delete_ephemeral(world: World, message: Json) -> None:
    """Take an ephemeral message away."""
    world.messages.drop_ephemeral(message)
    world.feed.add("deleted", channel=message["channel"], ts=message["ts"], thread_ts=message.get("thread_ts"), ephemeral=True)
