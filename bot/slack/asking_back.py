"""Asking whoever says that a reply is wrong what is right: them alone, and once."""

from __future__ import annotations

import logging

from bot.citations import mrkdwn
from bot.doubts import Doubted
from bot.questions import QuestionLedger
from bot.slack.calls import SlackFailed
from bot.slack.posting import CannotPost
from bot.slack.workspaces import SlackParts
from stores.insights import Insight

log = logging.getLogger(__name__)

ASK = "Tell me in this thread what is right, and I will learn that instead."


async def ask_back(slack: SlackParts, place: str, teammate: str, doubted: Doubted) -> None:
    """Ask in the reply's thread, seen by this teammate alone. Once at most: Slack keeps no trace of it. Raises `Unavailable`."""
    if not await QuestionLedger(slack.parts.documents).asks_back(doubted.reply.question, teammate):
        return
    try:
        await slack.posts.ephemeral(place, teammate, asking(doubted), thread_ts=doubted.reply.root)
    except (CannotPost, SlackFailed) as e:
        log.warning("asking_back.lost", extra={"question": doubted.reply.question, "reason": str(e)})


def asking(doubted: Doubted) -> str:
    """What a teammate reads who said that a reply is wrong."""
    lines = [f"I took back what you had told me: {_quoted(i)}" for i in doubted.taken_back]
    own = {i.id for i in doubted.taken_back}
    lines += [f"From now on I say that you doubt this: {_quoted(i)}" for i in doubted.doubted if i.id not in own]
    soon = " within ten minutes" if own else ""
    undo = [f"If you did not mean that, take your reaction away{soon}."] if lines else []
    return "\n".join([*lines, ASK, *undo])


def _quoted(insight: Insight) -> str:
    return f"“{mrkdwn(insight.sentence, ())}”"
