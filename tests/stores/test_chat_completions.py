"""The model port over chat.completions, against a server on loopback that says what each test makes it say."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from pydantic import BaseModel, ConfigDict

from stores.chat_completions import ChatCompletions
from stores.extraction import Drafts
from stores.model import ModelFailed, Said, Tool, ToolCall
from stores.model_format import strict

LEARN = Tool("learn_now", "Learn.", {"type": "object", "properties": {}, "additionalProperties": False})
PROMPT = [Said("system", "You are Tacit."), Said("user", "confidential words")]


class Meal(BaseModel):
    model_config = ConfigDict(extra="forbid")
    dish: str
    guests: int


class Server:
    """Answers each call with the next of its replies; the last one stays."""

    def __init__(self) -> None:
        self.replies: list[Callable[[], web.StreamResponse] | web.Response | dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.pause = 0.0
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("Authorization", ""))
        await asyncio.sleep(self.pause)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, dict):
            return web.json_response(reply)
        return reply() if callable(reply) else reply


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield server
    await runner.cleanup()


@pytest.fixture
async def model(server: Server) -> AsyncIterator[ChatCompletions]:
    model = ChatCompletions("answerer", "extractor", None, server.url, 5)
    yield model
    await model.close()


def said(content: str | None = "Hello.", reason: str = "stop", **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, **more}
    choice = {"index": 0, "message": message, "finish_reason": reason}
    return {"id": "c1", "object": "chat.completion", "choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}


def error(status: int, code: str = "", message: str = "no", param: str | None = None) -> Callable[[], web.Response]:
    body = {"error": {"message": message, "type": "error", "code": code, "param": param}}
    return lambda: web.json_response(body, status=status, headers={"x-should-retry": "false"})


def call(name: str, arguments: str | None, call_id: str | None = "x1") -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


async def test_an_answer_with_its_usage(server: Server, model: ChatCompletions) -> None:
    server.replies = [said("Noted.")]
    turn = await model.answer(PROMPT)
    assert (turn.text, turn.calls, turn.usage.prompt_tokens, turn.usage.completion_tokens) == ("Noted.", (), 7, 3)
    assert server.asked[0]["model"] == "answerer"
    assert "tools" not in server.asked[0]
    assert server.keys == ["Bearer none"]


async def test_a_key_is_sent_where_there_is_one(server: Server) -> None:
    server.replies = [said()]
    model = ChatCompletions("a", "b", "the-key", server.url, 5)
    await model.answer(PROMPT)
    await model.close()
    await model.close()
    assert server.keys == ["Bearer the-key"]


async def test_tools_go_out_and_their_calls_come_back(server: Server, model: ChatCompletions) -> None:
    server.replies = [
        said("Noted.", "tool_calls", tool_calls=[call("learn_now", "{}"), call("search_insights", '{"words": "oven"}', "x2")])
    ]
    turn = await model.answer(PROMPT, [LEARN])
    assert turn.calls == (ToolCall("x1", "learn_now", {}), ToolCall("x2", "search_insights", {"words": "oven"}))
    assert server.asked[0]["tools"][0]["function"]["name"] == "learn_now"
    await model.answer([*PROMPT, Said("assistant", "", calls=turn.calls), Said("tool", "done", call_id="x1")])
    assistant, tool = server.asked[1]["messages"][-2:]
    assert assistant["content"] is None
    assert json.loads(assistant["tool_calls"][1]["function"]["arguments"]) == {"words": "oven"}
    assert tool == {"role": "tool", "tool_call_id": "x1", "content": "done"}


@pytest.mark.parametrize("arguments", ["", None, "not json", "[1]", '"x"', "null"])
async def test_arguments_that_are_no_object_count_as_none(server: Server, model: ChatCompletions, arguments: str | None) -> None:
    server.replies = [said(None, "tool_calls", tool_calls=[call("learn_now", arguments, None)])]
    assert (await model.answer(PROMPT, [LEARN])).calls == (ToolCall("call_0", "learn_now", {}),)


@pytest.mark.parametrize("reason", ["length", "eos", "function_call"])
async def test_an_unknown_reason_to_stop_is_no_failure(server: Server, model: ChatCompletions, reason: str) -> None:
    server.replies = [said("As far as it", reason)]
    assert (await model.answer(PROMPT)).text == "As far as it"


async def test_a_shape_is_asked_for_strictly(server: Server, model: ChatCompletions) -> None:
    server.replies = [said('{"dish": "soup", "guests": 4}')]
    meal, usage = await model.extract(PROMPT, Meal)
    assert (meal, usage.prompt_tokens) == (Meal(dish="soup", guests=4), 7)
    asked = server.asked[0]
    assert asked["model"] == "extractor"
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert asked["response_format"]["json_schema"]["schema"]["required"] == ["dish", "guests"]


async def test_a_malformed_answer_is_sent_back_once(server: Server, model: ChatCompletions, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "stores")
    server.replies = [said('{"dish": "soup", "guests": "many"}'), said('{"dish": "soup", "guests": 9}')]
    meal, usage = await model.extract(PROMPT, Meal)
    assert (meal.guests, usage.prompt_tokens, usage.completion_tokens) == (9, 14, 6)
    assert "guests" in server.asked[1]["messages"][-1]["content"]
    assert [r.getMessage() for r in caplog.records] == ["model.extracted", "model.repaired"]


async def test_twice_malformed_is_a_failure(server: Server, model: ChatCompletions) -> None:
    server.replies = [said("I would rather not.")]
    with pytest.raises(ModelFailed, match="form that was asked for") as failure:
        await model.extract(PROMPT, Meal)
    assert len(server.asked) == 2
    assert failure.value.usage.prompt_tokens == 14  # both calls cost something


async def test_what_is_wrong_beyond_the_shape_is_sent_back_in_the_same_repair(server: Server, model: ChatCompletions) -> None:
    def fewer(meal: Meal) -> str:
        return "There are four chairs." if meal.guests > 4 else ""

    server.replies = [said('{"dish": "soup", "guests": 9}'), said('{"dish": "soup", "guests": 5}')]
    meal, usage = await model.extract(PROMPT, Meal, wrong=fewer)
    assert meal.guests == 5  # there is no second repair
    assert [m["content"] for m in server.asked[1]["messages"][-2:]] == ['{"dish": "soup", "guests": 9}', "There are four chairs."]
    assert usage.repair is not None


@pytest.mark.parametrize("reply", [said("I would rather not."), error(500)])
async def test_a_repair_that_fails_leaves_what_was_there(server: Server, model: ChatCompletions, reply: Any) -> None:
    server.replies = [said('{"dish": "soup", "guests": 9}'), reply]
    meal, usage = await model.extract(PROMPT, Meal, wrong=lambda meal: "Fewer, please.")
    assert (meal.guests, usage.prompt_tokens >= 7) == (9, True)
    assert len(server.asked) == 2


async def test_a_malformed_answer_has_had_its_repair(server: Server, model: ChatCompletions) -> None:
    server.replies = [said('{"dish": "soup"}'), said('{"dish": "soup", "guests": 9}')]
    meal, _ = await model.extract(PROMPT, Meal, wrong=lambda meal: "Fewer, please.")
    assert (meal.guests, len(server.asked)) == (9, 2)


@pytest.mark.parametrize("text", ['```json\n{"dish": "soup", "guests": 1}\n```', '<think>a {b}</think>\n{"dish": "soup", "guests": 1}'])
async def test_a_fence_and_thoughts_are_forgiven(server: Server, model: ChatCompletions, text: str) -> None:
    server.replies = [said(text)]
    assert (await model.extract(PROMPT, Meal))[0].guests == 1
    assert len(server.asked) == 1


async def test_a_server_without_structured_output_is_asked_more_plainly_ever_after(server: Server, model: ChatCompletions) -> None:
    fine = said('{"dish": "soup", "guests": 1}')
    server.replies = [error(400, message="response_format is not supported"), error(400), fine, fine]
    await model.extract(PROMPT, Meal)
    await model.extract(PROMPT, Meal)
    assert [asked.get("response_format", {}).get("type") for asked in server.asked] == ["json_schema", "json_object", None, None]
    assert '"guests"' in server.asked[3]["messages"][0]["content"]


async def test_a_server_that_knows_no_limit_of_tokens_is_asked_without(server: Server, model: ChatCompletions) -> None:
    server.replies = [error(400, "unsupported_parameter", param="max_completion_tokens"), said(), said()]
    await model.answer(PROMPT)
    await model.answer(PROMPT)
    assert ["max_completion_tokens" in asked for asked in server.asked] == [True, False, False]


FAILURES = [
    (error(401, "invalid_api_key"), "OPENAI_API_KEY", False),
    (error(403, "forbidden"), "may not use answerer", False),
    (error(429, "insufficient_quota"), "credit", False),
    (error(429, "rate_limit_exceeded"), "too often", True),
    (error(404, "model_not_found", "The model does not exist"), "no model named answerer", False),
    (lambda: web.Response(status=404, text="not here"), "no chat.completions server", False),
    (error(400, "content_filter"), "refused", False),
    (error(400, "context_length_exceeded"), "too long", False),
    (error(400, "odd"), "did not accept", False),
    (error(500), "status 500", True),
    (error(503), "status 503", True),
    (said("", "stop"), "empty answer", True),
    (said(None), "empty answer", True),
    (said("No.", "content_filter"), "refused", False),
    (said(None, refusal="I can't"), "refused", False),
    ({"error": {"message": "odd"}}, "empty answer", True),
    (lambda: web.Response(text="<html>", content_type="text/html"), "no chat.completions server", True),
]


@pytest.mark.parametrize(("reply", "words", "retryable"), FAILURES)
async def test_a_failure_is_a_sentence_that_a_person_understands(
    server: Server, model: ChatCompletions, reply: Any, words: str, retryable: bool
) -> None:
    server.replies = [reply]
    with pytest.raises(ModelFailed, match=words) as failure:
        await model.answer(PROMPT)
    assert failure.value.retryable is retryable
    assert "confidential" not in str(failure.value)


async def test_the_time_limit_holds_for_the_whole_call(server: Server) -> None:
    server.replies, server.pause = [said('{"dish": 1}')], 0.2
    model = ChatCompletions("a", "b", None, server.url, 0.3)
    start = asyncio.get_running_loop().time()
    with pytest.raises(ModelFailed, match=r"within 0\.3 seconds") as failure:
        await model.extract(PROMPT, Meal)  # the first answer comes in time, its repair does not
    assert failure.value.retryable
    assert failure.value.usage.prompt_tokens == 7
    assert asyncio.get_running_loop().time() - start < 0.5
    await model.close()


async def test_a_hint_is_plain_text_of_few_tokens_by_a_model_of_its_own(server: Server) -> None:
    server.replies = [said("monitoring, costs")]
    model = ChatCompletions("a", "b", None, server.url, 5, expand_model="small")
    assert await model.hint(PROMPT, most=60) == "monitoring, costs"
    [asked] = server.asked
    assert (asked["model"], asked["max_completion_tokens"], "response_format" in asked) == ("small", 60, False)
    await model.close()


async def test_a_hint_is_asked_for_once_and_who_asks_logs_its_failure(
    server: Server, model: ChatCompletions, caplog: pytest.LogCaptureFixture
) -> None:
    server.replies = [error(503, "busy")]
    with pytest.raises(ModelFailed, match="has a problem"):
        await model.hint(PROMPT, most=60)
    assert [asked["model"] for asked in server.asked] == ["extractor"]
    assert caplog.records == []


async def test_an_address_where_nothing_answers(unused_tcp_port_factory: Callable[[], int]) -> None:
    model = ChatCompletions("a", "b", None, f"http://127.0.0.1:{unused_tcp_port_factory()}/v1", 10)
    with pytest.raises(ModelFailed, match="cannot be reached at 127") as failure:
        await model.answer(PROMPT)
    assert failure.value.retryable
    await model.close()


def test_neither_key_nor_address() -> None:
    with pytest.raises(ModelFailed, match="OPENAI_API_KEY"):
        ChatCompletions("a", "b", None, None, 5)


async def test_the_log_holds_no_words_of_anybody(server: Server, model: ChatCompletions, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.replies = [said("secret answer"), error(400, "odd", "confidential words")]
    await model.answer(PROMPT)
    with pytest.raises(ModelFailed):
        await model.answer(PROMPT)
    written = "".join(str(r.__dict__) for r in caplog.records)
    assert [r.getMessage() for r in caplog.records if r.name.startswith("stores")] == ["model.answered", "model.failed"]
    assert "secret answer" not in written
    assert "confidential" not in written


def test_each_object_of_a_strict_schema_is_closed() -> None:
    schema = strict(Drafts)
    for part in (schema, *schema["$defs"].values()):
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])


def test_the_library_is_loaded_late() -> None:
    code = "import stores.chat_completions, sys; raise SystemExit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
