"""The bot's HTTP server: health, readiness and, without Socket Mode, Slack's events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp

LARGEST = 4 * 1024 * 1024  # bytes of one request

Checks = Callable[[], Awaitable[Mapping[str, str]]]
"""Says for each part what is wrong with it, "" when nothing is."""

Notes = Callable[[], Awaitable[Mapping[str, object]]]
"""What else /readyz says: things that answers go on without."""


class Http:
    """Serves /healthz (the process lives), /readyz (it can answer; 503 says why not) and, once `app` is set, /slack/events."""

    def __init__(self, host: str, port: int, checks: Checks, notes: Notes | None = None) -> None:
        self._host, self._wanted, self._checks, self._notes = host, port, checks, notes
        self._runner: web.AppRunner | None = None
        self.app: AsyncApp | None = None
        self.port = port

    async def start(self) -> None:
        """Listen; `port` then holds the port, also when a free one was asked for. Raises OSError when it is taken."""
        app = web.Application(client_max_size=LARGEST)
        app.add_routes([web.get("/healthz", _alive), web.get("/readyz", self._ready), web.post("/slack/events", self._slack)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=3.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._wanted)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _ready(self, _: web.Request) -> web.Response:
        wrong = {part: why for part, why in (await self._checks()).items() if why}
        said = {"ready": not wrong, "wrong": wrong} | dict(await self._notes() if self._notes else {})
        return web.json_response(said, status=503 if wrong else 200)

    async def _slack(self, request: web.Request) -> web.Response:
        if self.app is None:
            return web.json_response({"error": "Events come over Socket Mode, or the bot is still starting."}, status=503)
        try:
            asked = await to_bolt_request(request)
        except (ValueError, AttributeError):  # Bolt reads a body before it looks who signed it
            return web.json_response({"error": "This is no request of Slack's."}, status=400)
        return await to_aiohttp_response(await self.app.async_dispatch(asked))


async def _alive(_: web.Request) -> web.Response:
    return web.json_response({"alive": True})
