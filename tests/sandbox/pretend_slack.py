"""A pretend Slack for a test, with the control API as methods."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import APP_TOKEN, BOT_TOKEN, SandboxSlack, Workspace

Json = dict[str, Any]
ACME: Json = {
    "teammates": {"ana": {}, "bo": {"admin": True}, "gus": {"guest": True}, "eve": {"external": "Partner"}},
    "channels": {
        "infra": {"members": ["ana", "bo"]},
        "help": {"members": ["bo", "gus"]},
        "legal": {"private": True, "members": ["ana"]},
        "bridge": {"members": ["ana", "eve"]},
        "loud": {"members": ["ana", "bo"], "tacit": False},
        "vault": {"private": True, "members": ["bo"], "tacit": False},
    },
}


class Pretend:
    """A running pretend Slack: `act` and `look` are its control API, `client` is a bot's client."""

    def __init__(self, slack: SandboxSlack, session: aiohttp.ClientSession) -> None:
        self.slack, self.session = slack, session
        self.client = AsyncWebClient(token=BOT_TOKEN, base_url=slack.api_url)

    async def act(self, path: str, expect: int = 200, **body: Any) -> Json:
        """Post to the control API; `as_` and `in_` stand for `as` and `in`."""
        given = {key.rstrip("_"): value for key, value in body.items()}
        async with self.session.post(f"{self.slack.url}/control/{path}", json=given) as response:
            answer: Json = await response.json()
            assert response.status == expect, answer
            return answer

    async def look(self, path: str, expect: int = 200, **query: Any) -> Json:
        """Ask the control API."""
        given = {key.rstrip("_"): str(value) for key, value in query.items()}
        async with self.session.get(f"{self.slack.url}/control/{path}", params=given) as response:
            answer: Json = await response.json()
            assert response.status == expect, answer
            return answer

    def channel(self, name: str) -> str:
        """Return a channel's id."""
        channel = self.slack.world.find_channel(name)
        assert channel
        return channel.id

    def user(self, name: str) -> str:
        """Return a user's id."""
        user = self.slack.world.find_user(name)
        assert user
        return user.id

    async def say(self, name: str, where: str, text: str, **more: Any) -> Json:
        """Post as somebody."""
        return await self.act("post", as_=name, in_=where, text=text, **more)

    async def texts(self, where: str) -> list[str]:
        """Return the texts in a channel, oldest first."""
        return [message["text"] for message in (await self.look("messages", channel=where))["messages"]]


@asynccontextmanager
async def pretend(workspace: Json = ACME, state: Path | None = None, **more: Any) -> AsyncIterator[Pretend]:
    """Start a pretend Slack, and stop it."""
    async with SandboxSlack(Workspace.parse(workspace), state=state, **more) as slack, aiohttp.ClientSession() as session:
        yield Pretend(slack, session)


@asynccontextmanager
async def bolt(here: Pretend, app: AsyncApp | None = None) -> AsyncIterator[AsyncApp]:
    """Connect a Bolt app over Socket Mode; without one, an app that acknowledges everything."""
    app = app or bolt_app(here)
    handler = AsyncSocketModeHandler(app, APP_TOKEN)
    await handler.connect_async()
    try:
        yield app
    finally:
        await handler.close_async()


def bolt_app(here: Pretend, **more: Any) -> AsyncApp:
    """Return a Bolt app that acknowledges every message and mention."""
    app = AsyncApp(client=here.client, **more)

    async def nothing() -> None:
        pass

    for kind in ("message", "app_mention"):
        app.event(kind)(nothing)
    return app


class Listener:
    """A bare Socket Mode client: what it got, and whether it acknowledges."""

    def __init__(self, here: Pretend, *, acks: bool = True, ping_interval: float = 0.1) -> None:
        self.got: list[SocketModeRequest] = []
        self.acks = acks
        self.client = SocketModeClient(APP_TOKEN, web_client=AsyncWebClient(base_url=here.slack.api_url), ping_interval=ping_interval)
        self.client.socket_mode_request_listeners.append(self._heard)

    async def _heard(self, client: Any, request: SocketModeRequest) -> None:
        self.got.append(request)
        if self.acks:
            await self.ack(request)

    async def ack(self, request: SocketModeRequest, payload: Json | None = None) -> None:
        """Acknowledge one request."""
        await self.client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))

    @property
    def events(self) -> list[Json]:
        """The events it got, in order."""
        return [request.payload["event"] for request in self.got if request.type == "events_api"]

    async def __aenter__(self) -> "Listener":
        await self.client.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()


async def until(condition: Callable[[], Any], seconds: float = 3.0) -> None:
    """Wait until something holds; fail when it does not in time."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a test waits for whatever there is to look at.
            await asyncio.sleep(0.005)
