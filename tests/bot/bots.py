"""Real bot and worker processes to start, stop and kill, against a pretend Slack and a scripted model in the test's own process."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

from bot.sandbox.slack import SandboxSlack, Workspace
from bot.settings import load_settings
from bot.wiring import WorkerLearner, opened
from tests.model_server import ModelServer
from tests.servers.process import start
from tests.together import WORKSPACE, Together, environment
from workers.direct import DirectDoorbell


class Bots:
    """`t` looks at what they do, through the same database."""

    def __init__(self, t: Together, folder: Path) -> None:
        self.t = t
        self._log = folder / "log"
        self._running: list[subprocess.Popen[bytes]] = []
        self._workers: list[subprocess.Popen[bytes]] = []

    async def start(self) -> subprocess.Popen[bytes]:
        """Start one more bot, and wait until events reach it."""
        before = (await self.t.look("state"))["connections"]
        process = self._start("bot")
        self._running.append(process)

        async def there() -> bool:
            assert process.poll() is None, self._log.read_text()
            return bool((await self.t.look("state"))["connections"] > before)

        await self.t.until(there, "a bot")
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start one more worker. It needs REDIS_URL among the settings."""
        process = self._start("worker")
        self._workers.append(process)
        return process

    async def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9. Returns once Slack has noticed."""
        process.kill()
        process.wait()

        async def gone() -> bool:
            return bool((await self.t.look("state"))["connections"] == sum(p.poll() is None for p in self._running))

        await self.t.until(gone, "a closed connection")

    async def expire(self) -> None:
        """Let all leases run out, instead of waiting for it."""
        for run in await self.t.documents.find("conversations", {"run.lease": {"$gt": 0}}):
            await self.t.documents.update("conversations", {"_id": run["_id"]}, {"$set": {"run.lease": 0.0}})
        for lease in await self.t.documents.find("leases", {}):
            await self.t.documents.update("leases", {"_id": lease["_id"]}, {"$set": {"until": 0.0}})

    def end(self) -> None:
        for process in self._running + self._workers:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()

    def _start(self, program: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return start([sys.executable, "-c", "from bot.command import main; main()", program], log, env=self.t.settings)


@contextlib.asynccontextmanager
async def bots(folder: Path, **settings: str) -> AsyncIterator[Bots]:
    """No bot yet; `await bots.start()`."""
    model = ModelServer()
    await model.start()
    async with SandboxSlack(Workspace.parse(WORKSPACE)) as slack, aiohttp.ClientSession() as http:
        env = environment(folder, slack, model) | settings
        loaded = load_settings(env)
        async with opened(loaded) as inside:
            bell = DirectDoorbell(lambda workspace, conversation: asyncio.sleep(0))
            t = Together(slack, model, http, env, inside, WorkerLearner(inside.database, inside.workspaces, bell, 5), bell)
            state = await t.look("state")
            t.team, t.users = state["team"]["id"], {u["name"]: u["id"] for u in state["users"]}
            running = Bots(t, folder)
            try:
                yield running
            finally:
                running.end()
                await model.stop()
