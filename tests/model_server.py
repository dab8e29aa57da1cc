"""A chat.completions server on loopback whose answers a test decides. It counts the calls and keeps the requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Answer = Callable[[Json], str | Json | int]
"""Gets a request; gives the text, `{"text": …, "calls": [[name, arguments], …]}`, or an HTTP status to fail with."""


def drafts_of_every_statement(request: Json) -> Json:
    """The draft shape: each new message that is no question becomes one goal, as said."""
    said = json.loads(request["messages"][-1]["content"])["messages"]
    new = [m for m in said if m["id"] and "?" not in m["text"]]
    return {"drafts": [draft(m["text"].removeprefix("@tacit ").strip(), [m["id"]]) for m in new]}


def draft(sentence: str, evidence: list[str], kind: str = "goal", **more: Any) -> Json:
    """One proposed insight in the model's form."""
    return {"kind": kind, "sentence": sentence, "cues": [], "things": [], "evidence": evidence, "fields": []} | more


class ModelServer:
    """Answers with `reply` (a turn), `drafts` (an extraction), `verdicts` (a settling), `wish` (how to be better) and `expansion`
    (words to search with), each a function of the request. What was asked for an expansion is kept apart from the other `requests`."""

    def __init__(self) -> None:
        self.reply: Answer = lambda request: "Noted."
        self.drafts: Callable[[Json], Json] = drafts_of_every_statement
        self.verdicts: Callable[[Json], Json] = lambda request: {"verdicts": []}
        self.wish: Callable[[Json], Json] = lambda request: {"wish": "", "because": []}
        self.expansion: Callable[[Json], str | int] = lambda request: ""
        self.delay = 0.0
        self.thinks = 0.0  # seconds that an expansion takes
        self.requests: list[Json] = []
        self.expansions: list[Json] = []
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def sort(self, request: Json) -> str:
        """ "reply", "drafts", "verdicts", "wish" or "expansion"."""
        if str(request["messages"][-1].get("content") or "").startswith("QUESTION\n"):
            return "expansion"
        shape = json.dumps(request.get("response_format") or {})
        return next((sort for sort in ("drafts", "verdicts", "wish") if f'"{sort}"' in shape), "reply")

    async def _answer(self, request: web.Request) -> web.Response:
        ask = await request.json()
        sort = self.sort(ask)
        (self.expansions if sort == "expansion" else self.requests).append(ask)
        await asyncio.sleep(self.thinks if sort == "expansion" else self.delay)
        plain = sort in ("reply", "expansion")
        said: Any = getattr(self, sort)(ask) if plain else json.dumps(getattr(self, sort)(ask))
        if isinstance(said, int):
            return web.json_response({"error": {"message": "scripted", "type": "server_error"}}, status=said)
        return web.json_response(_completion(said))


def _completion(said: str | Json) -> Json:
    text, calls = (said, []) if isinstance(said, str) else (said.get("text", ""), said.get("calls", []))
    made = [
        {"id": f"call_{i}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for i, (name, arguments) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": text} | ({"tool_calls": made} if made else {})
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if made else "stop"}
    return {"id": "scripted", "object": "chat.completion", "created": 1, "model": "scripted", "choices": [choice], "usage": usage}
