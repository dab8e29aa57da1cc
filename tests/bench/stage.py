"""What is measured: the pretend Slack, the bot and a worker as processes of their own, with a model in this one that answers at once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.ports import HOST, free_port
from bot.sandbox.processes import Child, Nursery
from stores.database import open_database
from stores.documents import Database
from tests.model_server import ModelServer

Json = dict[str, Any]
PATIENCE = 30.0

PEOPLE = ("ana", "bo", "cy", "dee")
WORKSPACE: Json = {
    "teammates": {name: {} for name in PEOPLE},
    "channels": {f"c{n}": {"members": list(PEOPLE)} for n in range(5)},
}
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")  # of our environment, for the processes; settings of the product's are not


@dataclass(frozen=True)
class Where:
    """Where the product keeps what it learns, and its queue. An empty `mongodb_url` stands for SQLite."""

    database: str
    redis_url: str
    mongodb_url: str = ""

    @contextlib.contextmanager
    def fresh(self) -> Iterator[str]:
        """The address of a new MongoDB database, dropped at the end; "" for SQLite."""
        if not self.mongodb_url:
            yield ""
            return
        from pymongo import MongoClient

        name = f"tacit_bench_{secrets.token_hex(4)}"
        yield urlsplit(self.mongodb_url)._replace(path=f"/{name}").geturl()
        client: MongoClient[Json]
        with MongoClient(self.mongodb_url) as client:
            client.drop_database(name)


class Stage:
    """`async with Stage.up(where) as stage`, then start what is needed. Everything ends with the block."""

    def __init__(
        self, where: Where, mongodb_url: str, folder: Path, nursery: Nursery, http: aiohttp.ClientSession, model: ModelServer
    ) -> None:
        self.where, self.mongodb_url, self.model = where, mongodb_url, model
        self._folder, self._nursery, self._http = folder, nursery, http
        self._slack_port, self._bot_port = free_port(), free_port()
        self.slack_url = f"http://{HOST}:{self._slack_port}"
        self.bot_url = f"http://{HOST}:{self._bot_port}"
        self.team = ""

    @classmethod
    @contextlib.asynccontextmanager
    async def up(cls, where: Where, *, over_http: bool = False) -> AsyncIterator[Stage]:
        """A stage on which the pretend Slack runs."""
        model = ModelServer()
        await model.start()
        try:
            with TemporaryDirectory(prefix="tacit-bench-") as folder, where.fresh() as mongodb_url:
                async with aiohttp.ClientSession() as http, Nursery() as nursery:
                    stage = cls(where, mongodb_url, Path(folder), nursery, http, model)
                    await stage._start_slack(over_http)
                    yield stage
        finally:
            await model.stop()

    async def bot(self, *, over_http: bool = False) -> tuple[Child, float]:
        """Start the bot; the process, and the seconds until it was ready."""
        secret = {"SLACK_SIGNING_SECRET": "sandbox-signing-secret"} if over_http else {"SLACK_APP_TOKEN": "xapp-sandbox-tacit"}
        child = self._child("bot", [sys.executable, "-m", "bot.command", "bot"], secret)
        start = time.perf_counter()
        child.start()
        await self._answers(f"{self.bot_url}/readyz", child)
        return child, time.perf_counter() - start

    def worker(self) -> Child:
        """Start a worker."""
        child = self._child("worker", [sys.executable, "-m", "bot.command", "worker"], {"SLACK_APP_TOKEN": "xapp-sandbox-tacit"})
        child.start()
        return child

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """The product's database, seen from here."""
        database = await open_database(self.mongodb_url, self._folder / "tacit.sqlite")
        await database.prepare()
        try:
            yield database
        finally:
            await database.close()

    async def act(self, what: str, **body: Any) -> Json:
        """Have something done by the pretend Slack's control API."""
        async with self._http.post(f"{self.slack_url}/control/{what}", json=body) as answer:
            found: Json = await answer.json()
            if answer.status != 200:
                raise RuntimeError(f"the pretend Slack refused {what}: {found}")
            return found

    async def look(self, what: str, **query: Any) -> Json:
        """Ask the pretend Slack's control API."""
        async with self._http.get(f"{self.slack_url}/control/{what}", params={k: str(v) for k, v in query.items()}) as answer:
            found: Json = await answer.json()
            return found

    async def _start_slack(self, over_http: bool) -> None:
        workspace = self._folder / "workspace.json"
        workspace.write_text(json.dumps(WORKSPACE))
        command = [sys.executable, "-m", "bot.sandbox.slack", "--port", str(self._slack_port), "--workspace", str(workspace)]
        slack = self._child("slack", command + (["--events-url", f"{self.bot_url}/slack/events"] if over_http else []), {})
        slack.start()
        await self._answers(f"{self.slack_url}/control/state", slack)
        self.team = (await self.look("state"))["team"]["id"]

    def _child(self, name: str, command: list[str], more: dict[str, str]) -> Child:
        settings = {
            "SLACK_BOT_TOKEN": "xoxb-sandbox-tacit",
            "SLACK_API_URL": f"{self.slack_url}/api/",
            "OPENAI_BASE_URL": self.model.url,
            "MONGODB_URL": self.mongodb_url,
            "SQLITE_PATH": str(self._folder / "tacit.sqlite"),
            "REDIS_URL": self.where.redis_url,
            "BOT_PORT": str(self._bot_port),
            "LEARN_AFTER": "1000000",
        }
        ours = {name: os.environ[name] for name in KEPT if name in os.environ}
        return self._nursery.child(name, command, ours | settings | more, self._folder / f"{name}.log")

    async def _answers(self, url: str, child: Child) -> None:
        """Wait until there is a good answer at this address."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and child.alive:
            with contextlib.suppress(aiohttp.ClientError):
                async with self._http.get(url) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.01)
        raise RuntimeError("\n".join([f"The {child.name} did not come up. The end of its log:", *child.last_lines(20)]))
