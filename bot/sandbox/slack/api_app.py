"""What the app asks about itself, and what it shows: auth, views, statuses."""

import time
from typing import Any

from .access import entered_channel, seen_user
from .args import Args
from .errors import ApiError
from .ids import random_id
from .journal import Json
from .world import World

TRIGGER_GOOD_FOR_SECONDS = 3.0


def api_test(world: World, args: Args) -> Json:
    """api.test."""
    if args.given.get("error"):
        raise ApiError(args.text("error"), args=args.given)
    return {"args": {key: value for key, value in args.given.items() if key != "token"}}


def auth_test(world: World, args: Args) -> Json:
    """auth.test."""
    who = {"user": world.bot_name, "user_id": world.bot_user, "bot_id": world.bot_id, "app_id": world.app_id}
    return {"url": f"{world.url}/", "team": world.name, "team_id": world.team_id, **who, "is_enterprise_install": False}


def publish_view(world: World, args: Args) -> Json:
    """views.publish: the app's home page for one user."""
    user, view = seen_user(world, args.text("user_id")), _view(world, args)
    if view["type"] != "home":
        raise ApiError("invalid_arguments", response_metadata={"messages": ["[ERROR] unsupported view type"]})
    world.homes[user.id] = view
    world.journal.put("home", user.id, {"user": user.id, "view": view})
    world.feed.add("home", user=user.id, view=view)
    return {"view": view}


def open_view(world: World, args: Args) -> Json:
    """views.open: a modal for whoever acted within the last 3 seconds."""
    context = world.contexts.get(args.text("trigger_id"))
    if context is None:
        raise ApiError("invalid_trigger_id")
    if time.time() - context["at"] > TRIGGER_GOOD_FOR_SECONDS:
        raise ApiError("expired_trigger_id")
    view = _view(world, args)
    world.modals.append({"user": context["user"], "view": view})
    world.feed.add("modal", user=context["user"], view=view)
    return {"view": view}


def _view(world: World, args: Args) -> Json:
    view: Any = args.structure("view", "invalid_arguments")
    if not isinstance(view, dict) or view.get("type") not in ("home", "modal") or not isinstance(view.get("blocks"), list):
        raise ApiError("invalid_arguments", response_metadata={"messages": ["[ERROR] view must have a type and blocks"]})
    given = {"id": random_id("V"), "team_id": world.team_id, "app_id": world.app_id, "bot_id": world.bot_id, "hash": random_id("")}
    return view | given


def set_status(world: World, args: Args) -> Json:
    """assistant.threads.setStatus and agents.sessions.setStatus: what the app says it is doing in a thread."""
    channel = entered_channel(world, args.text("channel_id"))
    key, status = (channel.id, args.text("thread_ts", "")), args.text("status", "")
    if key[1] and world.messages.get(*key) is None:
        raise ApiError("thread_not_found")
    world.statuses.pop(key, None)
    if status:
        world.statuses[key] = status
    world.feed.add("status", channel=channel.id, thread_ts=key[1], status=status)
    return {}


def set_prompts(world: World, args: Args) -> Json:
    """assistant.threads.setSuggestedPrompts: at most four."""
    channel = entered_channel(world, args.text("channel_id"))
    prompts = args.structure("prompts", "invalid_arguments")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
        raise ApiError("invalid_arguments", response_metadata={"messages": ["[ERROR] prompts must have 1 to 4 items"]})
    world.feed.add("prompts", channel=channel.id, prompts=prompts)
    return {}
