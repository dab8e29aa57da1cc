"""What `make bench` says about how well recall finds. Every figure is of the product's own index, ranking and gate."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import numpy as np

from tests.bench.associative.cases import CASES, read
from tests.bench.associative.score import score, strangers
from tests.bench.figures import Figure
from tests.bench.recall import data, ways
from tests.bench.recall.data import Collection, Line
from tests.bench.recall.judging import Values, difference, figure
from tests.bench.recall.train_gate import cases, left_out
from tests.bench.recall.vectors import embedded, local_embedder
from tests.bench.recall.ways import Stage
from tests.bench.stage import Where
from tests.servers.machine import Unavailable

MEETINGS = 232  # all: embedding them takes ten minutes, once; TACIT_BENCH_MEETINGS asks for fewer
FOREIGN = 600


async def quality(where: Where) -> list[Figure]:
    """All of it, once; nothing, and a word about it, where the data or the local embedder is missing."""
    if where.database != "sqlite":  # It depends on no database.
        return []
    try:
        surfaced = [*await _surface(vectors=True), *await _surface(vectors=False)]
        facts, turns = await _evidence("facts", data.locomo()), await _evidence("turns", data.locomo_turns())
        return [*facts, *turns, *await _noise(), *await _meetings(), *surfaced, *await _associative()]
    except Unavailable as reason:
        sys.stderr.write(f"{reason}\n")
        return []


async def _evidence(what: str, collections: list[Collection]) -> list[Figure]:
    """LoCoMo: R@10, the share of a question's evidence in the first ten facts or turns."""
    stages = [(c, await ways.stage_of(c)) for c in collections]
    ours = np.concatenate([ways.recalled(c, [found.rows[:10] for found in ways.ours(s)]) for c, s in stages])
    before = np.concatenate([ways.recalled(c, ways.first(ways.baseline(s), 10)) for c, s in stages])
    return [figure(f"{what} R@10", ours), figure(f"{what} R@10, baseline", before), difference(f"{what} R@10, better by", ours, before)]


async def _noise() -> list[Figure]:
    """Insights that share no stem with their question, each alone among 600 facts of other people that may share one: hit@8."""
    insights, questions = zip(*data.pairs(), strict=True)
    lines = [line for c in data.locomo() for line in c.lines]
    lines = [lines[n] for n in np.random.default_rng(1).permutation(len(lines))[:FOREIGN]]
    foreign, own, asked = await embedded([line.text for line in lines]), await embedded(insights), await embedded(questions)
    found: list[tuple[bool, bool, bool]] = []
    for insight, vector, question, question_vector in zip(insights, own, questions, asked, strict=True):
        known = [*lines, Line(insight, frozenset())]
        stage = Stage(ways.lines_of(known), np.vstack([foreign, vector]), [question], question_vector[None, :])
        dense = ways.first(question_vector[None, :] @ np.vstack([foreign, vector]).T, 8)[0]
        before = ways.first(ways.baseline(stage), 8)[0]
        found.append((FOREIGN in ways.ours(stage)[0].rows[:8], FOREIGN in dense, FOREIGN in before))
    ours, dense_, before_ = (np.array(column, float) for column in zip(*found, strict=True))
    return [
        figure("accidental words hit@8", ours),
        figure("accidental words hit@8, dense", dense_),
        figure("accidental words hit@8, baseline", before_),
        difference("accidental words hit@8, better than dense by", ours, dense_),
    ]


async def _meetings() -> list[Figure]:
    """QMSum: hit@5, whether one of the first five passages holds a turn of an annotated span."""
    ours, before = [], []
    for meeting in data.qmsum(int(os.environ.get("TACIT_BENCH_MEETINGS") or MEETINGS)):
        stage = await ways.stage_of(meeting)
        ours.append(_hits(meeting, [found.rows[:5] for found in ways.ours(stage)]))
        before.append(_hits(meeting, ways.first(ways.baseline(stage), 5)))
    mine, theirs = np.concatenate(ours), np.concatenate(before)
    return [figure("meetings hit@5", mine), figure("meetings hit@5, baseline", theirs), difference("meetings better by", mine, theirs)]


def _hits(collection: Collection, found: list[list[int]]) -> Values:
    hit = [any(q.gold & collection.lines[row].answers for row in rows) for q, rows in zip(collection.questions, found, strict=True)]
    return np.array(hit, float)


async def _associative() -> list[Figure]:
    """Questions that share no stem with the insight that bears on them, with what a model knows of the world and without."""
    found = await score(read(CASES), strangers(), local_embedder())
    return [replace(figure, name=f"associations {figure.name}") for figure in found]


async def _surface(*, vectors: bool) -> list[Figure]:
    """LoCoMo: what is said unasked by a gate that was trained, threshold and all, on the other conversations."""
    found = [judged for _, judged in left_out(await cases(vectors=vectors))]
    name = "said unasked" if vectors else "said unasked, keywords alone"
    told = {
        "right": "right one said",
        "precise": "right when anything said",
        "first": "right one first",
        "first_precise": "right first when anything said",
        "false": "foreign questions",
        "rest": "another person or not known",
    }
    return [figure(f"{name}: {text}", np.concatenate([getattr(j, field) for j in found])) for field, text in told.items()]
