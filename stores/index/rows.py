"""The columns of one index: what is known of each row beside its stems and vectors, in arrays that grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from stores.index.cells import Cell, Cells
from stores.index.entries import Entry, Said, key
from stores.ranking import CUES, SENTENCE, SOURCE, Numbers

FIRST = 64
COLUMNS: dict[str, Any] = {
    "hash": np.uint64,
    "alive": np.bool_,
    "cell": np.int32,
    "learned_at": np.float64,
    "oldest": np.float64,
    "newest": np.float64,
    "conversation": np.int64,
    "revision": np.int32,
    "embedded": np.bool_,
    "in_sentence": np.uint16,
    "in_cues": np.uint16,
    "in_source": np.uint16,
}

PLACES = ("in_sentence", "in_cues", "in_source")


class Lengths(NamedTuple):
    """`of_rows`: of each row without its source, then of each with it. `of_cells`: how many stems the rows of each cell have in their
    sentences, in cues, in sources."""

    of_rows: Numbers
    of_cells: npt.NDArray[np.int64]


class Rows:
    """`size` rows are in use or were. A row number is free again after `release`, which comes when no posting names it any more."""

    def __init__(self) -> None:
        self.size = 0
        self.columns: dict[str, npt.NDArray[Any]] = {name: np.zeros(FIRST, kind) for name, kind in COLUMNS.items()}
        self.ids = np.zeros(FIRST, "S24")
        self.cells = Cells([])
        self.superseded_by: dict[int, tuple[str, ...]] = {}
        self.several: dict[int, tuple[Said, ...]] = {}  # what a row with more than one origin needs beside `oldest` and `newest`
        self._free: list[int] = []
        self._pairs: npt.NDArray[np.intp] | None = None
        self._lengths: Lengths | None = None
        self._waiting: list[int] = []  # removed, and perhaps still named by a posting

    def __getitem__(self, column: str) -> npt.NDArray[Any]:
        """A column as far as it is in use."""
        return self.columns[column][: self.size]

    def find(self, identity: str) -> int:
        """The row of an insight, -1 when it has none. Reads one column from end to end: 30 µs with 100,000 rows."""
        wanted = identity.encode()
        for row in np.flatnonzero((self["hash"] == np.uint64(key(identity))) & self["alive"]):
            if bytes(self.ids[row]) == wanted:
                return int(row)
        return -1

    def add(self, entry: Entry) -> int:
        """The new row of an insight that has none."""
        return int(self.add_all([entry])[0])

    def add_all(self, entries: Sequence[Entry]) -> npt.NDArray[np.intp]:
        """The new rows of insights that have none."""
        rows = np.array([self._free.pop() if self._free else self._next() for _ in entries], np.intp)
        self._pairs = self._lengths = None
        cells = [self.cells.number(Cell(tuple(s.origin for s in e.said), e.about, e.store, e.standing)) for e in entries]
        values = [
            (key(e.id), True, cell, e.learned_at, *_times(e.said), e.conversation, e.revision, False, *(min(n, 65_535) for n in e.lengths))
            for e, cell in zip(entries, cells, strict=True)
        ]
        for column, new in zip(self.columns.values(), zip(*values, strict=True), strict=bool(values)):
            column[rows] = new
        for row, entry, cell in zip(rows.tolist(), entries, cells, strict=True):
            self._name(row, entry.id)
            self.cells.alive[cell] += 1
            if entry.superseded_by:
                self.superseded_by[row] = entry.superseded_by
            if len(entry.said) > 1:
                self.several[row] = entry.said
        return rows

    def remove(self, row: int) -> None:
        """Forget all that is known of a row."""
        self.cells.alive[int(self.columns["cell"][row])] -= 1
        self._pairs = self._lengths = None
        for column in self.columns.values():
            column[row] = 0
        self.ids[row] = b""
        self.superseded_by.pop(row, None)
        self.several.pop(row, None)
        self._waiting.append(row)

    def superseding(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Pairs of rows, older and newer, where the newer one supersedes the older; worked out anew after a change."""
        if self._pairs is None:
            wanted = {key(i) for newer in self.superseded_by.values() for i in newer}
            found = np.flatnonzero(np.isin(self["hash"], np.fromiter(wanted, np.uint64)) & self["alive"]) if wanted else ()
            rows = {self.id(int(row)): int(row) for row in found}
            pairs = [(row, rows[i]) for row, newer in self.superseded_by.items() for i in newer if i in rows]
            self._pairs = np.array(pairs, np.intp).reshape(-1, 2)
        return self._pairs[:, 0], self._pairs[:, 1]

    @property
    def lengths(self) -> Lengths:
        """How long the insights are; worked out anew after a change."""
        if self._lengths is None:
            own, source = (np.float32(SENTENCE) * self["in_sentence"] + np.float32(CUES) * self["in_cues"]), self["in_source"]
            sums = [np.bincount(self["cell"], self[name], len(self.cells.cells)) for name in PLACES]
            self._lengths = Lengths(np.concatenate((own, own + np.float32(SOURCE) * source)), np.array(sums).astype(np.int64))
        return self._lengths

    def length(self, cells: Sequence[npt.NDArray[np.bool_]], without: Sequence[npt.NDArray[np.intp]]) -> float:
        """How long the insights of some cells are together, but for a few rows: given for sentences, cues and sources. From whole numbers,
        so that it depends on no order."""
        few = [int(self[name][rows].sum()) for name, rows in zip(PLACES, without, strict=True)]
        whole = [int(sums[held].sum()) for sums, held in zip(self.lengths.of_cells, cells, strict=True)]
        return sum(worth * (a - b) for worth, a, b in zip((SENTENCE, CUES, SOURCE), whole, few, strict=True))

    def removed(self) -> list[int]:
        """The rows that wait for a merge of the postings."""
        return list(self._waiting)

    def release(self, rows: list[int]) -> None:
        """No posting names these rows any more."""
        self._waiting = self._waiting[len(rows) :]
        self._free += rows

    def id(self, row: int) -> str:
        return bytes(self.ids[row]).decode()

    def names(self, rows: npt.NDArray[np.intp]) -> list[str]:
        """The ids of many rows."""
        return [name.decode() for name in self.ids[rows].tolist()]

    @property
    def live(self) -> int:
        return self.size - len(self._waiting) - len(self._free)

    @property
    def nbytes(self) -> int:
        beside = 300 * (len(self.superseded_by) + len(self.several) + len(self.cells.cells)) + 8 * (len(self._free) + len(self._waiting))
        return sum(c.nbytes for c in self.columns.values()) + self.ids.nbytes + beside

    def adopt(self, size: int, columns: dict[str, npt.NDArray[Any]], ids: npt.NDArray[np.bytes_], cells: list[Cell]) -> None:
        """Take over what was packed. Rows that are not alive are free: what was packed was merged."""
        self.size, self.columns, self.ids, self.cells = size, columns, ids, Cells(cells)
        alive = self["alive"]
        self.cells.alive = np.bincount(self["cell"][alive], minlength=len(cells)).tolist()
        self._free = np.flatnonzero(~alive).tolist()

    def _next(self) -> int:
        if self.size == len(self.ids):
            room = max(FIRST, self.size * 5 // 4)
            self.columns = {name: _grown(column, room) for name, column in self.columns.items()}
            self.ids = _grown(self.ids, room)
        self.size += 1
        return self.size - 1

    def _name(self, row: int, identity: str) -> None:
        name = identity.encode()
        if len(name) > self.ids.dtype.itemsize:
            self.ids = self.ids.astype(f"S{len(name)}")
        self.ids[row] = name


def _times(said: Sequence[Said]) -> tuple[float, float]:
    return (min(s.oldest for s in said), max(s.newest for s in said)) if said else (0.0, 0.0)


def _grown(column: npt.NDArray[Any], room: int) -> npt.NDArray[Any]:
    larger = np.zeros(room, column.dtype)
    larger[: len(column)] = column
    return larger
