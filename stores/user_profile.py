"""Who a teammate is at work: role, team, time zone, what they know about. What Slack's profile says comes with each question anyway."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from stores import Conversation, Insight, Kind, Kit, Question, quote


class UserProfile:
    """Recalls to a teammate their own profile, and to everybody what others said in public that they know about."""

    name = "user_profile"
    kinds = (
        Kind("role", "the speaker's own job: “I'm the …”", about="speaker", one_per="teammate"),
        Kind("team", "the team or department that the speaker belongs to", about="speaker", one_per="teammate"),
        Kind("time-zone", "the speaker's own time zone or city", about="speaker", one_per="teammate"),
        Kind("expertise", "what the speaker knows well or may be asked about; with their name", about="speaker unless public", lasts=1095),
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        """Who knows about what is asked, then who the asker is."""
        found, own = await asyncio.gather(self._kit.search(question), self._kit.states(f"teammate:{question.asker}", question.readers))
        return [*(i for i in found if i.kind == "expertise"), *own]

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        return await self._kit.keep(conversation.drafts)

    def build_context(self, insights: Sequence[Insight]) -> str:
        """The asker's own profile is named as theirs: the model must not take it for somebody else's."""
        own = [quote(i) for i in insights if i.about]
        return "\n".join([*(quote(i) for i in insights if not i.about), *(["Of the asker themselves:", *own] if own else [])])
