"""Showing in a thread that work goes on: as a status where Slack takes one, else by a reaction."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from bot.slack.calls import SlackFailed, SlackRefused, ask
from bot.slack.installations import Installation
from bot.slack.posting import CannotPost, SlackPosts
from workers.ending import end

log = logging.getLogger(__name__)

AGAIN = 90.0
"""Slack takes a status away after two minutes (https://docs.slack.dev/reference/methods/assistant.threads.setStatus)."""
SECONDS = 3.0
EYES = "eyes"


@contextlib.asynccontextmanager
async def working(
    installation: Installation, place: str, thread_ts: str, question_ts: str, text: str = "is thinking…"
) -> AsyncIterator[None]:
    """Show that work goes on in this thread while the body runs. Never raises, and never keeps the body waiting: it is shown beside it.

    Where Slack refuses a status, 👀 stands on the question meanwhile. Both are taken away at the end; a new message ends a status too.
    """
    sign = _Sign(installation, place, thread_ts, question_ts)
    shown = asyncio.create_task(sign.show(text))
    try:
        yield
    finally:
        await end(shown)
        await sign.hide()


class _Sign:
    def __init__(self, installation: Installation, place: str, thread_ts: str, question_ts: str) -> None:
        self._client, self._posts = installation.client, SlackPosts(installation)
        self._place, self._thread_ts, self._question_ts = place, thread_ts, question_ts
        self._eyes = False

    async def show(self, text: str) -> None:
        while await self._set(text):  # noqa: ASYNC110 (a renewal, nothing is waited for)
            await asyncio.sleep(AGAIN)
        self._eyes = True
        with contextlib.suppress(SlackFailed, CannotPost):
            await self._posts.react(self._place, self._question_ts, EYES)

    async def hide(self) -> None:
        if not self._eyes:
            await self._set("")
            return
        with contextlib.suppress(SlackFailed, CannotPost):
            await self._posts.unreact(self._place, self._question_ts, EYES)

    async def _set(self, text: str) -> bool:
        try:
            await ask(self._client.assistant_threads_setStatus(channel_id=self._place, thread_ts=self._thread_ts, status=text), SECONDS)
        except (SlackFailed, SlackRefused) as e:
            log.info("status.not_shown", extra={"place": self._place, "error": str(e)})
            return False
        return True
