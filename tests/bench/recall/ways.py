"""Two ways to rank a collection for its questions: the product's own, and the best of those that were measured before it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot import corpus
from bot.corpus import Asked
from bot.rank import Searched, standing_alone
from stores import gate
from stores.embedder import Vectors
from stores.ranking import Numbers
from stores.terms import terms
from tests.bench.recall.data import Collection, Line
from tests.bench.recall.judging import Values
from tests.bench.recall.vectors import embedded


@dataclass(frozen=True, slots=True)
class Ranked:
    """Lines, best first; what the gate asks of the first, for which of these it bars to speak, and the lines that it would say."""

    rows: list[int]
    candidates: gate.Candidates
    barred: list[bool]
    surfaced: list[int]


@dataclass(frozen=True, slots=True)
class Stage:
    """The lines of a collection, as recall has them, with their vectors (None: keywords alone); and the questions that are put to them."""

    lines: Sequence[corpus.Line]
    vectors: Vectors | None
    texts: Sequence[str]
    asked: Vectors | None


async def stage_of(collection: Collection, questions: Sequence[str] | None = None, *, vectors: bool = True) -> Stage:
    """The collection with its own questions or others."""
    texts = [q.text for q in collection.questions] if questions is None else questions
    lines = lines_of(collection.lines)
    if not vectors:
        return Stage(lines, None, texts, None)
    return Stage(lines, await embedded([standing_alone(line) for line in lines]), texts, await embedded(texts))


def lines_of(lines: Sequence[Line]) -> list[corpus.Line]:
    """These lines as those of a file that is ranked."""
    return [corpus.Line(n, line.text, line.source, speaker=line.speaker, date=line.date) for n, line in enumerate(lines)]


def ours(stage: Stage) -> list[Ranked]:
    """What the product ranks, question by question."""
    cues = None if stage.vectors is None else np.zeros_like(stage.vectors)
    searched = Searched(stage.lines, range(len(stage.lines)), stage.vectors, cues)
    vectors = [None] * len(stage.texts) if stage.asked is None else list(stage.asked)
    return [_ranked(searched, Asked(n, text), vector) for n, (text, vector) in enumerate(zip(stage.texts, vectors, strict=True))]


def _ranked(searched: Searched, question: Asked, vector: Numbers | None) -> Ranked:
    found = searched.found(question, vector)
    rows, told = [int(n) for n in found.scores], list(found.scores.values())
    candidates = gate.Candidates(
        _numbers("score", told[: gate.CONSIDERED]),
        _numbers("keywords", told[: gate.CONSIDERED]),
        None if vector is None else _numbers("cosine", told[: gate.CONSIDERED]),
        *(_numbers(name, told[: gate.AT_MOST]) for name in ("covered", "rarest", "telling", "new")),
    )
    return Ranked(rows, candidates, searched.barred(question, rows[: gate.AT_MOST]), searched.surfaced(question, found))


def _numbers(name: str, told: Sequence[Mapping[str, float]]) -> Numbers:
    return np.array([scores.get(name, 0.0) for scores in told], np.float32)


def baseline(stage: Stage) -> Vectors:
    """Half of BM25 by its maximum, plus the cosine; a matrix of questions by lines, each with its speaker and source."""
    words = [Counter(terms(f"{standing_alone(line)} {line.source}")) for line in stage.lines]
    found = _bm25(words, stage.texts)
    found = 0.5 * found / np.maximum(found.max(axis=1, keepdims=True), 1e-9)
    return found if stage.vectors is None or stage.asked is None else np.asarray(found + stage.asked @ stage.vectors.T, np.float32)


def _bm25(words: Sequence[Counter[str]], questions: Sequence[str]) -> Vectors:
    lengths = np.array([sum(counts.values()) for counts in words])
    norm = 1.2 * (0.25 + 0.75 * lengths / max(lengths.mean(), 1e-9))
    found = np.zeros((len(questions), len(words)), np.float32)
    holders: dict[str, list[int]] = {}
    for row, counts in enumerate(words):
        for stem in counts:
            holders.setdefault(stem, []).append(row)
    for n, question in enumerate(questions):
        for stem in set(terms(question)) & holders.keys():
            rows = np.array(holders[stem])
            often = np.array([words[row][stem] for row in rows])
            rarity = math.log(1 + (len(words) - len(rows) + 0.5) / (len(rows) + 0.5))
            found[n, rows] += rarity * often * 2.2 / (often + norm[rows])
    return found


def first(scores: Vectors, most: int) -> list[list[int]]:
    """The best lines of each question; among equals in their order."""
    return [[int(row) for row in np.argsort(-row_scores, kind="stable")[:most]] for row_scores in scores]


def recalled(collection: Collection, found: Sequence[Sequence[int]]) -> Values:
    """For each question, wrong-person ones left out: which share of its gold these lines cover."""
    return np.array(
        [
            len(q.gold & {a for row in rows for a in collection.lines[row].answers}) / len(q.gold)
            for q, rows in zip(collection.questions, found, strict=True)
            if not q.wrong_person
        ]
    )
