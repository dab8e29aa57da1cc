"""`tacit try`: everything on this machine, until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import click

from bot.sandbox.keeping_up import keep_up
from bot.sandbox.lock import Lock, Taken
from bot.sandbox.page.page import TRIES, About, Try, page_routes
from bot.sandbox.ports import is_taken
from bot.sandbox.queue_server import NoQueueServer
from bot.sandbox.slack import Workspace
from bot.sandbox.system import NotUp, Plan, System
from bot.settings import Settings
from stores.loading import installed

FOLDER = Path(".tacit")
WORKSPACE = Path(__file__).with_name("workspace.yaml")
PORT = 8700
PORTS_TRIED = 50
TAKE_OVER = 10.0  # seconds to wait for the children of one that was killed
OFFLINE = "offline: plain rules, no language model (OPENAI_API_KEY or OPENAI_BASE_URL names a real one)"
EMOJI = {"white_check_mark": "✅", "brain": "🧠"}


class WrongPort(Exception):
    """PORT must be a number between 1 and 65535: the port of the page."""


class WrongStore(Exception):
    """A store that was to be tried cannot be used. The text has a line for each, with the reason."""


def with_stores(settings: Settings, added: Sequence[str]) -> Settings:
    """The settings with these stores enabled beside the others. They are named as in LEARNING_STORES, or as module:Class of a module
    in this folder. Raises `WrongStore`."""
    sys.path.insert(0, os.getcwd())  # where bot and worker, started as modules, look as well
    before = settings.store_names
    names = [*before, *dict.fromkeys(added)]
    found = list(zip(names, installed(names), strict=False))[len(before) :]
    if wrong := [f"{name}: {store.why}." for name, store in found if store.state == "broken"]:
        raise WrongStore("\n".join(wrong))
    for _, store in found:
        say(f"Tried beside the enabled stores: {store.name} ({store.where}).")
        if store.kinds and not (settings.openai_api_key or settings.openai_base_url):
            say(f'The offline model gives it what is tagged with a kind of its own, as in "[{store.kinds[0]}] …": it knows no others.')
    return settings.model_copy(update={"learning_stores": ",".join(names)})


async def try_it(settings: Settings) -> int:
    """Start everything and stay until Ctrl-C or SIGTERM, then stop everything.

    The exit status: 0, or 1 when it could not start, or 2 for a wrong PORT.
    """
    running = asyncio.create_task(_run(settings))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, _cancel_once(running))
    try:
        await running
    except asyncio.CancelledError:
        say("Everything is stopped.")
        return 0
    except Taken as taken:
        say(f"It is running already in {FOLDER}: {taken.url or 'it is just starting or ending'} (process {taken.pid}).")
        return 1
    except WrongPort as wrong:
        say(str(wrong))
        return 2
    except (NotUp, NoQueueServer) as down:
        say(f"It did not come up. {down}")
        return 1
    return 0


def _cancel_once(task: asyncio.Task[None]) -> Callable[[], None]:
    def cancel() -> None:
        if not task.cancelling():
            say("\nStopping ...")
            task.cancel()

    return cancel


async def _run(settings: Settings) -> None:
    began = time.monotonic()
    lock = await _lock()
    try:
        plan = _plan(settings, _port(), lock)
        say(f"Starting Tacit. Its state is in {FOLDER}/, its logs in {FOLDER}/logs/.")
        async with System(plan) as system:
            _describe(system, settings)
            keeper = asyncio.create_task(keep_up(system.children.values(), say))
            try:
                await _up(system, began)
                lock.tell(system.slack.url)
                _invite(system.slack.url)
                await keeper
            finally:
                keeper.cancel()
    finally:
        lock.release()


async def _lock() -> Lock:
    """The lock of the folder. One that was killed holds it until its children are gone, which takes seconds."""
    deadline = time.monotonic() + TAKE_OVER
    while True:
        try:
            return Lock(FOLDER)
        except Taken as taken:
            if _runs(taken.pid) or time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != 0


def _plan(settings: Settings, port: int, lock: Lock) -> Plan:
    folder = FOLDER.absolute()
    model = "offline" if not (settings.openai_api_key or settings.openai_base_url) else settings.answer_model
    about = About(model=model, store="mongodb" if settings.mongodb_url else "sqlite", version=version("tacit"))
    return Plan(
        folder=folder,
        workspace=Workspace.load(WORKSPACE),
        environment={**os.environ, "LEARNING_STORES": settings.learning_stores},
        mongodb_url=settings.mongodb_url,
        sqlite_path=settings.sqlite_path.absolute(),
        redis_url=os.environ.get("REDIS_URL") or None,
        slack_state=folder / "slack.sqlite",
        port=port,
        routes=lambda documents: page_routes(documents, about),
        hold=(lock.descriptor,),
    )


def _port() -> int:
    """The first free port from PORT on; each taken one is named."""
    given = os.environ.get("PORT") or str(PORT)
    if not given.isdigit() or not 1 <= int(given) <= 65535:
        raise WrongPort(f"PORT is {given!r}. {WrongPort.__doc__}")
    for port in range(int(given), min(int(given) + PORTS_TRIED, 65536)):
        if not is_taken(port):
            return port
        say(f"Port {port} is taken; trying the next one.")
    raise NotUp(f"No free port from {given} on. Set PORT to a free one.")


def _describe(system: System, settings: Settings) -> None:
    plan = system.plan
    say(f"  pretend Slack   {system.slack.url}")
    say(f"  database        {'MongoDB (MONGODB_URL)' if plan.mongodb_url else f'SQLite, {_short(plan.sqlite)}'}")
    say(f"  queue           {'REDIS_URL' if plan.redis_url else f'embedded, {system.queue.url}'}")
    say(f"  model           {OFFLINE if plan.offline else settings.answer_model}")


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


async def _up(system: System, began: float) -> None:
    """Wait until all of it is up, however long it takes, and name each part as it comes and what is missing when it takes long."""
    parts, told = ["queue", "database", "worker", "bot"], time.monotonic()
    while parts:
        missing = await system.missing()
        for name in [name for name in parts if name not in missing]:
            parts.remove(name)
            if name in ("worker", "bot"):
                say(f"  {name:15} up after {time.monotonic() - began:.1f} s")
        if parts and time.monotonic() - told > 10:
            told = time.monotonic()
            say("  still waiting: " + "; ".join(f"{name} {why}" for name, why in missing.items()))
        await asyncio.sleep(0.05)


def _invite(url: str) -> None:
    say(f"\nOpen {url} and try:")
    for number, one in enumerate(TRIES, 1):
        say(f"  {number}. {one.title}. {_how(one)}")
    say("\nCtrl-C stops everything; `make try-reset` forgets everything.")


def _how(one: Try) -> str:
    place = "a direct message to Tacit" if one.place == "dm" else one.place
    if one.emoji:
        return f"As {one.speaker.capitalize()}, put {EMOJI.get(one.emoji, one.emoji)} on that message in {place}."
    return f"As {one.speaker.capitalize()}, in {place}: {one.text}"


def say(line: str) -> None:
    """Print at once: somebody is waiting."""
    with contextlib.suppress(BrokenPipeError):
        click.echo(line)
