"""The pretend Slack as one thing to start and stop."""

import asyncio
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Self

from aiohttp import web

from .api import Tokens, WebApi
from .control import Control, refusals
from .delivery import Transport
from .http_events import HttpEvents
from .journal import Journal
from .response_url import take
from .socket_mode import SocketMode
from .workspace import Workspace
from .world import World

LARGEST_REQUEST = 4 * 1024 * 1024  # bytes


class SandboxSlack:
    """A pretend Slack on one port. `start` and `stop` once each, or `async with`; `url` and `api_url` are known once it is started."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        state: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tokens: Tokens | None = None,
        events_url: str | None = None,
        extra_routes: Iterable[web.AbstractRouteDef] = (),
    ) -> None:
        """Prepare it. `state` is the file to keep everything in (None: nothing survives); port 0 takes a free one; `events_url` asks for
        signed HTTP in place of Socket Mode; `extra_routes` are mounted beside its own."""
        self.host, self.port, self.tokens = host, port, tokens or Tokens()
        self._workspace, self._state, self._events_url = workspace, state, events_url
        self._extra_routes = list(extra_routes)
        self._pump: asyncio.Task[None] | None = None
        self._http: list[HttpEvents] = []

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL must be."""
        return f"{self.url}/api/"

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken, ValueError for a workspace that makes no sense."""
        self._journal = Journal(self._state)
        self.world = World(self._workspace, self._journal)
        self._sockets = SocketMode(self.world.deliveries, self.world.feed, self.world.app_id)
        api = WebApi(self.world, self.tokens, self._sockets)
        self._control = Control(self.world, self._sockets, api.calls, self.use_http)
        self._runner = web.AppRunner(self._application(api), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await self._listen()
        self.use_http(self._events_url or "")

    def _application(self, api: WebApi) -> web.Application:
        app = web.Application(middlewares=[refusals], client_max_size=LARGEST_REQUEST)
        app.add_routes([web.route("*", "/api/{method}", api.serve), web.get("/socket/", self._sockets.serve)])
        app.add_routes([web.post("/response/{key}", partial(take, self.world))])
        app.add_routes(self._control.routes())
        app.add_routes(self._extra_routes)
        return app

    async def _listen(self) -> None:
        site = web.TCPSite(self._runner, self.host, self.port)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            self._journal.close()
            raise
        self.port = self._runner.addresses[0][1]
        self.world.url = self.url

    def use_http(self, events_url: str) -> None:
        """Deliver over signed HTTP to this address from now on, or over Socket Mode ("")."""
        transport: Transport = self._sockets
        if events_url:
            transport = HttpEvents(self.world.deliveries, self.tokens.signing_secret, events_url)
            self._http.append(transport)
        if self._pump:
            self._pump.cancel()
        self._pump = asyncio.create_task(self.world.deliveries.pump(transport))

    async def stop(self) -> None:
        """Stop listening and close every connection; what was not acknowledged is kept in the state file."""
        self._control.closing.set()
        self.world.feed.add("connection", connections=0)
        if self._pump:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        for each in self._http:
            await each.close()
        await self._sockets.disconnect("", drop=True)
        await self._runner.cleanup()
        self.world.deliveries.stop()
        self._journal.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
