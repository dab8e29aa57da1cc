"""The index is as the database is: on both databases, whatever clocks differ, files are damaged and embedders go away."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stores.documents import Documents
from stores.embedder import Embedder
from stores.index import current as currents
from stores.index.building import build
from stores.index.current import Current
from stores.index.index import HybridIndex
from stores.index.indexes import Indexes
from stores.index.packed import Packed, Unfit, path_of, read, write
from stores.index.vectors import KeptVectors
from stores.insights import Evidence
from stores.repository import InsightRepository
from tests.stores.index.team import Hashed, everybody, insight, town

Make = Callable[..., Current]


@pytest.fixture
def repository(documents: Documents) -> InsightRepository:
    return InsightRepository("W", documents)


@pytest.fixture
async def make(repository: InsightRepository, documents: Documents) -> AsyncIterator[Make]:
    made: list[Current] = []

    def current(embedder: Embedder | None = None, folder: Path | None = None) -> Current:
        made.append(Current(repository, KeptVectors(documents, embedder) if embedder else None, folder))
        return made[-1]

    yield current
    for each in made:
        each.close()
    await asyncio.sleep(0)


async def ids(current: Current) -> set[str]:
    index = await current.ready()
    for _ in range(100):  # on a busy machine it takes longer than a question waits
        index = index or await current.ready()
    assert index is not None
    return {index.rows.id(int(row)) for row in np.flatnonzero(index.rows["alive"])}


async def test_it_follows_every_change(repository: InsightRepository, make: Make) -> None:
    chance, current = random.Random(1), make()
    kept = [insight(n, chance) for n in range(30)]
    for one in kept[:20]:
        await repository.keep(one)
    assert await ids(current) == {i.id for i in kept[:20]}
    for one in kept[20:]:
        await repository.keep(one)
    assert await ids(current) == {i.id for i in kept}
    gone = kept[3]
    await repository.withdraw(gone.id, [e.message for e in gone.evidence], undo="u")
    assert gone.id not in await ids(current)
    await repository.restore(gone.id, "u")
    await repository.supersede(kept[4].id, kept[5].id)
    await repository.support(kept[6].id, [Evidence("C9:1.0", "C9", "1", "ana", 1.0, "public")])
    assert gone.id in await ids(current)
    index = await current.ready()
    assert index is not None
    assert index.rows.superseded_by[index.rows.find(kept[4].id)] == (kept[5].id,)
    assert "C9" in {origin.place for origin in index.origins()}


async def test_slow_and_fast_clocks_lose_nothing(
    repository: InsightRepository, make: Make, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, current, kept = random.Random(2), make(), 0
    other = InsightRepository("W", documents)
    now = 1_790_000_000.0
    for n in range(60):
        now += 20
        skew = 90.0 if n % 2 else -400.0
        monkeypatch.setattr("stores.repository.time.time", lambda at=now + skew: at)
        await (repository if n % 2 else other).keep(insight(n, chance))
        kept += 1
        if n % 3 == 0:
            assert len(await ids(current)) == kept
    assert len(await ids(current)) == kept


async def test_a_change_that_is_written_late_is_read_with_the_next(repository: InsightRepository, make: Make, documents: Documents) -> None:
    chance, current = random.Random(3), make()
    await repository.keep(insight(1, chance))
    assert len(await ids(current)) == 1
    slow = Slow(documents)
    late = asyncio.create_task(InsightRepository("W", slow).keep(insight(2, chance)))  # stamped, and not yet written
    await slow.reached.wait()
    await repository.keep(insight(3, chance))
    assert len(await ids(current)) == 2
    slow.go.set()
    await late
    assert len(await ids(current)) == 3


class Slow:
    """Documents whose insights are written only when somebody says so."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def insert(self, collection: str, document: dict[str, object]) -> bool:
        self.reached.set()
        await self.go.wait()
        return await self._documents.insert(collection, document)

    def __getattr__(self, name: str) -> object:
        return getattr(self._documents, name)


