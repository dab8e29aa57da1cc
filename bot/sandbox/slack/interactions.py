"""Slash commands, clicks and shortcuts, on their way to the app and back."""

import time
from functools import partial

from .blocks import clickables, entered, labels
from .channels import Channel
from .delivery import Delivery
from .errors import ControlError
from .ids import random_id
from .journal import Json
from .posting import Draft, post_ephemeral
from .response_url import respond
from .users import SLACKBOT, User
from .world import World

CHANNEL_NAMES = {"dm": "directmessage", "private": "privategroup"}


def command(world: World, channel: Channel, caller: User, line: str) -> Delivery:
    """Send a slash command, whose acknowledgement may carry the answer (https://docs.slack.dev/interactivity/implementing-slash-commands/)."""
    name, _, text = line.strip().partition(" ")
    if not name.startswith("/"):
        raise ControlError(f"{line!r} is no command: it starts with a slash.")
    response = world.remember("R", channel=channel.id, user=caller.id)
    payload = {
        "token": "sandbox",
        "team_id": world.team_id,
        "team_domain": world.domain,
        "channel_id": channel.id,
        "channel_name": CHANNEL_NAMES.get(channel.kind, channel.name),
        "user_id": caller.id,
        "user_name": caller.name,
        "command": name,
        "text": text.strip(),
        "api_app_id": world.app_id,
        "is_enterprise_install": "false",
        "response_url": f"{world.url}/response/{response}",
        "trigger_id": world.remember("trigger-", user=caller.id),
    }
    return world.deliveries.add(random_id("Cmd"), "command", name, payload, partial(_answered, world, channel, caller, response, name))


def _answered(world: World, channel: Channel, caller: User, response: str, name: str, delivery: Delivery) -> None:
    if delivery.answer:
        respond(world, world.contexts[response], delivery.answer)
    if delivery.state == "failed":
        _notice(world, channel, caller, f"{name} failed with the error “{delivery.error}”")


def _notice(world: World, channel: Channel, reader: User, text: str, thread_ts: str = "") -> None:
    post_ephemeral(world, channel, world.users[SLACKBOT], reader.id, Draft(text, thread_ts=thread_ts))


def click(
    world: World, channel: Channel, message: Json, clicker: User, *, label: str, action_id: str, block_id: str, option: str, typed: Json
) -> Delivery:
    """Click a button, or choose an option, of a message with `typed` in its fields (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload)."""
    action = _action(message, label, action_id, block_id, option)
    payload = _head(world, "block_actions", clicker) | _place(world, channel, message, clicker)
    ephemeral = bool(message.get("is_ephemeral"))
    container = {"type": "message", "message_ts": message["ts"], "channel_id": channel.id, "is_ephemeral": ephemeral}
    if message.get("thread_ts"):
        container["thread_ts"] = message["thread_ts"]
    payload |= {
        "container": container,
        "state": {"values": entered(message["blocks"], typed)},
        "actions": [action | {"action_ts": f"{time.time():.6f}"}],
    }
    if not ephemeral:
        payload["message"] = world.messages.shown(message, metadata=True)
    failed = partial(_failed, world, channel, clicker, message.get("thread_ts", ""))
    return world.deliveries.add(random_id("Act"), "action", action["action_id"], payload, failed)


def _action(message: Json, label: str, action_id: str, block_id: str, option: str) -> Json:
    offered: list[str] = []
    for block, element in clickables(message["blocks"]):
        found = labels(element)
        offered += found
        if (action_id and element.get("action_id") != action_id) or (block_id and block["block_id"] != block_id):
            continue
        wanted = option or label or next(iter(found))
        match = next((name for name in found if name.casefold() == wanted.casefold()), None)
        if match is not None:
            return {"type": element["type"], "action_id": element.get("action_id", ""), "block_id": block["block_id"], **found[match]}
    raise ControlError(f"There is no {label or action_id or option!r} to click there.", 404, offered=offered)


def shortcut(world: World, user: User, callback_id: str, channel: Channel | None, message: Json | None) -> Delivery:
    """Call a shortcut, on a message or from anywhere (https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload)."""
    payload = _head(world, "shortcut", user) | {"callback_id": callback_id, "action_ts": f"{time.time():.6f}"}
    if channel is None or message is None:
        return world.deliveries.add(random_id("Sc"), "shortcut", callback_id, payload)
    payload |= {"type": "message_action", "message_ts": message["ts"], "message": world.messages.shown(message)}
    failed = partial(_failed, world, channel, user, message.get("thread_ts", ""))
    return world.deliveries.add(random_id("Sc"), "shortcut", callback_id, payload | _place(world, channel, message, user), failed)


def _failed(world: World, channel: Channel, person: User, thread_ts: str, delivery: Delivery) -> None:
    if delivery.state == "failed":
        _notice(world, channel, person, "That did not work: the app did not answer.", thread_ts)


def _head(world: World, type: str, user: User) -> Json:
    return {
        "type": type,
        "token": "sandbox",
        "api_app_id": world.app_id,
        "team": {"id": world.team_id, "domain": world.domain},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": world.remember("trigger-", user=user.id),
    }


def _place(world: World, channel: Channel, message: Json, user: User) -> Json:
    key = world.remember(
        "R",
        channel=channel.id,
        user=user.id,
        message_ts=message["ts"],
        ephemeral=bool(message.get("is_ephemeral")),
        thread_ts=message.get("thread_ts", ""),
    )
    name = CHANNEL_NAMES.get(channel.kind, channel.name)
    return {"channel": {"id": channel.id, "name": name}, "response_url": f"{world.url}/response/{key}"}
