"""What of an index some readers may see: worked out before anything is scored, for cells and not for insights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stores.index.entries import Said
from stores.index.index import HybridIndex
from stores.index.inverted import Mask
from stores.index.sight import Sight

ABOUT = "it is about another teammate"
UNSEEN = "not everybody who reads this may see it"
SUPERSEDED = "superseded by something newer"
REMEMBERED = 64  # readers for whom the last judgement is kept


@dataclass(frozen=True, slots=True)
class View:
    """`shown`: the rows to search. `whole`: those of them whose source counts, because all of their evidence may be seen.

    `asked`: the rows that were asked for, seen or not; `why_not` says for one that is not shown why.
    """

    shown: Mask
    whole: Mask
    asked: Mask
    about: Mask
    superseded: Mask
    unknown: Mask

    def why_not(self, row: int) -> str:
        if not self.about[row]:
            return ABOUT
        return SUPERSEDED if self.superseded[row] else UNSEEN


def view_of(index: HybridIndex, sight: Sight, *, store: str = "", standing: bool = False) -> View:
    """The rows of one store (all, without its name), the standing ones alone or all, as these readers see them."""
    alive, number, cells = index.column("alive"), index.column("cell"), index.rows.cells
    judged, arrays = _judge(index, sight), cells.arrays
    asker = cells.label("about", sight.readers.asker)
    about = ((arrays.about == -1) | (arrays.about == asker))[number]
    wanted = np.ones(len(cells.cells), bool) if not store else arrays.store == cells.label("store", store)
    asked = (wanted & arrays.standing if standing else wanted)[number] & alive
    seen, whole = judged.seen[number] & alive, judged.whole[number]
    for row in _rows_of(index, judged.odd):
        seen[row], whole[row] = sight.seen(_said(index, row))
    superseded = _superseded(index, seen & about)
    return View(asked & seen & about & ~superseded, whole, asked, about, superseded, judged.unknown[number])


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
