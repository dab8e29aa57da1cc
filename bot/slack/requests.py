"""What the answering model wants corrected or forgotten: the asker alone is asked by a button, and nothing happens unless they press it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot.agentic import Request, agentic, keep_said
from bot.approvals import looks
from bot.citations import mrkdwn
from bot.learnings import Refused
from bot.questions import Asked
from bot.slack.calls import SlackFailed
from bot.slack.posting import CannotPost
from bot.slack.replies import Reply
from bot.slack.shown import Clicked, button, forgotten, plain, quoted
from bot.slack.workspaces import SlackParts
from stores.audience import LookupFailed, Readers
from stores.conversations import Message, Question
from stores.drafting import Proposal
from stores.insights import Insight
from stores.isolation import StoreFailed
from stores.redaction import redact
from workers.transcripts import ReadFailed, ThreadGone

log = logging.getLogger(__name__)

REPLACE, FORGET, LEAVE = "request_replace", "request_forget", "request_leave"
LATER = "I cannot do that just now. Please try again in a minute."


async def ask_for(requests: Sequence[Request], asked: Asked, slack: SlackParts) -> None:
    """Show the asker a question for each of these, at most once: Slack keeps no trace of what one person alone sees."""
    for request in requests:
        text = (
            f"Replace {quoted(request.insight)} with “{mrkdwn(request.sentence, ())}”?"
            if request.sentence
            else f"Forget {quoted(request.insight)}?"
        )
        value = {"insight": request.insight.id, "sentence": request.sentence, "place": asked.place, "root": asked.root, "ts": asked.ts}
        shown = plain(text, button("Yes", REPLACE if request.sentence else FORGET, value), button("No", LEAVE, value))
        try:
            await slack.posts.ephemeral(asked.place, asked.asker, shown.text, blocks=shown.blocks, thread_ts=asked.root)
        except (CannotPost, SlackFailed) as e:
            log.warning("request.lost", extra={"question": asked.id, "reason": str(e)})


async def leave(clicked: Clicked) -> Reply:
    return plain("Left as it is.")


async def forget(clicked: Clicked) -> Reply:
    """Forget it, with the rights of whoever presses, as they are now. Raises `Refused`."""
    insight, readers = await _changeable(clicked)
    return forgotten(await clicked.learnings.take_back(insight, readers))


async def replace_it(clicked: Clicked) -> Reply:
    """Keep the other sentence on the evidence of the message that asked for it; it supersedes the insight. Raises `Refused`."""
    insight, readers = await _changeable(clicked)
    try:
        *before, message = await _thread(clicked)
        work = await agentic(_question(clicked, [*before, message], readers), clicked.slack.parts)
        if work is None or insight.kind not in work.kinds:
            raise Refused("This sort of thing is corrected by itself by now, from what is said.")
        words = await keep_said(message, _proposal(insight, clicked), f"{message.id}/instead of/{insight.id}", work, instead_of=insight)
    except (ReadFailed, LookupFailed, StoreFailed):
        raise Refused(LATER) from None
    except ThreadGone:
        raise Refused("The message that asked for this is gone, so I leave it as it is.") from None
    return plain(mrkdwn(words, ()))


async def _changeable(clicked: Clicked) -> tuple[Insight, Readers]:
    refused = Refused(LATER)
    for readers in await looks(clicked.caller, clicked.text("place"), clicked.slack.parts):
        try:
            return await clicked.learnings.changeable(clicked.text("insight"), readers), readers
        except Refused as e:
            refused = e
    raise refused


async def _thread(clicked: Clicked) -> list[Message]:
    """The thread up to the message that asked for this, as it stands now. Raises `ThreadGone` when that is gone, or not the presser's."""
    thread = await clicked.slack.parts.transcripts.thread(clicked.text("place"), clicked.text("root"))
    own = next((m for m in thread if m.ts == clicked.text("ts") and m.speaker == clicked.caller), None)
    if own is None:
        raise ThreadGone("message_not_found")
    return [replace(m, text=redact(m.text)) for m in thread if m.at < own.at or m.ts == own.ts]


def _question(clicked: Clicked, thread: Sequence[Message], readers: Readers) -> Question:
    message = thread[-1]
    conversation = f"{message.place}:{clicked.text('root')}"
    workspace = clicked.slack.parts.workspace
    return Question(workspace, message.id, clicked.caller, message.place, message.text, readers, tuple(thread), message.at, conversation)


def _proposal(insight: Insight, clicked: Clicked) -> Proposal:
    sentence = clicked.text("sentence")
    return Proposal(kind=insight.kind, sentence=sentence, cues=list(insight.cues), things=[], evidence=["m1"], fields=[])
