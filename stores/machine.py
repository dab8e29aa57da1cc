"""The learning machine: all enabled stores at work together, none of them able to harm a reply or another store."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from types import MappingProxyType
from typing import Any

from stores.audience import Directory, look
from stores.context import CONTEXT_TOKENS, quote_block, standing_first, tokens
from stores.conversations import Conversation, Question
from stores.drafting import Owned
from stores.explaining import Explanation, explain
from stores.insights import Insight
from stores.isolation import StoreFailed, StoresDisabled
from stores.known import Known
from stores.loading import Loaded
from stores.reads import in_force, reading
from stores.repository import InsightRepository
from stores.search import Search
from stores.sharing import share

log = logging.getLogger(__name__)

RECALL_SECONDS = 2.0
CONTEXT_SECONDS = 0.2
EMPTY: Mapping[str, Insight] = MappingProxyType({})
RECALLED = 48  # insights of one store
KEPT = 1000  # insights that one store may return of one conversation


@dataclass(frozen=True, slots=True)
class Recollection:
    """What the stores recalled for one question. `context` quotes it for the model; `insights` holds it by handle."""

    context: str = ""
    insights: Mapping[str, Insight] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)  # what stores recalled that may not be seen: insight id → reason
    crowded: Sequence[str] = ()  # ids of what the context had no room for
    missing: bool = False  # a lookup failed, so that something may be left out


class LearningMachine:
    """One workspace's enabled stores. `seconds`: how long each of them may take to recall."""

    def __init__(
        self,
        stores: Sequence[Loaded],
        repository: InsightRepository,
        directory: Directory,
        finder: Search,
        *,
        seconds: float = RECALL_SECONDS,
    ) -> None:
        self._seconds = seconds
        self._stores = {loaded.name: loaded for loaded in stores}
        self._repository = repository
        self._directory = directory
        self._finder = finder
        self.known = Known(self.kinds, repository, directory, finder)

    @property
    def names(self) -> frozenset[str]:
        """The names of all enabled stores."""
        return frozenset(self._stores)

    @property
    def kinds(self) -> Mapping[str, Owned]:
        """Every declared kind with the store that it belongs to."""
        return {kind.name: Owned(loaded.name, kind) for loaded in self._stores.values() for kind in loaded.kinds}

    @property
    def disabled(self) -> list[str]:
        """The stores that are not called until the next start, because they block."""
        return [name for name, loaded in self._stores.items() if loaded.thread.disabled]

    async def recall(self, question: Question, *, before: Mapping[str, Insight] = EMPTY) -> Recollection:
        """Ask all stores at once, let through what every reader may see as the database has it now, and build the context.

        A store that fails or is slow is left out and named in the log. What was recalled `before` for this question, by handle, is not
        repeated, and no handle is given twice.
        """
        with reading():
            answers = await asyncio.gather(*(self._recall(loaded, question) for loaded in self._stores.values()))
            recalled = {name: dict.fromkeys(found) for name, found in zip(self._stores, answers, strict=True)}
            known = await in_force(list(dict.fromkeys(i for found in recalled.values() for i in found)), self._repository)
        own = [i for i in known if i.id in recalled.get(i.store, ())]  # a store speaks for what it keeps, and for nothing else
        view = await look(own, question.readers, self._directory, self._repository)
        fresh = [i for i in view.insights if i.id not in {b.id for b in before.values()}]
        context, kept = await self._context(_with_handles(fresh, before))
        crowded = [i.id for i in fresh if i.id not in {k.id for k in kept}]
        return Recollection(context, {i.handle: i for i in kept}, view.withheld, crowded, view.missing)

    async def explain(self, question: Question, found: Recollection) -> Explanation:
        """Why the insights that `recall` found for this question were shown, and others were not. By ids alone; never for the model."""
        explained = await explain(question, found.insights.values(), found.crowded, self._finder)
        return replace(explained, withheld={**explained.withheld, **found.withheld}, missing=explained.missing or found.missing)

    async def process(self, conversation: Conversation, *, seconds: float, without: Collection[str] = ()) -> list[Insight]:
        """Let every store keep its own drafts of a finished conversation; a store `without` which there are none of is left out altogether.
        Raises the last `StoreFailed` after all have had their turn; where none failed and some are disabled, `StoresDisabled`."""
        kept: list[Insight] = []
        disabled: list[str] = []
        failure: StoreFailed | None = None
        for loaded in self._stores.values():
            own = replace(conversation, drafts=tuple(d for d in conversation.drafts if d.store == loaded.name))
            if loaded.name in without and not own.drafts:
                continue
            try:
                kept += await loaded.thread.run(_kept, loaded.store.process, own, seconds=seconds, called="process")
            except StoreFailed as e:
                if loaded.thread.disabled:  # which the log says once
                    disabled.append(loaded.name)
                    continue
                log.error("store.failed", extra={"store": loaded.name, "method": "process", "run": conversation.run, "reason": str(e)})
                failure = e
        if failure is None and disabled:
            failure = StoresDisabled(disabled, kept)
        if failure is not None:
            raise failure
        return kept

    def close(self) -> None:
        """Stop the stores' threads."""
        for loaded in self._stores.values():
            loaded.thread.close()

    async def _recall(self, loaded: Loaded, question: Question) -> list[str]:
        if loaded.thread.disabled:
            return []  # which the log says once
        try:
            found: list[str] = await loaded.thread.run(_ids, loaded.store.recall, question, seconds=self._seconds, called="recall")
            return found
        except StoreFailed as e:
            log.warning("store.failed", extra={"store": loaded.name, "method": "recall", "question": question.id, "reason": str(e)})
            return []

    async def _context(self, shown: Sequence[Insight]) -> tuple[str, list[Insight]]:
        """The stores' contexts, each about its share of the limit, and the insights that they speak of. One that says more than there is
        room for speaks of fewer."""
        blocks: list[str] = []
        kept: list[Insight] = []
        shared = share([[i for i in shown if i.store == name] for name in self._stores])
        spare = CONTEXT_TOKENS - sum(cost for own, cost in shared if own)
        for loaded, (own, cost) in zip(self._stores.values(), shared, strict=True):
            block, told = await self._block(loaded, own, cost + spare)
            if told:
                spare -= max(tokens(block) - cost, 0)
                blocks.append(block)
                kept += told
        return "\n".join(blocks), kept

    async def _block(self, loaded: Loaded, insights: Sequence[Insight], budget: int) -> tuple[str, Sequence[Insight]]:
        """What the store says of as many of these, best first, as fit `budget` tokens, and which those are."""
        while insights and (block := quote_block(loaded.name, await self._build(loaded, insights))):
            if (needed := tokens(block)) <= budget:
                return block, insights
            insights = insights[: min(len(insights) - 1, len(insights) * budget // needed)]
        return "", ()

    async def _build(self, loaded: Loaded, insights: Sequence[Insight]) -> str:
        try:
            build = loaded.store.build_context
            text: str = await loaded.thread.run(_text, build, insights, seconds=CONTEXT_SECONDS, called="build_context")
            return text
        except StoreFailed as e:
            log.warning("store.failed", extra={"store": loaded.name, "method": "build_context", "reason": str(e)})
            return ""


# These run in the store's own thread: what it returns may be lazy, endless or something else altogether.


async def _ids(recall: Callable[[Question], Any], question: Question) -> list[str]:
    found = await _result(recall(question))
    ids = [str(i.id) for i in islice(found, RECALLED) if isinstance(i, Insight)]
    return [i for i in ids if i.isprintable()]  # no database takes half a character


async def _kept(process: Callable[[Conversation], Any], conversation: Conversation) -> list[Insight]:
    found = await _result(process(conversation))
    return [i for i in islice(found, KEPT) if isinstance(i, Insight)]


async def _text(build_context: Callable[[Sequence[Insight]], Any], insights: Sequence[Insight]) -> str:
    text = await _result(build_context(insights))
    if not isinstance(text, str):
        raise TypeError("build_context gives a text")
    return text[: 8 * CONTEXT_TOKENS]  # twice what any store has room for, so that it is seen to be too long


async def _result(given: Any) -> Any:
    return await given if inspect.isawaitable(given) else given


def _with_handles(insights: Sequence[Insight], before: Mapping[str, Insight]) -> list[Insight]:
    """The same in the same order, each with a handle that is not taken. Standing ones get the first, in an order that stays from question
    to question, so that a provider's prompt cache knows their lines."""
    first = max((int(handle[1:]) for handle in before), default=0) + 1
    numbered = enumerate(standing_first(insights), first)
    handles = {insight.id: f"i{n}" for n, insight in numbered}
    return [replace(insight, handle=handles[insight.id]) for insight in insights]
