"""The control API: routes, refusals, and waiting for acknowledgements. README.md is its reference."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from . import acts_faults, acts_messages, acts_workspace, view
from .calls import Calls
from .delivery import Delivery
from .errors import ApiError, ControlError
from .journal import Json
from .request import Wish
from .socket_mode import SocketMode
from .world import World

LONGEST_POLL = 60.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Control:
    """Serves `/control/…`."""

    def __init__(self, world: World, sockets: SocketMode, calls: Calls, use_http: Callable[[str], None]) -> None:
        self._world, self._sockets, self._calls, self._use_http = world, sockets, calls, use_http
        self.closing = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, to be mounted once."""
        acts = [web.post(f"/control/{name}", partial(self._act, act)) for name, act in ACTS.items()]
        own: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
            "state": self._state,
            "messages": self._messages,
            "deliveries": self._deliveries,
            "calls": self._called,
            "homes": self._homes,
            "changes": self._changes,
            "feed": self._feed,
            "view": self._view,
            "view/messages": self._view_messages,
        }
        looks = [web.get(f"/control/{name}", look) for name, look in own.items()]
        special = {"delivery": self._delivery, "disconnect": self._disconnect, "wait": self._wait}
        return acts + looks + [web.post(f"/control/{name}", act) for name, act in special.items()]

    # -- acts

    async def _act(self, act: Callable[[Wish], Json], request: web.Request) -> web.Response:
        wish = await Wish.read(self._world, request)
        done = act(wish)
        if wish.flag("wait"):
            ids = done.get("events", [done["id"]] if "id" in done else [])
            done["deliveries"] = await self._waited(self._found(ids), wish.number("timeout", 30), done)
        return web.json_response(done)

    def _found(self, ids: list[str]) -> list[Delivery]:
        found = {id: self._world.deliveries.get(id) for id in ids}
        missing = [id for id, delivery in found.items() if delivery is None]
        if missing:
            raise ControlError(f"There is no delivery {', '.join(missing)}.", 404)
        return [delivery for delivery in found.values() if delivery]

    async def _waited(self, deliveries: list[Delivery], seconds: float, done: Json) -> list[Json]:
        late = await self._world.deliveries.wait(deliveries, seconds)
        if late:
            sentence = f"{len(late)} of {len(deliveries)} were not acknowledged."
            raise ControlError(sentence, 504, **done, unacknowledged=[each.listed() for each in late])
        return [each.listed() for each in deliveries]

    async def _wait(self, request: web.Request) -> web.Response:
        wish = await Wish.read(self._world, request)
        wish.only("ids")
        ids = wish.list("ids")
        deliveries = self._found(ids) if ids else self._world.deliveries.pending()
        return web.json_response({"deliveries": await self._waited(deliveries, wish.number("timeout", 30), {})})

    async def _delivery(self, request: web.Request) -> web.Response:
        wish = await Wish.read(self._world, request)
        url = wish.body.pop("events_url", None)
        if url is not None:
            self._use_http(str(url))
        return web.json_response(acts_faults.delivery(wish) | ({"events_url": url} if url is not None else {}))

    async def _disconnect(self, request: web.Request) -> web.Response:
        wish = await Wish.read(self._world, request)
        wish.only("reason", "drop")
        reason = wish.text("reason", "refresh_requested")
        return web.json_response({"connections": await self._sockets.disconnect(reason, drop=wish.flag("drop"))})

    # -- looking

    async def _state(self, request: web.Request) -> web.Response:
        world = self._world
        users = [user.in_slack() | {"guest": user.guest, "external": user.external} for user in world.users.values()]
        state = {
            "team": {"id": world.team_id, "name": world.name, "domain": world.domain, "url": world.url},
            "bot": {"user": world.bot_user, "name": world.bot_name, "bot_id": world.bot_id, "app_id": world.app_id},
            "users": users,
            "channels": [world.shown_channel(channel) for channel in world.channels.values()],
            "connections": self._sockets.count,
            "next": world.feed.last,
        }
        return web.json_response(state)

    async def _messages(self, request: web.Request) -> web.Response:
        query = request.query
        channel = _from_query(self._world, request).channel("channel").id if query.get("channel") else ""
        return web.json_response(view.everything(self._world, channel, query.get("thread_ts", ""), query.get("since", "")))

    async def _deliveries(self, request: web.Request) -> web.Response:
        ids = request.query.get("ids", "")
        found = self._found(ids.split(",")) if ids else self._world.deliveries.since(_number(request, "since"))
        pending = len(self._world.deliveries.pending())
        return web.json_response({"deliveries": [each.listed() for each in found], "pending": pending})

    async def _called(self, request: web.Request) -> web.Response:
        return web.json_response({"calls": self._calls.since(_number(request, "since"), request.query.get("method", ""))})

    async def _homes(self, request: web.Request) -> web.Response:
        return web.json_response({"homes": self._world.homes, "modals": self._world.modals})

    async def _changes(self, request: web.Request) -> web.Response:
        since, seconds = _number(request, "since"), min(float(request.query.get("wait", 0)), LONGEST_POLL)
        items = await self._world.feed.wait(since, seconds)
        return web.json_response({"items": items, "next": items[-1]["seq"] if items else max(since, self._world.feed.last)})

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        since = int(request.headers.get("Last-Event-ID") or request.query.get("since") or self._world.feed.last)
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        await response.write(b": connected\n\n")
        try:
            while not self.closing.is_set():
                items = await self._world.feed.wait(since, 10)
                for item in items:
                    since = item["seq"]
                    await response.write(f"id: {since}\nevent: {item['type']}\ndata: {json.dumps(item)}\n\n".encode())
                if not items:
                    await response.write(b": still here\n\n")
        except ConnectionError:
            pass
        return response

    async def _view(self, request: web.Request) -> web.Response:
        return web.json_response(view.of_person(self._world, _from_query(self._world, request).user()))

    async def _view_messages(self, request: web.Request) -> web.Response:
        wish = _from_query(self._world, request)
        found = view.messages_of_person(self._world, wish.user(), wish.channel("channel"), wish.text("thread_ts", ""))
        return web.json_response(found)


