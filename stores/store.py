"""The protocol that a learning store follows, and the kit that it is built from. This is the whole plugin API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from stores.audience import Directory
from stores.context import STANDING_TOKENS
from stores.conversations import Conversation, Question
from stores.insights import Draft, Insight
from stores.keeping import keep
from stores.model import Model
from stores.repository import InsightRepository
from stores.search import Search
from stores.standing import standing


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

    async def search(self, question: Question, *, limit: int = 8) -> Sequence[Insight]:
        """The usual recall: this store's insights that fit the question and that every reader of the reply may see, best first."""
        found = await self.finder.search(question.text, question.readers, limit=limit, store=self.store, expansion=question.expansion)
        return found.insights

    async def standing(self, question: Question, *, budget: int = STANDING_TOKENS) -> Sequence[Insight]:
        """This store's standing insights that every reader of the reply may see, the oldest first, so that their order is stable: all while
        they fit the budget (in tokens), beyond it those that fit the question best."""
        return await standing(question, self.finder, self.store, budget)

    async def keep(self, drafts: Sequence[Draft]) -> Sequence[Insight]:
        """Keep drafts as they were settled and return what is in force because of them. May be repeated."""
        return await keep(drafts, self.repository, self.directory)
