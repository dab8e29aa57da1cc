"""How much of the prompt insights take, with all shipped stores: few of them known, or many."""

from __future__ import annotations

import random
import time

from stores.audience import readers_of
from stores.context import tokens
from stores.conversations import Question
from stores.drafting import Owned
from stores.index.indexes import Indexes
from stores.insights import Evidence, Insight
from stores.loading import load_stores
from stores.machine import LearningMachine
from stores.repository import InsightRepository
from stores.sqlite.documents import open_sqlite
from tests.bench.figures import Figure
from tests.bench.index import SHIPPED, WEIGHTS, WORDS, Everybody
from tests.bench.recalling import Silent
from tests.bench.stage import Where

SIZES = (10, 100, 10_000)
QUESTIONS = 30
WORKSPACE, PLACE, ASKER = "T1", "C1", "U1"


async def contexts(where: Where) -> list[Figure]:
    """The largest context that any of these questions gets, in tokens. The database has no part in it, so one in memory serves."""
    return [await _largest(size) for size in SIZES]


async def _largest(size: int) -> Figure:
    database = await open_sqlite(":memory:")
    await database.prepare()
    repository, directory, chance = InsightRepository(WORKSPACE, database.workspace(WORKSPACE)), Everybody(), random.Random(size)
    indexes = Indexes()
    finder = indexes.search(repository, database.workspace(WORKSPACE), directory)
    machine = LearningMachine(load_stores(SHIPPED, WORKSPACE, repository, directory, Silent(), finder), repository, directory, finder)
    try:
        kinds = list(machine.kinds.values())
        for n in range(size):
            await repository.keep(_insight(n, size, kinds[n % len(kinds)], chance))
        readers = await readers_of(directory, PLACE, ASKER)
        await finder.search("the index", readers, limit=1)
        await indexes.settled()
        found = []
        for _ in range(QUESTIONS):
            question = Question(
                WORKSPACE, "q", ASKER, PLACE, f"Do we use {_words(chance, 8)}?", readers, cut=True, conversation=f"{PLACE}:1"
            )
            found.append(tokens((await machine.recall(question)).context))
        return Figure(f"context with {size} insights", max(found), "tokens")
    finally:
        indexes.close()
        machine.close()
        await database.close()


def _insight(n: int, size: int, owned: Owned, chance: random.Random) -> Insight:
    ts = f"{time.time() - 60.0 * (size - n):.6f}"
    kind, sentence = owned.kind, f"We use {_words(chance, 12)}."
    return Insight(
        f"made{n}",
        WORKSPACE,
        owned.store,
        kind.name,
        sentence,
        evidence=(Evidence(f"{PLACE}:{ts}", PLACE, ts, ASKER, float(ts), "public"),),
        fields={name: _words(chance, 3) for name in kind.fields},
        about=ASKER if kind.about == "speaker" else None,
        standing=kind.standing,
        learned_at=float(ts),
        state_of={"": "", "teammate": f"teammate:{ASKER}", "conversation": f"conversation:{PLACE}:{n}"}[kind.one_per],
    )


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(WORDS, cum_weights=WEIGHTS, k=count))
