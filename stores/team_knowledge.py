"""The first store: what a team knows, wants and has agreed on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from stores import Conversation, Insight, Kind, Kit, Question, quote

FIRST = 3  # of what fits the question; standing insights come before the rest


class TeamKnowledge:
    """Recalls by fit, and gives goals, constraints, policies and decisions in force a small fixed place in every context."""

    name = "team_knowledge"
    kinds = (
        Kind("goal", "what the team is trying to reach", standing=True),
        Kind("constraint", "what limits the team from outside: a budget, a deadline, a law, a machine's limit", standing=True),
        Kind("policy", "a rule that everybody here has to follow", standing=True),
        Kind("decision", "what was decided, with its reason when it was named", standing=True),
        Kind("convention", "how things are usually done, named or written here"),
        Kind("location", "where something is kept or found"),
        Kind("how-to", "how something is done"),
        Kind("gotcha", "what goes wrong unless one knows it"),
        Kind("fact", "anything else about the team's world that is worth knowing"),
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        """What fits the question best, then the standing insights that fit their budget, then what else fits the question."""
        found, standing = await asyncio.gather(self._kit.search(question), self._kit.standing(question))
        ordered = [*found[:FIRST], *standing, *found[FIRST:]]
        return list({i.id: i for i in ordered}.values())

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        return await self._kit.keep([d for d in conversation.drafts if d.store == self.name])

    def build_context(self, insights: Sequence[Insight]) -> str:
        """A line each, the standing ones first and in an order that stays: their lines are the same for the next question too."""
        standing = sorted((i for i in insights if i.standing), key=lambda i: (i.learned_at, i.id))
        return "\n".join(quote(i) for i in [*standing, *(i for i in insights if not i.standing)])
