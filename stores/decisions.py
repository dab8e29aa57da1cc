"""What was decided, why, what was turned down, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stores import Conversation, Draft, Insight, Kind, Kit, Question, quote, standing_first

FIRST = 3  # of what fits the question; decisions in force come before the rest
STANDING = 100  # tokens of decisions in force


class Decisions:
    """Recalls decisions by fit, those in force with every question, and each with its outcome once that is known."""

    name = "decisions"
    kinds = (
        Kind(
            "decision",
            "what people here chose or agreed on; a rule that is only announced is none",
            ("reason", "rejected"),
            standing=True,
            lasts=1095,
        ),
        Kind(
            "outcome",
            "what came of an earlier decision beyond that it works; `decision`: what had been decided, in a few words",
            ("decision",),
        ),
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        """What fits best, then decisions in force, then what else fits; behind each decision what came of it."""
        found, standing = await self._kit.search_with_standing(question, budget=STANDING)
        ordered = {i.id: i for i in [*found[:FIRST], *standing, *found[FIRST:]]}
        outcomes = await self._kit.repository.belonging_to(list(ordered))
        with_outcomes = [one for i in ordered.values() for one in (i, *(o for o in outcomes if o.belongs_to == i.id))]
        return list({i.id: i for i in with_outcomes}.values())

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        """Decisions first, so that an outcome from the same conversation finds its own."""
        decisions = await self._kit.keep([d for d in conversation.drafts if d.kind == "decision"])
        outcomes = [await self._bound(d, conversation) for d in conversation.drafts if d.kind == "outcome"]
        return [*decisions, *await self._kit.keep(outcomes)]

    def build_context(self, insights: Sequence[Insight]) -> str:
        """A line each, decisions in force first, and below each what came of it."""
        shown = {i.id for i in insights}
        first = [i for i in standing_first(insights) if i.belongs_to not in shown]
        return "\n".join(quote(one) for i in first for one in (i, *(o for o in insights if o.belongs_to == i.id)))

    async def _bound(self, outcome: Draft, conversation: Conversation) -> Draft:
        """The outcome with the decision that it belongs to: the one that fits its words best, among those that everybody here may see. None
        where that shares less than half of them: what came of one thing must not stand below another."""
        words = outcome.fields.get("decision") or outcome.sentence
        found = await self._kit.resembling(words, conversation, least=0.5)
        decision = next((i for i in found if i.kind == "decision"), None)
        return replace(outcome, belongs_to=decision.id) if decision else outcome
