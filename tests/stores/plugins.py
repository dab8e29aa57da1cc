"""A repository with three insights, and a store of a third party that behaves as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from stores.audience import Readers
from stores.conversations import Conversation, Question
from stores.documents import Documents
from stores.insights import Insight
from stores.loading import Loaded, build
from stores.machine import LearningMachine, Recollection
from stores.repository import InsightRepository
from stores.search import KeywordSearch
from stores.sqlite.documents import open_sqlite
from stores.store import Kit
from stores.team_knowledge import TeamKnowledge
from stores.testing import Town
from tests.stores.town import evidence, insight

READERS = Readers("bo", "PUBLIC", "public")
GOOD = insight("good", evidence("PUBLIC", "ana", "public"), sentence="We cut egress costs.")
OWN = insight("own", evidence("PUBLIC", "ana", "public", 11.0), sentence="Plugins know egress.", store="plugin")
SECRET = insight("secret", evidence("LEGAL", "ana", "private", 12.0), sentence="Egress is why we sue.", store="plugin")


class Plugin:
    """A store of a third party that behaves as a test says."""

    name = "plugin"

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        return await self.kit.search(question)

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        return await self.kit.keep(conversation.drafts)

    def build_context(self, insights: Sequence[Insight]) -> str:
        return "\n".join(f"[{i.handle}] {i.sentence}" for i in insights)


@dataclass
class Bench:
    """A repository with three insights, and machines that have the first store and the plugin."""

    documents: Documents
    repository: InsightRepository
    town: Town
    loaded: list[Loaded]

    def kit(self, store: str) -> Kit:
        finder = KeywordSearch(self.repository, self.town)
        return Kit("T1", store, self.repository, self.town, None, finder)  # type: ignore[arg-type]  # no model is asked

    def store(self, name: str, make: Callable[[Kit], Any]) -> Loaded:
        self.loaded.append(build(name, make, self.kit(name)))
        return self.loaded[-1]

    def machine(self, plugin: type, *, first: bool = False, seconds: float = 30) -> LearningMachine:
        stores = [self.store("team_knowledge", TeamKnowledge), self.store("plugin", plugin)]
        finder = KeywordSearch(self.repository, self.town)
        return LearningMachine(stores[::-1] if first else stores, self.repository, self.town, finder, seconds=seconds)

    async def recall(self, plugin: type, *, first: bool = False, seconds: float = 30) -> Recollection:
        return await self.machine(plugin, first=first, seconds=seconds).recall(asked())


def asked() -> Question:
    return Question("T1", "PUBLIC:1.0", "bo", "PUBLIC", "What about egress?", READERS)


def sentences(found: Recollection) -> set[str]:
    return {i.sentence for i in found.insights.values()}


@asynccontextmanager
async def opened() -> AsyncIterator[Bench]:
    database = await open_sqlite(":memory:")
    documents, town = database.workspace("T1"), Town()
    town.build("PUBLIC", "public", "ana", "bo")
    town.build("LEGAL", "private", "ana")
    made = Bench(documents, InsightRepository("T1", documents), town, [])
    for one in (GOOD, OWN, SECRET):
        await made.repository.keep(one)
    yield made
    for loaded in made.loaded:
        loaded.thread.close()
    await database.close()


def fail(error: BaseException) -> Any:
    raise error


async def hang() -> Any:
    await asyncio.sleep(60)


async def async_items() -> Any:
    yield OWN
