"""The page of the sandbox and the inspector's JSON, as routes for the pretend Slack's application.

The page is one HTML file with modules and style sheets beside it. It loads nothing from elsewhere, and its policy forbids it to.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox.page.inspector import Json, inspect_learned, inspect_reply, inspect_states
from stores.documents import Documents, Unavailable

HERE = Path(__file__).parent
TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Try:
    """One thing to try: `speaker` writes `text` in `place` ("#channel" or "dm"), or puts `emoji` on their last message there."""

    title: str
    speaker: str
    place: str
    text: str = ""
    emoji: str = ""


TRIES = (
    Try("Teach it something", "ana", "#infra", text="@tacit We're trying to cut down on egress costs. Any ideas?"),
    Try("Mark the thread as done, and Tacit learns from it", "ana", "#infra", emoji="white_check_mark"),
    Try("Ask as somebody else", "bo", "dm", text="I'm deciding between Datadog and Grafana. Any recommendations?"),
)


@dataclass(frozen=True, slots=True)
class About:
    """What runs behind the page. `model` is "offline" for the stand-in, else the model's name; `store` is "sqlite" or "mongodb"."""

    model: str
    store: str
    version: str
    tries: tuple[Try, ...] = TRIES


def page_routes(documents: Documents, about: About) -> list[web.RouteDef]:
    """The routes to mount: `/`, `/archives/…`, `/page/…` and `/inspect/…`. `documents` is asked at each request and may be away."""
    return [
        web.get("/", _index),
        web.get("/archives/{rest:.*}", _index),
        web.get(r"/page/{file:(?:(?:scripts|styles)/)?[a-z_]+\.(?:js|css|svg)}", _file),
        web.get("/inspect/about", _json(lambda _: _about(about))),
        web.get("/inspect/reply", _json(lambda request: _reply(documents, request))),
        web.get("/inspect/learned", _json(lambda _: inspect_learned(documents))),
        web.get("/inspect/states", _json(lambda _: inspect_states(documents))),
    ]


async def _index(request: web.Request) -> web.StreamResponse:
    return _serve(HERE / "index.html")


async def _file(request: web.Request) -> web.StreamResponse:
    path = HERE / request.match_info["file"]
    if not path.is_file():
        raise web.HTTPNotFound
    return _serve(path)


def _serve(path: Path) -> web.StreamResponse:
    return web.FileResponse(path, headers={**HEADERS, "Content-Type": f"{TYPES[path.suffix]}; charset=utf-8"})


async def _about(about: About) -> Json:
    found: dict[str, Any] = asdict(about)
    found["try"] = found.pop("tries")
    return found


async def _reply(documents: Documents, request: web.Request) -> Json:
    return await inspect_reply(documents, request.query.get("channel", ""), request.query.get("ts", ""))


def _json(look: Callable[[web.Request], Awaitable[Json]]) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        if (request.url.host or "") not in LOOPBACK:  # A foreign name that resolves to this machine must not read the database.
            return web.json_response({"error": "This address answers on this machine only."}, status=403)
        try:
            return web.json_response(await look(request), headers={"Cache-Control": "no-store"})
        except Unavailable as error:
            return web.json_response({"error": str(error) or Unavailable.__doc__}, status=503)

    return handler
