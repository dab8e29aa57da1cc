"""What the tests of the page share: a pretend Slack with the page on it, a bot that only listens, and a browser window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.page.page import About, page_routes
from bot.sandbox.slack import APP_TOKEN, BOT_TOKEN, SandboxSlack, Workspace
from stores.documents import Documents
from stores.sqlite.documents import open_sqlite

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page
    from playwright.async_api._generated import LocatorAssertions

WORKSPACE = {
    "name": "Acme",
    "teammates": {"ana": {}, "bo": {"admin": True}, "gus": {"guest": True}},
    "channels": {"infra": {"members": ["ana", "bo"]}, "help": {"members": ["bo", "gus"]}, "legal": {"private": True, "members": ["ana"]}},
}
WIDE, NARROW = (1280, 800), (390, 844)


@dataclass
class Tacit:
    """A bot without a mind: it acknowledges what arrives, remembers it, and says what a test tells it to."""

    slack: SandboxSlack
    web: AsyncWebClient
    heard: asyncio.Queue[SocketModeRequest] = field(default_factory=asyncio.Queue)

    async def hear(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        await self.heard.put(request)

    async def next(self, kind: str) -> dict[str, Any]:
        """The payload of the next request of this kind ("slash_commands", "interactive", "events_api"); others are passed over."""
        async with asyncio.timeout(5):
            while (request := await self.heard.get()).type != kind:
                pass
        payload: dict[str, Any] = request.payload
        return payload

    def channel(self, name: str) -> str:
        """The id of a channel, by its name; of somebody's DM with Tacit, by theirs."""
        found = self.slack.world.find_channel(name)
        if found is None:
            user = self.slack.world.find_user(name)
            assert user is not None
            found = self.slack.world.direct(user)
        return found.id

    async def say(self, where: str, text: str, thread: str | None = None, **more: Any) -> str:
        """Post as Tacit and give the message's ts."""
        posted = await self.web.chat_postMessage(channel=self.channel(where), text=text, thread_ts=thread, **more)
        return str(posted["ts"])


@dataclass
class World:
    """Everything behind one page."""

    slack: SandboxSlack
    tacit: Tacit
    documents: Documents


@asynccontextmanager
async def sandbox(port: int = 0) -> AsyncIterator[World]:
    """A pretend Slack with the page, an empty database behind the inspector, and Tacit connected."""
    database = await open_sqlite(":memory:")
    documents = database.workspace("T1")
    routes = page_routes(documents, About("offline", "sqlite", "0.1.0"))
    async with SandboxSlack(Workspace.parse(WORKSPACE), port=port, extra_routes=routes) as slack:
        tacit = Tacit(slack, AsyncWebClient(BOT_TOKEN, base_url=slack.api_url))
        client = SocketModeClient(APP_TOKEN, web_client=tacit.web)
        client.socket_mode_request_listeners.append(tacit.hear)
        await client.connect()  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped
        try:
            yield World(slack, tacit, documents)
        finally:
            await client.close()  # type: ignore[no-untyped-call]
    await database.close()


@asynccontextmanager
async def window(browser: Browser, url: str, size: tuple[int, int] = WIDE) -> AsyncIterator[Page]:
    """A fresh browser window on `url`; whatever the page's scripts or its content policy complain of fails the test."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, base_url=url)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _is_complaint(message.type, message.text) else None)
    await page.goto("/")
    yield page
    await context.close()
    assert complaints == []


def expect(found: Locator) -> LocatorAssertions:
    """Playwright's assertions about what is found, each of which waits a few seconds to become true."""
    from playwright.async_api import expect  # 0.3 s, which a run without a browser need not spend

    return expect(found)


def _is_complaint(kind: str, text: str) -> bool:
    return kind == "error" and not text.startswith("Failed to load resource")  # A refusal or a server that is away: tests ask for both.
