"""The acceptance fixture: pretend Slack, bot and learner wired in one process, with a model that the test scripts or the offline one.

async with together(tmp_path) as t:
    asked = await t.say("ana", "#infra", "@tacit We are cutting egress costs.")
    assert "Noted" in (await t.reply(asked))["text"]
    await t.learn(asked)
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.sandbox.slack import SandboxSlack, Workspace
from bot.settings import load_settings
from bot.wiring import Opened, WorkerLearner, bot, learner, opened
from stores.documents import Documents, Unavailable
from stores.insights import Insight
from tests.model_server import ModelServer
from workers.conversations import ConversationLedger
from workers.direct import DirectDoorbell

Json = dict[str, Any]

WORKSPACE: Json = {
    "teammates": {"ana": {}, "bo": {"admin": True}, "cy": {}, "gus": {"guest": True}},
    "channels": {
        "infra": {"members": ["ana", "bo", "cy"]},
        "random": {"members": ["ana", "bo", "cy"]},
        "help": {"members": ["bo", "gus"]},
        "legal": {"private": True, "members": ["ana", "bo"]},
    },
}


@dataclass
class Together:
    """A running product. Waiting methods give up after thirty seconds with what they were waiting for."""

    slack: SandboxSlack
    model: ModelServer
    http: aiohttp.ClientSession
    settings: dict[str, str]
    inside: Opened
    learner: WorkerLearner
    bell: DirectDoorbell
    team: str = ""
    users: dict[str, str] = field(default_factory=dict)

    @property
    def documents(self) -> Documents:
        return self.inside.database.workspace(self.team)

    async def control(self, what: str, **body: Any) -> Json:
        async with self.http.post(f"{self.slack.url.rstrip('/')}/control/{what}", json=body) as answer:
            found: Json = await answer.json()
            assert answer.status == 200, found
            return found

    async def look(self, what: str, **query: str) -> Json:
        async with self.http.get(f"{self.slack.url.rstrip('/')}/control/{what}", params=query) as answer:
            found: Json = await answer.json()
            return found

    async def say(self, who: str, where: str, text: str, **more: Any) -> Json:
        """Post, and return when the bot has acknowledged."""
        return await self.control("post", **{"as": who, "in": where, "text": text, "wait": True} | more)

    async def messages(self, channel: str) -> list[Json]:
        return (await self.look("messages", channel=channel))["messages"]

    async def ours(self, asked: Json) -> list[Json]:
        """What Tacit posted into the thread of a message, without what one person alone sees."""
        root = asked.get("thread_ts") or asked["ts"]
        found = (await self.look("messages", channel=asked["channel"], thread_ts=root))["messages"]
        return [m for m in found if m.get("user_name") == "tacit" and not m.get("is_ephemeral")]

    async def settled(self, asked: Json) -> Json:
        """The question's record once it is answered."""

        async def answered() -> Json | None:
            where = {"_id": f"{asked['channel']}:{asked['ts']}", "state": "answered"}
            return next(iter(await self.documents.find("questions", where)), None)

        return await self.until(answered, "an answer")

    async def reply(self, asked: Json) -> Json:
        """Tacit's reply to a message."""
        record = await self.settled(asked)
        return next(m for m in await self.ours(asked) if m["ts"] == record["reply"])

    async def learn(self, asked: Json) -> list[Insight]:
        """Finish the conversation of a message, learn from it and return everything that is in force."""
        identity = f"{asked['channel']}:{asked.get('thread_ts') or asked['ts']}"
        await ConversationLedger(self.documents).due_now(identity)
        await self.learner.learn(self.team, identity)

        async def at_rest() -> bool:
            found = await self.documents.find("conversations", {"_id": identity})
            return not any(each.get("run", {}).get("lease", 0.0) > time.time() for each in found)

        await self.until(at_rest, "the run that the sweep was faster with")
        return await self.insights()

    async def insights(self) -> list[Insight]:
        return await (await self.inside.workspaces.parts(self.team)).repository.newest()

    async def command(self, who: str, where: str, text: str) -> Json:
        """A slash command's answer."""
        seen = {m["ts"] for m in await self._ephemeral(who)}
        await self.control("command", **{"as": who, "in": where, "text": text, "wait": True})

        async def answered() -> Json | None:
            return next((m for m in await self._ephemeral(who) if m["ts"] not in seen), None)

        return await self.until(answered, f"an answer to {text}")

    async def until(self, look: Any, what: str) -> Any:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if found := await look():
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"waited in vain for {what}")

    async def _ephemeral(self, who: str) -> list[Json]:
        found = (await self.look("messages"))["messages"]
        return [m for m in found if m.get("is_ephemeral") and m.get("ephemeral_to") == self.users[who]]


@contextlib.asynccontextmanager
async def together(folder: Path, workspace: Json = WORKSPACE, **settings: str) -> AsyncIterator[Together]:
    """Everything running, until the block ends. `settings` are environment settings."""
    model = ModelServer()
    await model.start()
    try:
        async with (
            SandboxSlack(Workspace.parse(workspace)) as slack,
            aiohttp.ClientSession() as http,
            _product(slack, model, http, environment(folder, slack, model) | settings) as running,
        ):
            yield running
    finally:
        await model.stop()


def environment(folder: Path, slack: SandboxSlack, model: ModelServer) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": "xoxb-sandbox-tacit",
        "SLACK_APP_TOKEN": "xapp-sandbox-tacit",
        "SLACK_API_URL": slack.api_url,
        "OPENAI_BASE_URL": model.url,
        "SQLITE_PATH": str(folder / "tacit.sqlite"),
        "LEARN_AFTER": "1000000",
        "BOT_PORT": "0",
        "MODEL_TIMEOUT": "5",
    }


@contextlib.asynccontextmanager
async def _product(slack: SandboxSlack, model: ModelServer, http: aiohttp.ClientSession, env: dict[str, str]) -> AsyncIterator[Together]:
    settings = load_settings(env)
    learners: list[WorkerLearner] = []
    bell = DirectDoorbell(lambda workspace, conversation: learners[0].learn(workspace, conversation))
    async with opened(settings) as inside, bot(settings, bell), learner(settings, bell) as learns:
        learners.append(learns)
        running = Together(slack, model, http, env, inside, learns, bell)
        state = await running.look("state")
        running.team, running.users = state["team"]["id"], {u["name"]: u["id"] for u in state["users"]}
        sweeping = asyncio.create_task(_sweep(learns))
        try:
            yield running
        finally:
            sweeping.cancel()
            await asyncio.wait([sweeping])
            await bell.close()


async def _sweep(learns: WorkerLearner) -> None:
    while True:
        with contextlib.suppress(Unavailable):
            await learns.sweep()
        await asyncio.sleep(0.1)
