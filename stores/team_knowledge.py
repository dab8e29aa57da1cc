"""What a team knows, wants and has to keep to."""

from __future__ import annotations

from collections.abc import Sequence

from stores import Conversation, Insight, Kind, Kit, Question, quote, standing_first

FIRST = 3  # of what fits the question; standing insights come before the rest
STANDING = 150  # tokens of standing insights


class TeamKnowledge:
    """Recalls by fit, and gives goals, constraints and policies a small fixed place in every context."""

    name = "team_knowledge"
    kinds = (
        Kind("goal", "what the team is trying to reach", standing=True, lasts=730),
        Kind("constraint", "what limits the team from outside: a budget, a deadline, a law, a machine's limit", standing=True, lasts=1095),
        Kind("policy", "a rule that everybody here has to follow", standing=True, lasts=1095),
        Kind("convention", "how things are usually done, named or written here", lasts=1095),
        Kind("location", "where something is kept or found", lasts=730),
        Kind("how-to", "how something is done"),
        Kind("gotcha", "what goes wrong unless one knows it"),
        Kind("fact", "anything else about the team's world that is worth knowing, such as who sees to what"),
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        """What fits the question best, then the standing insights that fit their budget, then what else fits the question."""
        found, standing = await self._kit.search_with_standing(question, budget=STANDING)
        ordered = [*found[:FIRST], *standing, *found[FIRST:]]
        return list({i.id: i for i in ordered}.values())

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        return await self._kit.keep(conversation.drafts)

    def build_context(self, insights: Sequence[Insight]) -> str:
        """A line each, the standing ones first and in an order that stays: their lines are the same for the next question too."""
        return "\n".join(quote(i) for i in standing_first(insights))
