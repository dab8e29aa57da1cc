"""Signed HTTP delivery, as Slack does it (https://docs.slack.dev/authentication/verifying-requests-from-slack/)."""

import asyncio
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from .delivery import Deliveries, Delivery
from .journal import Json

AT_ONCE = 100


def signature(secret: str, timestamp: str, body: str) -> str:
    """Return the X-Slack-Signature of a body sent at this time."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()


class HttpEvents:
    """Posts each delivery to one address; a 2xx answer in time is its acknowledgement."""

    timeout_reason = "http_timeout"

    def __init__(self, deliveries: Deliveries, secret: str, url: str) -> None:
        self._deliveries, self._secret, self.url = deliveries, secret, url
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> bool:
        """Say whether one more request may be made now."""
        return len(self._tasks) < AT_ONCE

    async def send(self, delivery: Delivery) -> None:
        """Start one request for the delivery."""
        task = asyncio.create_task(self._post(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._deliveries.wake()

    async def _post(self, delivery: Delivery) -> None:
        (body, kind), attempt = _body(delivery), delivery.attempts
        self._session = self._session or aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=self._deliveries.schedule.ack_timeout)
        try:
            async with self._session.post(self.url, data=body, headers=self._headers(delivery, body, kind), timeout=limit) as response:
                answer = await response.text()
                if 200 <= response.status < 300:
                    self._deliveries.acknowledged(delivery, _answer(answer))
                elif response.headers.get("X-Slack-No-Retry") == "1":
                    self._deliveries.give_up(delivery, "http_error")
                else:
                    self._deliveries.lost(delivery, attempt, "http_error")
        except TimeoutError:
            self._deliveries.lost(delivery, attempt, "http_timeout")
        except aiohttp.ClientError:
            self._deliveries.lost(delivery, attempt, "connection_failed")

    def _headers(self, delivery: Delivery, body: str, kind: str) -> dict[str, str]:
        timestamp = str(int(time.time()))
        headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": timestamp, "User-Agent": "Slackbot 1.0 (sandbox)"}
        headers["X-Slack-Signature"] = signature(self._secret, timestamp, body)
        if delivery.attempts > 1:
            headers |= {"X-Slack-Retry-Num": str(delivery.attempts - 1), "X-Slack-Retry-Reason": delivery.reason}
        return headers

    async def close(self) -> None:
        """End what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()


def _body(delivery: Delivery) -> tuple[str, str]:
    if delivery.kind == "event":
        return json.dumps(delivery.payload), "application/json"
    form = delivery.payload if delivery.kind == "command" else {"payload": json.dumps(delivery.payload)}
    return urlencode(form), "application/x-www-form-urlencoded"


def _answer(text: str) -> Json | None:
    """Read the body of an acknowledgement: JSON, or plain text to show."""
    if not text.strip():
        return None
    try:
        parsed = json.loads(text)
    except ValueError:
        return {"text": text}
    return parsed if isinstance(parsed, dict) else {"text": text}
