"""What a Slack event means for the two ledgers and for what may be seen. Noted durably, by ids alone, before it is acknowledged.

Every handler may be repeated with the same event: Slack delivers again whatever was not acknowledged. Of conversations that Tacit has no
part in nothing is noted, not even an id.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.doubts import Doubted, Doubts
from bot.expansions import Words
from bot.questions import QuestionLedger, Way
from bot.slack.calls import Json
from bot.slack.people import SLACKBOT
from bot.slack.plain import plain, source_of
from bot.slack.spoken import command
from bot.slack.thread import AGREED, SAID, NotThere
from bot.slack.transcripts import MARK
from bot.slack.workspaces import SlackParts
from stores.insights import Insight, message_id
from stores.trust import confirm, may_agree, one_word
from workers.conversations import ConversationLedger
from workers.transcripts import ThreadGone

log = logging.getLogger(__name__)

DONE = "white_check_mark"
WRONG = frozenset({"-1", "thumbsdown"})
REPEATED = 86_400.0  # seconds for which an event's id is remembered, longer than Slack delivers it
_ID = re.compile(r"[A-Z0-9]{1,40}")
_MENTIONS = re.compile(r"<@[^<>]*>")
_TS = re.compile(r"\d{1,12}\.\d{1,9}")


@dataclass(frozen=True, slots=True)
class Noted:
    """What is to be done once an event is acknowledged: nothing here is lost if the process dies first, for the sweep finds it."""

    wake: tuple[str, str] | None = None  # place and root of a thread with a question
    ring: tuple[str, tuple[str, int]] | None = None  # a conversation to learn from at once
    doubted: tuple[str, str, Doubted] | None = None  # place and teammate who says that a reply is wrong, to be asked what is right
    words: Words | None = None  # what a question says that is certainly meant for us; in memory alone


class Events:
    """One workspace's events."""

    def __init__(self, slack: SlackParts, learn_after: float) -> None:
        self._slack, self._learn_after = slack, learn_after
        self._us = slack.installation.bot_user
        self._documents = slack.parts.documents
        self._questions, self._conversations = QuestionLedger(self._documents), ConversationLedger(self._documents)

    async def note(self, event: Json, event_id: str) -> Noted:
        """Take one event in. When it returns, its effects are durable and in force; when it raises, it must not be acknowledged."""
        if event_id and await self._documents.find("events", {"_id": event_id}, limit=1):
            return Noted()
        noted = await self._handle(event)
        if noted is None:
            return Noted()
        if event_id:  # last: an event that dies half noted is noted again
            await self._documents.insert("events", {"_id": event_id, "expires": time.time() + REPEATED})
        return noted

    async def _handle(self, event: Json) -> Noted | None:
        """None when the event is none of ours."""
        kind, subtype = event.get("type"), event.get("subtype") or ""
        if await self._slack.changes.on_event(event):
            return Noted()
        if kind == "app_mention" or (kind == "message" and subtype in SAID):
            return await self._said(event)
        if kind == "message" and subtype == "message_changed":
            return await self._changed(event)
        if kind == "message" and subtype == "message_deleted":
            return await self._deleted(_text(event.get("channel")), _text(event.get("deleted_ts")))
        if kind in ("reaction_added", "reaction_removed"):
            return await self._reacted(event)
        return None

    async def _said(self, event: Json) -> Noted | None:
        place, ts, asker = _text(event.get("channel")), _text(event.get("ts")), _text(event.get("user"))
        if not (_ID.fullmatch(place) and _TS.fullmatch(ts) and _ID.fullmatch(asker)) or self._by_bot(event):
            return None
        root = _text(event.get("thread_ts")) or ts
        way = await self._way(event, place, root)
        if way is None:
            return None
        conversation = message_id(place, root)
        if way != "thread":
            await self._conversations.join(place, root, since=root if way == "dm" else ts)
        message, at = message_id(place, ts), _edited(event) or ts
        await self._conversations.moved(conversation, at, due=float(at) + self._learn_after, message=message, person=asker)
        new = await self._questions.note(place, ts, root, asker, way)
        return Noted(wake=(place, root), words=_words(message, event) if new and way != "thread" else None)

    async def _way(self, event: Json, place: str, root: str) -> Way | None:
        """How this message concerns us, None when it does not."""
        if place.startswith("D") or event.get("channel_type") == "im":
            return "dm"
        if event.get("type") == "app_mention" or self._mentions_us(event):
            return "mention"
        return "thread" if event.get("thread_ts") and await self._conversations.talks(place, root) else None

    def _mentions_us(self, event: Json) -> bool:
        """A mention can stand in the text, or in the blocks alone."""
        return f"<@{self._us}" in _text(event.get("text")) or f'"user_id": "{self._us}"' in json.dumps(event.get("blocks") or [])

    def _by_bot(self, event: Json) -> bool:
        return bool(event.get("bot_id") or event.get("bot_profile") or event.get("hidden")) or event.get("user") in (self._us, SLACKBOT)

    async def _changed(self, event: Json) -> Noted | None:
        """An edit counts when the words changed; a link that unfolded does not. A tombstone is a deleted message with replies."""
        message, before, place = event.get("message") or {}, event.get("previous_message") or {}, _text(event.get("channel"))
        ts = _text(message.get("ts"))
        if message.get("subtype") == "tombstone":
            return await self._deleted(place, ts)
        edited = _edited(message)
        if self._by_bot(message) or message.get("text") == before.get("text") or not (_TS.fullmatch(ts) and edited):
            return None
        if self._mentions_us(message) and not self._mentions_us(before):  # asked only now; whatever was answered before is not again
            return await self._said(message | {"channel": place, "channel_type": event.get("channel_type")})
        resting = await self._slack.parts.repository.supported_by(message_id(place, ts))
        conversation = await self._conversations.with_message(place, ts) or _behind(resting)
        if conversation is None:
            return None
        await self._conversations.moved(conversation, edited, due=float(edited) + self._learn_after)
        if not resting:
            return Noted()
        return _ring(conversation, await self._conversations.due_now(conversation, at=edited))

    async def _deleted(self, place: str, ts: str) -> Noted | None:
        """What was learned from a deleted message loses it as evidence before the deletion is acknowledged."""
        if not (_ID.fullmatch(place) and _TS.fullmatch(ts)):
            return None
        message, repository = message_id(place, ts), self._slack.parts.repository
        if await self._conversations.with_message(place, ts) is None and not await repository.supported_by(message):
            return None
        await repository.set_forgotten([message], True)  # first, so that a run that has read it already keeps nothing from it
        await repository.withdraw_all(message)
        return Noted()

    async def _reacted(self, event: Json) -> Noted | None:
        item, by = event.get("item") or {}, _text(event.get("user"))
        place, ts, at = _text(item.get("channel")), _text(item.get("ts")), _text(event.get("event_ts"))
        if item.get("type") != "message" or by == self._us or not (_ID.fullmatch(place) and _TS.fullmatch(ts) and _TS.fullmatch(at)):
            return None
        added, emoji = event.get("type") == "reaction_added", _text(event.get("reaction")).partition("::")[0]  # whatever its skin tone
        if emoji in WRONG and _ID.fullmatch(by):
            return await self._judged(place, ts, by, at, wrong=added)
        if emoji == DONE and added:
            return await self._finished(place, ts, by, at)
        if emoji in AGREED and added and _ID.fullmatch(by):
            return await self._agreed(place, ts, by, float(at))
        return await self._marked(place, ts, by, at) if emoji == MARK and added else None

    async def _judged(self, place: str, ts: str, by: str, at: str, *, wrong: bool) -> Noted | None:
        """👎 on a reply of ours by somebody who may see it. Raises `LookupFailed` when Slack does not say who that is."""
        if wrong and await self._opted_out(by):
            return None
        doubted = await Doubts(self._slack.parts).judge(place, ts, by, at, wrong=wrong)
        if doubted is None:
            return None
        return Noted(doubted=(place, by, doubted)) if doubted.reply.wrong else Noted()

    async def _agreed(self, place: str, ts: str, by: str, at: float) -> Noted | None:
        """👍 by a second teammate confirms what rests on one's word alone. Raises `LookupFailed` or `SlackFailed` when Slack does
        not say who that is, or what the message says now."""
        message, repository = message_id(place, ts), self._slack.parts.repository
        meant = await one_word(message, repository, at)
        if not meant or not await may_agree(by, meant, at, repository, self._slack.directory):
            return None
        try:
            seen = await self._slack.threads.look(place, ts)
        except (ThreadGone, NotThere):
            return None
        await confirm(meant, message, seen.version, repository)
        return Noted()

    async def _finished(self, place: str, ts: str, by: str, at: str) -> Noted | None:
        """✅ by somebody who takes part finishes a conversation of ours."""
        conversation = await self._conversations.with_message(place, ts)
        if conversation is None or not await self._conversations.takes_part(conversation, by) or await self._opted_out(by):
            return None
        return _ring(conversation, await self._conversations.due_now(conversation, at=at))

    async def mark(self, place: str, ts: str, by: str) -> Noted:
        """What a 🧠 on this message does, for whoever asks for it in another way. Raises `LookupFailed` or `SlackFailed`."""
        return await self._marked(place, ts, by, f"{time.time():.6f}") or Noted()

    async def _marked(self, place: str, ts: str, by: str, at: str) -> Noted | None:
        """🧠 by a teammate has the whole thread learned at once. An outsider's mark does nothing, for they teach their own words alone; nor
        does that of somebody who opted out. Raises `LookupFailed` or `SlackFailed` when Slack does not say what it is."""
        person = await self._slack.directory.person(by)  # a failed look is raised, so that Slack delivers the mark again
        if person.outsider or person.bot or await self._opted_out(by):
            return None
        try:
            root = await self._slack.threads.root_of(place, ts)
        except (ThreadGone, NotThere):
            return None
        conversation = await self._conversations.join(place, root, since="", talks=False)
        await self._conversations.moved(conversation, at, due=time.time())
        return _ring(conversation, await self._conversations.due_now(conversation, at=at))

    async def _opted_out(self, teammate: str) -> bool:
        return await self._slack.parts.repository.opted_out.out(teammate)


def _ring(conversation: str, rung: tuple[str, int] | None) -> Noted:
    return Noted(ring=(conversation, rung)) if rung else Noted()


def _behind(resting: Sequence[Insight]) -> str | None:
    """The conversation that these were learned from; it may hold messages from before anybody spoke to us in it."""
    return next((message_id(e.place, e.conversation) for i in resting for e in i.evidence), None)


def _words(message: str, event: Json) -> Words | None:
    """What the event's message asks, without whom it mentions; None for a command. The reply goes by the thread, this only saves time."""
    text = plain(_MENTIONS.sub(" ", source_of(event)), {}, {}).strip(" ,:\n\t")
    return None if command(text) is not None else Words(message, text, _edited(event))


def _edited(message: Json) -> str:
    """The ts of a message's last edit, "" for none."""
    edited = _text((message.get("edited") or {}).get("ts"))
    return edited if _TS.fullmatch(edited) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
