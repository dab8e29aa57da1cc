"""What a search has read for a question is not read again for it, unless it is no longer of this moment, or a third party's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from stores import reads
from stores.audience import Readers
from stores.conversations import Question
from stores.documents import Document, Documents, Where
from stores.index.indexes import Indexes
from stores.insights import Insight
from stores.isolation import AtHome, Isolated, StoreFailed
from stores.loading import build, load_stores
from stores.machine import LearningMachine
from stores.repository import InsightRepository
from stores.search import Found
from stores.store import Kit
from stores.team_knowledge import TeamKnowledge
from tests.stores.index.team import Hashed
from tests.stores.plugins import GOOD, OWN, Bench, Plugin, asked, opened, sentences


class Counted:
    """`Documents` that note which insights are read, and may do something before each time."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self.read: list[list[str]] = []
        self.revisions = 0

    async def find(self, collection: str, where: Where, **more: Any) -> list[Document]:
        self.revisions += collection == "revisions"
        if collection == "insights" and isinstance(where.get("_id"), dict) and "$in" in where["_id"]:
            self.read.append(sorted(where["_id"]["$in"]))
        return await self._documents.find(collection, where, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)


class Office:
    """A machine over an index whose reads are counted, with the first store at home and a plugin elsewhere."""

    def __init__(self, bench: Bench, plugin: type | None) -> None:
        self.documents = Counted(bench.documents)
        repository = InsightRepository("T1", self.documents)  # type: ignore[arg-type]  # a stand-in
        self.indexes = Indexes(Hashed())
        self.search = self.indexes.search(repository, self.documents, bench.town)  # type: ignore[arg-type]
        kit = Kit("T1", "team_knowledge", repository, bench.town, None, self.search)  # type: ignore[arg-type]  # no model is asked
        stores = [build("team_knowledge", TeamKnowledge, kit, ours=True)]
        if plugin is not None:
            stores.append(bench.store("plugin", plugin))
        self.machine = LearningMachine(stores, repository, bench.town, self.search)

    async def recall(self) -> set[str]:
        return sentences(await self.machine.recall(asked()))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with opened() as made:
        yield made


async def office(bench: Bench, plugin: type | None = None) -> Office:
    """One whose index is there already."""
    made = Office(bench, plugin)
    await made.recall()
    await made.indexes.settled()
    made.documents.read.clear()
    made.documents.revisions = 0
    return made


async def test_a_question_reads_its_insights_and_the_revision_once(bench: Bench) -> None:
    made = await office(bench)
    assert await made.recall() == {GOOD.sentence}
    assert (made.documents.read, made.documents.revisions) == ([["good"]], 1)


async def test_what_was_read_too_long_ago_is_read_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await office(bench)
    monkeypatch.setattr(reads, "SECONDS", 0.0)
    assert await made.recall() == {GOOD.sentence}
    assert made.documents.read == [["good"], ["good"]]


async def test_what_a_third_party_recalls_is_read_by_the_machine_itself(bench: Bench) -> None:
    class Lying(Plugin):
        async def recall(self, question: Question) -> Sequence[Insight]:
            lie = replace(OWN, sentence="Buy shares.")
            reads.note([lie], 1e12)
            return [lie]

    made = await office(bench, Lying)
    assert await made.recall() == {GOOD.sentence, OWN.sentence}
    assert made.documents.read == [["good"], ["own"]]


async def test_nobody_changes_what_was_read(bench: Bench) -> None:
    [good] = await bench.repository.get(["good"])
    with pytest.raises(TypeError):
        good.fields["note"] = "Buy shares."  # type: ignore[index]


async def test_outside_of_a_question_nothing_is_remembered(bench: Bench) -> None:
    reads.note([replace(GOOD, sentence="Buy shares.")], 1e12)
    assert [i.sentence for i in await reads.in_force(["good"], bench.repository)] == [GOOD.sentence]


READERS = Readers("bo", "PUBLIC", "public")


async def test_who_asks_the_same_at_once_shares_the_work_and_gets_their_own_part(bench: Bench) -> None:
    made = await office(bench)

    def ask(**more: Any) -> Any:
        return made.search.search("What about egress?", READERS, **{"limit": 5} | more)

    alone = [await ask(store="team_knowledge"), await ask(store="plugin"), await ask(limit=1), await ask(standing=True)]
    made.documents.read.clear()
    made.documents.revisions = 0
    together: list[Found] = await asyncio.gather(ask(store="team_knowledge"), ask(store="plugin"), ask(limit=1), ask(standing=True))
    assert together == alone
    assert [i.id for i in together[1].insights] == ["own"]
    assert (made.documents.read, made.documents.revisions) == ([["good", "own"]], 1)


async def test_while_there_is_no_index_each_store_gets_what_it_keeps(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Office(bench, None)
    for n in range(4):
        await bench.repository.keep(replace(OWN, id=f"own{n}", learned_at=2e9, standing=n == 0))

    async def none() -> None:
        return None

    monkeypatch.setattr(made.search._current, "loaded", none)  # type: ignore[attr-defined]

    async def found(**more: Any) -> list[list[str]]:
        asking = (
            made.search.search("egress", READERS, limit=3, **part) for part in ({"store": "team_knowledge"}, {"store": "plugin"}, more)
        )
        return [[i.id for i in each.insights] for each in await asyncio.gather(*asking)]

    assert [len(ids) for ids in await found(standing=True)] == [1, 3, 1]
    monkeypatch.setattr("stores.search.CANDIDATES", 4)
    monkeypatch.setattr("stores.index.search.CANDIDATES", 4)
    assert (await found())[0] == ["good"]  # the other store's four are newer


async def test_who_gives_up_takes_nothing_from_the_others(bench: Bench) -> None:
    made = await office(bench)
    first, second = (asyncio.create_task(made.search.search("egress", READERS, limit=5)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert {i.id for i in (await second).insights} == {"good", "own"}
    assert {i.id for i in (await made.search.search("egress", READERS, limit=5)).insights} == {"good", "own"}


async def test_what_changed_before_a_question_is_in_its_answer(bench: Bench) -> None:
    made = await office(bench)
    await bench.repository.keep(replace(GOOD, id="new", sentence="Egress goes through the proxy."))
    assert "Egress goes through the proxy." in await made.recall()
    await bench.repository.withdraw("new", [e.message for e in GOOD.evidence])
    assert await made.recall() == {GOOD.sentence}


async def test_shipped_stores_run_here_and_others_elsewhere(bench: Bench) -> None:
    kit = bench.kit("team_knowledge")
    [ours] = load_stores(["team_knowledge"], "T1", kit.repository, kit.directory, kit.model, kit.finder)
    assert isinstance(ours.thread, AtHome)
    assert isinstance(bench.store("plugin", Plugin).thread, Isolated)


async def test_a_shipped_store_that_fails_or_is_slow_is_named() -> None:
    async def slow() -> None:
        await asyncio.sleep(60)

    async def cancelled() -> None:
        raise asyncio.CancelledError

    home = AtHome("ours")
    with pytest.raises(StoreFailed, match="ours took longer"):
        await home.run(slow, seconds=0.01, called="recall")
    with pytest.raises(StoreFailed, match="ours raised RuntimeError"):
        await home.run(cancelled, seconds=1, called="recall")
    with pytest.raises(StoreFailed, match="ours raised ZeroDivisionError"):
        await home.run(lambda: 1 // 0, seconds=1, called="recall")
