"""Path A, from a noted question to the reply that stands in Slack. Repeated after a crash at any point, one reply stands in the end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.agentic import agentic
from bot.citations import used
from bot.compose import Composed, compose
from bot.expansions import Expansions, Words
from bot.instructions import wishes_for
from bot.manners import manner
from bot.questions import Asked, QuestionLedger, Record
from bot.slack.calls import SlackFailed
from bot.slack.posting import CannotPost
from bot.slack.replies import Reply, failure_reply, help_reply, not_there_text, reply_of
from bot.slack.requests import ask_for
from bot.slack.spoken import Spoken, command
from bot.slack.status import working
from bot.slack.thread import NotThere
from bot.slack.workspaces import SlackParts
from bot.sources import Sources
from bot.thread import readable
from stores.audience import LookupFailed, look, readers_of
from stores.conversations import Message, Question
from stores.insights import Insight, message_id
from stores.model import ModelFailed
from stores.redaction import redact
from workers.checking import Checks
from workers.conversations import ConversationLedger
from workers.doorbell import Doorbell, QueueAway
from workers.leases import LeaseLost
from workers.transcripts import ThreadGone

log = logging.getLogger(__name__)

OFF = "turned off by the asker: nothing that they say is learned. Say so when they want something remembered or corrected."
ROUNDS = 3  # times that the model is asked when what may be seen changes while it thinks

StillOurs = Callable[[], Awaitable[None]]
"""Raises `LeaseLost` unless the thread is still ours to answer in; called right before a reply is posted."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers one workspace's questions."""

    slack: SlackParts
    questions: QuestionLedger
    conversations: ConversationLedger
    doorbell: Doorbell
    spoken: Spoken
    expansions: Expansions

    async def answer(self, asked: Asked, still_ours: StillOurs) -> None:
        """Bring a question to its end. Raises `SlackFailed` or `Unavailable` when it has to be tried again later."""
        try:
            thread = await self.slack.threads.thread(asked.place, asked.root)
        except ThreadGone:
            return await self.questions.answered(asked, None)
        except NotThere:
            return await self._say_not_there(asked)
        standing = next((m for m in thread if m.ours and m.question == asked.id), None)
        if standing is not None and asked.reply is None:
            log.info("reply.adopted", extra={"question": asked.id})
            return await self._done(asked, standing.ts, failed=asked.failed)
        message = next((m for m in thread if m.ts == asked.ts), None)
        if message is None or message.bot:  # deleted meanwhile; or another app's, which not every event says
            return await self.questions.answered(asked, None)
        await self._note_later(asked, message, thread)
        await self._answer(asked, message, thread, still_ours)

    async def _note_later(self, asked: Asked, question: Message, thread: Sequence[Message]) -> None:
        """Note what people said since in the same thread. Its event came too early, before this question's, when Slack delivered that late:
        then nobody knew that the thread concerns us. A mention is noted by its own event, as is each message of a DM."""
        if asked.way == "dm" or question.version:  # edited: the mention may be younger than what follows
            return
        us = await self._own_name()
        later = {m.id: m for m in thread if m.at > question.at and not m.ours and not m.bot and f"@{us}" not in m.text}
        for identity in await self.questions.unknown(list(later)):
            message = later[identity]
            await self.conversations.noted(message_id(asked.place, asked.root), identity, person=message.speaker)
            await self.questions.note(asked.place, message.ts, asked.root, message.speaker, "thread")

    async def fail(self, asked: Asked, sentence: str, still_ours: StillOurs) -> None:
        """Tell the asker in one sentence that it did not work, with a reference and a way to try again."""
        log.error("reply.failed", extra={"question": asked.id, "reason": sentence})
        await self._post(asked, failure_reply(sentence, asked.id), Record(), still_ours, failed=True)

    async def _answer(self, asked: Asked, message: Message, thread: Sequence[Message], still_ours: StillOurs) -> None:
        us = await self._own_name()
        how = manner(message, thread, us) if asked.way == "thread" else "answer"
        if how == "silent":
            return await self._leave(asked)
        text = message.text.replace(f"@{us}", " ").strip(" ,:\n\t")
        if asked.way != "thread" and (spoken := command(text)) is not None:
            await self.questions.answered(asked, None)  # before it is shown: Slack keeps no trace of what one person alone sees
            return await self.spoken.carry_out(spoken, asked)
        if not text:
            return await self._post(asked, help_reply(), Record(), still_ours)
        if how == "unsure":
            return await self._compose(asked, message, thread, still_ours, unsure=True)
        async with working(self.slack.installation, asked.place, asked.root, asked.ts):
            await self._compose(asked, message, thread, still_ours, unsure=False)

    async def _compose(self, asked: Asked, message: Message, thread: Sequence[Message], still_ours: StillOurs, *, unsure: bool) -> None:
        try:
            made, context = await self._made(asked, message, thread, unsure=unsure)
        except ModelFailed as e:
            if unsure:  # nobody waits for an answer
                return await self.questions.answered(asked, None)
            return await self.fail(asked, str(e), still_ours)
        if not made.text:
            return await self._leave(asked)
        reply = await self._reply(asked, made, context)
        cited = [i.id for i in used(made.text, made.insights)]
        recalled = list(dict.fromkeys(i.id for i in made.insights.values()))
        in_vain = made.searched and not cited
        await self._post(asked, reply, Record(recalled, cited, made.withheld, made.missing, made.explained, in_vain), still_ours)
        await ask_for(made.requests, asked, self.slack)  # last: whoever dies before asks nothing, and nothing has changed

    async def _leave(self, asked: Asked) -> None:
        """Say nothing: people talk to each other, and may say what we did not know."""
        if not await self.slack.parts.repository.opted_out.out(asked.asker):
            await self.questions.helped(asked)
        await self.questions.answered(asked, None)

    async def _made(self, asked: Asked, message: Message, thread: Sequence[Message], *, unsure: bool) -> tuple[Composed, Sequence[Message]]:
        """What the model wants said, and the thread as it was shown to it. While it thinks, a guest may join or an insight be forgotten:
        then it is asked anew. Raises `ModelFailed`, and `SlackFailed` when who may see what does not come to rest."""
        parts = self.slack.parts
        expanding = self.expansions.begin(parts.workspace, Words(asked.id, message.text, message.version))
        for _ in range(ROUNDS):
            question = await self._question(asked, message, thread)
            question = replace(question, expansion=await asyncio.shield(expanding))
            wishes = await wishes_for(parts, question.readers)
            made = await self._composed(question, asked, wishes, unsure=unsure)
            now = await self._question(asked, message, thread)
            if not made.text or (await self._holds(made, question, now) and await self._wished(wishes, now)):
                return made, question.thread
            log.info("reply.outdated", extra={"question": asked.id})
        raise SlackFailed("who may see what does not come to rest")

    async def _wished(self, wishes: Sequence[str], now: Question) -> bool:
        """Whether all that the model was told of the team's wishes is in force, and for these readers to see, still."""
        return not wishes or set(wishes) <= set(await wishes_for(self.slack.parts, now.readers))

    async def _composed(self, question: Question, asked: Asked, wishes: Sequence[str], *, unsure: bool) -> Composed:
        """What the model says to it. Beside its thinking it is looked up whether what it reads still stands in Slack."""
        parts = self.slack.parts
        checks = Checks(parts)
        try:
            made = await compose(
                question,
                question.thread,
                parts.machine,
                parts.model,
                lambda: self._learn_now(asked),
                unsure=unsure,
                read_source=Sources(parts).read,
                saving=await agentic(question, parts),
                recalled=checks.begin,
                wishes=wishes,
            )
            await checks.settled()
            return made
        finally:
            checks.close()

    async def _question(self, asked: Asked, message: Message, thread: Sequence[Message]) -> Question:
        """The question as it stands now: who reads the reply, and what of the thread they may read."""
        parts = self.slack.parts
        await self.slack.directory.refresh()
        readers = await readers_of(parts.directory, asked.place, asked.asker)
        shown = await readable(thread, message, readers, self.questions, parts)
        text, conversation = redact(message.text), message_id(asked.place, asked.root)
        asking = Question(parts.workspace, asked.id, asked.asker, asked.place, text, readers, shown.messages, message.at)
        return replace(asking, conversation=conversation, cut=shown.cut, profile=await self._profile(asked.asker))

    async def _holds(self, made: Composed, then: Question, now: Question) -> bool:
        """Whether everybody who reads the reply may still see all that the model was shown for it, and where each of it comes from."""
        parts, shown = self.slack.parts, {i.id: i for i in made.insights.values()}
        view = await look(await parts.repository.get(list(shown)), now.readers, parts.directory, parts.repository)
        seen = {i.id: i for i in view.insights}
        return then.thread == now.thread and all(i in seen and _still_says(one, seen[i]) for i, one in shown.items())

    async def _reply(self, asked: Asked, made: Composed, thread: Sequence[Message]) -> Reply:
        introduce = not asked.place.startswith("D") and await self.questions.introduces(asked)
        return await reply_of(made, thread, self.slack.installation.url, self.slack.directory, introduce=introduce)

    async def _post(self, asked: Asked, reply: Reply, record: Record, still_ours: StillOurs, *, failed: bool = False) -> None:
        await self.questions.posting(asked, record, failed=failed)
        await still_ours()
        try:
            if asked.reply is not None:
                await self.slack.posts.update(asked.place, asked.reply, reply.text, blocks=reply.blocks, question=asked.id)
                ts = asked.reply
            else:
                ts = await self.slack.posts.reply(asked.place, asked.root, reply.text, blocks=reply.blocks, question=asked.id)
        except CannotPost as e:
            log.warning("reply.impossible", extra={"question": asked.id, "reason": e.reason})
            return await self.questions.answered(asked, None)
        try:
            if asked.taken_over:
                ts = await self.slack.posts.only_one(asked.place, asked.root, ts, asked.id)
            await self._done(asked, ts, failed=failed)
        except LeaseLost:  # we were stopped between the last look and the post: somebody else may have posted meanwhile
            await self.slack.posts.only_one(asked.place, asked.root, ts, asked.id)
            raise

    async def _done(self, asked: Asked, ts: str, *, failed: bool = False) -> None:
        await self.conversations.noted(message_id(asked.place, asked.root), message_id(asked.place, ts))
        await self.questions.answered(asked, ts, failed=failed)
        if not failed:
            cited = await self.questions.cited([asked.id])
            await self.slack.parts.repository.used(cited.get(asked.id, []), time.time())

    async def _profile(self, asker: str) -> Mapping[str, str]:
        """What Slack's profile says of the asker, and whether they opted out; nothing, where it cannot be looked up."""
        try:
            person = await self.slack.directory.person(asker)
        except LookupFailed:
            return {}
        off = OFF if await self.slack.parts.repository.opted_out.out(asker) else ""
        facts = {"name": person.name, "title": person.title, "time zone": person.time_zone, "learning": off}
        return {name: fact for name, fact in facts.items() if fact}

    async def _own_name(self) -> str:
        try:
            return (await self.slack.directory.person(self.slack.installation.bot_user)).name
        except LookupFailed:
            return "Tacit"

    async def _learn_now(self, asked: Asked) -> None:
        """Carry out the model's `learn_now`: the conversation is due, and a worker is asked. The sweep asks again if that is lost.

        Nothing happens for somebody who opted out."""
        if await self.slack.parts.repository.opted_out.out(asked.asker):
            return
        identity = message_id(asked.place, asked.root)
        rung = await self.conversations.due_now(identity, at=asked.ts)
        if rung is None:
            return
        try:
            await self.doorbell.ring(self.slack.parts.workspace, identity, *rung)
        except QueueAway as e:
            log.warning("queue.away", extra={"reason": str(e)})

    async def _say_not_there(self, asked: Asked) -> None:
        """Tell whoever mentioned us where we are not, in their DM: at most once, since no thread keeps a trace of it."""
        await self.questions.answered(asked, None)
        try:
            dm = await self.slack.directory.dm_of(asked.asker)
            await self.slack.posts.notice(dm, not_there_text(asked.place))
        except (CannotPost, SlackFailed, LookupFailed) as e:
            log.warning("notice.failed", extra={"question": asked.id, "reason": str(e)})


def _still_says(then: Insight, now: Insight) -> bool:
    """Whether an insight rests on all that it was shown with, and nobody doubts it who did not then."""
    return set(then.evidence) <= set(now.evidence) and set(now.doubts) <= set(then.doubts)
