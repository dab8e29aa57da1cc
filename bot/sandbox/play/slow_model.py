"""A loopback proxy in front of a language model that is not ours, for scenarios that make it slow."""

from __future__ import annotations

import asyncio
from typing import Self

import aiohttp
from aiohttp import web

from bot.sandbox.ports import HOST

OPENAI = "https://api.openai.com/v1"
HOP = ("host", "content-length", "connection", "transfer-encoding", "accept-encoding", "content-encoding")


class SlowModel:
    """Passes every request on, `delay` seconds later. `base_url` is known once it is started."""

    def __init__(self, target: str) -> None:
        self._target = target.rstrip("/")
        self.delay = 0.0
        self.base_url = ""

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None), trust_env=True)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes([web.route("*", "/{path:.*}", self._pass_on)])
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, 0)
        await site.start()
        self.base_url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._http.close()

    async def _pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(self.delay)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
        url = f"{self._target}/{request.match_info['path']}"
        if self._http.closed:  # the play ended meanwhile
            return web.Response(status=503)
        try:
            async with self._http.request(request.method, url, data=body, headers=headers, params=request.query) as answer:
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP}
                return web.Response(status=answer.status, body=await answer.read(), headers=kept)
        except aiohttp.ClientError as e:
            return web.Response(status=502, text=f"The language model does not answer: {type(e).__name__}")
