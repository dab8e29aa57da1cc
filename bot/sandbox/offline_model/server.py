"""The offline model as a server that speaks chat.completions on loopback."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from itertools import count
from typing import Any

from aiohttp import web

from bot.sandbox.offline_model.answering import reply
from bot.sandbox.offline_model.extracting import drafts
from bot.sandbox.offline_model.prompts import asks_to_expand, read_prompt
from bot.sandbox.offline_model.settling import verdicts

NAME = "offline-rules"
_TYPES = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


class OfflineModel:
    """A stand-in for a language model: plain rules, no network, no key. `port` 0 takes a free one. May be started and stopped once.

    `delay` seconds pass before each answer; it may be changed at any time, also by POST /control/delay {"seconds": n}. POST /control/fail
    {"times": n, "status": s} makes the next n calls fail.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, delay: float = 0.0) -> None:
        self.host, self.port, self.delay = host, port, delay
        self._failures: list[int] = []
        self._ids = count(1)
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/control/{what:delay|fail}", self._control)
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL is to be."""
        return f"http://{self.host}:{self.port}/v1"

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening. May be called twice."""
        await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.Response:
        try:
            body = await request.json()
        except ValueError:
            return _error(400, "The body is not JSON.")
        wrong = _wrong(body)
        if wrong:
            return _error(400, wrong)
        await asyncio.sleep(self.delay)
        if self._failures:
            return _error(self._failures.pop(0), "This failure was asked for.")
        return self._answered(body)

    def _answered(self, body: dict[str, Any]) -> web.Response:
        shape = _shape(body)
        if shape is None and asks_to_expand(body):
            return web.json_response(self._completion(body, ""))
        if shape is None:
            said = reply(read_prompt(body))
            return web.json_response(self._completion(body, said.text, said.tool))
        if "drafts" in shape:
            return web.json_response(self._completion(body, json.dumps(drafts(body["messages"]), ensure_ascii=False)))
        if "verdicts" in shape:
            return web.json_response(self._completion(body, json.dumps(verdicts(body["messages"]), ensure_ascii=False)))
        return _error(400, "The offline model answers by rules, and has none for this shape.", param="response_format")

    def _completion(self, body: dict[str, Any], text: str, tool: str = "") -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": None}
        number = next(self._ids)
        if tool:
            message["tool_calls"] = [{"id": f"call_{number}", "type": "function", "function": {"name": tool, "arguments": "{}"}}]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls" if tool else "stop"}
        asked, said = len(json.dumps(body["messages"], ensure_ascii=False)) // 4, len(text) // 4 + 1
        usage = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
        head = {"id": f"chatcmpl-offline-{number}", "object": "chat.completion", "created": int(time.time()), "model": NAME}
        return {**head, "choices": [choice], "usage": usage}

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": NAME, "object": "model", "created": 0, "owned_by": "tacit"}]})

    async def _control(self, request: web.Request) -> web.Response:
        try:
            asked = await request.json()
            if request.match_info["what"] == "delay":
                self.delay = max(0.0, float(asked["seconds"]))
            else:
                self._failures = [int(asked.get("status", 500))] * int(asked["times"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return _error(400, 'Wanted: {"seconds": number} for delay, {"times": number, "status": number} for fail.')
        return web.json_response({"ok": True, "delay": self.delay, "failures": len(self._failures)})

    async def _unknown(self, request: web.Request) -> web.Response:
        return _error(404, f"There is no {request.method} {request.path} here: this is Tacit's offline model.")


def _wrong(body: Any) -> str:
    """What is wrong with a request; "" for a good one."""
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list) or not body["messages"]:
        return "'messages' must be a list with at least one message."
    if not all(isinstance(m, dict) for m in body["messages"]):
        return "Each message must be an object."
    return "The offline model does not stream: leave out 'stream'." if body.get("stream") else ""


def _shape(body: Mapping[str, Any]) -> frozenset[str] | None:
    """The properties that structured output was asked for with; None for a plain answer."""
    wanted = body.get("response_format") or {}
    if wanted.get("type") != "json_schema":
        return None
    return frozenset((wanted.get("json_schema") or {}).get("schema", {}).get("properties", {}))


def _error(status: int, message: str, *, param: str | None = None) -> web.Response:
    error = {"message": message, "type": _TYPES.get(status, "server_error"), "param": param, "code": None}
    return web.json_response({"error": error}, status=status)
