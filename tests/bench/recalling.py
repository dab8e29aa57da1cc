"""What recall takes, the audience check and the building of the context included, with a thousand insights and with ten thousand."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stores.audience import Person, Place, readers_of
from stores.conversations import Question
from stores.database import open_database
from stores.loading import load_stores
from stores.machine import LearningMachine
from stores.repository import InsightRepository
from stores.search import KeywordSearch
from tests.bench.figures import Figure, in_ms
from tests.bench.seed import seed
from tests.bench.stage import Where

SIZES = (1_000, 10_000)
QUESTIONS = 60
WORKSPACE, PLACE = "T1", "C1"


async def recall(where: Where) -> list[Figure]:
    """Questions of eight words, common and rare ones."""
    return [figure for size in SIZES for figure in await _recall(where, size)]


async def _recall(where: Where, size: int) -> list[Figure]:
    with TemporaryDirectory(prefix="tacit-bench-") as folder, where.fresh() as mongodb_url:
        database = await open_database(mongodb_url, Path(folder) / "recall.sqlite")
        await database.prepare()
        words = await seed(database, WORKSPACE, size, place=PLACE)
        repository, directory = InsightRepository(WORKSPACE, database.workspace(WORKSPACE)), Everybody()
        finder = KeywordSearch(repository, directory)
        machine = LearningMachine(
            load_stores(["team_knowledge"], WORKSPACE, repository, directory, Silent(), finder), repository, directory, finder
        )
        try:
            took = [await _one(machine, directory, text) for text in _questions(words)]
        finally:
            machine.close()
            await database.close()
        return in_ms(f"recall of {size}:", took[QUESTIONS // 6 :], (0.5, 0.95), where.database)


async def _one(machine: LearningMachine, directory: Everybody, text: str) -> float:
    readers = await readers_of(directory, PLACE, "U2")
    start = time.perf_counter()
    found = await machine.recall(Question(WORKSPACE, "q", "U2", PLACE, text, readers))
    took = time.perf_counter() - start
    if not found.context:
        raise RuntimeError("nothing was recalled")
    return took


def _questions(words: Sequence[str]) -> list[str]:
    chance = random.Random(1)
    weights = [1 / (n + 5) for n in range(len(words))]
    return ["Do we use " + " ".join(chance.choices(words, weights, k=8)) + "?" for _ in range(QUESTIONS + QUESTIONS // 6)]


class Everybody:
    """A workspace in which everybody is in one public channel."""

    async def person(self, teammate: str) -> Person:
        return Person(teammate, teammate)

    async def place(self, place: str) -> Place:
        return Place(place, "public", "general")

    async def rooms_of(self, teammate: str) -> frozenset[str]:
        return frozenset()

    async def has_outsiders(self, place: str) -> bool:
        return False


class Silent:
    """A model that nobody asks."""

    async def answer(self, prompt: Any, tools: Any = ()) -> Any:
        raise AssertionError("nobody asks for this here")

    async def extract(self, prompt: Any, shape: Any, *, wrong: Any = None) -> Any:
        raise AssertionError("nobody asks for this here")

    async def hint(self, prompt: Any, *, most: int) -> str:
        raise AssertionError("nobody asks for this here")
