"""The learning machine: all enabled stores at work together, none of them able to harm a reply or another store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from stores.audience import Directory, look
from stores.context import CONTEXT_TOKENS, quote, quote_block, tokens
from stores.conversations import Conversation, Question
from stores.extraction import Owned
from stores.insights import Draft, Insight
from stores.isolation import StoreFailed
from stores.loading import Loaded
from stores.repository import InsightRepository
from stores.search import Found, Search

log = logging.getLogger(__name__)

RECALL_SECONDS = 1.0
CONTEXT_SECONDS = 0.2
RECALLED = 24  # insights of all stores together


@dataclass(frozen=True, slots=True)
class Recollection:
    """What the stores recalled for one question. `context` quotes it for the model; `insights` holds it by handle."""

    context: str = ""
    insights: Mapping[str, Insight] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)  # insight id → reason
    missing: bool = False  # a lookup failed, so that something may be left out


class LearningMachine:
    """One workspace's enabled stores."""

    def __init__(self, stores: Sequence[Loaded], repository: InsightRepository, directory: Directory, finder: Search) -> None:
        self._stores = {loaded.name: loaded for loaded in stores}
        self._repository = repository
        self._directory = directory
        self._finder = finder

    @property
    def kinds(self) -> Mapping[str, Owned]:
        """Every declared kind with the store that it belongs to."""
        return {kind.name: Owned(loaded.name, kind) for loaded in self._stores.values() for kind in loaded.kinds}

    async def recall(self, question: Question, *, handles_from: int = 1) -> Recollection:
        """Ask all stores at once, let through what every reader may see as the database has it now, and build the context.

        A store that fails or is slow is left out and named in the log. Handles count from `handles_from`.
        """
        answers = await asyncio.gather(*(self._recall(loaded, question) for loaded in self._stores.values()))
        claimed = {i.id: loaded.name for loaded, found in zip(self._stores.values(), answers, strict=True) for i in reversed(found)}
        wanted = list(dict.fromkeys(i.id for found in answers for i in found))[:RECALLED]
        view = await look(await self._repository.get(wanted), question.readers, self._directory, self._repository)
        shown = [replace(insight, handle=f"i{n}") for n, insight in enumerate(view.insights, handles_from)]
        context, kept = await self._context(shown, claimed)
        explained = await self._withheld(question)
        return Recollection(
            context, {i.handle: i for i in kept}, dict(view.withheld) | explained.withheld, view.missing or explained.missing
        )

    async def process(self, conversation: Conversation, *, seconds: float) -> list[Insight]:
        """Let every store keep its part of a finished conversation. Raises the last `StoreFailed` after all have had their turn."""
        kept: list[Insight] = []
        failure: StoreFailed | None = None
        for loaded in self._stores.values():
            try:
                kept += await loaded.thread.run(loaded.store.process, conversation, seconds=seconds)
            except StoreFailed as e:
                log.error("store.failed", extra={"store": loaded.name, "method": "process", "run": conversation.run, "reason": str(e)})
                failure = e
        if failure is not None:
            raise failure
        return kept

    async def resembling(self, drafts: Sequence[Draft], conversation: Conversation, *, most: int = 5) -> dict[str, list[Insight]]:
        """For each draft the known insights that share words with it and that everybody in the conversation's place may see."""
        own = {d.id for d in drafts}
        found = [await self._finder.search(d.sentence, conversation.readers, limit=most + len(own)) for d in drafts]
        return {d.id: [i for i in f.insights if i.id not in own and i.about == d.about][:most] for d, f in zip(drafts, found, strict=True)}

    def close(self) -> None:
        """Stop the stores' threads."""
        for loaded in self._stores.values():
            loaded.thread.close()

    async def _recall(self, loaded: Loaded, question: Question) -> list[Insight]:
        try:
            found = await loaded.thread.run(loaded.store.recall, question, seconds=RECALL_SECONDS)
            return [i for i in found if isinstance(i, Insight)]
        except (StoreFailed, TypeError) as e:
            log.warning("store.failed", extra={"store": loaded.name, "method": "recall", "question": question.id, "reason": str(e)})
            return []

    async def _withheld(self, question: Question) -> Found:
        """What shares a word with the question but may not be seen: for the record of the reply, never for the model."""
        return await self._finder.search(question.text, question.readers, limit=0)

    async def _context(self, shown: Sequence[Insight], claimed: Mapping[str, str]) -> tuple[str, list[Insight]]:
        """The stores' contexts within the limit, and the insights that they speak of."""
        blocks: list[str] = []
        kept: list[Insight] = []
        budget = CONTEXT_TOKENS
        for name, loaded in self._stores.items():
            own = _fitting([i for i in shown if claimed[i.id] == name], budget)
            block = quote_block(name, await self._build(loaded, own)) if own else ""
            if block and tokens(block) <= budget:
                blocks.append(block)
                kept += own
                budget -= tokens(block)
        return "\n".join(blocks), kept

    async def _build(self, loaded: Loaded, insights: Sequence[Insight]) -> str:
        try:
            return str(await loaded.thread.run(loaded.store.build_context, insights, seconds=CONTEXT_SECONDS))
        except StoreFailed as e:
            log.warning("store.failed", extra={"store": loaded.name, "method": "build_context", "reason": str(e)})
            return ""


def _fitting(insights: Sequence[Insight], budget: int) -> list[Insight]:
    """The first insights whose quotes fit the budget, best first."""
    kept = []
    for insight in insights:
        budget -= tokens(quote(insight)) + 2
        if budget < 10:
            break
        kept.append(insight)
    return kept
