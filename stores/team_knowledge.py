"""The first store: what a team knows, wants and has agreed on."""

from __future__ import annotations

from collections.abc import Sequence

from stores import STANDING_TOKENS, Conversation, Insight, Kind, Kit, Question, quote, tokens


class TeamKnowledge:
    """Recalls by fit, and gives goals, constraints, policies and decisions in force a small fixed place in every context."""

    name = "team_knowledge"
    kinds = (
        Kind("goal", "what the team is trying to reach", standing=True),
        Kind("constraint", "what limits the team: budgets, deadlines, what must not happen", standing=True),
        Kind("policy", "a rule that everybody here has to follow", standing=True),
        Kind("decision", "what was decided, with its reason when it was named", standing=True),
        Kind("convention", "how things are usually done, named or written here"),
        Kind("location", "where something is kept or found"),
        Kind("how-to", "how something is done, step by step"),
        Kind("gotcha", "what goes wrong unless one knows it"),
        Kind("fact", "anything else about the team's world that is worth knowing"),
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        """What fits the question, then the standing insights while they fit their budget."""
        found = list(await self._kit.search(question))
        budget = STANDING_TOKENS
        for insight in await self._kit.standing(question):
            budget -= tokens(quote(insight))
            if budget < 0:
                break
            if insight.id not in {f.id for f in found}:
                found.append(insight)
        return found

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        return await self._kit.keep([d for d in conversation.drafts if d.store == self.name])

    def build_context(self, insights: Sequence[Insight]) -> str:
        return "\n".join(quote(insight) for insight in insights)
