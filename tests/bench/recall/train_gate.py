"""Where the coefficients of `stores.gate` come from: `python -m tests.bench.recall.train_gate` prints them, and what each conversation says
when it took no part in choosing them. Paste the last lines into the gate."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from stores import gate
from stores.gate import Coefficients
from tests.bench.recall import data, ways
from tests.bench.recall.data import Collection
from tests.bench.recall.judging import Values

SMALL = 50  # lines of a collection of which few are known, so that the gate knows small workspaces too
STRENGTH = 10.0  # of the pull to smaller weights: 3 to 30 say as many right ones
DRAWS = 25  # of the questions: the middle of what they say is the threshold, so that no few of them decide it
PRECISION = 0.78  # of whole conversations' questions for which anything is said, those whose first line is right
FALSE = 0.03  # of foreign questions at most

Matrix = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """One question put to one collection. `own`: the collection answers it; else whether it is `foreign`."""

    group: str
    whole: bool
    own: bool
    foreign: bool
    features: Matrix
    right: Bools
    barred: Bools


async def cases(*, vectors: bool) -> list[Case]:
    """Every question of the conversations put to every conversation and to a part of it."""
    collections, strangers = data.locomo(), [q.text for m in data.qmsum(40) for q in m.questions[:3]]
    found: list[Case] = []
    for n, known in enumerate(collections):
        part = np.sort(np.random.default_rng(n).permutation(len(known.lines))[:SMALL])
        small = replace(known, lines=tuple(known.lines[i] for i in part))
        for asking in (*collections, Collection("", (), tuple(data.Asked(s, frozenset()) for s in strangers))):
            found += await _cases(known, asking, vectors, whole=True) + await _cases(small, asking, vectors, whole=False)
    return found


async def _cases(collection: Collection, asking: Collection, vectors: bool, *, whole: bool) -> list[Case]:
    stage = await ways.stage_of(collection, [q.text for q in asking.questions], vectors=vectors)
    own = asking.name == collection.name
    made = []
    for question, found in zip(asking.questions, ways.ours(stage), strict=True):
        lines = [collection.lines[row] for row in found.rows[: gate.AT_MOST]]
        right = np.array([own and not question.wrong_person and bool(line.answers & question.gold) for line in lines])
        barred = np.array(found.barred, bool)
        features = gate.features(found.candidates).astype(np.float64)
        answered = own and not question.wrong_person and collection.answerable(question)
        made.append(Case(collection.name, whole, answered, not own, features, right, barred))
    return made


def trained(known: Sequence[Case]) -> Coefficients:
    """Logistic regression on every candidate of every question, by Newton's method; then the smallest sum that is precise enough, by
    draws of the questions."""
    x = np.concatenate([c.features for c in known])
    y = np.concatenate([c.right for c in known]).astype(float)
    mean, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
    z = np.column_stack([(x - mean) / spread, np.ones(len(x))])
    pull = STRENGTH * np.diag([1.0] * x.shape[1] + [0.0])
    weights = np.zeros(z.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-z @ weights))
        weights += np.linalg.solve((z * (p * (1 - p))[:, None]).T @ z + pull, z.T @ (y - p) - pull @ weights)
    scaled = weights[:-1] / spread
    fitted = Coefficients(tuple(round(float(w), 3) for w in scaled), round(float(weights[-1] - scaled @ mean), 3), 0.0)
    return replace(fitted, least=_least(known, fitted))


def sums(case: Case, by: Coefficients) -> Matrix:
    """What the gate adds up for each candidate."""
    return np.asarray(case.features @ np.array(by.weights) + by.bias)


def _least(known: Sequence[Case], by: Coefficients) -> float:
    whole = [c for c in known if c.whole]
    surest, right = (np.array(each) for each in zip(*(_surest(c, by) for c in whole), strict=True))
    own, foreign = np.array([c.own for c in whole]), np.array([c.foreign for c in whole])
    draws = np.random.default_rng(0).integers(0, len(whole), (DRAWS, len(whole)))
    return round(float(np.median([_enough(surest[d], right[d], own[d], foreign[d]) for d in draws])), 2)


def _surest(case: Case, by: Coefficients) -> tuple[float, bool]:
    """What the surest of a question's candidates adds up to, and whether it is right."""
    told = [(float(found), bool(right)) for found, right, bar in zip(sums(case, by), case.right, case.barred, strict=True) if not bar]
    return max(told, default=(-np.inf, False), key=lambda each: each[0])


def _enough(surest: Matrix, right: Bools, own: Bools, foreign: Bools) -> float:
    for least in np.arange(-4.0, 4.0, 0.05):
        said = own & (surest >= least)
        if said.any() and right[said].mean() >= PRECISION and (surest[foreign] >= least).mean() <= FALSE:
            return float(least)
    return 9.0


@dataclass(frozen=True, slots=True)
class Judged:
    """One number (0 or 1) a question. Of those that can be answered: whether a right line is said, and whether it is said first; `precise`
    and `first_precise` the same of those for which anything is said, and of `each` line that is said whether it is right. Of foreign ones
    (`false`), and of the `rest` (about another person, or what no line answers): whether anything is said."""

    right: Values
    first: Values
    precise: Values
    first_precise: Values
    each: Values
    false: Values
    rest: Values


def judged(asked: Sequence[Case], by: Coefficients) -> Judged:
    """What is said for these questions by these coefficients."""
    told = [c.right[gate.surfaced(list(sums(c, by) - by.least), c.barred.tolist())] for c in asked]
    said, right, first = (
        np.array(found, bool) for found in ([len(t) > 0 for t in told], [t.any() for t in told], [t[:1].any() for t in told])
    )
    own, foreign = np.array([c.own for c in asked]), np.array([c.foreign for c in asked])
    each = np.concatenate([t for t, mine in zip(told, own, strict=True) if mine])
    shares = right[own], first[own], right[own & said], first[own & said], each, said[foreign], said[~own & ~foreign]
    return Judged(*(share.astype(float) for share in shares))


def left_out(known: Sequence[Case]) -> Iterator[tuple[str, Judged]]:
    """Each conversation's questions to the whole of it, judged by coefficients that the others gave, threshold and all."""
    for group in sorted({c.group for c in known}):
        others = trained([c for c in known if c.group != group])
        yield group, judged([c for c in known if c.group == group and c.whole], others)


async def main() -> None:
    for name, vectors in (("WITH_VECTORS", True), ("KEYWORDS_ALONE", False)):
        known = await cases(vectors=vectors)
        for group, found in left_out(known):
            shares = ", ".join(f"{f.name} {getattr(found, f.name).mean():.3f}" for f in fields(found))
            sys.stdout.write(f"# {group}: {shares}\n")
        sys.stdout.write(f"{name} = {trained(known)}\n")


if __name__ == "__main__":
    asyncio.run(main())
