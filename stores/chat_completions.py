"""The model behind any server that speaks chat.completions: OpenAI's own, or Ollama, vLLM, llama.cpp, LM Studio and their like.

Imports the openai library only when the first `ChatCompletions` is made.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pydantic import BaseModel, ValidationError

from stores.model import ModelFailed, Said, Shape, Tool, ToolCall, Turn, Usage
from stores.model_errors import Refused, in_words, refused
from stores.model_format import FORMATS, Format, asking, complaint, read, response_format
from stores.openai_client import OPENAI, open_client

log = logging.getLogger(__name__)

ANSWER_TOKENS, EXTRACT_TOKENS = 4_096, 16_384  # what a model thinks counts too, with models that think
RETRIES = 2  # the library's own, with growing pauses; all of them must fit into the time limit of the call


class ChatCompletions:
    """The port `Model`. Nothing connects before the first call; several calls may be made at once, on one event loop.

    `timeout` is the most seconds that a method takes, retries and repair included. `base_url` is the address of a server of your own
    (http://localhost:11434/v1), which may need no key. `expand_model` gives hints, `extract_model` where none is named. Raises
    `ModelFailed` when there is neither key nor address.
    """

    def __init__(
        self, answer_model: str, extract_model: str, api_key: str | None, base_url: str | None, timeout: float, *, expand_model: str = ""
    ) -> None:
        if not api_key and not base_url:
            raise ModelFailed("There is no key for the language model: set OPENAI_API_KEY, or OPENAI_BASE_URL.", retryable=False)
        self._answer_model, self._extract_model, self._timeout = answer_model, extract_model, timeout
        self._expand_model = expand_model or extract_model
        self._address = base_url or OPENAI
        self._client = open_client(api_key or "none", self._address, timeout, RETRIES)
        self._format: Format = FORMATS[0]  # the strictest that this server has not refused
        self._limited = True  # whether it knows max_completion_tokens

    async def close(self) -> None:
        """Close the connections. May be called twice."""
        await self._client.close()

    async def answer(self, prompt: Sequence[Said], tools: Sequence[Tool] = ()) -> Turn:
        """The model's next turn: text, tool calls or both. One that was cut off for its length is returned as far as it goes."""
        extra = {"tools": [_tool(tool) for tool in tools]} if tools else {}
        async with self._limit(self._answer_model):
            turn = await self._call("model.answered", self._answer_model, prompt, ANSWER_TOKENS, extra)
        if not turn.text.strip() and not turn.calls:
            raise ModelFailed("The language model gave an empty answer.")
        return turn

    async def extract(
        self, prompt: Sequence[Said], shape: type[Shape], *, wrong: Callable[[Shape], str] | None = None
    ) -> tuple[Shape, Usage]:
        """An answer in this shape, and what it cost, a repair included. A repair is an event of its own in the log."""
        spent, answer = Usage(), None
        try:
            async with self._limit(self._extract_model):
                first = await self._shaped("model.extracted", prompt, shape)
                spent = first.usage
                answer, fault = _judged(first.text, shape, wrong)
                if answer is not None and not fault:
                    return answer, spent
                again = [*prompt, Said("assistant", first.text or "(nothing)"), Said("user", fault)]
                second = await self._shaped("model.repaired", again, shape)
                spent = _repaired(spent, second.usage)
                try:
                    return read(second.text, shape), spent
                except ValidationError:
                    raise ModelFailed("The language model did not answer in the form that was asked for.") from None
        except ModelFailed as failed:
            if answer is not None:
                return answer, spent
            failed.usage = spent
            raise

    async def hint(self, prompt: Sequence[Said], *, most: int) -> str:
        """A few words; whoever asks logs a failure, since it is no loss to anybody else."""
        async with self._limit(self._expand_model, logged=False):
            return (await self._call("model.hinted", self._expand_model, prompt, most, {}, tries=1)).text

    async def _shaped(self, event: str, prompt: Sequence[Said], shape: type[BaseModel]) -> Turn:
        """One call in the strictest format that the server takes; what it refuses once is not tried again."""
        for form in FORMATS[FORMATS.index(self._format) :]:
            try:
                extra = response_format(form, shape)
                turn = await self._call(event, self._extract_model, asking(form, prompt, shape), EXTRACT_TOKENS, extra)
            except Exception as e:
                if form == FORMATS[-1] or refused(e) is not Refused.FORMAT:
                    raise
                log.info("model.format_refused", extra={"model": self._extract_model, "format": form})
            else:
                self._format = form
                return turn
        raise AssertionError("the last format either answers or raises")

    async def _call(
        self, event: str, model: str, prompt: Sequence[Said], most: int, extra: dict[str, Any], *, tries: int = RETRIES + 1
    ) -> Turn:
        """One answer of the server, once more without a limit of tokens where the server knows none or allows less."""
        asked = {"model": model, "messages": [_message(said) for said in prompt], **extra}
        client = self._client if tries > RETRIES else self._client.with_options(max_retries=tries - 1)
        create: Any = client.chat.completions.create  # its types are of more than a hundred parameters
        start = time.monotonic()
        try:
            limit = {"max_completion_tokens": most} if self._limited else {}
            completion = await create(**asked, **limit)
        except Exception as e:
            if not self._limited or refused(e) is not Refused.LIMIT:
                raise
            self._limited = False
            completion = await create(**asked)
        turn, reason = _turn(completion), _reason(completion)
        _log(event, model, completion, turn.usage, reason, time.monotonic() - start)
        if reason == "content_filter":
            raise ModelFailed("The provider of the language model refused to answer this.", retryable=False)
        return turn

    @asynccontextmanager
    async def _limit(self, model: str, *, logged: bool = True) -> AsyncIterator[None]:
        """Within it, time is limited and every error of the library becomes a `ModelFailed` in words."""
        from openai import OpenAIError

        start = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                yield
        except (OpenAIError, TimeoutError) as e:
            failure = in_words(e, model, self._address, self._timeout)
            extra = {"model": model, "error": type(e).__name__, "status": getattr(e, "status_code", None)}
            if logged:
                log.warning("model.failed", extra={**extra, "seconds": round(time.monotonic() - start, 3)})
            raise failure from None


def _judged(text: str, shape: type[Shape], wrong: Callable[[Shape], str] | None) -> tuple[Shape | None, str]:
    """The answer, None for one that has not this shape, and what is wrong with it, in words for the model."""
    try:
        answer = read(text, shape)
    except ValidationError as malformed:
        return None, complaint(malformed)
    return answer, wrong(answer) if wrong else ""


def _tool(tool: Tool) -> dict[str, Any]:
    parameters = dict(tool.parameters)
    return {"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": parameters}}


