"""The offline model as a server that speaks chat.completions on loopback."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from bot.sandbox.offline_model.answering import Reply, read_prompt, reply
from bot.sandbox.offline_model.reading import drafts
from bot.sandbox.offline_model.settling import verdicts
from bot.sandbox.ports import HOST


class OfflineModel:
    """A stand-in for a language model. `delay` seconds pass before each answer; `base_url` is what OPENAI_BASE_URL is to be."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.base_url = ""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def start(self) -> None:
        """Listen on a free port. May be done once."""
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.base_url = f"http://{HOST}:{self._runner.addresses[0][1]}/v1"

    async def stop(self) -> None:
        """Stop listening. May be called twice."""
        await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.Response:
        said = _reply(await request.json())
        await asyncio.sleep(self.delay)
        message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
        if said.tool:
            message["tool_calls"] = [{"id": "call_1", "type": "function", "function": {"name": said.tool, "arguments": "{}"}}]
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if said.tool else "stop"}
        return web.json_response({"id": "offline", "object": "chat.completion", "model": "offline-rules", "choices": [choice]})


def _reply(body: dict[str, Any]) -> Reply:
    """By the shape that is asked for. To expand a question takes knowledge of the world, and here is none; nor is there any judgement of
    how replies could be better."""
    for name, made in (("drafts", drafts), ("verdicts", verdicts), ("wish", lambda _: {"wish": "", "because": []})):
        if body.get("response_format") and name in body["response_format"]["json_schema"]["schema"]["properties"]:
            return Reply(json.dumps(made(body["messages"]), ensure_ascii=False))
    return Reply("") if body["messages"][-1]["content"].startswith("QUESTION\n") else reply(read_prompt(body))
