"""The one wiring function of each process, the same for production and tests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.embeddings import embedder_of
from bot.expansions import Expansions
from bot.improving import keep_improving
from bot.settings import Settings, require_slack
from bot.slack.app import SlackApp
from bot.slack.asking import keep_asking
from bot.slack.calls import SlackFailed
from bot.slack.desk import Desk
from bot.slack.http import Http
from bot.slack.installations import SingleInstallation
from bot.slack.socket import Socket
from bot.slack.workspaces import SlackWorkspaces
from stores.chat_completions import ChatCompletions
from stores.database import open_database
from stores.documents import Database, Unavailable
from stores.expansion import Expander
from stores.index.building import build_elsewhere
from stores.index.indexes import Indexes
from workers.checking import check_sources
from workers.curating import curate
from workers.doorbell import Doorbell
from workers.ending import end
from workers.learn import learn
from workers.parts import Workspaces
from workers.queue import RqDoorbell
from workers.spending import NO_CEILING, PAUSED, Budget
from workers.sweep import end_what_is_over, purge_forgotten, ring_due, settle_marks

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

CALLS = 3  # model calls that one run of learning makes at most: to extract, to repair, to settle
STARTING = "is not reached yet"


class CannotStart(Exception):
    """A process cannot do its work, and waiting will not mend it. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What both processes work with."""

    database: Database
    installation: SingleInstallation
    workspaces: SlackWorkspaces
    expander: Expander


@contextlib.asynccontextmanager
async def opened(settings: Settings, wrong: dict[str, str] | None = None) -> AsyncIterator[Opened]:
    """Open the database, the model and Slack's installation, waiting for the database as long as it takes; `wrong` says for what."""
    require_slack(settings)
    assert settings.slack_bot_token is not None
    async with contextlib.AsyncExitStack() as stack:
        database = await _database(settings, wrong if wrong is not None else {})
        stack.push_async_callback(database.close)
        model = model_of(settings)
        stack.push_async_callback(model.close)
        installation = SingleInstallation(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        stack.push_async_callback(installation.close)
        indexes = _indexes(settings, stack)
        workspaces = SlackWorkspaces(
            installation,
            database,
            model,
            settings.store_names,
            indexes,
            settings.budget,
            modes=settings.modes,
            approvers=settings.approver_ids,
        )
        stack.callback(workspaces.close)
        yield Opened(database, installation, workspaces, Expander(model, on=settings.expansion == "on"))


class Health:
    """What the bot says of itself at /readyz: what it waits for, and what is not as it should be."""

    def __init__(self) -> None:
        self.wrong = {"database": STARTING, "slack": STARTING}
        self.parts: Opened | None = None
        self.socket: Socket | None = None

    async def checks(self) -> Mapping[str, str]:
        found = dict(self.wrong)
        if not found["database"] and self.parts is not None:
            found["database"] = await _ping(self.parts.database)
        if not found["slack"] and self.socket is not None and not await self.socket.connected():
            found["slack"] = "The connection for events is not open."
        return found

    async def notes(self) -> Mapping[str, object]:
        if self.parts is None or self.wrong["database"]:
            return {}
        blocking = self.parts.workspaces.disabled_stores()
        with contextlib.suppress(Unavailable):
            paused = {"learning": PAUSED} if await self.parts.workspaces.paused() else {}
            return ({"disabled_stores": blocking} if blocking else {}) | paused
        return {}


@contextlib.asynccontextmanager
async def bot(settings: Settings, doorbell: Doorbell) -> AsyncIterator[Http]:
    """A running bot: it serves /healthz at once, and answers as soon as everything that it needs is there."""
    health = Health()
    http = Http(settings.bot_host, settings.bot_port, health.checks, health.notes)
    async with contextlib.AsyncExitStack() as stack:
        await _listen(http, settings)
        stack.push_async_callback(http.close)
        parts = health.parts = await stack.enter_async_context(opened(settings, health.wrong))
        desk = Desk(parts.workspaces, parts.database, doorbell, Expansions(parts.expander))
        stack.push_async_callback(desk.close)
        secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else None
        app = SlackApp(parts.installation, parts.workspaces, desk, doorbell, learn_after=settings.learn_after, signing_secret=secret)
        stack.push_async_callback(app.close)
        installed = await _answered(parts.installation.only, health.wrong)
        client = installed.client
        await _known(parts.workspaces, installed.workspace)
        if settings.slack_app_token is not None:
            socket = health.socket = Socket(app.bolt, settings.slack_app_token.get_secret_value(), client)
            stack.push_async_callback(socket.close)
            await _answered(socket.connect, health.wrong)
            await _background(stack, socket.run())
        else:
            http.app = app.bolt
        await _background(stack, desk.keep_sweeping())
        await _background(stack, keep_asking(parts.database, parts.workspaces))
        health.wrong["slack"] = ""
        yield http


@contextlib.asynccontextmanager
async def learner(settings: Settings, doorbell: Doorbell | None = None) -> AsyncIterator[WorkerLearner]:
    """What a worker process runs; with a doorbell of its own unless one is given."""
    async with opened(settings) as parts, contextlib.AsyncExitStack() as stack:
        await _background(stack, keep_improving(parts.database, parts.workspaces))
        await _known(parts.workspaces, (await _answered(parts.installation.only, {})).workspace)
        own = None if doorbell else RqDoorbell(settings.redis_url, job_seconds(settings))
        try:
            bell: Doorbell = doorbell or own  # type: ignore[assignment]
            yield WorkerLearner(parts.database, parts.workspaces, bell, settings.model_timeout, settings.budget)
        finally:
            if own is not None:
                own.close()


@dataclass(frozen=True, slots=True)
class WorkerLearner:
    """`workers.doorbell.Learner` for all workspaces."""

    database: Database
    workspaces: Workspaces
    doorbell: Doorbell
    model_timeout: float
    budget: Budget = NO_CEILING

    async def learn(self, workspace: str, conversation: str) -> None:
        parts = await self.workspaces.parts(workspace)
        await learn(conversation, parts, seconds=2 * self.model_timeout + 10, longest=_job_seconds(self.model_timeout) - 5)

    async def sweep(self) -> None:
        await ring_due(self.database, self.doorbell, self.budget)
        await end_what_is_over(self.database)
        await purge_forgotten(self.database)
        await self.workspaces.keep_up()
        await curate(self.database, self.workspaces)
        await settle_marks(self.database, self.workspaces)  # from here on it needs Slack
        await check_sources(self.database, self.workspaces)  # last: whatever else there is comes first


def model_of(settings: Settings) -> ChatCompletions:
    """The language model that the settings name. Connects to nothing. Raises `ModelFailed` when they name none."""
    return ChatCompletions(
        settings.answer_model,
        settings.extract_model,
        settings.openai_api_key.get_secret_value() if settings.openai_api_key else None,
        settings.openai_base_url,
        settings.model_timeout,
        expand_model=settings.expanding_model,
    )


def job_seconds(settings: Settings) -> float:
    """How long one run of learning may take: its model calls, the wait for the workspace's lease, and reading the thread."""
    return _job_seconds(settings.model_timeout)


def _job_seconds(model_timeout: float) -> float:
    return (CALLS + 2) * model_timeout + 60


def _indexes(settings: Settings, stack: contextlib.AsyncExitStack) -> Indexes:
    """What recall searches; its embedder is closed with the rest."""
    embedder = embedder_of(settings)
    if embedder is not None:
        stack.push_async_callback(embedder.close)
    elsewhere = build_elsewhere(settings.mongodb_url, settings.sqlite_path)
    return Indexes(embedder, settings.index_folder, memory=settings.index_memory_mb * 2**20, builder=elsewhere)


async def _database(settings: Settings, wrong: dict[str, str]) -> Database:
    wait = 0.5
    while True:
        try:
            database = await open_database(settings.mongodb_url, settings.sqlite_path)
            await database.prepare()
            wrong["database"] = ""
            return database
        except Unavailable as e:
            wrong["database"] = str(e)
            log.warning("database.away", extra={"reason": str(e)})
        await asyncio.sleep(wait)
        wait = min(wait * 2, 10.0)


async def _answered(ask: Callable[[], Awaitable[Answer]], wrong: dict[str, str]) -> Answer:
    """What Slack says, asked until it answers. A refused token ends the process: waiting does not mend it."""
    wait = 0.5
    while True:
        try:
            return await ask()
        except SlackFailed as e:
            wrong["slack"] = f"Slack does not answer ({e})."
            log.warning("slack.away", extra={"reason": str(e)})
        await asyncio.sleep(wait)
        wait = min(wait * 2, 30.0)


async def _listen(http: Http, settings: Settings) -> None:
    try:
        await http.start()
    except OSError as e:
        where = f"{settings.bot_host}:{settings.bot_port}"
        remedy = "Set BOT_PORT to a free port, or to 0 for any, and BOT_HOST to an address of this machine."
        raise CannotStart(f"The bot cannot listen on {where} ({os.strerror(e.errno or 0)}). {remedy}") from None


async def _known(workspaces: SlackWorkspaces, workspace: str) -> None:
    """Have a workspace's index kept up from the start, also before anybody asks there."""
    with contextlib.suppress(Unavailable):
        await workspaces.of(workspace)


async def _ping(database: Database) -> str:
    try:
        await database.ping()
        return ""
    except Unavailable as e:
        return str(e)


async def _background(stack: contextlib.AsyncExitStack, work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)

    stack.push_async_callback(end, task)
