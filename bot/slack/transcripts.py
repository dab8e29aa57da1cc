"""Slack's side of the worker's `Transcripts` port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.questions import QuestionLedger
from bot.slack.calls import SlackFailed
from bot.slack.posting import CannotPost, SlackPosts
from bot.slack.thread import NotThere, SlackThreads
from stores.conversations import Message
from workers.transcripts import Hidden, ReadFailed, Seen, ThreadGone

MARK = "brain"
"""The reaction that shows what was learned from, and by which teammates ask for a thread to be learned."""


class SlackTranscripts:
    """One workspace's threads for the worker."""

    def __init__(self, threads: SlackThreads, posts: SlackPosts, questions: QuestionLedger) -> None:
        self._threads, self._posts, self._questions = threads, posts, questions

    async def thread(self, place: str, root: str) -> Sequence[Message]:
        try:
            said = await self._threads.thread(place, root)
        except NotThere as e:
            raise ThreadGone(str(e)) from None
        except SlackFailed as e:
            raise ReadFailed(str(e)) from None
        cited = await self._questions.cited([m.question for m in said if m.question])
        return [replace(m, cited=tuple(cited.get(m.question, ()))) if m.question else m for m in said]

    async def look(self, place: str, ts: str) -> Seen | None:
        try:
            return await self._threads.look(place, ts)
        except ThreadGone:
            return None
        except NotThere as e:
            raise Hidden(str(e)) from None
        except SlackFailed as e:
            raise ReadFailed(str(e)) from None

    async def mark(self, place: str, ts: str, *, learned: bool) -> None:
        try:
            await (self._posts.react if learned else self._posts.unreact)(place, ts, MARK)
        except CannotPost:
            return  # Tacit is no longer there, or the place is archived: nobody sees marks of ours.
        except SlackFailed as e:
            raise ReadFailed(str(e)) from None
