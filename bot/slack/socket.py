"""Socket Mode, kept alive: connecting is tried until it works, and a connection that went quiet is replaced."""

from __future__ import annotations

import asyncio
import logging

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)
quiet = logging.getLogger("tacit.socket_mode")
quiet.setLevel(logging.CRITICAL)  # slack_sdk logs what arrives

WATCH_SECONDS = 5.0
LONGEST = 30.0  # seconds between two attempts to connect


class Socket:
    """One Socket Mode connection for the app. Slack delivers each event to one of all connections."""

    def __init__(self, app: AsyncApp, app_token: str, client: AsyncWebClient) -> None:
        self._app, self._token, self._web = app, app_token, client
        self._handler: AsyncSocketModeHandler | None = None

    async def connected(self) -> bool:
        """Whether events can arrive now."""
        return self._handler is not None and await self._handler.client.is_connected()

    async def run(self) -> None:
        """Connect, watch and reconnect, until cancelled."""
        wait = 1.0
        while True:
            try:
                await self._connect()
                wait = 1.0
                while await self.connected():  # noqa: ASYNC110 - nothing tells us when it goes quiet
                    await asyncio.sleep(WATCH_SECONDS)
                log.warning("socket.lost")
            except asyncio.CancelledError:
                raise
            except Exception as e:  # whatever a transport may raise: there is nothing else to do than to try again
                log.warning("socket.failed", extra={"reason": type(e).__name__, "next_try": wait})
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST)

    async def close(self) -> None:
        """Disconnect. May be called twice."""
        if self._handler is not None:
            handler, self._handler = self._handler, None
            await handler.close_async()  # type: ignore[no-untyped-call]

    async def _connect(self) -> None:
        await self.close()
        self._handler = AsyncSocketModeHandler(self._app, self._token, logger=quiet, web_client=self._web, proxy=self._web.proxy)
        await self._handler.connect_async()  # type: ignore[no-untyped-call]
        log.info("socket.connected")
