"""`@tacit learnings …` in a thread, where Slack runs no slash commands."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from bot.questions import Asked
from bot.slack import learnings
from bot.slack.calls import SlackFailed
from bot.slack.posting import CannotPost
from bot.slack.workspaces import SlackParts

log = logging.getLogger(__name__)

_COMMAND = re.compile(r"/?learnings\b[ \t]*(.*)", re.IGNORECASE | re.DOTALL)


def command(text: str) -> str | None:
    """What stands behind "learnings" when a message is that command, else None."""
    found = _COMMAND.fullmatch(text.strip())
    return found[1].strip() if found else None


@dataclass(frozen=True, slots=True)
class Spoken:
    """Carries out commands that somebody wrote as a message. The answer is shown to them alone, with the rights of a DM."""

    slack: SlackParts

    async def carry_out(self, command: str, asked: Asked) -> None:
        """Answer, once at most."""
        reply = await learnings.answer(command, asked.asker, self.slack)
        try:
            await self.slack.posts.ephemeral(asked.place, asked.asker, reply.text, blocks=reply.blocks, thread_ts=asked.root)
        except (CannotPost, SlackFailed) as e:
            log.warning("answer.lost", extra={"question": asked.id, "reason": str(e)})
