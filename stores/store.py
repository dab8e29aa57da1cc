"""The protocol that a learning store follows, and the kit that it is built from. This is the whole plugin API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

from stores import standing
from stores.audience import Directory, Pages, Readers, first_seen, look
from stores.context import STANDING_TOKENS
from stores.conversations import Conversation, Message, Question
from stores.evidence import borrowed, confined, evidence_of
from stores.insights import Draft, Insight, insight_id
from stores.keeping import keep
from stores.model import Model
from stores.modes import Modes
from stores.repository import InsightRepository
from stores.search import Found, Part, Search
from stores.terms import shared


@runtime_checkable
class LearningStore(Protocol):
    """One way of learning. Each method may be a plain function instead; it then runs in the store's own thread.

    A class that follows this is built as `Store(kit)`. It may declare `kinds: Sequence[Kind]`, and gets the drafts of those kinds.
    """

    name: str

    async def recall(self, question: Question) -> Sequence[Insight]:
        """What may help with this question, best first; empty when nothing fits. Reads only. About a second, then it is skipped."""
        ...

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        """Keep what this finished conversation teaches and return it. The same conversation again keeps nothing twice."""
        ...

    def build_context(self, insights: Sequence[Insight]) -> str:
        """What the model reads about these insights, "" for nothing. Pure and instant. Name each by `insight.handle`, or use `quote`."""
        ...


@dataclass(frozen=True, slots=True)
class Kit:
    """What a store works with, bound to one workspace and to the store's name."""

    workspace: str
    store: str
    repository: InsightRepository
    directory: Directory
    model: Model
    finder: Search
    modes: Modes | None = None  # how the workspace's stores learn; always, without it

    async def search(self, question: Question, *, limit: int = 8) -> Sequence[Insight]:
        """The usual recall: this store's insights that fit the question and that every reader of the reply may see, best first."""
        found = await self.finder.search(question.text, question.readers, limit=limit, store=self.store, expansion=question.expansion)
        return found.insights

    async def standing(self, question: Question, *, budget: int = STANDING_TOKENS) -> Sequence[Insight]:
        """This store's standing insights that every reader of the reply may see, the oldest first, so that their order is stable: all while
        they fit the budget (in tokens), beyond it those that fit the question best."""
        [found] = await self._parts(question, standing.part(self.store, budget))
        return standing.chosen(found, question.place, budget)

    async def search_with_standing(
        self, question: Question, *, limit: int = 8, budget: int = STANDING_TOKENS
    ) -> tuple[Sequence[Insight], Sequence[Insight]]:
        """What `search` and `standing` find, at the price of one of them."""
        fitting, found = await self._parts(question, Part(limit, self.store), standing.part(self.store, budget))
        return fitting.insights, standing.chosen(found, question.place, budget)

    async def here(self, question: Question, *, limit: int = 8) -> Sequence[Insight]:
        """This store's insights that were taught in the place of the question, those learned last first."""
        asked = partial(self.finder.search, question.text, question.readers, store=self.store, expansion=question.expansion)
        return (await asked(limit=limit, here=question.place)).insights

    async def about(self, question: Question, *, limit: int = 8) -> Sequence[Insight]:
        """This store's insights about the asker, those learned last first; states are not among them."""
        return await self._seen(partial(self.repository.about, question.asker, store=self.store), limit, question.readers)

    async def states(self, state_of: str, readers: Readers) -> Sequence[Insight]:
        """This store's present states of something ("teammate:U…", "conversation:PLACE:TS") that these readers may see."""
        states = [i for i in await self.repository.states_of(state_of) if i.store == self.store]
        return (await look(states, readers, self.directory, self.repository)).insights

    async def resembling(self, words: str, conversation: Conversation, *, limit: int = 8, least: float = 0.0) -> Sequence[Insight]:
        """This store's insights that resemble these words and that everybody in the conversation's place may see, best first; only those
        whose sentence shares at least the part `least` of its words, or of these if they are fewer."""
        found = await self.finder.search(words, conversation.readers, limit=limit, store=self.store)
        return [i for i in found.sure if shared(words, i.sentence) >= least]

    def draft(
        self,
        conversation: Conversation,
        position: int,
        sentence: str,
        messages: Sequence[Message],
        *,
        kind: str = "",
        cues: Sequence[str] = (),
        things: Sequence[str] = (),
        fields: Mapping[str, str] | None = None,
        about: str | None = None,
        standing: bool = False,
    ) -> Draft:
        """A draft of this store's own, for one without `kinds`: what `messages` teach, as far as they may be evidence (see `evidence_of`).

        The same run of the conversation and `position` give the same draft, so that it is kept once. Nobody settles it: look with
        `resembling` whether it is known. `kind` is what a reader sees before the sentence; the store's name unless given.
        """
        evidence, fields = evidence_of(messages, conversation), dict(fields or {})
        if borrowed([sentence, *fields.values()], conversation.messages):
            evidence = confined(evidence)
        return Draft(
            id=insight_id(conversation.run, self.store, position),
            store=self.store,
            kind=kind or self.store,
            sentence=sentence,
            evidence=evidence,
            cues=tuple(cues),
            things=tuple(things),
            fields=fields,
            about=about,
            standing=standing,
        )

    async def keep(self, drafts: Sequence[Draft]) -> Sequence[Insight]:
        """Keep drafts as they were settled and return what is in force because of them. May be repeated.

        Where people want to confirm what this store learns, what is new waits for them, and is not among what comes back.
        """
        confirm = self.modes is not None and await self.modes.of(self.store) == "confirm"
        return await keep(drafts, self.repository, self.directory, confirm=confirm)

    async def propose(self, drafts: Sequence[Draft]) -> Sequence[Insight]:
        """Keep drafts that wait until a person puts them in force, however this store learns. What was known already comes back; what says
        the same as, or more than, something that waits gives it its evidence."""
        return await keep(drafts, self.repository, self.directory, confirm=True, nearly=True)

    async def _parts(self, question: Question, *parts: Part) -> list[Found]:
        return await self.finder.search_parts(question.text, question.readers, parts, expansion=question.expansion)

    async def _seen(self, pages: Pages, most: int, readers: Readers) -> Sequence[Insight]:
        return (await first_seen(pages, most, readers, self.directory, self.repository)).insights
