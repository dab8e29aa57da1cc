"""What an app posts to a response_url (https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses)."""

import json
import time
from typing import Any

from aiohttp import web

from .blocks import checked
from .channels import Channel
from .errors import ApiError
from .journal import Json
from .posting import Draft, changed, delete, delete_ephemeral, post, post_ephemeral, show_ephemeral
from .text import rich_text
from .world import CONTEXT_GOOD_FOR_SECONDS, World

MOST_USES = 5


async def take(world: World, request: web.Request) -> web.Response:
    """Take one answer: up to five within 30 minutes."""
    context = world.contexts.get(request.match_info["key"])
    if context is None or "channel" not in context:
        return web.Response(status=404, text="invalid_url")
    if context["uses"] >= MOST_USES or time.time() - context["at"] > CONTEXT_GOOD_FOR_SECONDS:
        return web.Response(status=404, text="used_url" if context["uses"] >= MOST_USES else "expired_url")
    context["uses"] += 1
    world.journal.put("context", context["id"], context)
    try:
        respond(world, context, json.loads(await request.text()))
    except (ApiError, ValueError) as error:
        return web.json_response({"ok": False, "error": getattr(error, "code", "invalid_payload")}, status=200)
    return web.Response(text="ok")


def respond(world: World, context: Json, body: Json) -> None:
    """Do what the answer says: a new message (ephemeral unless in_channel), or the source replaced or deleted. Raises ApiError."""
    channel = world.channels.get(context["channel"])
    if channel is None:
        raise ApiError("channel_not_found")
    if body.get("delete_original") in (True, "true"):
        return _delete_original(world, channel, context)
    text, blocks = str(body.get("text") or ""), checked(body.get("blocks"))
    if not text and not blocks:
        raise ApiError("no_text")
    if body.get("replace_original") in (True, "true"):
        return _replace_original(world, channel, context, text, blocks)
    more: dict[str, Any] = {"attachments": body["attachments"]} if body.get("attachments") else {}
    draft = Draft(text, thread_ts=body.get("thread_ts") or context.get("thread_ts", ""), blocks=blocks, more=more)
    author = world.users[world.bot_user]
    if body.get("response_type") == "in_channel":
        post(world, channel, author, draft)
    else:
        post_ephemeral(world, channel, author, context["user"], draft)


def _original(world: World, context: Json) -> Json:
    find = world.messages.get_ephemeral if context.get("ephemeral") else world.messages.get
    message = find(context["channel"], context.get("message_ts", ""))
    if message is None:
        raise ApiError("message_not_found")
    return message


def _replace_original(world: World, channel: Channel, context: Json, text: str, blocks: list[Json] | None) -> None:
    message = _original(world, context)
    before = dict(message)
    message |= {"text": text, "blocks": blocks or rich_text(text), "own_blocks": blocks is not None}
    if context.get("ephemeral"):
        world.messages.keep_ephemeral(message)
        return show_ephemeral(world, message)
    changed(world, channel, message, before)


def _delete_original(world: World, channel: Channel, context: Json) -> None:
    message = _original(world, context)
    if context.get("ephemeral"):
        return delete_ephemeral(world, message)
    delete(world, channel, message)
