"""A question put to an index, under a mask: which rows fit, best first. How well, `stores.ranking` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stores import gate, ranking
from stores.index.entries import IN_CUES, IN_SENTENCE, WORTH
from stores.index.index import HybridIndex
from stores.index.mask import View
from stores.index.matrix import Aim, Numbers, Rows

EXACT = 2048  # rows that are compared exactly; of more, those are that signs and keywords propose
WITHHELD = 100  # insights that are named although they are not shown

_WORTH = np.array(WORTH, np.float32)
_PARTLY = np.array([WORTH[bits & (IN_SENTENCE | IN_CUES)] for bits in range(8)], np.float32)  # where the source does not count


@dataclass(frozen=True, slots=True)
class Proposals:
    """Insights, best first, each with the numbers it was ranked by; and those that share a stem but are not shown (id → reason).

    `unsure`: one of those may be hidden only because a lookup failed.
    """

    scores: dict[str, Mapping[str, float]]
    withheld: dict[str, str]
    unsure: bool = False


def propose(
    index: HybridIndex, view: View, wanted: Mapping[int, float], question: Numbers | None, limit: int, *, everything: bool = False
) -> Proposals:
    """At most `limit` insights for the stems (hash → what each counts) and the vector of a question.

    With `everything`, also what does not fit, behind what does, those learned last first.
    """
    keywords, hidden = _keywords(index, view, wanted)
    withheld = {index.rows.id(int(row)): view.why_not(int(row)) for row in hidden[::-1][:WITHHELD]}
    unsure = bool(view.unknown[hidden].any())
    if not limit:
        return Proposals({}, withheld, unsure)
    rows, aimed = _compared(index, view, keywords, question, everything)
    scores = ranking.fuse(keywords[rows], aimed)
    if everything:
        scores = np.where(gate.fits_context(keywords[rows], _cosines(index, rows, question)), scores, np.float32(-1))
    order, scores = _order(index, rows, scores, limit)
    return Proposals(_explained(index, rows[order], scores, keywords[rows[order]], question, limit, everything), withheld, unsure)


def _explained(
    index: HybridIndex, rows: Rows, scores: Numbers, keywords: Numbers, question: Numbers | None, limit: int, everything: bool
) -> dict[str, Mapping[str, float]]:
    """The numbers of those worth showing, by id. "surface": how far above or below the strict point one of the first is."""
    cosines = _cosines(index, rows, question)
    fitting = gate.fits_context(keywords, cosines)
    found = {}
    for n in [n for n in range(len(rows)) if fitting[n] or everything][:limit]:
        cosine = 0.0 if cosines is None else float(cosines[n])
        found[index.rows.id(int(rows[n]))] = dict(ranking.explained(float(scores[n]), float(keywords[n]), cosine))
    sure = gate.confidences(scores[: gate.CONSIDERED], keywords[: gate.CONSIDERED], None if cosines is None else cosines[: gate.CONSIDERED])
    for row, confidence in zip(rows, sure, strict=False):
        if (identity := index.rows.id(int(row))) in found:
            found[identity]["surface"] = round(confidence, 4)
    return {**found}


def _cosines(index: HybridIndex, rows: Rows, question: Numbers | None) -> Numbers | None:
    return None if question is None else index.matrix.cosines(rows, Aim(index.matrix.turned(question)))


def _keywords(index: HybridIndex, view: View, wanted: Mapping[int, float]) -> tuple[Numbers, Rows]:
    """What each row shares of what the question asks for; and the rows that share something but are not shown."""
    sums = np.zeros(len(view.shown), np.float32)
    shown, partly = int(np.count_nonzero(view.shown)), not view.whole[view.shown].all()
    lengths, mean = _lengths(index, view, shown)
    rarities, hidden = [], []
    for stem, weight in wanted.items():
        postings = index.inverted.of(stem)
        rows, places = (postings >> np.uint32(8)).astype(np.intp), postings & np.uint32(255)
        kept = view.shown[rows]
        hidden.append(rows[~kept])
        rows = rows[kept]
        worth = np.where(view.whole[rows], _WORTH[places[kept]], _PARTLY[places[kept]]) if partly else _WORTH[places[kept]]
        if partly:
            rows, worth = rows[worth > 0], worth[worth > 0]
        rarity = float(ranking.rarity(len(rows), shown))
        rarities.append(rarity)
        sums[rows] += ranking.impact(worth, lengths[rows], mean) * np.float32(rarity * weight)
    others = np.unique(np.concatenate(hidden)) if hidden else np.empty(0, np.intp)
    return ranking.share(sums, wanted.values(), rarities), others[view.asked[others]]


def _lengths(index: HybridIndex, view: View, shown: int) -> tuple[Numbers, float]:
    """Each row's length as these readers have it, and the mean: from whole numbers, so that it depends on no order."""
    places = [index.column("in_sentence"), index.column("in_cues"), np.where(view.whole, index.column("in_source"), 0)]
    worth = (ranking.SENTENCE, ranking.CUES, ranking.SOURCE)
    total = sum(w * int(np.sum(p[view.shown], dtype=np.int64)) for w, p in zip(worth, places, strict=True))
    lengths = sum((np.float32(w) * p for w, p in zip(worth, places, strict=True)), np.zeros(len(view.shown), np.float32))
    return np.asarray(lengths, np.float32), total / max(shown, 1)


def _compared(index: HybridIndex, view: View, keywords: Numbers, question: Numbers | None, everything: bool) -> tuple[Rows, Numbers | None]:
    """The rows that are worth a look, and their cosines with the question less what is typical."""
    if question is None:
        return np.flatnonzero(view.shown if everything else keywords > 0), None
    mean, visible = index.mean(view.shown)
    aim = Aim(ranking.aim(index.matrix.turned(question), mean, visible))
    rows = np.flatnonzero(view.shown)
    if len(rows) > EXACT:
        likely = ranking.fuse(keywords[rows], index.matrix.likely(aim, len(view.shown))[rows])
        rows = np.sort(rows[np.argpartition(likely, len(rows) - EXACT)[-EXACT:]])
    return rows, index.matrix.cosines(rows, aim)


def _order(index: HybridIndex, rows: Rows, scores: Numbers, limit: int) -> tuple[npt.NDArray[np.intp], Numbers]:
    """The best rows' positions and scores, company included; among equals the one learned last, then by a hash of the id."""
    best = _best(index, rows, scores, max(limit, ranking.NEIGHBOURHOOD))
    raised = ranking.with_company(scores[best], index.column("conversation")[rows[best]])
    again = _best(index, rows[best], raised, max(limit, gate.CONSIDERED))
    return best[again], raised[again]


def _best(index: HybridIndex, rows: Rows, scores: Numbers, count: int) -> npt.NDArray[np.intp]:
    if not len(rows) or not count:
        return np.empty(0, np.intp)
    at = np.arange(len(rows))
    if len(rows) > count:
        at = np.flatnonzero(scores >= np.partition(scores, len(rows) - count)[-count])
    order = np.lexsort((index.column("hash")[rows[at]], -index.column("learned_at")[rows[at]], -scores[at]))
    return at[order][:count]