def _message(said: Said) -> dict[str, Any]:
    if said.role == "tool":
        return {"role": "tool", "tool_call_id": said.call_id, "content": said.content}
    if not said.calls:
        return {"role": said.role, "content": said.content}
    calls = [{"id": c.id, "type": "function", "function": {"name": c.name, "arguments": json.dumps(dict(c.arguments))}} for c in said.calls]
    return {"role": said.role, "content": said.content or None, "tool_calls": calls}


def _turn(completion: Any) -> Turn:
    """What the server said. The library checks nothing of it, and servers differ: anything may be missing."""
    choices = getattr(completion, "choices", None)
    message = choices[0].message if choices else None
    if message is None:
        raise ModelFailed("What answers at the address of the language model is no chat.completions server, or it gave an empty answer.")
    if getattr(message, "refusal", None):
        raise ModelFailed("The language model refused to answer this.", retryable=False)
    calls = [_call_of(call, n) for n, call in enumerate(message.tool_calls or ()) if getattr(call, "function", None)]
    return Turn(message.content or "", tuple(calls), _usage(completion))


def _call_of(call: Any, position: int) -> ToolCall:
    try:
        arguments = json.loads(call.function.arguments or "{}")
    except (TypeError, ValueError):
        arguments = {}
    return ToolCall(call.id or f"call_{position}", call.function.name or "", arguments if isinstance(arguments, dict) else {})


def _usage(completion: Any) -> Usage:
    usage = getattr(completion, "usage", None)
    return Usage(getattr(usage, "prompt_tokens", 0) or 0, getattr(usage, "completion_tokens", 0) or 0)


def _reason(completion: Any) -> str:
    return str(completion.choices[0].finish_reason)


def _repaired(first: Usage, repair: Usage) -> Usage:
    return Usage(first.prompt_tokens + repair.prompt_tokens, first.completion_tokens + repair.completion_tokens, repair)


def _log(event: str, model: str, completion: Any, usage: Usage, reason: str, seconds: float) -> None:
    tokens = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
    extra = {"model": model, "completion": getattr(completion, "id", None), "finish": reason, "seconds": round(seconds, 3)}
    log.info(event, extra={**extra, **tokens})
