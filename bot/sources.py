"""The thread behind an insight, read from where people said it, for details that nobody wrote down. Quoted, and cut to what fits.

The same rule decides as for insights, at this moment and for each message: what was forgotten, what somebody said who opted out, what a
guest said elsewhere, what was said while a channel was private, or Tacit's own words are not among it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from stores.audience import LookupFailed, Place, Readers, look, may_see
from stores.context import tokens
from stores.conversations import Message, Question
from stores.insights import Evidence, Insight, Taught
from stores.redaction import redact
from workers.parts import Parts
from workers.transcripts import ReadFailed, ThreadGone

SOURCE_TOKENS = 1_500  # of one thread
LONGEST = 16_000  # characters of one message that are looked at
SECONDS = 5.0

NOT_SHOWN = "(not to be seen any more: it was forgotten, corrected, or not everybody who reads this may see it)"
GONE = "(the thread is gone: it was deleted, or cannot be read any more)"
AWAY = "(the thread cannot be read just now)"


@dataclass(frozen=True, slots=True)
class Sources:
    """Reads the threads behind insights for one question's readers."""

    parts: Parts

    async def read(self, insight: Insight, question: Question) -> str:
        """What people said in the thread that an insight was last taught in, a line of JSON each, oldest first, within `SOURCE_TOKENS`.

        Where it cannot be had, a sentence in brackets that says why. Takes `SECONDS` at most; raises only `Unavailable`.
        """
        known = await self.parts.repository.get([insight.id])
        view = await look(known, question.readers, self.parts.directory, self.parts.repository)
        if not view.insights:
            return NOT_SHOWN
        evidence = max(view.insights[0].evidence, key=lambda e: e.at)
        try:
            async with asyncio.timeout(SECONDS):
                thread = await self.parts.transcripts.thread(evidence.place, evidence.conversation)
                place = await self.parts.directory.place(evidence.place)
        except ThreadGone:
            return GONE
        except (ReadFailed, LookupFailed, TimeoutError):
            return AWAY
        told = {e.message for e in view.insights[0].evidence}
        said = _cut(await self._shown(thread, evidence, place, question.readers), told)
        return "\n".join(_line(m) for m in said) or GONE

    async def _shown(self, thread: Sequence[Message], evidence: Evidence, place: Place, readers: Readers) -> list[Message]:
        """What people said in it that these readers may see, redacted."""
        people, repository = [m for m in thread if not m.ours], self.parts.repository
        gone = await repository.forgotten([m.id for m in people]) | await repository.opted_out.among(people)
        said = [m for m in people if m.id not in gone and may_see(_taught(m, evidence, place), place, readers)]
        return [replace(m, text=redact(m.text[:LONGEST])) for m in said if m.text.strip()]


def _taught(message: Message, evidence: Evidence, place: Place) -> Evidence:
    """A message as if it were evidence. In a DM it is as much the teammate's own as what they said themselves."""
    taught: Taught = "dm" if evidence.taught == "dm" else "guest" if message.outsider else place.room
    teammate = evidence.teammate if taught == "dm" else message.speaker
    return replace(evidence, message=message.id, teammate=teammate, at=message.at, taught=taught)


def _cut(said: Sequence[Message], told: set[str]) -> list[Message]:
    """The messages that fit: the evidence, then those next to it. One that does not fit whole is cut."""
    near = [n for n, m in enumerate(said) if m.id in told] or [0]
    kept: dict[int, Message] = {}
    left = SOURCE_TOKENS
    for n in sorted(range(len(said)), key=lambda n: (min(abs(n - e) for e in near), n)):
        left -= tokens(_line(replace(said[n], text="")))
        if left <= 0:
            break
        text = said[n].text[: 4 * left]
        kept[n] = replace(said[n], text=text)
        left -= tokens(text)
    return [kept[n] for n in sorted(kept)]


def _line(message: Message) -> str:
    day = datetime.fromtimestamp(message.at, UTC).strftime("%Y-%m-%d")
    return json.dumps({"speaker": message.name, "on": day, "text": message.text}, ensure_ascii=False)
