"""A question put to an index, under a mask: which rows fit, best first. How well, `stores.ranking` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from stores import gate, ranking
from stores.index.entries import BITS, IN_SENTENCE, IN_SOURCE, WORTH
from stores.index.index import HybridIndex
from stores.index.inverted import Mask
from stores.index.mask import View
from stores.index.matrix import Aim, Numbers, Rows
from stores.search import Part

EXACT, LEAST, SHARE = 512, 128, 32  # rows that are compared exactly: of more, so many or a 32nd, those that signs and keywords propose
WITHHELD = 100  # insights that are named although they are not shown

_NONE: Rows = np.empty(0, np.intp)
_PARTLY = [WORTH[bits & ~IN_SOURCE] for bits in range(BITS)]  # where the source does not count
_WORTH = np.array([*_PARTLY, *WORTH], np.float32)  # by the places of a stem, and `BITS` more where the source counts


@dataclass(frozen=True, slots=True)
class Proposals:
    """Insights, best first, each with the numbers it was ranked by; and those that share a stem but are not shown (id → reason), which are
    named to nobody who asks for one store.

    `unsure`: one that shares a stem may be hidden only because a lookup failed.
    """

    scores: dict[str, Mapping[str, float]]
    withheld: dict[str, str]
    unsure: bool = False


class Fit:
    """How well an index fits a question, for these readers: worked out once, whichever stores ask for their part of it.

    `wanted`: the stems (hash → what each counts). `question`: its vector, None for keywords alone.
    """

    def __init__(self, index: HybridIndex, view: View, wanted: Mapping[int, float], question: Numbers | None) -> None:
        question = question if question is not None and question.any() else None  # zeros: it says nothing to the embedder
        self._index, self._view, self._question = index, view, question
        self._holding, self._shared = _shared(index, view, wanted)
        self._keywords = _keywords(index, view, self._shared)
        self._aims: list[Aim] = []
        if question is not None:
            turned = index.matrix.turned(question)
            self._aims = [Aim(ranking.aim(turned, *view.mean)), Aim(turned)]
            self._cosines = np.full((2, len(view.shown)), np.nan, np.float32)  # with each aim, of the rows that were compared
        self._likely: Numbers | None = None

    def propose(self, parts: Sequence[Part]) -> list[Proposals]:
        """For each part at most its limit of insights, of a store or of all. Of standing ones also those that do not fit, behind those that
        do, the ones learned last first; of those taught in one place the ones learned last first."""
        cells = [self._view.part(part.store, standing=part.standing, here=part.here) for part in parts]
        shown = [self._rows(held) if part.limit else _NONE for part, held in zip(parts, cells, strict=True)]
        ranked = [rows if part.here else self._likeliest(rows, part.standing) for part, rows in zip(parts, shown, strict=True)]
        self._compare([rows for part, rows in zip(parts, ranked, strict=True) if not part.here])
        return [self._proposed(*each) for each in zip(parts, cells, ranked, strict=True)]

    def _proposed(self, part: Part, cells: Mask, rows: Rows) -> Proposals:
        withheld = {} if part.store else self._withheld(cells)
        unsure = bool(len(self._hidden(cells & self._view.unknown)))
        if not len(rows):
            return Proposals({}, withheld, unsure)
        found = self._last(rows, part.limit) if part.here else self._best(rows, part.limit, part.standing)
        return Proposals(found, withheld, unsure)

    def _last(self, rows: Rows, limit: int) -> dict[str, Mapping[str, float]]:
        """Of these rows those that were learned last, without numbers."""
        best = _first(self._index, rows, self._index.column("learned_at")[rows], limit)
        return {identity: {} for identity in self._index.rows.names(rows[best])}

    def _rows(self, cells: Mask) -> Rows:
        """Of these cells the rows that are shown."""
        of_shown = self._view.of_shown
        part = cells & of_shown
        if not part.any():
            return _NONE
        shown = self._view.shown
        return np.flatnonzero(shown if np.array_equal(part, of_shown) else shown & part[self._index.column("cell")])

    def _hidden(self, cells: Mask) -> Rows:
        """Of these cells the rows that share something with the question but are not shown."""
        if not cells.any():
            return _NONE
        rows = self._holding[~self._view.shown[self._holding] & self._index.column("alive")[self._holding]]
        return np.unique(rows[cells[self._index.column("cell")[rows]]])

    def _withheld(self, cells: Mask) -> dict[str, str]:
        named = self._hidden(cells)[::-1][:WITHHELD]
        return dict(zip(self._index.rows.names(named), self._view.why_not(named), strict=True))

    def _best(self, rows: Rows, limit: int, standing: bool) -> dict[str, Mapping[str, float]]:
        keywords, (aimed, plain) = self._keywords[rows], self._of(rows)
        scores = ranking.fuse(keywords, aimed)
        if standing:
            scores = np.where(gate.fits_context(keywords, plain), scores, np.float32(-1))
        best, scores = _order(self._index, rows, scores, limit)
        return self._explained(rows[best], scores, limit, standing)

    def _likeliest(self, rows: Rows, standing: bool) -> Rows:
        """Those of these rows that are worth a look."""
        if self._question is None:
            return rows if standing else rows[self._keywords[rows] > 0]
        most = min(max(len(rows) // SHARE, LEAST), EXACT)
        if len(rows) <= most:
            return rows
        if self._likely is None:
            self._likely = ranking.fuse(self._keywords, self._index.matrix.likely(self._aims[0], len(self._keywords)))
        return np.sort(rows[np.argpartition(self._likely[rows], len(rows) - most)[-most:]])

    def _compare(self, parts: Sequence[Rows]) -> None:
        """Work out the cosines of all these rows at once."""
        if self._question is None:
            return
        wanted = np.zeros(self._cosines.shape[1], bool)
        for rows in parts:
            wanted[rows] = True
        new = np.flatnonzero(wanted & np.isnan(self._cosines[0]))
        self._cosines[:, new] = self._index.matrix.cosines(new, self._aims)

    def _of(self, rows: Rows) -> tuple[Numbers | None, Numbers | None]:
        """The cosines of rows that were compared: with the question less what is typical, and with the question itself."""
        return (None, None) if self._question is None else (self._cosines[0, rows], self._cosines[1, rows])

    def _explained(self, rows: Rows, scores: Numbers, limit: int, standing: bool) -> dict[str, Mapping[str, float]]:
        """The numbers of those worth showing, by id. Of the first also what the gate asks, and "surface": how far above or below the strict
        point they are; not of standing ones, which nobody says unasked."""
        keywords, cosines = self._keywords[rows], self._of(rows)[1]
        fitting = gate.fits_context(keywords, cosines)
        ids = self._index.rows.names(rows)
        near = [0.0] * len(rows) if cosines is None else cosines.tolist()
        numbers = zip(ids, fitting, scores.tolist(), keywords.tolist(), near, strict=True)
        shown = islice((each for each in numbers if each[1] or standing), limit)
        found = {identity: ranking.explained(*own) for identity, _, *own in shown}
        if standing:
            return {**found}
        candidates = self._candidates(rows, scores, keywords, cosines)
        for n, (identity, confidence) in enumerate(zip(ids, gate.confidences(candidates), strict=False)):
            if identity in found:
                found[identity] |= {**candidates.told(n), "surface": round(confidence, 4)}
        return {**found}

    def _candidates(self, rows: Rows, scores: Numbers, keywords: Numbers, cosines: Numbers | None) -> gate.Candidates:
        """What the gate asks of the best of these rows."""
        first = slice(gate.CONSIDERED)
        shared, rows = self._shared, rows[first]
        place = np.full(len(self._keywords), -1, np.int8)
        place[rows] = np.arange(len(rows))
        at = place[shared.rows]
        hits = np.flatnonzero(at >= 0)
        at, stems = at[hits], np.searchsorted(shared.ends, hits, "right")
        counts = shared.weighs * shared.rarities
        held = np.zeros((len(rows), len(counts) + 1), np.float32)
        held[at, stems] = counts[stems]
        said = np.bincount(at, shared.places[hits] & IN_SENTENCE, len(rows))
        most = held.max(axis=1)
        return gate.Candidates(
            scores[first],
            keywords[first],
            None if cosines is None else cosines[first],
            covered=held.sum(axis=1) / max(float(counts.sum()), 1e-6),
            rarest=most / ranking.rarity(0, self._view.count),
            telling=most / max(float(counts.max(initial=0)), 1e-6),
            new=self._index.column("in_sentence")[rows] - said.astype(np.float32),
        )


@dataclass(frozen=True, slots=True)
class Shared:
    """Which stems of the question the shown rows hold, and where: `rows` and `places` are of equal length, one stem's behind the other's.

    By number of a stem: where its own end and how many they are, what it `weighs` in the question, and how rare it is.
    """

    rows: Rows
    places: Rows
    ends: Rows
    sizes: Rows
    weighs: Numbers
    rarities: Numbers


def _shared(index: HybridIndex, view: View, wanted: Mapping[int, float]) -> tuple[Rows, Shared]:
    """The rows that share something with the question, shown or not; and what those that are shown share."""
    held = index.inverted.of([*wanted])
    every = np.concatenate(held) if held else np.empty(0, np.uint32)
    holding = (every >> np.uint32(8)).astype(np.intp)
    kept = np.flatnonzero(view.shown[holding])
    rows, places = holding[kept], (every[kept] & np.uint32(BITS - 1)).astype(np.intp)
    places += BITS * view.whole[rows]
    if not (counts := _WORTH[places] > 0).all():
        kept, rows, places = kept[counts], rows[counts], places[counts]
    ends = np.searchsorted(kept, np.cumsum([len(postings) for postings in held], dtype=np.intp))
    sizes = ends.copy()
    sizes[1:] -= ends[:-1]
    return holding, Shared(rows, places, ends, sizes, np.array(list(wanted.values()), np.float32), ranking.rarity(sizes, view.count))


def _keywords(index: HybridIndex, view: View, shared: Shared) -> Numbers:
    """What each row shares of what the question asks for."""
    lengths = index.rows.lengths.of_rows[shared.rows + len(view.shown) * view.whole[shared.rows]]
    impact = ranking.impact(_WORTH[shared.places], lengths, view.mean_length)
    counts = np.repeat(shared.rarities * shared.weighs, shared.sizes)
    sums = np.bincount(shared.rows, impact * counts, len(view.shown)).astype(np.float32)
    return ranking.share(sums, shared.weighs.tolist(), shared.rarities.tolist())


def _order(index: HybridIndex, rows: Rows, scores: Numbers, limit: int) -> tuple[npt.NDArray[np.intp], Numbers]:
    """The best rows' positions and scores, company included; among equals the one learned last, then by a hash of the id."""
    company = max(limit, ranking.NEIGHBOURHOOD)
    best = _first(index, rows, scores, company) if len(rows) > company else np.arange(len(rows))
    raised = ranking.with_company(scores[best], index.column("conversation")[rows[best]])
    again = _first(index, rows[best], raised, max(limit, gate.CONSIDERED))
    return best[again], raised[again]


def _first(index: HybridIndex, rows: Rows, scores: npt.NDArray[np.floating[Any]], count: int) -> npt.NDArray[np.intp]:
    if not len(rows) or not count:
        return _NONE
    at = np.arange(len(rows))
    if len(rows) > count:
        at = np.flatnonzero(scores >= np.partition(scores, len(rows) - count)[-count])
    order = np.argsort(-scores[at], kind="stable")
    sorted_ = scores[at[order]]
    if (sorted_[1:] == sorted_[:-1]).any():
        order = np.lexsort((index.column("hash")[rows[at]], -index.column("learned_at")[rows[at]], -scores[at]))
    return at[order][:count]
