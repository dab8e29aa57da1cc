"""One workspace's index: rows with stems and vectors. Whoever changes it sees to it that nobody searches meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from stores.audience import Readers
from stores.index.entries import Entry, Origin
from stores.index.inverted import Inverted, Mask, Segment, merged
from stores.index.matrix import FIXED, Matrix, Numbers
from stores.index.rows import Rows
from stores.index.sight import deciding

LEAST_MERGE = 50_000  # postings that lie beside the sorted ones before a merge is worth while
SHARE = 12  # or a twelfth of the sorted ones
SMALL = 1 << 14  # vectors of which the sums surely fit into 32 bits
REMEMBERED = 64  # readers for whom is kept what follows from who they are


class HybridIndex:
    """Everything that is searched. Not for several threads at once, but for the middle of a merge."""

    def __init__(self, embedder: str = "", dimensions: int = 64) -> None:
        self.embedder = embedder
        self.rows = Rows()
        self.inverted = Inverted()
        self.matrix = Matrix(dimensions)
        self.sums = np.zeros((0, dimensions), np.int32)  # by cell: the sum of its sentence vectors
        self.vectors_in = np.zeros(0, np.int64)  # and how many those are
        self.changes = 0  # grows with each change
        self.views: dict[Readers, tuple[int, Any, Any]] = {}  # by readers: `changes`, places, and what followed (`stores.index.mask`)
        self._lived_in: tuple[int, list[Origin]] = (-1, [])
        self._deciding: dict[Readers, list[str]] = {}

    def upsert(self, entry: Entry, vectors: tuple[Numbers | None, Numbers | None] | None = None) -> None:
        """Index an insight in the place of what was known of it. Without `vectors` it keeps those it has."""
        before = self.rows.find(entry.id)
        if before >= 0 and self.rows["revision"][before] == entry.revision > 0 and vectors is None:
            return
        row = self.rows.add(entry)
        self.inverted.add(row, entry.stems)
        if vectors is not None:
            self.embed(row, vectors)
        elif before >= 0 and self.rows["embedded"][before]:
            self.matrix.move(before, row)
            self._count(row)
        if before >= 0:
            self._drop(before)
        self.changes += 1

    def load(self, entries: Sequence[Entry], vectors: Mapping[str, tuple[Numbers | None, Numbers | None]]) -> None:
        """Index many insights at once, of which the index holds none. Ask for `merge` and `recount` after the last."""
        rows = self.rows.add_all(entries)
        self.inverted.load(rows, [entry.stems for entry in entries])
        held = [n for n, entry in enumerate(entries) if entry.id in vectors]
        self.matrix.put_all(rows[held], [vectors[entries[n].id] for n in held])
        self.rows.columns["embedded"][rows[held]] = True
        self.changes += 1

    def remove(self, identity: str) -> bool:
        """Forget an insight; whether it was there."""
        row = self.rows.find(identity)
        if row >= 0:
            self._drop(row)
            self.changes += 1
        return row >= 0

    def embed(self, row: int, vectors: tuple[Numbers | None, Numbers | None]) -> None:
        """Give a row its vectors, of this index's embedder and length."""
        self._uncount(row)
        self.matrix.put(row, vectors)
        self._count(row)
        self.changes += 1

    def lacking(self) -> list[str]:
        """The insights that have no vectors yet."""
        return [self.rows.id(int(row)) for row in np.flatnonzero(self.rows["alive"] & ~self.rows["embedded"])]

    @property
    def lacks(self) -> bool:
        """Whether an insight has no vectors yet."""
        return bool((self.rows["alive"] & ~self.rows["embedded"]).any())

    def origins(self) -> list[Origin]:
        """Every origin of what is indexed."""
        if self._lived_in[0] != self.changes:
            self._lived_in = self.changes, self.rows.cells.lived_in()
            self._deciding.clear()
        return self._lived_in[1]

    def deciding(self, readers: Readers) -> list[str]:
        """The places on which it depends what these readers may see."""
        origins = self.origins()
        if readers not in self._deciding:
            if len(self._deciding) >= REMEMBERED:
                self._deciding.clear()
            self._deciding[readers] = deciding(origins, readers)
        return self._deciding[readers]

    @property
    def due(self) -> bool:
        """Whether a merge is worth while."""
        beside = max(self.inverted.added, 40 * len(self.rows.removed()))
        return beside > max(LEAST_MERGE, len(self.inverted.segment.postings) // SHARE)

    @property
    def merged(self) -> bool:
        """Whether all that is known lies in the sorted postings, and nothing else does."""
        return not self.inverted.added and not self.inverted.merging and not self.rows.removed()

    def begin_merge(self) -> tuple[Callable[[], Segment], Callable[[Segment], None]]:
        """What may run in another thread while the index is searched and changed, and what to do with its outcome."""
        fresh, segment, removed = self.inverted.freeze(), self.inverted.segment, self.rows.removed()
        dead: Mask = np.zeros(len(self.rows.ids), bool)
        dead[removed] = True

        def work() -> Segment:
            return merged(segment, fresh(), dead)

        def finish(done: Segment) -> None:
            self.inverted.swap(done)
            self.rows.release(removed)

        return work, finish

    def merge(self) -> None:
        """Merge here and now."""
        work, finish = self.begin_merge()
        finish(work())

    @property
    def nbytes(self) -> int:
        """About how much memory the index takes."""
        beside = 2 * self.rows.size * len(self.views)
        return self.inverted.nbytes + self.matrix.nbytes + self.rows.nbytes + self.sums.nbytes + beside

    def recount(self) -> None:
        """Work out the sums of all cells' vectors."""
        rows = np.flatnonzero(self.rows["alive"] & self.rows["embedded"])
        cells = self.rows["cell"][rows]
        order = np.argsort(cells, kind="stable")
        for part in np.split(rows[order], np.flatnonzero(np.diff(cells[order])) + 1) if len(rows) else []:
            cell = self._cell(int(part[0]))
            self.sums[cell], self.vectors_in[cell] = self.matrix.fixed(part), len(part)

    def _drop(self, row: int) -> None:
        self._uncount(row)
        self.rows.remove(row)
        self.matrix.clear(row)

    def _count(self, row: int) -> None:
        self.rows.columns["embedded"][row] = True
        cell = self._cell(row)
        self.sums[cell] += self.matrix.fixed(np.array([row]))
        self.vectors_in[cell] += 1

    def _uncount(self, row: int) -> None:
        if self.rows["embedded"][row]:
            cell = self._cell(row)
            self.sums[cell] -= self.matrix.fixed(np.array([row]))
            self.vectors_in[cell] -= 1
            self.rows.columns["embedded"][row] = False

    def _cell(self, row: int) -> int:
        """The row's cell, with room for its sum."""
        cell, held = int(self.rows["cell"][row]), len(self.vectors_in)
        if cell >= held:
            more = max(len(self.rows.cells.cells), held * 9 // 8) - held
            self.sums = np.concatenate((self.sums, np.zeros((more, self.matrix.dimensions), np.int32)))
            self.vectors_in = np.concatenate((self.vectors_in, np.zeros(more, np.int64)))
        return cell

    def mean(self, cells: Mask, without: npt.NDArray[np.intp]) -> tuple[Numbers, int]:
        """The mean sentence vector of these cells' rows, but for a few in ascending order, turned, and of how many."""
        held = np.flatnonzero(cells[: len(self.vectors_in)])
        count = int(self.vectors_in[held].sum())
        total = self.sums[held].sum(axis=0, dtype=np.int32 if count < SMALL else np.int64).astype(np.int64)
        if len(without := without[self.rows["embedded"][without]]):
            total -= self.matrix.fixed(without)
            count -= len(without)
        return (total / (max(count, 1) * float(FIXED))).astype(np.float32), count

    def column(self, name: str) -> npt.NDArray[Any]:
        return self.rows[name]