def _from_query(world: World, request: web.Request) -> Wish:
    return Wish(world, dict(request.query))


def _number(request: web.Request, name: str) -> int:
    try:
        return int(request.query.get(name) or 0)
    except ValueError:
        raise ControlError(f"`{name}` must be a whole number.") from None


def _foreign(request: web.Request) -> bool:
    """Say whether a page from elsewhere asks: by its origin, or by a name of its own that leads here (DNS rebinding)."""
    origin = request.headers.get("Origin")
    return bool(origin and origin.partition("://")[2] != request.host) or request.url.host not in LOOPBACK


@web.middleware
async def refusals(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """Turn the errors of a control request into JSON, and refuse what comes from a foreign page."""
    if not request.path.startswith("/control/"):
        return await handler(request)
    if _foreign(request):
        return web.json_response({"error": "Control is for this machine's own page."}, status=403)
    try:
        return await handler(request)
    except ControlError as error:
        return web.json_response({"error": str(error), **error.more}, status=error.status)
    except ApiError as error:
        return web.json_response({"error": f"Slack would refuse this: {error.code}.", **error.more}, status=400)
    except (ValueError, TypeError) as error:
        return web.json_response({"error": str(error)}, status=400)


ACTS: dict[str, Callable[[Wish], Json]] = {
    "post": acts_messages.post,
    "edit": acts_messages.edit,
    "unfurl": acts_messages.unfurl,
    "delete": acts_messages.delete,
    "react": acts_messages.react,
    "unreact": acts_messages.unreact,
    "command": acts_messages.command,
    "click": acts_messages.click,
    "shortcut": acts_messages.shortcut,
    "home": acts_workspace.home,
    "join": acts_workspace.join,
    "leave": acts_workspace.leave,
    "privacy": acts_workspace.privacy,
    "share": acts_workspace.share,
    "archive": acts_workspace.archive,
    "rename": acts_workspace.rename,
    "remove": acts_workspace.remove,
    "channel": acts_workspace.create_channel,
    "teammate": acts_workspace.teammate,
    "inject": acts_workspace.inject,
    "fail": acts_faults.fail,
    "ratelimit": acts_faults.ratelimit,
    "heal": acts_faults.heal,
}
