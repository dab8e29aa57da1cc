"""chat.*: posting, updating, deleting (https://docs.slack.dev/reference/methods?family=chat)."""

from typing import Any

from .access import seen_channel, seen_message, writable
from .args import Args
from .blocks import checked
from .channels import Channel
from .errors import ApiError
from .journal import Json
from .posting import Draft, delete, edit, post, post_ephemeral
from .world import World

LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000
LONGEST_MARKDOWN = 12_000
LONGEST_METADATA = 8_000  # characters of JSON


def post_message(world: World, args: Args) -> Json:
    """chat.postMessage."""
    channel = writable(world, args)
    text, blocks = _content(args, LONGEST_POST)
    more: Json = {"metadata": found} if (found := _metadata(args)) else {}
    draft = Draft(text, _thread(world, channel, args), args.flag("reply_broadcast"), blocks=blocks, more=more | _attachments(args))
    message, _ = post(world, channel, world.users[world.bot_user], draft)
    return {"channel": channel.id, "ts": message["ts"], "message": world.messages.shown(message, metadata=True)}


def _content(args: Args, longest: int) -> tuple[str, list[Json] | None]:
    text, markdown = args.text("text", ""), args.text("markdown_text", "")
    blocks = checked(args.structure("blocks", "invalid_blocks_format"))
    if markdown and (text or blocks):
        raise ApiError("markdown_text_conflict")
    if not (text or blocks or markdown or args.given.get("attachments")):
        raise ApiError("no_text")
    if len(text) > longest or len(markdown) > LONGEST_MARKDOWN:
        raise ApiError("msg_too_long")
    return text or markdown, blocks


def _attachments(args: Args) -> Json:
    attachments = args.structure("attachments", "invalid_attachments")
    return {"attachments": attachments} if attachments else {}


def _metadata(args: Args) -> Any:
    metadata = args.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise ApiError("invalid_metadata_format")
    named = isinstance(metadata.get("event_type"), str) and metadata["event_type"] and isinstance(metadata.get("event_payload"), dict)
    if metadata and not named:
        raise ApiError("invalid_metadata_schema")
    if len(str(metadata)) > LONGEST_METADATA:
        raise ApiError("metadata_too_large")
    return metadata


def _thread(world: World, channel: Channel, args: Args) -> str:
    ts = args.text("thread_ts", "")
    root = world.messages.get(channel.id, ts) if ts else None
    if ts and root is None:
        raise ApiError("thread_not_found")
    if root and root.get("thread_ts", ts) != ts:
        raise ApiError("cannot_reply_to_message")
    return ts


def update(world: World, args: Args) -> Json:
    """chat.update: own messages alone. Blocks and metadata that are not given stay, an empty list of blocks takes them away."""
    channel = writable(world, args)
    message = seen_message(world, channel, args.text("ts"))
    if message["user"] != world.bot_user:
        raise ApiError("cant_update_message")
    text, blocks = _content(args, LONGEST_UPDATE)
    changes: Json = ({"text": text} if text else {}) | _attachments(args)
    if blocks is not None:
        changes |= {"blocks": blocks, "own_blocks": bool(blocks)}
    if (metadata := _metadata(args)) is not None:
        changes["metadata"] = metadata
    edit(world, channel, message, world.users[world.bot_user], changes)
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": world.messages.shown(message, metadata=True)}


def delete_message(world: World, args: Args) -> Json:
    """chat.delete: own messages alone."""
    channel = writable(world, args)
    message = seen_message(world, channel, args.text("ts"))
    if message["user"] != world.bot_user:
        raise ApiError("cant_delete_message")
    ts = message["ts"]
    delete(world, channel, message)
    return {"channel": channel.id, "ts": ts}


def post_ephemeral_message(world: World, args: Args) -> Json:
    """chat.postEphemeral: the reader must be in the channel, and so must the app."""
    channel, reader = writable(world, args), args.text("user")
    if reader not in channel.members:
        raise ApiError("user_not_in_channel")
    text, blocks = _content(args, LONGEST_POST)
    draft = Draft(text, _thread(world, channel, args), blocks=blocks, more=_attachments(args))
    return {"message_ts": post_ephemeral(world, channel, world.users[world.bot_user], reader, draft)["ts"]}


def permalink(world: World, args: Args) -> Json:
    """chat.getPermalink."""
    channel = seen_channel(world, args.text("channel"))
    message = seen_message(world, channel, args.text("message_ts"))
    return {"channel": channel.id, "permalink": world.permalink(message)}
