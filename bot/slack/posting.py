"""What Tacit writes into Slack: replies that appear exactly once, notices for one person, reactions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from bot.slack.blocks import SECTION, UPDATE, sections, shortened
from bot.slack.calls import Json, SlackFailed, SlackRefused, ask
from bot.slack.installations import Installation
from bot.slack.thread import CARD, REPLY, NotThere, find_reply
from workers.transcripts import ThreadGone

log = logging.getLogger(__name__)

WITHIN = 15.0
"""Seconds that a post may take with all its tries, below the 20 s of a lease."""
PAUSES = (0.2, 0.5, 1.0, 2.0)
CANNOT = frozenset(
    {
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "user_not_in_channel",
        "no_permission",
        "message_not_found",
        "thread_not_found",
        "cannot_reply_to_message",
        "messages_tab_disabled",
        "posting_to_channel_denied",
        "cant_update_message",
        "edit_window_closed",
    }
)
TOO_LONG = frozenset({"msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format"})
FEW = 4  # Sections that a message keeps when Slack found it too long.


class CannotPost(Exception):
    """Nothing can be written there, now or on another try. `reason` is Slack's word for why, such as `is_archived`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Denied(SlackFailed):
    """Slack refuses for a reason that lies with the installation, such as a missing scope: `tacit doctor` names it. Not tried again."""


class SlackPosts:
    """Writing for one workspace. Every method raises `CannotPost` for good, `SlackFailed` when trying again later may help."""

    def __init__(self, installation: Installation) -> None:
        self._installation, self._client = installation, installation.client

    async def reply(
        self, place: str, thread_ts: str, text: str, *, blocks: Sequence[Json] = (), question: str = "", within: float = WITHIN
    ) -> str:
        """Post into the thread, once, and return the ts. `text` is Slack's markup; without `blocks` it is cut into sections.

        When an answer of Slack's is lost, a reply to the same `question` that stands in the thread already is taken for ours. Raises
        `SlackFailed` after `within` seconds: whoever tries again must call `find_reply` first. Without a `question` nothing is tried twice.
        """
        message = _message(text, blocks) | {"channel": place, "thread_ts": thread_ts, "unfurl_links": False, "unfurl_media": False}
        if question:
            message["metadata"] = {"event_type": REPLY, "event_payload": {"question": question}}
        try:
            async with asyncio.timeout(within):
                return await self._post(message, question)
        except TimeoutError:
            raise SlackFailed("the reply could not be posted in time") from None

    async def only_one(self, place: str, thread_ts: str, ts: str, question: str) -> str:
        """When two processes have replied to the same question, take our reply `ts` away unless it is the first; the ts of the one that
        stays. Both come to the same result, whichever looks first."""
        try:
            first = await find_reply(self._installation, place, thread_ts, question)
        except (ThreadGone, NotThere):
            return ts
        if first is None or float(first) >= float(ts):
            return ts
        log.warning("reply.doubled", extra={"place": place, "question": question})
        with contextlib.suppress(CannotPost):
            await self._write("chat.delete", {"channel": place, "ts": ts, "text": ""})
        return first

    async def notice(self, place: str, text: str) -> None:
        """Post outside any thread, to a DM. A lost answer is not repeated."""
        await self._write("chat.postMessage", _message(text, ()) | {"channel": place, "unfurl_links": False, "unfurl_media": False})

    async def card(self, dm: str, text: str, blocks: Sequence[Json], ids: Sequence[str]) -> str:
        """Post a question about insights into a DM and return its ts. A lost answer is not repeated: whoever asks again looks for it."""
        metadata = {"event_type": CARD, "event_payload": {"approval": " ".join(ids)}}
        message = _message(text, blocks) | {"channel": dm, "unfurl_links": False, "unfurl_media": False, "metadata": metadata}
        return str((await self._write("chat.postMessage", message))["ts"])

    async def update(self, place: str, ts: str, text: str, *, blocks: Sequence[Json] = (), question: str = "") -> None:
        """Put this text and these blocks in place of a message of ours. May be repeated; after a lost answer it is."""
        # An update takes less text than a post; the blocks are what is read.
        message = _message(text, blocks) | {"text": shortened(text, UPDATE), "channel": place, "ts": ts}
        if question:
            message["metadata"] = {"event_type": REPLY, "event_payload": {"question": question}}
        try:
            await self._write("chat.update", message)
        except Denied:
            raise
        except SlackFailed:
            await asyncio.sleep(PAUSES[0])
            await self._write("chat.update", message)

    async def ephemeral(self, place: str, teammate: str, text: str, *, blocks: Sequence[Json] = (), thread_ts: str = "") -> None:
        """Show something to this teammate alone. Slack keeps no trace of it, so a lost answer is not repeated."""
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        await self._write("chat.postEphemeral", _message(text, blocks) | {"channel": place, "user": teammate} | thread)

    async def react(self, place: str, ts: str, emoji: str) -> None:
        """Put our reaction on a message. Fine when it is there already, or the message is gone."""
        await self._reaction("reactions.add", place, ts, emoji)

    async def unreact(self, place: str, ts: str, emoji: str) -> None:
        """Take our reaction off a message. Fine when it is not there, or the message is gone."""
        await self._reaction("reactions.remove", place, ts, emoji)

    async def _post(self, message: Json, question: str) -> str:
        for pause in (*PAUSES, None):
            try:
                return str((await self._write("chat.postMessage", message))["ts"])
            except Denied:
                raise
            except SlackFailed as e:
                log.warning("reply.answer_lost", extra={"place": message["channel"], "question": question, "error": str(e)})
                if pause is None or not question:
                    raise
            await asyncio.sleep(pause)
            if found := await self._adopted(message, question):
                return found
        raise SlackFailed("tried too often")

    async def _adopted(self, message: Json, question: str) -> str | None:
        """The ts of the reply if it was posted all the same. Not knowing is no reason to post again: asks until Slack says."""
        while True:
            try:
                return await find_reply(self._installation, message["channel"], message["thread_ts"], question)
            except (ThreadGone, NotThere) as e:
                raise CannotPost(str(e)) from None
            except SlackFailed:
                await asyncio.sleep(PAUSES[-1])

    async def _write(self, method: str, message: Json) -> Json:
        """Call a writing method; once more with plain, shorter sections when Slack finds the message too long or dislikes its blocks."""
        text = message["text"]
        try:
            return await self._call(method, message)
        except SlackRefused as e:
            if e.error not in TOO_LONG:
                raise _meaning(e) from None
            log.warning("message.shortened", extra={"place": message["channel"], "error": e.error})
        try:
            return await self._call(method, message | {"text": shortened(text, SECTION), "blocks": sections(text, most=FEW)})
        except SlackRefused as e:
            raise _meaning(e) from None

    async def _call(self, method: str, message: Json) -> Json:
        return await ask(self._client.api_call(method, json=dict(message)))

    async def _reaction(self, method: str, place: str, ts: str, emoji: str) -> None:
        try:
            await ask(self._client.api_call(method, params={"channel": place, "timestamp": ts, "name": emoji}))
        except SlackRefused as e:
            if e.error not in ("already_reacted", "no_reaction", "message_not_found"):
                raise CannotPost(e.error) from None


def _message(text: str, blocks: Sequence[Json]) -> Json:
    return {"text": shortened(text), "blocks": list(blocks) or sections(text)}


def _meaning(refusal: SlackRefused) -> CannotPost | Denied:
    if refusal.error in CANNOT or refusal.error.startswith("restricted_action"):
        return CannotPost(refusal.error)
    return Denied(refusal.error)
