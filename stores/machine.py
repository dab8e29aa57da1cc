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

from stores.audience import Directory, Readers, look, readers_of
from stores.context import CONTEXT_TOKENS, quote_block, standing_first, tokens
from stores.conversations import Conversation, Question
from stores.explaining import Explanation, explain
from stores.extraction import Owned
from stores.insights import Draft, Insight
from stores.isolation import StoreFailed, StoresDisabled
from stores.loading import Loaded
from stores.pending import proposals
from stores.reads import in_force, reading
from stores.repository import InsightRepository
from stores.search import KeywordSearch, Search
from stores.settling import alike, near
from stores.sharing import FRAME, cost_of, share

log = logging.getLogger(__name__)

RECALL_SECONDS = 2.0
CONTEXT_SECONDS = 0.2
EMPTY: Mapping[str, Insight] = MappingProxyType({})
RECALLED = 48  # insights of one store
ARCHIVED = 5  # insights that are not in force any more, and that one draft is compared with
OWN = 12  # insights of one teammate and kind, those learned last, that a draft of the same is compared with
WAITING = 8  # insights that wait, and that a draft which would wait too is compared with
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
        self._archive = KeywordSearch(repository, directory, status="archived")
        self._pending = KeywordSearch(repository, directory, status="pending")

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

    async def resembling(
        self, drafts: Sequence[Draft], conversation: Conversation, *, asking: Collection[str] = (), most: int = 5
    ) -> dict[str, list[Insight]]:
        """For each draft the known insights that resemble it and that everybody in the conversation's place may see, archived ones last.
        A draft that is one teammate's own is compared with what else of its kind is theirs, and one that would wait for a person's word
        (its kind always does, or its store is `asking` first) with what waits, for two that say the same may share no word."""
        own = {d.id for d in drafts}
        settled = [d for d in drafts if not d.state_of]
        found = [await self._finder.search(d.sentence, conversation.readers, limit=most + len(own)) for d in settled]
        close = {
            d.id: [i for i in f.insights if near(d.sentence, i.sentence, f.scores.get(i.id, {}))]
            for d, f in zip(settled, found, strict=True)
        }
        known = {d.id: [i for i in close[d.id] if i.id not in own and _comparable(i, d)][:most] for d in settled}
        theirs = {d.id: [i for i in await self._theirs(d, conversation) if i.id not in own][:OWN] for d in settled if d.about}
        waiting = {d.id: [i for i in await self._waiting(d, conversation.readers, asking) if i.id not in own] for d in settled}
        all_of = {d.id: [*known[d.id], *theirs.get(d.id, ()), *waiting[d.id], *await self._archived(d, conversation)] for d in settled}
        return {d: list({i.id: i for i in found}.values()) for d, found in all_of.items()}

    async def _theirs(self, draft: Draft, conversation: Conversation) -> Sequence[Insight]:
        """What is known of the draft's owner and of its kind, as far as they may see it there, whoever began the conversation."""
        assert draft.about
        known = [i for i in await self._repository.about(draft.about, store=draft.store) if i.kind == draft.kind]
        readers = await readers_of(self._directory, conversation.place, draft.about)
        return (await look(known, readers, self._directory, self._repository)).insights

    async def _waiting(self, draft: Draft, readers: Readers, asking: Collection[str]) -> Sequence[Insight]:
        """Of what waits, if the draft would wait too, what shares words with it, then what else there is of its kind, those learned last.
        What merely adds to another is left out."""
        owned = self.kinds.get(draft.kind)
        always = owned is not None and owned.kind.waits
        if not always and draft.store not in asking:
            return ()
        readers = replace(readers, asker=draft.about or readers.asker)
        shared = () if always else (await self._pending.search(draft.sentence, readers, limit=WAITING)).insights
        known = [
            i for i in await proposals(draft.kind, self._repository, most=WAITING) if i.store == draft.store and i.about == draft.about
        ]
        seen = (await look(known, readers, self._directory, self._repository)).insights
        every = [i for i in {i.id: i for i in (*shared, *seen)}.values() if i.store == draft.store and _comparable(i, draft)]
        silent = await self._repository.silent(e for i in every for e in i.evidence)
        return [i for i in every if silent.isdisjoint(e.message for e in i.evidence)][:WAITING]

    async def _archived(self, draft: Draft, conversation: Conversation) -> list[Insight]:
        """What was archived and says much the same: it comes back when it is said again."""
        found = await self._archive.search(draft.sentence, conversation.readers, limit=ARCHIVED)
        return [i for i in found.insights if _comparable(i, draft) and alike(i.sentence, draft.sentence)]

    async def replied(self, drafts: Sequence[Draft], conversation: Conversation, *, most: int = 5) -> dict[str, list[Insight]]:
        """For each draft the known insights that Tacit's last reply before it cited, as far as everybody in the conversation's place may
        see them: what "that's wrong" is about, whatever words it shares with them."""
        last = {d.id: next((m.cited for m in reversed(conversation.messages) if m.cited and m.at < d.at), ()) for d in drafts}
        known = await self._repository.get(sorted({i for ids in last.values() for i in ids}))
        seen = {i.id: i for i in (await look(known, conversation.readers, self._directory, self._repository)).insights}
        return {d.id: [seen[i] for i in last[d.id] if i in seen and _comparable(seen[i], d)][:most] for d in drafts if not d.state_of}

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
        costs = [sum(map(cost_of, own)) + FRAME for own in shared]
        spare = CONTEXT_TOKENS - sum(cost for own, cost in zip(shared, costs, strict=True) if own)
        for loaded, own, cost in zip(self._stores.values(), shared, costs, strict=True):
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


def _comparable(known: Insight, draft: Draft) -> bool:
    return known.about == draft.about and not known.state_of