async def test_what_was_packed_is_read_again_with_the_changes_since(repository: InsightRepository, make: Make, tmp_path: Path) -> None:
    chance, first = random.Random(4), make(Hashed(), tmp_path)
    kept = [insight(n, chance) for n in range(40)]
    for one in kept[:30]:
        await repository.keep(one)
    await ids(first)
    await first.settled()
    await first.drop()
    for one in kept[30:]:
        await repository.keep(one)
    await repository.withdraw(kept[0].id, [e.message for e in kept[0].evidence])
    embedder = Hashed()
    second = make(embedder, tmp_path)
    assert await ids(second) == {i.id for i in kept[1:]}
    await second.settled()
    assert len(embedder.embedded) <= 20  # ten sentences, and cues
    assert same(await index_of(second), await index_of(make(embedder)))


async def index_of(current: Current) -> HybridIndex:
    for _ in range(2):  # on a busy machine the first look may come before there is an index
        await current.ready()
        await current.settled()
    index = await current.ready()
    assert index is not None
    return index


def same(one: HybridIndex, other: HybridIndex) -> bool:
    """Whether two indexes hold the same, in whichever rows."""
    one.merge()
    other.merge()
    return described(one) == described(other)


def described(index: HybridIndex) -> dict[str, object]:
    found = {}
    for row in np.flatnonzero(index.rows["alive"]).tolist():
        stems = {int(k): int(p & 255) for k in index.inverted.segment.keys for p in index.inverted.of([int(k)])[0] if p >> 8 == row}
        block = index.matrix.blocks[0]
        found[index.rows.id(row)] = (index.rows.cells.cells[int(index.rows["cell"][row])], stems, block.bytes[row].tolist())
    return found


@pytest.mark.parametrize("engine", ["memory"], indirect=True)
@pytest.mark.parametrize("fault", ["missing", "empty", "cut short", "garbage", "a bit", "version", "workspace", "embedder", "folder"])
async def test_a_packed_file_that_does_not_fit_is_built_anew(fault: str, repository: InsightRepository, make: Make, tmp_path: Path) -> None:
    chance, path = random.Random(5), path_of(tmp_path, "W")
    for n in range(10):
        await repository.keep(insight(n, chance))
    embedder = Hashed()
    first = make(embedder, tmp_path)
    await ids(first)
    await first.settled()
    await first.drop()
    assert path.stat().st_mode & 0o077 == 0
    spoil(path, fault)
    with pytest.raises(Unfit):
        read(path, "W", embedder.name, embedder.dimensions)
    assert len(await ids(make(embedder, tmp_path))) == 10


def spoil(path: Path, fault: str) -> None:
    data = path.read_bytes()
    path.unlink()
    if fault == "folder":
        path.mkdir()
    elif fault == "version":
        write_header(path, data, format=99)
    elif fault == "workspace":
        write_header(path, data, workspace="V")
    elif fault == "embedder":
        write_header(path, data, embedder="other")
    elif fault != "missing":
        at = len(data) - 40
        other = {"empty": b"", "cut short": data[:-100], "garbage": b"x" * 500, "a bit": data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]}
        path.write_bytes(other[fault])


def write_header(path: Path, data: bytes, **changed: object) -> None:
    """The same file under a header that is changed, and whole."""
    import zlib

    from stores.index.packed import MAGIC

    at = len(MAGIC) + 12
    length = int.from_bytes(data[at - 12 : at - 4], "little")
    text = json.dumps(json.loads(data[at : at + length]) | changed).encode()
    head = MAGIC + len(text).to_bytes(8, "little") + zlib.crc32(text).to_bytes(4, "little")
    path.write_bytes(head + text + data[at + length :])


@pytest.mark.parametrize("engine", ["memory"], indirect=True)
async def test_another_database_s_file_is_not_taken_for_this_one_s(repository: InsightRepository, make: Make, tmp_path: Path) -> None:
    chance = random.Random(6)
    stranger = HybridIndex()
    await repository.keep(insight(1, chance))
    revision = replace(await repository.revision(), name="another")
    assert write(path_of(tmp_path, "W"), "W", Packed(stranger, revision))
    assert len(await ids(make(None, tmp_path))) == 1


