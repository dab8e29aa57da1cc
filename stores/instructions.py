"""How the team wants Tacit itself to answer. What is learned here is a proposal: it waits until an approver takes it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stores import Conversation, Draft, Insight, Kind, Kit, Question, quote

LONGEST = 200  # characters of one instruction: some must fit beside each other


class Instructions:
    """Proposes wishes that were uttered in public, and recalls none: what was approved goes with each question by itself."""

    name = "instructions"
    kinds = (
        Kind(
            "instruction",
            "what is asked of Tacit's answers, also by complaining of one (“shorter, please”), unless for the speaker alone: tone, length, "
            "language, format, what to leave out; as an order to Tacit",
            waits=True,
        ),
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        return ()

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        """Everybody would read the effect of it, so only what everybody may know is proposed. What asks the same in private is counted with
        it, and quoted to nobody who was not there."""
        drafts = [d for d in conversation.drafts if len(d.sentence) <= LONGEST]
        seconds = [replace(d, belongs_to=d.of[0]) for d in drafts if d.decision in ("same", "refines") and _was_said(d, "private", "dm")]
        return await self._kit.propose([*(d for d in drafts if _was_said(d, "public")), *seconds])

    def build_context(self, insights: Sequence[Insight]) -> str:
        return "\n".join(quote(i) for i in insights)


def _was_said(draft: Draft, *taught: str) -> bool:
    return all(e.taught in taught for e in draft.evidence)
