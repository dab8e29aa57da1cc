"""How well insights fit a question: the numbers behind recall, for whoever holds the stems and vectors.

The score of an insight is `fuse(keywords, cosines)`, then `with_company` for the best. Everything is computed from what the readers of one
reply may see, and from nothing else: how common a stem is, how long insights are, what a typical one is about. The constants were chosen
on the conversations and meetings of `tests/bench/recall`, each judged on conversations that did not choose it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt

from stores.insights import Insight
from stores.stop_words import ASKING
from stores.terms import terms

Numbers = npt.NDArray[np.float32]

SENTENCE, CUES, SOURCE = 1.0, 0.7, 1.0  # what a stem is worth in each, added up
OFTEN = 4  # times that a stem may stand in the sentence and be worth more each time; how often it stands elsewhere is no help
TOGETHER = 0.4  # what a stem of the question's expansion is worth beside one of its own
ASKED = 0.2  # what a stem counts that says how one asks, such as that of "summarize": not 0, for a question may hold no other
QUESTION_STEMS = 64  # of a long question only the first are compared, and as many of its expansion
SATURATION, LENGTH = 1.2, 0.2  # BM25's k1, and a smaller b than usual: short sentences say no more, and what is said in passing is short
KEYWORDS = 0.8  # of keywords beside the cosine: .6 to 1 differ by less than a point
TYPICAL = 0.5  # how much of what all insights have in common is taken off: .4 to .8 differ by less than a point
FEW = 20  # insights whose mean says only half of what is typical
COMPANY = 0.2  # what the best other insight of the same conversation adds: .1 to .3 differ by less than a point
NEIGHBOURHOOD = 200  # best insights among which company counts


def stems_of(insight: Insight) -> dict[str, float]:
    """The stems that an insight is found by, each with what it is worth. Those of a source are as its evidence keeps them."""
    cues = {stem for text in (*insight.cues, *insight.things) for stem in terms(text)}
    parts = (CUES, cues), (SOURCE, {stem for e in insight.evidence for stem in e.terms})
    found = {stem: SENTENCE * repeated(times) for stem, times in Counter(terms(insight.sentence)).items()}
    for worth, stems in parts:
        found |= {stem: found.get(stem, 0.0) + worth for stem in sorted(stems)}
    return found


def repeated(times: int) -> float:
    """How much more a stem is worth that stands in a sentence so many times than one that stands there once."""
    return 1 + math.log2(min(max(times, 1), OFTEN))


def wanted(text: str, expansion: str = "") -> dict[str, float]:
    """The stems that a question looks for, each with what it counts."""
    own = list(dict.fromkeys(terms(text)))[:QUESTION_STEMS]
    more = [stem for stem in dict.fromkeys(terms(expansion)) if stem not in own][:QUESTION_STEMS]
    return {stem: ASKED if stem in _asking() else 1.0 for stem in own} | dict.fromkeys(more, TOGETHER)


@cache
def _asking() -> frozenset[str]:
    return frozenset(stem for word in ASKING for stem in terms(word))


def rarity(holding: npt.ArrayLike, visible: int) -> Numbers:
    """BM25's idf: what a stem counts that `holding` of `visible` insights hold, 0 or more of them."""
    n = np.asarray(holding, dtype=np.float32)
    return np.log1p((visible - n + 0.5) / (n + 0.5)).astype(np.float32)


def impact(worth: Numbers, lengths: Numbers, mean_length: float) -> Numbers:
    """What holding a stem adds, before its rarity: 1 for one of worth 1 in an insight of `mean_length`; more in a shorter one.

    `lengths`: the worth of all stems of each insight, added up, each as if it stood there once. `worth`: that of this stem in it.
    """
    norm = 1 - LENGTH + LENGTH * lengths / max(mean_length, 1e-6)
    return np.asarray(worth * (SATURATION + 1) / (worth + SATURATION * norm), dtype=np.float32)


def share(sums: Numbers, weights: Iterable[float], rarities: Iterable[float]) -> Numbers:
    """Of `sums` (impact · rarity · weight over the question's stems) the part of what the question asks for, unknown stems included.

    So one shared word of many is worth little however rare it is, which dividing by the best insight's sum would hide.
    """
    mass = sum(w * r for w, r in zip(weights, rarities, strict=True))
    return np.asarray(sums / mass if mass > 0 else np.zeros_like(sums), dtype=np.float32)


def aim(question: Numbers, mean: Numbers, visible: int) -> Numbers:
    """The question's vector without half of what all insights have in common, so that none is near to everything.

    `mean`: of the sentence vectors of all `visible` insights. Compare with it as with the question itself, by dot product.
    """
    return np.asarray(question - TYPICAL * visible / (visible + FEW) * mean, dtype=np.float32)


def fuse(keywords: Numbers, cosines: Numbers | None) -> Numbers:
    """The score. `keywords` as `share` gives them; `cosines` with what `aim` gave, the best of each insight's vectors, or None."""
    return np.asarray(KEYWORDS * keywords if cosines is None else KEYWORDS * keywords + numbers(cosines), dtype=np.float32)


def numbers(values: Numbers) -> Numbers:
    """The same with 0 for what is no number; `np.nan_to_num` takes six times as long."""
    return np.where(np.isnan(values), np.float32(0), values)


def with_company(scores: Numbers, conversations: npt.NDArray[np.int64]) -> Numbers:
    """Scores of the best few (`NEIGHBOURHOOD` at most), raised by the best other one of the same conversation (negative: of none known)."""
    order = np.lexsort((-scores, conversations))
    sorted_to, sorted_scores, at = conversations[order], scores[order], np.arange(len(order))
    again = at[1:][(sorted_to[1:] == sorted_to[:-1]) & (sorted_to[1:] >= 0)]  # the second and further ones of a conversation
    start = at.copy()
    start[again] = 0
    best = np.maximum.accumulate(start)[again]
    raised = scores.copy()
    raised[order[again]] += np.float32(COMPANY) * np.maximum(sorted_scores[best], 0)
    second = again[again - 1 == best]
    raised[order[second - 1]] += np.float32(COMPANY) * np.maximum(sorted_scores[second], 0)
    return raised


def explained(score: float, keywords: float, cosine: float) -> dict[str, float]:
    """The numbers in the words of the inspector."""
    return {"score": round(score, 4), "keywords": round(keywords, 4), "cosine": round(cosine, 4)}
