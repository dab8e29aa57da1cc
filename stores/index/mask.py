"""What of an index some readers may see: worked out before anything is scored, for cells and not for insights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stores.index.entries import Said
from stores.index.index import REMEMBERED, HybridIndex
from stores.index.inverted import Mask
from stores.index.sight import Sight

ABOUT = "it is about another teammate"
UNSEEN = "not everybody who reads this may see it"
SUPERSEDED = "superseded by something newer"


@dataclass(frozen=True, slots=True)
class View:
    """`shown`: the rows to search, `count` of them. `whole`: those of them whose source counts, because all their evidence may be seen.

    `why_not` says for rows that are not shown why.
    """

    shown: Mask
    count: int
    whole: Mask
    about: Mask
    superseded: Mask
    unknown: Mask
    _index: HybridIndex

    def part(self, store: str, *, standing: bool) -> Mask:
        """The rows of one store (of all, without its name), the standing ones alone or all, whether shown or not."""
        cells = self._index.rows.cells
        stores = cells.arrays.store
        wanted: Mask = stores == cells.label("store", store) if store else np.ones(len(stores), bool)
        asked: Mask = (wanted & cells.arrays.standing if standing else wanted)[self._index.column("cell")]
        part: Mask = asked & self._index.column("alive")
        return part

    def why_not(self, rows: npt.NDArray[np.intp]) -> list[str]:
        others, replaced = (~self.about[rows]).tolist(), self.superseded[rows].tolist()
        return [ABOUT if other else SUPERSEDED if new else UNSEEN for other, new in zip(others, replaced, strict=True)]


def view_of(index: HybridIndex, sight: Sight) -> View:
    """The rows as these readers see them."""
    alive, number, cells = index.column("alive"), index.column("cell"), index.rows.cells
    judged, arrays = _judge(index, sight), cells.arrays
    asker = cells.label("about", sight.readers.asker)
    about = ((arrays.about == -1) | (arrays.about == asker))[number]
    seen, whole = judged.seen[number] & alive, judged.whole[number]
    for row in _rows_of(index, judged.odd):
        seen[row], whole[row] = sight.seen(_said(index, row))
    superseded = _superseded(index, seen & about)
    shown = seen & about & ~superseded
    return View(shown, int(np.count_nonzero(shown)), whole, about, superseded, judged.unknown[number], index)


@dataclass(frozen=True, slots=True)
class Judged:
    """Which cells are seen, which wholly, where it depends on when something was said, and where on a lookup that failed."""

    seen: Mask
    whole: Mask
    odd: Mask
    unknown: Mask


def _judge(index: HybridIndex, sight: Sight) -> Judged:
    """What was found for these readers before, unless a place or a cell has changed since."""
    cells = index.rows.cells
    before = index.judged.get(sight.readers)
    if before is not None and before[0] == sight.places:
        known: Judged = before[1]
        if len(known.seen) == len(cells.cells):
            return known
    sees = np.fromiter((sight.sees(o) for o in cells.origins), bool, len(cells.origins))
    turned = np.fromiter((sight.turned(o) for o in cells.origins), bool, len(cells.origins))
    unknown = np.fromiter((sight.unknown(o) for o in cells.origins), bool, len(cells.origins))
    arrays = cells.arrays
    judged = Judged(arrays.any(sees), arrays.all(sees), arrays.any(sees) & arrays.any(turned), arrays.any(unknown))
    if len(index.judged) >= REMEMBERED:
        index.judged.clear()
    index.judged[sight.readers] = (sight.places, judged)
    return judged


def _rows_of(index: HybridIndex, cells: Mask) -> list[int]:
    found: list[int] = np.flatnonzero(cells[index.column("cell")] & index.column("alive")).tolist() if cells.any() else []
    return found


def _said(index: HybridIndex, row: int) -> Iterator[Said]:
    several = index.rows.several.get(row)
    if several is not None:
        yield from several
        return
    cell = index.rows.cells.cells[int(index.column("cell")[row])]
    oldest, newest = float(index.column("oldest")[row]), float(index.column("newest")[row])
    yield from (Said(origin, oldest, newest) for origin in cell.origins)


def _superseded(index: HybridIndex, visible: Mask) -> Mask:
    """The rows that something newer hides from those who may see the newer."""
    hidden = np.zeros(len(visible), bool)
    older, newer = index.rows.superseding()
    hidden[older[visible[newer]]] = True
    return hidden
