"""Control: what people do with messages."""

from . import posting, reactions
from .blocks import checked
from .errors import ControlError
from .ids import random_id
from .interactions import click as click_on
from .interactions import command as send_command
from .interactions import shortcut as call_shortcut
from .journal import Json
from .request import Wish
from .users import User

# Slack's names of the emoji that a person is likely to paste.
EMOJI = {
    "🧠": "brain",
    "✅": "white_check_mark",
    "👍": "+1",
    "👎": "-1",
    "❤": "heart",
    "🎉": "tada",
    "👀": "eyes",
    "🙏": "pray",
    "😂": "joy",
}
SUBTYPES = ("", "file_share", "me_message", "thread_broadcast", "bot_message")


def post(wish: Wish) -> Json:
    """Post as somebody."""
    wish.only("as", "in", "text", "thread_ts", "broadcast", "subtype", "files", "blocks")
    author, channel, subtype, files = wish.user(), wish.channel(), wish.text("subtype", ""), wish.list("files")
    if author.id not in channel.members:
        raise ControlError(f"{author.name} is not in {channel.name or 'that DM'}.")
    if subtype not in SUBTYPES:
        raise ControlError(f"Unknown subtype {subtype!r}. Known are: {', '.join(SUBTYPES[1:])}.")
    thread_ts = wish.text("thread_ts", "")
    root = wish.world.messages.get(channel.id, thread_ts) if thread_ts else None
    if thread_ts and root is None:
        raise ControlError(f"There is no message {thread_ts} in {channel.name or 'that DM'} to reply to.", 404)
    thread_ts = root.get("thread_ts", thread_ts) if root else ""
    more = _files(files, author) if files else {}
    broadcast = wish.flag("broadcast") or subtype == "thread_broadcast"
    subtype = subtype or ("file_share" if files else "")
    draft = posting.Draft(wish.typed(), thread_ts, broadcast, subtype, checked(wish.body.get("blocks")), more)
    message, events = posting.post(wish.world, channel, author, draft)
    return {"channel": channel.id, "ts": message["ts"], "thread_ts": thread_ts or None, "events": events}


def _files(files: list[Json], author: User) -> Json:
    shown = []
    for file in files:
        name = str(file.get("name") or "file.txt")
        more = {"title": file.get("title", name), "mimetype": file.get("mimetype", "text/plain"), "user": author.id, "mode": "hosted"}
        shown.append({"id": random_id("F"), "name": name, "size": 0, "is_external": False, **more})
    return {"files": shown, "upload": False, "display_as_bot": False}


def edit(wish: Wish) -> Json:
    """Edit a message as its author, or as `as`."""
    wish.only("channel", "ts", "text", "as")
    channel = wish.channel("channel")
    message = wish.message(channel)
    editor = wish.user("as", message["user"])
    events = posting.edit(wish.world, channel, message, editor, {"text": wish.typed()})
    return {"channel": channel.id, "ts": message["ts"], "edited_ts": message["edited"]["ts"], "events": events}


def unfurl(wish: Wish) -> Json:
    """Attach a link preview: message_changed with the same text and no `edited`."""
    wish.only("channel", "ts")
    channel = wish.channel("channel")
    message = wish.message(channel)
    before = dict(message)
    message["attachments"] = [{"id": 1, "from_url": "https://example.com", "title": "A preview", "fallback": "A preview"}]
    return {"channel": channel.id, "ts": message["ts"], "events": posting.changed(wish.world, channel, message, before)}


def delete(wish: Wish) -> Json:
    """Delete a message."""
    wish.only("channel", "ts", "as")
    channel = wish.channel("channel")
    message = wish.message(channel, ephemeral=True)
    ts = message["ts"]
    if message.get("is_ephemeral"):
        posting.delete_ephemeral(wish.world, message)
        return {"channel": channel.id, "ts": ts, "events": []}
    return {"channel": channel.id, "ts": ts, "events": posting.delete(wish.world, channel, message)}


def react(wish: Wish) -> Json:
    """React; a reaction that stands already causes no event."""
    return _react(wish, add=True)


def unreact(wish: Wish) -> Json:
    """Take a reaction back."""
    return _react(wish, add=False)


def _react(wish: Wish, *, add: bool) -> Json:
    wish.only("as", "channel", "ts", "emoji")
    channel, user, emoji = wish.channel("channel"), wish.user(), _emoji_name(wish.text("emoji"))
    message = wish.message(channel)
    events = (reactions.add if add else reactions.remove)(wish.world, channel, message, user.id, emoji)
    return {"channel": channel.id, "ts": message["ts"], "events": events or []}


def _emoji_name(emoji: str) -> str:
    return EMOJI.get(emoji.removesuffix("\ufe0f"), emoji.strip(":"))


def command(wish: Wish) -> Json:
    """Type a slash command."""
    wish.only("as", "in", "text")
    channel, caller = wish.channel(), wish.user()
    delivery = send_command(wish.world, channel, caller, wish.text("text"))
    return {"id": delivery.id, "trigger_id": delivery.payload["trigger_id"], "channel": channel.id}


def click(wish: Wish) -> Json:
    """Click a button, or choose an option, with `typed` (action → text) in the message's fields."""
    wish.only("as", "channel", "ts", "label", "action_id", "block_id", "option", "typed")
    channel, clicker = wish.channel("channel"), wish.user()
    message = wish.message(channel, ephemeral=True)
    if message.get("ephemeral_to", clicker.id) != clicker.id:
        raise ControlError(f"{clicker.name} does not see that message.", 403)
    parts = {name: wish.text(name, "") for name in ("label", "action_id", "block_id", "option")}
    delivery = click_on(wish.world, channel, message, clicker, **parts, typed=wish.mapping("typed"))
    return {"id": delivery.id, "trigger_id": delivery.payload["trigger_id"], "action_id": delivery.type}


def shortcut(wish: Wish) -> Json:
    """Call a shortcut."""
    wish.only("as", "callback_id", "channel", "ts")
    channel = wish.channel("channel") if wish.body.get("channel") else None
    message = wish.message(channel) if channel else None
    delivery = call_shortcut(wish.world, wish.user(), wish.text("callback_id"), channel, message)
    return {"id": delivery.id, "trigger_id": delivery.payload["trigger_id"]}
