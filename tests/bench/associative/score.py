"""`python -m tests.bench.associative.score [CASES.jsonl]`: how recall does on them, through the product's own search.

Every insight of the file is learned in one workspace, among 600 facts of strangers where there are any (see `tests.bench.recall.data`).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from bot.embeddings import embedder_of
from bot.settings import load_settings
from stores.audience import Readers
from stores.embedder import Embedder, Vectors
from stores.embedding.remembered import Remembered
from stores.index.indexes import Indexes
from stores.insights import Evidence, Insight
from stores.repository import InsightRepository
from stores.search import Found, Search
from stores.sqlite.documents import open_sqlite
from stores.terms import terms
from tests.bench.associative.cases import CASES, Case, read
from tests.bench.figures import Figure, table
from tests.bench.recall import data
from tests.bench.recall.judging import Values, difference, figure
from tests.bench.recalling import Everybody
from tests.servers.machine import Unavailable

FOREIGN = 600
SURFACED = "surface"  # the score that is 0 or more for what would be said unasked
READERS = Readers("U1", "C1", "public")

With = Literal["nothing", "cues", "expansion", "both"]
WAYS: tuple[With, ...] = ("nothing", "cues", "expansion", "both")


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of each case: at which place its insight was found (0: the first; -1: not at all), and of each control."""

    places: list[int]
    surfaced: list[bool]  # anything was said unasked on the control

    def within(self, most: int) -> Values:
        return np.array([0 <= place < most for place in self.places], float)


class Once:
    """An embedder that is asked once for each text."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dimensions = embedder.name, embedder.dimensions
        self._embedder, self._known = embedder, Remembered()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        new = list(dict.fromkeys(text for text in texts if self._known.get(text) is None))
        for text, vector in zip(new, await self._embedder.embed(new), strict=True):
            self._known.put(text, vector)
        found = [self._known.get(text) for text in texts]
        return np.stack([vector for vector in found if vector is not None])


async def scored(cases: Sequence[Case], foreign: Sequence[str], how: With, embedder: Embedder | None) -> Scored:
    """Learn the insights, with their cues or without; ask the questions, with their expansions or without."""
    cued, expanded = how in ("cues", "both"), how in ("expansion", "both")
    database = await open_sqlite(":memory:")
    indexes = Indexes(embedder)
    try:
        documents = database.workspace("T1")
        repository = InsightRepository("T1", documents)
        for insight in [*(insight_of(n, case, cued) for n, case in enumerate(cases)), *(_fact(n, text) for n, text in enumerate(foreign))]:
            await repository.keep(insight)
        finder = indexes.search(repository, documents, Everybody())
        await finder.search("anything", READERS, limit=1)
        await indexes.settled()
        return Scored(
            [_place(await _ask(finder, case.question, case.expansion if expanded else ""), n) for n, case in enumerate(cases)],
            [_said(await _ask(finder, case.control, case.control_expansion if expanded else "")) for case in cases],
        )
    finally:
        indexes.close()
        await database.close()


def insight_of(number: int, case: Case, cued: bool) -> Insight:
    """A case's insight as it was learned."""
    cues, things = (case.cues, case.things) if cued else ((), ())
    return Insight(
        f"case{number}", "T1", "team_knowledge", case.kind, case.sentence, (_evidence(f"c{number}", case.message),), cues, things
    )


def figures(by: dict[With, Scored]) -> list[Figure]:
    """Shares with intervals, and what an expansion adds on the same questions."""
    found = []
    for how, one in by.items():
        found += [figure(f"with {how}: hit@{most}", one.within(most)) for most in (3, 8)]
        found.append(figure(f"with {how}: controls said unasked", np.array(one.surfaced, float)))
    if "cues" in by and "both" in by:
        found.append(difference("an expansion adds at 8", by["both"].within(8), by["cues"].within(8)))
    return found


def _fact(number: int, text: str) -> Insight:
    return Insight(f"fact{number}", "T1", "team_knowledge", "fact", text, (_evidence(f"f{number}", text),))


def _evidence(message: str, text: str) -> Evidence:
    return Evidence(f"C1:{message}", "C1", message, "U2", 1.0, "public", terms=tuple(sorted(set(terms(text)))))


async def _ask(finder: Search, text: str, expansion: str) -> Found:
    return await finder.search(text, READERS, limit=8, expansion=expansion)


def _place(found: Found, number: int) -> int:
    ids = [i.id for i in found.insights]
    return ids.index(f"case{number}") if f"case{number}" in ids else -1


def _said(found: Found) -> bool:
    return any(score.get(SURFACED, -1.0) >= 0 for score in found.scores.values())


def strangers() -> list[str]:
    """Facts that have nothing to do with the cases; none where the data is not there."""
    try:
        every = [line.text for collection in data.locomo() for line in collection.lines]
    except Unavailable as reason:
        sys.stderr.write(f"{reason}; without it each insight stands among the others of the file alone.\n")
        return []
    return [every[n] for n in np.random.default_rng(1).permutation(len(every))[:FOREIGN]]


async def score(cases: Sequence[Case], foreign: Sequence[str], embedder: Embedder | None) -> list[Figure]:
    once = Once(embedder) if embedder else None
    return figures({how: await scored(cases, foreign, how, once) for how in WAYS})


async def _main(cases: Sequence[Case]) -> list[Figure]:
    embedder = embedder_of(load_settings())
    try:
        return await score(cases, strangers(), embedder)
    finally:
        if embedder is not None:
            await embedder.close()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.associative.score", description="Score recall on associative cases.")
    parser.add_argument("cases", type=Path, nargs="?", default=CASES)
    options = parser.parse_args(arguments)
    try:
        cases = read(options.cases)
    except (OSError, ValueError) as e:
        sys.exit(str(e))
    sys.stdout.write(f"{len(cases)} cases\n{table(asyncio.run(_main(cases)))}\n")


if __name__ == "__main__":
    main()
