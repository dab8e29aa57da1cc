"""How the team wants Tacit itself to answer. What is learned here is a proposal: it waits until an approver takes it up."""

from __future__ import annotations

from collections.abc import Sequence

from stores import Conversation, Draft, Insight, Kind, Kit, Question, quote

LONGEST = 200  # characters of one instruction: some must fit beside each other


class Instructions:
    """Proposes wishes that were uttered in public, and recalls none: what was approved goes with each question by itself."""

    name = "instructions"
    kinds = (
        Kind(
            "instruction",
            "what the speaker asks of Tacit's own answers to everybody from now on: tone, length, language, format, what to leave out; as "
            "an order to Tacit",
        ),
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        return ()

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        """Everybody would read the effect of it, so only what everybody may know is proposed."""
        return await self._kit.propose([d for d in conversation.drafts if _may_be_proposed(d)])

    def build_context(self, insights: Sequence[Insight]) -> str:
        return "\n".join(quote(i) for i in insights)


def _may_be_proposed(draft: Draft) -> bool:
    return len(draft.sentence) <= LONGEST and all(e.taught == "public" for e in draft.evidence)
