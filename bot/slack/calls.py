"""Calls to Slack: what a failure means, page after page, and which calls may be repeated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler, AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_slack_response import AsyncSlackResponse

Json = dict[str, Any]

SECONDS = 10.0
"""How long one call may take, waiting for a rate limit included."""

# Answers that say nothing about the question; what was asked may have been done all the same.
# https://docs.slack.dev/reference/methods/chat.postMessage#errors
UNDECIDED = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited", "team_added_to_org"}
)
# Only what reads is repeated after a lost connection: a post whose answer was lost may stand there already.
READS = (".info", ".list", ".members", ".replies", ".history", ".conversations", ".test", "conversations.open", "apps.connections.open")


class SlackFailed(Exception):
    """Slack gave no usable answer to a call (no connection, too slow, a rate limit, a fault of its own). Whether the call had an effect
    is not known. Try again later; `tacit doctor` checks the connection and the token."""


class SlackRefused(Exception):
    """Slack understood the call and said no. `error` is its word for why, such as `channel_not_found`."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class RepeatReads(AsyncConnectionErrorRetryHandler):
    """Repeats a call after a lost connection when it only reads. (Slack's own handler repeats posts too, and so posts twice.)"""

    async def _can_retry_async(
        self, *, state: RetryState, request: HttpRequest, response: HttpResponse | None = None, error: Exception | None = None
    ) -> bool:
        lost = await super()._can_retry_async(state=state, request=request, response=response, error=error)
        return lost and request.url.endswith(READS)


def retry_handlers() -> list[AsyncRetryHandler]:
    """What a client does about failed calls: waits as long as a rate limit asks, a few times, and repeats reads once."""
    return [AsyncRateLimitErrorRetryHandler(max_retry_count=3), RepeatReads(max_retry_count=1)]


async def ask(call: Awaitable[AsyncSlackResponse], seconds: float = SECONDS) -> Json:
    """Slack's answer to a call, within `seconds`. Raises `SlackRefused` for a plain no and `SlackFailed` when nothing is known."""
    data = (await answered(call, seconds)).data
    if not isinstance(data, dict):
        raise SlackFailed("no JSON")
    return data


async def answered(call: Awaitable[AsyncSlackResponse], seconds: float = SECONDS) -> AsyncSlackResponse:
    """As `ask`, with the headers of the answer."""
    try:
        async with asyncio.timeout(seconds):
            return await call
    except SlackApiError as e:
        raise _meaning(e) from None
    except (TimeoutError, aiohttp.ClientError, OSError, SlackClientError, ValueError) as e:
        # Without the cause: its text may hold what was sent.
        raise SlackFailed(type(e).__name__) from None


async def pages(method: Callable[..., Awaitable[AsyncSlackResponse]], key: str, **arguments: Any) -> AsyncIterator[list[Json]]:
    """The lists under `key` of each page of a method's answer. Raises as `ask` does; `SlackFailed` too when a cursor comes back again."""
    seen: set[str] = set()
    while True:
        answer = await ask(method(**arguments))
        yield answer.get(key) or []
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
        if cursor in seen:
            raise SlackFailed("the same cursor twice")
        seen.add(cursor)
        arguments["cursor"] = cursor


def _meaning(error: SlackApiError) -> SlackFailed | SlackRefused:
    response = error.response
    if not isinstance(response, AsyncSlackResponse):  # An answer that is no JSON: slack_sdk hands over aiohttp's own.
        return SlackFailed(f"status {getattr(response, 'status', 'unknown')}")
    word = response.data.get("error") if isinstance(response.data, dict) else None
    if response.status_code == 429 or response.status_code >= 500 or not isinstance(word, str) or word in UNDECIDED:
        return SlackFailed(word if isinstance(word, str) else f"status {response.status_code}")
    return SlackRefused(word)
