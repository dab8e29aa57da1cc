"""Socket Mode, kept alive: connecting is tried until it works, and a connection that went quiet is replaced."""

from __future__ import annotations

import asyncio
import logging

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import SECONDS, SlackFailed, SlackRefused, ask
from bot.slack.installations import NotInstalled

log = logging.getLogger(__name__)
quiet = logging.getLogger("tacit.socket_mode")
quiet.setLevel(logging.CRITICAL)  # slack_sdk logs what arrives

WATCH_SECONDS = 1.0
LONGEST = 30.0  # seconds between two attempts to connect
REFUSED = """Slack refuses SLACK_APP_TOKEN ({error}). Make one with the scope connections:write under Basic Information → App-Level Tokens \
of your app, and switch Socket Mode on."""


class Socket:
    """One Socket Mode connection for the app. Slack delivers each event to one of all connections."""

    def __init__(self, app: AsyncApp, app_token: str, client: AsyncWebClient) -> None:
        self._app, self._token, self._web = app, app_token, client
        self._handler: AsyncSocketModeHandler | None = None

    async def connected(self) -> bool:
        """Whether events can arrive now."""
        return self._handler is not None and await self._handler.client.is_connected()

    async def connect(self) -> None:
        """Connect anew, once. Raises `SlackFailed` when trying again may help, `NotInstalled` when Slack refuses the token."""
        await self.close()
        handler = AsyncSocketModeHandler(self._app, self._token, logger=quiet, web_client=self._web, proxy=self._web.proxy)
        try:
            # slack_sdk would try for ever, and with an address that is good for one connection.
            handler.client.wss_uri = (await ask(self._web.apps_connections_open(app_token=self._token)))["url"]
            async with asyncio.timeout(SECONDS):
                await handler.connect_async()  # type: ignore[no-untyped-call]
        except SlackRefused as e:
            await handler.close_async()  # type: ignore[no-untyped-call]
            raise NotInstalled(REFUSED.format(error=e.error)) from None
        except (SlackFailed, TimeoutError) as e:
            await handler.close_async()  # type: ignore[no-untyped-call]
            raise SlackFailed(str(e) or "no connection for events") from None
        except BaseException:
            await handler.close_async()  # type: ignore[no-untyped-call]
            raise
        self._handler = handler
        log.info("socket.connected")

    async def run(self) -> None:
        """Watch the connection and replace it when it is lost, until cancelled."""
        wait = 1.0
        while True:
            while await self.connected():  # nothing tells us when it goes quiet
                await asyncio.sleep(WATCH_SECONDS)
                wait = 1.0
            log.warning("socket.lost", extra={"next_try": wait})
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST)
            if await self.connected():  # slack_sdk has mended it; it tries once in ten seconds
                continue
            try:
                await self.connect()
            except Exception as e:  # whatever a transport may raise: there is nothing else to do than to try again
                log.warning("socket.failed", extra={"reason": type(e).__name__})

    async def close(self) -> None:
        """Disconnect. May be called twice."""
        if self._handler is not None:
            handler, self._handler = self._handler, None
            await handler.close_async()  # type: ignore[no-untyped-call]
