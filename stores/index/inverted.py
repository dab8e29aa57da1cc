"""Which rows hold a stem. One posting is four bytes: the row, and in which places of the insight the stem stands.

Most postings lie in one sorted segment; what was added since lies beside it and is merged into it now and then. A removed row's postings
stay until then, so a row may be used again only after a merge.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

Postings = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Fresh = dict[int, "array[int]"]

AT_ONCE = 200_000  # postings that are sorted in one step
MOST_ROWS = 1 << 24
_NONE: Postings = np.empty(0, np.uint32)


@dataclass(frozen=True, slots=True)
class Segment:
    """Sorted stems; `starts` says where in `postings` each one's begin, and at last where the last one's end."""

    keys: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    postings: Postings

    def of(self, keys: Sequence[int]) -> list[Postings]:
        """The postings of each of these stems."""
        wanted = np.array(keys, np.uint64)
        first, last = (self.starts[np.searchsorted(self.keys, wanted, side)].tolist() for side in ("left", "right"))
        return [self.postings[a:b] for a, b in zip(first, last, strict=True)]


EMPTY = Segment(np.empty(0, np.uint64), np.zeros(1, np.int64), _NONE)


class Inverted:
    """The stems of one index. Not for several threads; `merged` alone may run beside reads and additions."""

    def __init__(self, segment: Segment = EMPTY) -> None:
        self.segment = segment
        self._older: Fresh = {}  # being merged
        self._fresh: Fresh = {}
        self._loaded: list[tuple[Keys, Postings]] = []  # many at once, which are found after a merge
        self.added = 0  # postings beside the segment

    def load(self, rows: npt.NDArray[np.intp], stems: Sequence[Mapping[int, int]]) -> None:
        """Add many rows that the index does not hold. They are found after the next merge."""
        sizes = [len(held) for held in stems]
        keys = np.fromiter(chain.from_iterable(stems), np.uint64, sum(sizes))
        places = np.fromiter(chain.from_iterable(held.values() for held in stems), np.uint32, sum(sizes))
        self._loaded.append((keys, np.repeat(rows.astype(np.uint32) << np.uint32(8), sizes) | places))

    def add(self, row: int, stems: Mapping[int, int]) -> None:
        """Add a row that the index does not hold."""
        for key, places in stems.items():
            held = self._fresh.get(key)
            if held is None:
                held = self._fresh[key] = array("I")
            held.append(row << 8 | places)
        self.added += len(stems)

    def of(self, keys: Sequence[int]) -> list[Postings]:
        """The postings of each of these stems, those of removed rows included."""
        found = self.segment.of(keys)
        for n, key in enumerate(keys):
            if beside := [np.array(fresh[key], np.uint32) for fresh in (self._older, self._fresh) if key in fresh]:
                found[n] = np.concatenate((found[n], *beside))
        return found

    def freeze(self) -> Callable[[], Segment]:
        """Begin a merge: what makes what is to be merged. What is added from now on waits for the next one."""
        self._older, self._fresh, self.added = self._fresh, {}, 0
        older, loaded, self._loaded = self._older, self._loaded, []
        return lambda: segment_of(older, loaded)

    def swap(self, segment: Segment) -> None:
        """End the merge with what it made."""
        self.segment, self._older = segment, {}

    @property
    def merging(self) -> bool:
        return bool(self._older)

    @property
    def nbytes(self) -> int:
        beside = 200 * (len(self._older) + len(self._fresh)) + 5 * self.added
        return int(self.segment.keys.nbytes + self.segment.starts.nbytes + self.segment.postings.nbytes) + beside


def segment_of(fresh: Fresh, loaded: Sequence[tuple[Keys, Postings]] = ()) -> Segment:
    """What was added, sorted."""
    parts = [*loaded, *((np.full(len(held), key, np.uint64), np.array(held, np.uint32)) for key, held in fresh.items())]
    if not parts:
        return EMPTY
    every = np.concatenate([keys for keys, _ in parts])
    order = np.argsort(every, kind="stable")
    keys, starts = np.unique(every[order], return_index=True)
    return Segment(keys, np.append(starts, len(every)).astype(np.int64), np.concatenate([p for _, p in parts])[order])


def merged(one: Segment, other: Segment, dead: Mask) -> Segment:
    """Both segments in one, without the rows that are `dead`. Works in small steps, so that other threads get their turn."""
    keys = np.union1d(one.keys, other.keys)
    at = [np.searchsorted(keys, s.keys) for s in (one, other)]
    sizes = np.zeros(len(keys), np.int64)
    for positions, s in zip(at, (one, other), strict=True):
        sizes[positions] += np.diff(s.starts)
    counts = np.zeros(len(keys), np.int64)
    parts: list[Postings] = []
    for first, last in _steps(sizes):
        terms, postings = _slice(one, at[0], first, last), _slice(other, at[1], first, last)
        part, counts[first:last] = _step(first, last, [terms, postings], dead)
        parts.append(part)
    held = counts > 0
    starts = np.zeros(int(held.sum()) + 1, np.int64)
    np.cumsum(counts[held], out=starts[1:])
    return Segment(keys[held], starts, np.concatenate(parts) if parts else _NONE)


def _steps(sizes: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of stems with about `AT_ONCE` postings each."""
    step = np.cumsum(sizes) // AT_ONCE
    bounds = [0, *(int(b) + 1 for b in np.flatnonzero(np.diff(step))), len(sizes)]
    return [(a, b) for a, b in pairwise(bounds) if a < b]


def _slice(segment: Segment, at: npt.NDArray[np.intp], first: int, last: int) -> tuple[npt.NDArray[np.intp], Postings]:
    """The postings of the stems from `first` up to `last`, each with the number of its stem."""
    a, b = np.searchsorted(at, (first, last))
    terms = np.repeat(at[a:b], np.diff(segment.starts[a : b + 1]))
    return terms, segment.postings[segment.starts[a] : segment.starts[b]]


def _step(first: int, last: int, both: list[tuple[npt.NDArray[np.intp], Postings]], dead: Mask) -> tuple[Postings, npt.NDArray[np.intp]]:
    terms = np.concatenate([t for t, _ in both])
    postings = np.concatenate([p for _, p in both])
    kept = ~dead[postings >> np.uint32(8)]
    terms, postings = terms[kept], postings[kept]
    return postings[np.argsort(terms, kind="stable")], np.bincount(terms - first, minlength=last - first)
