"""The Web API's front door: who calls, which method, what goes wrong on order (https://docs.slack.dev/apis/web-api/)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from . import api_app, api_chat, api_conversations, api_reactions, api_users
from .access import require
from .args import Args
from .calls import Call, Calls
from .errors import ApiError
from .faults import Fault
from .journal import Json
from .socket_mode import SocketMode
from .world import World

BOT_TOKEN = "xoxb-sandbox-tacit"
APP_TOKEN = "xapp-sandbox-tacit"
SIGNING_SECRET = "sandbox-signing-secret"


@dataclass(frozen=True)
class Tokens:
    """The secrets that the app must know."""

    bot: str = BOT_TOKEN
    app: str = APP_TOKEN
    signing_secret: str = SIGNING_SECRET


class WebApi:
    """Serves `/api/METHOD`."""

    def __init__(self, world: World, tokens: Tokens, sockets: SocketMode) -> None:
        self._world, self._tokens, self._sockets = world, tokens, sockets
        self.calls = Calls(world.feed)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, unless a fault was ordered for it. Slack answers 200 also when it refuses."""
        method = request.match_info["method"]
        try:
            args, problem = await Args.read(request), None
        except ApiError as error:
            args, problem = Args({}), error
        call = self.calls.begin(method, args.given)
        fault = self._world.faults.take(method)
        refused = await self._refused(request, call, fault) if fault else None
        if refused is not None:
            return refused
        body = _refusal(problem) if problem else self._answer(request, method, args)
        if fault and fault.drop_answer_after_doing:
            return self._drop(request, call)
        call.end(200, body)
        return web.json_response(body, headers=self._headers(method))

    def _headers(self, method: str) -> dict[str, str]:
        scopes = "connections:write" if method == "apps.connections.open" else ",".join(self._world.scopes)
        return {"X-OAuth-Scopes": scopes, "X-Slack-Req-Id": "sandbox"}

    async def _refused(self, request: web.Request, call: Call, fault: Fault) -> web.StreamResponse | None:
        """Return what the fault answers in place of the method; None where the method is called all the same."""
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.drop:
            return self._drop(request, call)
        if fault.retry_after:
            return _ended(call, 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(fault.retry_after)})
        if fault.error:
            return _ended(call, fault.status or 200, {"ok": False, "error": fault.error})
        return _ended(call, fault.status, {"ok": False, "error": "internal_error"}) if fault.status else None

    @staticmethod
    def _drop(request: web.Request, call: Call) -> web.StreamResponse:
        """Cut the connection: the caller does not learn whether anything was done."""
        call.end(0, {"error": "answer dropped"})
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _answer(self, request: web.Request, method: str, args: Args) -> Json:
        try:
            return {"ok": True, **self._call(request, method, args)}
        except ApiError as error:
            return _refusal(error)

    def _call(self, request: web.Request, method: str, args: Args) -> Json:
        if method != "apps.connections.open" and method not in METHODS:
            raise ApiError("unknown_method", req_method=method)
        if method != "api.test":
            self._authorize(request, method, args)
        if method == "apps.connections.open":
            return {"url": f"{self._world.url.replace('http', 'ws', 1)}/socket/?ticket={self._sockets.ticket()}"}
        handler, scope = METHODS[method]
        if scope:
            require(self._world, scope)
        return handler(self._world, args)

    def _authorize(self, request: web.Request, method: str, args: Args) -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip() or args.text("token", "")
        wanted, other = self._tokens.bot, self._tokens.app
        if method == "apps.connections.open":
            wanted, other = other, wanted
        if not token:
            raise ApiError("not_authed")
        if token != wanted:
            raise ApiError("not_allowed_token_type" if token == other else "invalid_auth")


def _refusal(error: ApiError) -> Json:
    return {"ok": False, "error": error.code, **error.more}


def _ended(call: Call, status: int, body: Json, headers: dict[str, str] | None = None) -> web.Response:
    call.end(status, body)
    return web.json_response(body, status=status, headers=headers)


# Method → what answers it, and the scope it needs ("" where that depends on the channel, or where any token will do).
METHODS: dict[str, tuple[Callable[[World, Args], Json], str]] = {
    "api.test": (api_app.api_test, ""),
    "auth.test": (api_app.auth_test, ""),
    "agents.sessions.setStatus": (api_app.set_status, "assistant:write"),
    "assistant.threads.setStatus": (api_app.set_status, "assistant:write"),
    "assistant.threads.setSuggestedPrompts": (api_app.set_prompts, "assistant:write"),
    "bots.info": (api_users.bot_info, "users:read"),
    "chat.delete": (api_chat.delete_message, "chat:write"),
    "chat.getPermalink": (api_chat.permalink, ""),
    "chat.postEphemeral": (api_chat.post_ephemeral_message, "chat:write"),
    "chat.postMessage": (api_chat.post_message, "chat:write"),
    "chat.update": (api_chat.update, "chat:write"),
    "conversations.history": (api_conversations.history, ""),
    "conversations.info": (api_conversations.info, ""),
    "conversations.join": (api_conversations.join_channel, ""),
    "conversations.leave": (api_conversations.leave_channel, ""),
    "conversations.list": (api_conversations.list_channels, ""),
    "conversations.members": (api_conversations.members, ""),
    "conversations.open": (api_conversations.open_conversation, ""),
    "conversations.replies": (api_conversations.replies, ""),
    "reactions.add": (api_reactions.add, "reactions:write"),
    "reactions.get": (api_reactions.get, "reactions:read"),
    "reactions.remove": (api_reactions.remove, "reactions:write"),
    "team.info": (api_users.team_info, "team:read"),
    "users.conversations": (api_conversations.of_user, ""),
    "users.info": (api_users.info, "users:read"),
    "users.list": (api_users.list_users, "users:read"),
    "views.open": (api_app.open_view, ""),
    "views.publish": (api_app.publish_view, ""),
}