async def test_vectors_are_kept_and_go_with_their_insight(repository: InsightRepository, make: Make, documents: Documents) -> None:
    chance, embedder = random.Random(7), Hashed()
    kept = [insight(n, chance) for n in range(5)]
    for one in kept:
        await repository.keep(one)
    index = await index_of(make(embedder))
    assert not index.lacks
    assert await documents.count("vectors", {}) == 5
    again = Hashed()
    assert not (await index_of(make(again))).lacks
    assert again.embedded == []
    await repository.withdraw(kept[0].id, [e.message for e in kept[0].evidence])
    assert await documents.count("vectors", {}) == 4


@pytest.mark.parametrize("engine", ["memory"], indirect=True)
@pytest.mark.parametrize("wrong", ["AAAA", "!!", "nan", 7, None])
async def test_vectors_that_are_none_are_embedded_again(
    wrong: object, repository: InsightRepository, make: Make, documents: Documents
) -> None:
    one = insight(1, random.Random(8))
    await repository.keep(one)
    await index_of(make(Hashed()))
    import base64

    kept = base64.b64encode(np.full(64, np.nan, "<f2").tobytes()).decode() if wrong == "nan" else wrong
    await documents.update("vectors", {"_id": one.id}, {"$set": {"sentence": kept}})
    embedder = Hashed()
    index = await index_of(make(embedder))
    if wrong is not None and wrong != 7:
        assert one.sentence in embedder.embedded
    assert not index.lacks


@pytest.mark.parametrize("engine", ["memory"], indirect=True)
async def test_another_embedder_s_vectors_are_never_compared(repository: InsightRepository, make: Make) -> None:
    chance = random.Random(9)
    for n in range(5):
        await repository.keep(insight(n, chance))
    await index_of(make(Hashed()))
    other = Hashed(dimensions=128, name="other")
    index = await index_of(make(other))
    assert index.embedder == "other"
    assert len(other.embedded) >= 5
    assert not index.lacks


