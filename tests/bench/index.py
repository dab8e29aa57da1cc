"""The index: what a question and a change cost among many insights, how soon it is there, and what memory it takes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import itertools
import os
import random
import time
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from stores.audience import Person, Place, readers_of
from stores.conversations import Question
from stores.database import open_database
from stores.documents import Database, Documents
from stores.embedder import Vectors, vector_bytes
from stores.index.building import build_elsewhere
from stores.index.current import Current
from stores.index.entries import entry_of
from stores.index.indexes import Indexes
from stores.index.vectors import KeptVectors, fingerprint
from stores.insight_documents import document_of
from stores.insights import Evidence, Insight, insight_id
from stores.loading import GROUP, load_stores
from stores.machine import LearningMachine
from stores.repository import InsightRepository
from stores.search import Search
from stores.terms import terms
from tests.bench.figures import Figure, in_ms, resident
from tests.bench.seed import vocabulary
from tests.bench.stage import Where

SIZES = (1_000, 10_000, 100_000)
QUESTIONS = 60
DIMENSIONS = 384
CHANNELS = 200
WORKSPACES, EACH = 200, 500
AT_ONCE = 500
ONE = ("team_knowledge",)
SHIPPED = tuple(point.name for point in entry_points(group=GROUP) if point.module.startswith("stores."))
WORDS = vocabulary()
WEIGHTS = list(itertools.accumulate(1 / (n + 5) for n in range(len(WORDS))))


async def index(where: Where) -> list[Figure]:
    """One workspace of each size, then many small ones."""
    figures = [figure for size in SIZES for figure in await _one_size(where, size)]
    return figures + await _many(where)


class Instant:
    """An embedder that takes no time: what is measured is ours."""

    name, dimensions = "instant", DIMENSIONS

    def __init__(self) -> None:
        self._chance = np.random.default_rng(1)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        rows = self._chance.standard_normal((len(texts), DIMENSIONS))
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class Everybody:
    """A workspace in which everybody is in every channel, and every second channel is private to others."""

    async def person(self, teammate: str) -> Person:
        return Person(teammate, teammate)

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}

    async def place(self, place: str) -> Place:
        if place not in self._places:
            self._places[place] = Place(place, "private" if place.startswith("P") else "public", "general")
        return self._places[place]

    async def rooms_of(self, teammate: str) -> frozenset[str]:
        return frozenset({"P1", "P3"})

    async def has_outsiders(self, place: str) -> bool:
        return False


async def _one_size(where: Where, size: int) -> list[Figure]:
    with TemporaryDirectory(prefix="tacit-bench-") as folder, where.fresh() as mongodb_url:
        path = Path(folder) / "tacit.sqlite"
        database = await open_database(mongodb_url, path)
        await database.prepare()
        await fill(database, "T1", size)
        try:
            builder = build_elsewhere(mongodb_url, path)
            figures = await _start(database, Path(folder), size, where, builder, "built")
            figures += await _start(database, Path(folder), size, where, builder, "packed")
            return figures + await _changes(database, Path(folder), size, where)
        finally:
            await database.close()


async def _start(database: Database, folder: Path, size: int, where: Where, builder: object, how: str) -> list[Figure]:
    """Ask at once, then until the index answers; then measure it. `built`: without a packed file."""
    gc.collect()
    indexes, before = Indexes(Instant(), folder / "index", memory=2**40, builder=builder), resident(os.getpid())  # type: ignore[arg-type]
    documents = database.workspace("T1")
    finder = indexes.search(InsightRepository("T1", documents), documents, Everybody())
    machine, ask = _machine(database, "T1", indexes, finder=finder)
    trips = asyncio.create_task(_round_trips())
    start = time.perf_counter()
    found = await ask(_question(random.Random(0)))
    first = time.perf_counter() - start
    while not indexes.nbytes:
        await asyncio.sleep(0.02)
        await ask(_question(random.Random(0)))
    ready = time.perf_counter() - start
    trips.cancel()
    named = f"{size}, {how}"
    figures = [
        Figure(f"first answer of {named}", first, "s", where.database),
        Figure(f"insights in it, of {named}", len(found.insights), "", where.database),
        Figure(f"index ready of {named}", ready, "s", where.database),
    ]
    figures += in_ms(f"round trip meanwhile of {named}:", TRIPS, (0.5, 0.99), where.database)
    if how == "packed":
        took = [await _timed(ask, n) for n in range(QUESTIONS)]
        figures += in_ms(f"recall with context of {size}:", took[QUESTIONS // 6 :], (0.5, 0.95), where.database)
        every, ask_every = _machine(database, "T1", indexes, SHIPPED, finder)
        took = [await _timed(ask_every, n) for n in range(QUESTIONS)]
        figures += in_ms(f"with all {len(SHIPPED)} stores, of {size}:", took[QUESTIONS // 6 :], (0.5, 0.95), where.database)
        every.close()
        figures.append(Figure(f"memory of the index of {size}", indexes.nbytes / 2**20, "MiB", where.database))
        figures.append(Figure(f"growth of the process with {size}", resident(os.getpid()) - before, "MiB", where.database))
    machine.close()
    indexes.close()
    return figures


TRIPS: list[float] = []


async def _round_trips() -> None:
    """What an echo over loopback takes, again and again."""
    TRIPS.clear()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(line)

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        while True:
            start = time.perf_counter()
            writer.write(b"x\n")
            await reader.readline()
            TRIPS.append(time.perf_counter() - start)
            await asyncio.sleep(0.005)
    finally:
        writer.close()
        server.close()


async def _timed(ask: object, n: int) -> float:
    text = _question(random.Random(n))
    start = time.perf_counter()
    found = await ask(text)  # type: ignore[operator]
    took = time.perf_counter() - start
    if not found.context:
        raise RuntimeError("nothing was recalled")
    return took


def _machine(
    database: Database, workspace: str, indexes: Indexes, stores: Sequence[str] = ONE, finder: Search | None = None
) -> tuple[LearningMachine, Any]:
    documents, directory = database.workspace(workspace), Everybody()
    repository = InsightRepository(workspace, documents)
    finder = finder or indexes.search(repository, documents, directory)
    loaded = load_stores(stores, workspace, repository, directory, None, finder)  # type: ignore[arg-type]
    machine = LearningMachine(loaded, repository, directory, finder)

    async def ask(text: str) -> object:
        readers = await readers_of(directory, "C1", "U2")
        return await machine.recall(Question(workspace, "q", "U2", "C1", text, readers))

    return machine, ask


async def _changes(database: Database, folder: Path, size: int, where: Where) -> list[Figure]:
    """What adding and removing one insight costs the index itself."""
    documents = database.workspace("T1")
    current = Current(InsightRepository("T1", documents), KeptVectors(documents, Instant()), folder / "index")
    while (held := await current.ready()) is None:
        await current.settled()
    chance, embedder = random.Random(9), Instant()
    added, removed = [], []
    for n in range(300):
        entry, both = entry_of(made("T1", size + n, chance)), await embedder.embed(["", ""])
        start = time.perf_counter()
        held.upsert(entry, (both[0], both[1]))
        added.append(time.perf_counter() - start)
        start = time.perf_counter()
        held.remove(insight_id(f"bench/T1/{chance.randrange(size)}", "team_knowledge", 0))
        removed.append(time.perf_counter() - start)
    current.close()
    return in_ms(f"add to {size}:", added, (0.5, 0.95), where.database) + in_ms(
        f"remove from {size}:", removed, (0.5, 0.95), where.database
    )


async def _many(where: Where) -> list[Figure]:
    """Many small workspaces in one process, asked in turn."""
    with TemporaryDirectory(prefix="tacit-bench-") as folder, where.fresh() as mongodb_url:
        database = await open_database(mongodb_url, Path(folder) / "tacit.sqlite")
        await database.prepare()
        indexes = Indexes(Instant(), Path(folder) / "index")
        machines = []
        for n in range(WORKSPACES):
            await fill(database, f"T{n}", EACH)
            machines.append(_machine(database, f"T{n}", indexes))
        for _, ask in machines:
            await ask(_question(random.Random(0)))
            await asyncio.sleep(0.3)
        took = [await _timed(ask, n) for n, (_, ask) in enumerate(machines * 2)]
        for machine, _ in machines:
            machine.close()
        indexes.close()
        await database.close()
        named = f"{WORKSPACES} workspaces of {EACH}"
        return [
            *in_ms(f"recall, {named}:", took, (0.5, 0.95), where.database),
            Figure(f"memory, {named}", indexes.nbytes / 2**20, "MiB", where.database),
        ]


async def fill(database: Database, workspace: str, size: int) -> None:
    """So many insights with their vectors, written as they stand in the database."""
    documents, chance, embedder = database.workspace(workspace), random.Random(size), Instant()
    for first in range(0, size, AT_ONCE):
        insights = [made(workspace, n, chance) for n in range(first, min(first + AT_ONCE, size))]
        rows = await embedder.embed([""] * (2 * len(insights)))
        vectors = [_kept(i, rows[2 * n], rows[2 * n + 1]) for n, i in enumerate(insights)]
        await asyncio.gather(*(documents.insert("insights", document_of(i)) for i in insights))
        await asyncio.gather(*(documents.insert("vectors", v) for v in vectors))
    await _touch(documents)


async def _touch(documents: Documents) -> None:
    change = {"$set": {"n": 1, "at": time.time(), "name": "bench"}}
    await documents.update("revisions", {"_id": "insights"}, change, upsert=True)


def _kept(insight: Insight, sentence: object, cues: object) -> dict[str, object]:
    both = (base64.b64encode(vector_bytes(v)).decode() for v in (sentence, cues))  # type: ignore[arg-type]
    return dict(zip(("_id", "embedder", "texts", "sentence", "cues"), (insight.id, Instant.name, fingerprint(insight), *both), strict=True))


def made(workspace: str, n: int, chance: random.Random) -> Insight:
    """A made-up insight: a sentence of 12 words, cues, things, and the message it came from; every fourth from a private channel."""
    place = f"{'P' if n % 4 == 0 else 'C'}{n % CHANNELS}"
    at = 1_790_000_000.0 + n
    sentence = "We use " + " ".join(chance.choices(WORDS, cum_weights=WEIGHTS, k=12)) + "."
    source = sentence + " ".join(chance.choices(WORDS, cum_weights=WEIGHTS, k=15))
    evidence = Evidence(
        f"{place}:{at:.6f}",
        place,
        f"{at - n % 5:.6f}",
        "U1",
        at,
        "private" if place[0] == "P" else "public",
        terms=tuple(set(terms(source))),
    )
    cues = tuple("Somebody asks about " + " ".join(chance.choices(WORDS, cum_weights=WEIGHTS, k=3)) for _ in range(2))
    things = tuple(chance.choices(WORDS, cum_weights=WEIGHTS, k=6))
    identity = insight_id(f"bench/{workspace}/{n}", "team_knowledge", 0)
    return Insight(identity, workspace, "team_knowledge", "fact", sentence, (evidence,), cues, things, standing=n % 50 == 0, learned_at=at)


def _question(chance: random.Random) -> str:
    return "Do we use " + " ".join(chance.choices(WORDS, cum_weights=WEIGHTS, k=8)) + "?"
