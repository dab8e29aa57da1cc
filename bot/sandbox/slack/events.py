"""Events for the app: the envelope, and which of them reach it."""

import time
from typing import Any

from .channels import Channel
from .ids import random_id
from .journal import Json
from .world import World


def emit(world: World, event: Json, channel: Channel | None = None, *, event_id: str = "") -> list[str]:
    """Queue an event for the app and return its id in a list."""
    return [_queue(world, event, channel, event_id)]


def emit_if_member(world: World, event: Json, channel: Channel) -> list[str]:
    """Queue an event if Tacit is in the channel, as Slack's channel events require; return its id in a list, else []."""
    return emit(world, event, channel) if world.bot_in(channel) else []


def _queue(world: World, event: Json, channel: Channel | None, event_id: str) -> str:
    shared = bool(channel and channel.shared)
    authorization: dict[str, Any] = {"enterprise_id": None, "team_id": world.team_id, "user_id": world.bot_user}
    envelope: Json = {
        "token": "sandbox",
        "team_id": world.team_id,
        "context_team_id": world.team_id,
        "context_enterprise_id": None,
        "api_app_id": world.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id or random_id("Ev"),
        "event_time": int(time.time()),
        "authorizations": [authorization | {"is_bot": True, "is_enterprise_install": False}],
        "is_ext_shared_channel": shared,
        "event_context": random_id("4-"),
    }
    world.deliveries.add(envelope["event_id"], "event", event.get("type", ""), envelope)
    return str(envelope["event_id"])
