"""Plays one scenario on a fresh system, step by step, until one differs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import aiohttp

from bot.sandbox.play import acts, judgements
from bot.sandbox.play.chat import Chat, Print
from bot.sandbox.play.control import Control, Refused
from bot.sandbox.play.databases import fresh_database
from bot.sandbox.play.ledgers import Ledgers
from bot.sandbox.play.play import Differed, Play
from bot.sandbox.play.scenario import WIRED, Scenario, Step
from bot.sandbox.play.slow_model import OPENAI, SlowModel
from bot.sandbox.queue_server import NoQueueServer
from bot.sandbox.system import PRODUCT, NotUp, Plan, System
from bot.settings import load_settings
from stores.documents import Unavailable

NEVER = "1000000000"  # LEARN_AFTER in a play: 31 years

Do = Callable[[Play, Step], Awaitable[None]]

STEPS: dict[str, Do] = {
    "say": acts.say,
    "edit": acts.edit,
    "delete": acts.delete,
    "react": acts.react,
    "command": acts.command,
    "click": acts.click,
    "join": acts.join,
    "leave": acts.leave,
    "model": acts.model,
    "kill": acts.kill,
    "restart": acts.restart,
    "wipe": acts.wipe,
    "reply": judgements.reply,
    "no_reply": judgements.no_reply,
    "replies": judgements.replies,
    "finish": judgements.finish,
    "learned": judgements.learned,
}


class Difference(Exception):
    """Where and how a play went another way than its scenario says: FILE:LINE: what differed."""

    def __init__(self, path: Path, line: int, text: str) -> None:
        super().__init__(f"{path}:{line}: {text}")


async def play_scenario(
    scenario: Scenario, folder: Path, show: Print, *, mongodb_url: str | None, commands: Mapping[str, tuple[str, ...]] = PRODUCT
) -> None:
    """Play it, with logs and database in `folder`. Raises `Difference`."""
    first = scenario.steps[0].line if scenario.steps else 1
    async with AsyncExitStack() as stack:
        try:
            play = await start_play(stack, scenario, folder, show, mongodb_url, commands)
        except (NotUp, NoQueueServer, Unavailable, OSError, ValueError) as down:
            raise Difference(scenario.path, first, f"The system does not come up. {down}") from None
        for step in scenario.steps:
            await do_step(play, scenario, step)


async def start_play(
    stack: AsyncExitStack,
    scenario: Scenario,
    folder: Path,
    show: Print,
    mongodb_url: str | None,
    commands: Mapping[str, tuple[str, ...]] = PRODUCT,
) -> Play:
    """A play before its first step; it ends with `stack`. Raises what a system raises that does not come up."""
    environment = _environment(scenario)
    slow = await _slow_model(stack, scenario, environment)
    database = await stack.enter_async_context(fresh_database(mongodb_url))
    plan = Plan(folder, scenario.workspace, environment, mongodb_url=database, commands=commands)
    system = await stack.enter_async_context(System(plan))
    await system.up()
    http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)))
    control = Control(system.slack.url, http)
    await control.learn_names()
    chat = Chat(control, show)
    follower = asyncio.create_task(chat.follow())
    stack.push_async_callback(_end, chat, follower)
    timeout = load_settings(environment).model_timeout
    if "LEARN_AFTER" in scenario.settings:
        chat.note("LEARN_AFTER is not heeded: in a play it never elapses")
    return Play(system, control, Ledgers(system.documents), chat, timeout, slow or system.model)


def _environment(scenario: Scenario) -> dict[str, str]:
    """What bot and worker get: the environment, the scenario's settings, and a quiet period that never ends."""
    inherited = {name: value for name, value in os.environ.items() if name.upper() not in WIRED}
    return inherited | dict(scenario.settings) | {"LEARN_AFTER": NEVER}


async def _slow_model(stack: AsyncExitStack, scenario: Scenario, environment: dict[str, str]) -> SlowModel | None:
    """Where a scenario slows down a model that is not ours, a proxy before it."""
    url = environment.get("OPENAI_BASE_URL") or (OPENAI if environment.get("OPENAI_API_KEY") else "")
    if not url or not any(step.kind == "model" for step in scenario.steps):
        return None
    slow = await stack.enter_async_context(SlowModel(url))
    environment["OPENAI_BASE_URL"] = slow.base_url
    return slow


async def do_step(play: Play, scenario: Scenario, step: Step) -> None:
    """Do or judge one step. Raises `Difference`."""
    if step.kind != "learned":
        play.group = None
    try:
        await STEPS[step.kind](play, step)
    except (Differed, Refused, Unavailable) as differed:
        raise Difference(scenario.path, step.line, f"{step.kind}: {differed}") from None
    if step.kind not in ("finish", "learned") or not step.values.get("wait", True):
        play.finished = False
    play.said_just_now = step.kind == "say"


async def _end(chat: Chat, follower: asyncio.Task[None]) -> None:
    follower.cancel()
    with suppress(asyncio.CancelledError):
        await follower
    await chat.catch_up()
