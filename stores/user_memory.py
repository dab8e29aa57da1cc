"""How each teammate likes things, works, and what they are at: for themselves alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from stores import Conversation, Insight, Kind, Kit, Question, quote

ALWAYS = 4  # preferences that come with each question of theirs, those said last


class UserMemory:
    """Recalls to a teammate what they said of themselves: what fits, and their latest preferences whatever they ask."""

    name = "user_memory"
    kinds = (
        Kind(
            "preference",
            "how the speaker likes things, or wants Tacit to answer them alone: “I prefer …”, “answer me …”",
            about="speaker",
            lasts=1095,
        ),
        Kind("way-of-working", "how the speaker themselves works: hours, tools, habits", about="speaker", lasts=730),
        Kind("current-work", "what the speaker themselves is working on for the next weeks", about="speaker", lasts=30),
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        found, own = await asyncio.gather(self._kit.search(question), self._kit.about(question, limit=4 * ALWAYS))
        preferences = [i for i in own if i.kind == "preference"][:ALWAYS]
        return list({i.id: i for i in [*found, *preferences]}.values())

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        return await self._kit.keep(conversation.drafts)

    def build_context(self, insights: Sequence[Insight]) -> str:
        """What the asker said of themselves, so named: the model must not take it for somebody else's."""
        return "\n".join(["Of the asker themselves:", *map(quote, insights)]) if insights else ""
