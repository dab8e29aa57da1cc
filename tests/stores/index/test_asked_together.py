"""What was taught before a question began is found by it, whoever asked the same before; and nobody waits in vain."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from typing import Any

import pytest

from stores.audience import Readers
from stores.conversations import Question
from stores.documents import Documents, Unavailable
from stores.embedder import Vectors
from stores.index.indexes import Indexes
from stores.insights import Evidence, Insight
from stores.loading import GROUP, load_stores
from stores.machine import LearningMachine
from stores.repository import InsightRepository
from stores.revisions import Revision
from stores.search import Part
from tests.stores.index.team import Hashed, everybody, insight, town


class Slow(Hashed):
    """Takes until it is let go for one question."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.slow = False

    async def embed(self, texts: Sequence[str]) -> Vectors:
        if self.slow:
            await self.go.wait()
        return await super().embed(texts)


def one(n: int, sentence: str) -> Insight:
    evidence = (Evidence(f"C1:{n}.0", "C1", str(n), "ana", float(n), "public"),)
    return insight(n, random.Random(n), sentence=sentence, about=None, standing=False, evidence=evidence)


@pytest.fixture
def repository(documents: Documents) -> InsightRepository:
    return InsightRepository("W", documents)


async def ready(repository: InsightRepository, documents: Documents, embedder: Hashed) -> tuple[Indexes, Any, Readers]:
    """A search whose index is there, with one insight in it."""
    indexes, readers = Indexes(embedder), (await everybody(town()))[0]
    search = indexes.search(repository, documents, town())
    await repository.keep(one(1, "egress costs much"))
    await search.search("egress", readers, limit=5)
    await indexes.settled()
    return indexes, search, readers


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_who_asks_the_same_later_finds_what_was_taught_before(repository: InsightRepository, documents: Documents) -> None:
    embedder = Slow()
    indexes, search, readers = await ready(repository, documents, embedder)
    embedder.slow = True
    first = asyncio.create_task(search.search("egress costs", readers, limit=5))
    await asyncio.sleep(0.1)  # it waits for its vector
    embedder.slow = False
    await repository.keep(one(2, "egress costs little"))  # taught, and told
    second = asyncio.create_task(search.search("egress costs", readers, limit=5))
    await asyncio.sleep(0.05)
    embedder.go.set()
    found = await second
    await first
    indexes.close()
    assert "egress costs little" in {i.sentence for i in found.insights}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_all_stores_that_are_shipped_are_asked_as_one(repository: InsightRepository, documents: Documents) -> None:
    indexes, search, readers = await ready(repository, documents, Hashed())
    names = [point.name for point in entry_points(group=GROUP) if point.module.startswith("stores.")]
    loaded = load_stores(names, "W", repository, town(), None, search)  # type: ignore[arg-type]  # no model is asked
    machine, looks, revision = LearningMachine(loaded, repository, town(), search), [], repository.revision

    async def noted() -> Revision:
        looks.append(await revision())
        return looks[-1]

    repository.revision = noted  # type: ignore[method-assign]
    found = await machine.recall(Question("W", "q", "bo", "C1", "What does egress cost?", readers))
    machine.close()
    indexes.close()
    assert "egress costs much" in found.context
    assert len(looks) == 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_which_of_many_that_fit_as_well_is_found_does_not_depend_on_who_asks_beside(
    repository: InsightRepository, documents: Documents
) -> None:
    """They were learned in another order than they were said in."""
    indexes, search, readers = await ready(repository, documents, Hashed())
    for n in range(2, 30):
        evidence = (Evidence(f"C1:{n}.0", "C1", str(n), "ana", 100.0 - n, "public"),)
        await repository.keep(replace(one(n, "parking is free"), evidence=evidence, learned_at=1000.0 + n))
    [alone] = await search.search_parts("parking", readers, [Part(3)])
    both = await search.search_parts("parking", readers, [Part(3), Part(6)])
    indexes.close()
    assert [i.id for i in alone.insights] == [i.id for i in both[0].insights]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_what_was_read_before_a_question_began_is_not_enough_for_it(repository: InsightRepository, documents: Documents) -> None:
    indexes, search, readers = await ready(repository, documents, Hashed())
    current = search._current
    await repository.keep(one(3, "parking is free"))
    async with current.lock:  # as a search of many rows, in a thread, holds it
        first = asyncio.create_task(search.search("parking", readers, limit=5))
        await asyncio.sleep(0.1)  # it has read what changed, and waits
        await repository.keep(one(2, "egress costs little"))
        second = asyncio.create_task(search.search("egress costs", readers, limit=5))
        await asyncio.sleep(0.05)
    found = await second
    await first
    indexes.close()
    assert "egress costs little" in {i.sentence for i in found.insights}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_an_index_that_is_let_go_while_it_is_asked_answers(repository: InsightRepository, documents: Documents) -> None:
    embedder = Slow()
    indexes, search, readers = await ready(repository, documents, embedder)
    embedder.slow = True
    asked = [asyncio.create_task(search.search("egress costs", readers, limit=n)) for n in (3, 4, 5)]
    await asyncio.sleep(0.05)
    asked[0].cancel()
    await search._current.drop()
    embedder.go.set()
    for each in asked[1:]:
        assert len((await asyncio.wait_for(each, 5)).insights) == 1
    indexes.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_database_that_goes_away_is_said_to_all_who_ask(repository: InsightRepository, documents: Documents) -> None:
    embedder = Slow()
    indexes, search, readers = await ready(repository, documents, embedder)
    real = repository.get

    async def away(*_: object, **__: object) -> list[Insight]:
        raise Unavailable("away")

    repository.get = away  # type: ignore[method-assign]
    asked = [asyncio.create_task(search.search("egress costs", readers, limit=n)) for n in (3, 4, 5)]
    outcomes = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 5)
    assert all(isinstance(o, Unavailable) for o in outcomes), outcomes
    repository.get = real  # type: ignore[method-assign]
    assert len((await search.search("egress costs", readers, limit=3)).insights) == 1
    indexes.close()
