"""Insights side by side in memory, ranked at once for whoever reads. Holds no text: ids, stems, vectors and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from stores import ranking
from stores.ranking import Numbers

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one insight is found by. `stems` as `ranking.stems_of` gives them; `vectors`: none, or the sentence's and perhaps the cues'."""

    id: str
    stems: Mapping[str, float]
    vectors: tuple[Numbers, ...] = ()
    audience: frozenset[str] | None = None  # None: everybody
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its stems as `ranking.wanted` gives them, its vector, and the labels of its readers."""

    stems: Mapping[str, float]
    vector: Numbers | None = None
    readers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ranked:
    """Everything that is visible, best first: row numbers, and for each the score, its keyword share and its cosine (nan without)."""

    rows: Rows
    scores: Numbers
    keywords: Numbers
    cosines: Numbers


@dataclass(slots=True)
class _Seen:
    rows: Rows
    place: Rows  # of each row of the pool among `rows`, -1 for one that is not visible
    mean_length: float
    mean: Numbers | None


@dataclass(slots=True)
class Pool:
    """A fixed set of insights. What a question's readers may not see moves nothing for it."""

    entries: Sequence[Entry]
    _holders: dict[str, tuple[Rows, Numbers]] = field(init=False)
    _seen: dict[frozenset[str], _Seen] = field(default_factory=dict, init=False)
    _lengths: Numbers = field(init=False)
    _matrix: Numbers | None = field(init=False)
    _owner: Rows = field(init=False)
    _sentence: npt.NDArray[np.bool_] = field(init=False)
    _conversations: Rows = field(init=False)

    def __post_init__(self) -> None:
        self._holders = _holders(self.entries)
        self._lengths = np.array([sum(e.stems.values()) for e in self.entries], np.float32)
        vectors = [(row, n, v) for row, e in enumerate(self.entries) for n, v in enumerate(e.vectors) if np.isfinite(v).all()]
        self._matrix = np.stack([v for *_, v in vectors]).astype(np.float32) if vectors else None
        self._owner = np.array([row for row, *_ in vectors], np.int64)
        self._sentence = np.array([n == 0 for _, n, _ in vectors], bool)
        names = {name: n for n, name in enumerate(sorted({e.conversation for e in self.entries} - {""}))}
        self._conversations = np.array([names.get(e.conversation, -1) for e in self.entries], np.int64)

    def rank(self, asked: Asked) -> Ranked:
        """All that these readers may see, best first; among equals in the order of the entries."""
        seen = self._visible(asked.readers)
        keywords = self._keywords(asked.stems, seen)
        vector = asked.vector if asked.vector is not None and np.isfinite(asked.vector).all() and asked.vector.any() else None
        aimed = None if vector is None or seen.mean is None else self._near(ranking.aim(vector, seen.mean, len(seen.rows)), seen)
        scores = ranking.fuse(keywords, aimed)
        best = np.argsort(-scores, kind="stable")[: ranking.NEIGHBOURHOOD]
        scores[best] = ranking.with_company(scores[best], self._conversations[seen.rows[best]])
        order = np.argsort(-scores, kind="stable")
        cosines = np.full(len(scores), np.nan, np.float32) if aimed is None or vector is None else self._near(vector, seen)
        return Ranked(seen.rows[order], scores[order], keywords[order], cosines[order])

    def _keywords(self, stems: Mapping[str, float], seen: _Seen) -> Numbers:
        sums, rarities = np.zeros(len(seen.rows), np.float32), []
        for stem, weight in stems.items():
            places, worth = self._held(stem, seen)
            rarities.append(float(ranking.rarity(len(places), len(seen.rows))))
            sums[places] += weight * rarities[-1] * ranking.impact(worth, self._lengths[seen.rows[places]], seen.mean_length)
        return ranking.share(sums, stems.values(), rarities)

    def _held(self, stem: str, seen: _Seen) -> tuple[Rows, Numbers]:
        rows, worth = self._holders.get(stem, (np.zeros(0, np.int64), np.zeros(0, np.float32)))
        places = seen.place[rows]
        return places[places >= 0], worth[places >= 0]

    def _near(self, vector: Numbers, seen: _Seen) -> Numbers:
        """The dot product with the better of each visible insight's vectors; 0 for one without any."""
        assert self._matrix is not None
        best = np.full(len(self.entries), -np.inf, np.float32)
        np.maximum.at(best, self._owner, self._matrix @ vector)
        best = best[seen.rows]
        return np.where(np.isfinite(best), best, 0).astype(np.float32)

    def _visible(self, readers: frozenset[str]) -> _Seen:
        if readers not in self._seen:
            mask = np.array([e.audience is None or bool(e.audience & readers) for e in self.entries], bool)
            rows = np.flatnonzero(mask)
            place = np.full(len(mask), -1, np.int64)
            place[rows] = np.arange(len(rows))
            own = None if self._matrix is None else self._matrix[mask[self._owner] & self._sentence]
            mean = None if own is None or not len(own) else own.mean(axis=0)
            self._seen[readers] = _Seen(rows, place, float(self._lengths[rows].mean()) if len(rows) else 0.0, mean)
        return self._seen[readers]


def _holders(entries: Sequence[Entry]) -> dict[str, tuple[Rows, Numbers]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for row, entry in enumerate(entries):
        for stem, worth in entry.stems.items():
            found.setdefault(stem, []).append((row, worth))
    return {s: (np.array([r for r, _ in held], np.int64), np.array([w for _, w in held], np.float32)) for s, held in found.items()}
