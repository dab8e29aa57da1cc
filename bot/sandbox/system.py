"""The whole of Tacit on one machine: the pretend Slack with its page and the offline model here, queue, bot and worker as processes."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import web

from bot.sandbox.late_documents import LateDatabase, LateDocuments
from bot.sandbox.offline_model import OfflineModel
from bot.sandbox.ports import HOST, free_port
from bot.sandbox.processes import Child, Nursery
from bot.sandbox.queue_server import Queue, server_command
from bot.sandbox.slack import SandboxSlack, Workspace
from stores.documents import Documents, Unavailable

POLL = 0.05
LOOK = 2.0  # seconds that a look at one part may take
PRODUCT = {name: (sys.executable, "-m", "bot.command", name) for name in ("bot", "worker")}

Routes = Callable[[Documents], Sequence[web.AbstractRouteDef]]


class NotUp(Exception):
    """A part did not come up. The text says which, and why."""


@dataclass(frozen=True)
class Plan:
    """What to start. `environment` is what the processes get besides the wiring; `hold` see `Nursery`.

    `model_url` None: the offline model, unless `environment` names a model. `redis_url` None: an embedded server.
    """

    folder: Path
    workspace: Workspace
    environment: Mapping[str, str]
    mongodb_url: str | None = None
    sqlite_path: Path | None = None
    redis_url: str | None = None
    slack_state: Path | None = None
    port: int = 0
    routes: Routes = lambda documents: ()
    hold: Sequence[int] = ()
    commands: Mapping[str, Sequence[str]] = field(default_factory=lambda: PRODUCT)

    @property
    def offline(self) -> bool:
        """Whether the offline model answers."""
        return not (self.environment.get("OPENAI_API_KEY") or self.environment.get("OPENAI_BASE_URL"))

    @property
    def sqlite(self) -> Path:
        return self.sqlite_path or self.folder / "tacit.sqlite"


class System:
    """`async with System(plan) as system: await system.up()`. Everything ends with the block."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.database = LateDatabase(plan.mongodb_url, plan.sqlite)
        self.documents: Documents = LateDocuments(self.database, lambda: self.slack.world.team_id)
        routes = [web.get("/healthz", self._healthz), *plan.routes(self.documents)]
        self.slack = SandboxSlack(plan.workspace, state=plan.slack_state, port=plan.port, extra_routes=routes)
        self.children: dict[str, Child] = {}
        self.model = OfflineModel()
        self.model_url = plan.environment.get("OPENAI_BASE_URL", "")
        self._bot_port = free_port()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._start(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _start(self, stack: AsyncExitStack) -> None:
        (self.plan.folder / "logs").mkdir(parents=True, exist_ok=True)
        if self.plan.offline:
            await self.model.start()
            stack.push_async_callback(self.model.stop)
            self.model_url = self.model.base_url
        await self.slack.start()
        stack.push_async_callback(self.slack.stop)
        stack.push_async_callback(self.database.close)
        self._http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LOOK)))
        nursery = await stack.enter_async_context(Nursery(self.plan.hold))
        self.queue = Queue(self.plan.redis_url or self._queue_server(nursery))
        stack.push_async_callback(self.queue.close)
        await self._queue_up()
        environment = self._environment()
        for name, command in self.plan.commands.items():
            self._add(nursery, name, command, environment).start()
        stack.push_async_callback(self._stop_product, nursery)

    async def _stop_product(self, nursery: Nursery) -> None:
        """Before the queue and the pretend Slack, so that their logs do not end in complaints."""
        await nursery.stop(*(self.children[name] for name in self.plan.commands))

    def _queue_server(self, nursery: Nursery) -> str:
        port = free_port()
        self._add(nursery, "queue", server_command(port, self.plan.folder), os.environ).start()
        return f"redis://{HOST}:{port}/0"

    async def _queue_up(self, patience: float = 10) -> None:
        deadline = asyncio.get_running_loop().time() + patience
        while trouble := await self.queue.trouble():
            self._raise_for_the_dead(self.children)
            if asyncio.get_running_loop().time() > deadline or self.plan.redis_url:
                raise NotUp(f"queue: {trouble}")
            await asyncio.sleep(POLL)

    def _add(self, nursery: Nursery, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Child:
        log = self.plan.folder / "logs" / f"{name}.log"
        log.write_bytes(b"")
        self.children[name] = nursery.child(name, command, environment, log)
        return self.children[name]

    def _environment(self) -> dict[str, str]:
        """What bot and worker get: the plan's environment, and the wiring, which wins."""
        tokens = self.slack.tokens
        wiring = {
            "SLACK_BOT_TOKEN": tokens.bot,
            "SLACK_APP_TOKEN": tokens.app,
            "SLACK_SIGNING_SECRET": "",
            "SLACK_API_URL": self.slack.api_url,
            "REDIS_URL": self.queue.url,
            "MONGODB_URL": self.plan.mongodb_url or "",
            "SQLITE_PATH": str(self.plan.sqlite),
            "BOT_HOST": HOST,
            "BOT_PORT": str(self._bot_port),
            "OPENAI_BASE_URL": self.model_url,
        }
        return {**self.plan.environment, **wiring}

    async def up(self, patience: float = 60) -> None:
        """Wait until all of it is up. Raises `NotUp` when a process ends before, or the time is over."""
        await self.ready(*self.children, patience=patience)

    async def ready(self, *names: str, patience: float = 60) -> None:
        """Wait until these parts are up. Raises `NotUp`."""
        try:
            async with asyncio.timeout(patience):
                while missing := {name: why for name, why in (await self.missing()).items() if name in names}:
                    self._raise_for_the_dead(missing)
                    await asyncio.sleep(POLL)
        except TimeoutError:
            raise NotUp("; ".join(f"{name}: {why}" for name, why in missing.items())) from None

    def _raise_for_the_dead(self, names: Iterable[str]) -> None:
        for child in (self.children[name] for name in names if name in self.children):
            if child.wanted and not child.alive:
                raise NotUp("\n".join([f"The {child.name} {child.how_it_ended}. The end of its log:", *child.last_lines()]))

    async def missing(self) -> dict[str, str]:
        """Which parts are not up, and why; empty when all of it is."""
        looks = {"queue": self.queue.trouble, "database": self._database, "bot": self._bot, "worker": self._worker}
        reasons = await asyncio.gather(*(self._look(look) for look in looks.values()))
        return {name: why for name, why in zip(looks, reasons, strict=True) if why}

    async def _look(self, look: Callable[[], Awaitable[str]]) -> str:
        try:
            async with asyncio.timeout(LOOK):
                return await look()
        except TimeoutError:
            return f"did not answer within {LOOK:.0f} s"

    async def _database(self) -> str:
        try:
            await self.database.ping()
        except Unavailable as away:
            return str(away) or "is away"
        return ""

    async def _bot(self) -> str:
        child = self.children.get("bot")  # none before its turn to be started: the page answers first
        if child is None or not child.alive:
            return "does not run"
        try:
            async with self._http.get(f"http://{HOST}:{self._bot_port}/readyz") as answer:
                return "" if answer.status == 200 else (await answer.text()).strip() or "is not ready"
        except (aiohttp.ClientError, OSError, TimeoutError):
            return "does not answer yet"

    async def _worker(self) -> str:
        child = self.children.get("worker")
        if child is None or not child.alive or child.pid is None:
            return "does not run"
        return "" if await self.queue.has_worker(child.pid) else "has not registered with the queue yet"

    async def _healthz(self, request: web.Request) -> web.Response:
        missing = await self.missing()
        body = {"ok": not missing, "missing": missing}
        return web.Response(status=503 if missing else 200, text=json.dumps(body), content_type="application/json")