@pytest.mark.parametrize("engine", ["memory"], indirect=True)
async def test_while_the_embedder_is_away_keywords_answer(
    repository: InsightRepository, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(currents, "RETRY", 0.01)
    directory, embedder = town(), Hashed()
    embedder.away = True
    indexes = Indexes(embedder)
    search = indexes.search(repository, documents, directory)
    one = insight(1, random.Random(1), evidence=(Evidence("C1:1.0", "C1", "1", "ana", 1.0, "public"),), about=None, sentence="egress costs")
    await repository.keep(one)
    readers = (await everybody(directory))[1]
    assert [i.id for i in (await search.search("What about egress?", readers, limit=5)).insights] == [one.id]
    embedder.away = False
    async with asyncio.timeout(30):
        while (await search.search("costs of egress", readers, limit=5)).scores[one.id]["cosine"] <= 0.5:  # noqa: ASYNC110 nothing tells
            await asyncio.sleep(0.01)
    indexes.close()


@pytest.mark.parametrize("engine", ["memory"], indirect=True)
async def test_the_strangest_questions_have_an_answer(repository: InsightRepository, documents: Documents) -> None:
    directory, indexes = town(), Indexes(Hashed())
    search = indexes.search(repository, documents, directory)
    readers = (await everybody(directory))[1]
    strange = ["", " ", "egress", "the of and", "🎉🎉", "```\nx = 1\n```", "数据 出口 费用", "egress " * 7000, "\ud800", "\0", "x" * 50_000]
    for text in strange:
        assert (await search.search(text, readers, limit=5)).insights == ()
    chance = random.Random(1)
    for n in range(20):
        await repository.keep(insight(n, chance))
    for text in strange:
        for limit in (0, 5):
            found = await search.search(text, readers, limit=limit, standing=limit == 5 and text == "")
            assert len(found.insights) <= limit
    indexes.close()


@pytest.mark.parametrize("engine", ["memory"], indirect=True)
async def test_nothing_about_another_person_is_sure(repository: InsightRepository, documents: Documents) -> None:
    directory, indexes, chance = town(), Indexes(None), random.Random(1)
    said = {"bo": "Bo keeps honey bees behind the old mill near Ulm.", "ana": "Ana plays chess.", "cy": "Cy sails."}
    told = [*said.items(), *(("cy", f"The printer on floor {n} is out of paper.") for n in range(6))]
    for n, (teammate, sentence) in enumerate(told):
        evidence = Evidence(f"C1:{n}.0", "C1", str(n), teammate, 1.0, "public")
        await repository.keep(insight(n, chance, sentence=sentence, about=None, evidence=(evidence,), cues=()))
    search, readers = indexes.search(repository, documents, directory), (await everybody(directory))[1]

    async def sure(text: str) -> dict[str, bool]:
        found = await search.search(text, readers, limit=5)
        return {i.sentence: found.scores[i.id].get("surface", -1.0) >= 0 for i in found.insights}

    assert (await sure("Has Bo honey bees behind the old mill near Ulm?"))[said["bo"]]
    assert not (await sure("Has Ana honey bees behind the old mill near Ulm?"))[said["bo"]]
    directory.fails |= {"person ana", "person bo"}
    assert said["bo"] in await sure("Has Ana honey bees behind the old mill near Ulm?")
    indexes.close()


@pytest.mark.parametrize("engine", ["memory"], indirect=True)
async def test_few_indexes_stay_when_memory_is_small(repository: InsightRepository, database: object, tmp_path: Path) -> None:
    directory, chance = town(), random.Random(1)
    indexes = Indexes(None, tmp_path, memory=60_000)
    readers = (await everybody(directory))[1]
    for n in range(6):
        documents = database.workspace(f"W{n}")  # type: ignore[attr-defined]
        own = InsightRepository(f"W{n}", documents)
        await own.keep(
            insight(n, chance, sentence="egress costs", about=None, evidence=(Evidence("C1:1.0", "C1", "1", "ana", 1.0, "public"),))
        )
        found = await indexes.search(own, documents, directory).search("egress", readers, limit=5)
        assert len(found.insights) == 1
        await asyncio.sleep(0.02)
    assert indexes.nbytes <= 60_000
    indexes.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_searches_and_changes_at_once(repository: InsightRepository, documents: Documents) -> None:
    directory, indexes, chance = town(), Indexes(Hashed()), random.Random(1)
    search = indexes.search(repository, documents, directory)
    readers = await everybody(directory)
    kept = [insight(n, chance) for n in range(120)]

    async def change() -> None:
        for one in kept:
            await repository.keep(one)
            if chance.random() < 0.3:
                await repository.withdraw(one.id, [e.message for e in one.evidence])

    async def ask() -> None:
        for _ in range(60):
            await search.search(" ".join(chance.choices([i.sentence for i in kept])), chance.choice(readers), limit=5)

    jobs: list[Awaitable[None]] = [change(), *(ask() for _ in range(4))]
    await asyncio.gather(*jobs)
    live = {i.id for i in await repository.newest()}
    packed = await build(repository, None)
    assert packed is not None
    assert packed.index.rows.live == len(live)
    indexes.close()


async def test_what_is_forgotten_leaves_the_packed_file_although_nobody_asks(
    repository: InsightRepository, make: Make, tmp_path: Path
) -> None:
    chance, path = random.Random(3), path_of(tmp_path, "W")
    kept, gone, later = insight(1, chance), insight(2, chance), insight(3, chance)
    for one in (kept, gone, later):
        await repository.keep(one)
    asked = make(None, tmp_path)
    await ids(asked)
    await asked.drop()
    assert path.exists()

    await repository.withdraw(gone.id, [e.message for e in gone.evidence])
    await make(None, tmp_path).keep_up()  # nobody has this index in memory
    assert not path.exists()

    await ids(asked)
    await repository.withdraw(later.id, [e.message for e in later.evidence])
    await asked.keep_up()
    await asked.drop()
    found = read(path, "W", "", 64).index
    assert {found.rows.id(int(row)) for row in np.flatnonzero(found.rows["alive"])} == {kept.id}
