"""What of an index some readers may see: worked out before anything is scored, for cells and not for insights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stores.index.entries import Said
from stores.index.index import REMEMBERED, HybridIndex
from stores.index.inverted import Mask
from stores.index.matrix import Numbers, Rows
from stores.index.sight import Sight

ABOUT = "it is about another teammate"
UNSEEN = "not everybody who reads this may see it"
SUPERSEDED = "superseded by something newer"
VIEWS = 1 << 22  # bytes for what is remembered of readers


@dataclass(frozen=True, slots=True)
class View:
    """What these readers see: `shown` are the rows to search, `count` of them, `whole` those of them whose source counts, because all their
    evidence may be seen. `mean_length`: of these rows as the readers have them; `mean`: of their sentences' vectors, turned, and how many.
    """

    shown: Mask
    count: int
    whole: Mask
    mean_length: float
    mean: tuple[Numbers, int]
    of_shown: Mask  # the cells of the rows that are shown
    unknown: Mask  # the cells that a lookup which failed may hide
    _sees: Mask  # the origins that are seen
    _about: Mask  # the cells that are about nobody else
    _superseded: Rows
    _index: HybridIndex

    def part(self, store: str, *, standing: bool, here: str = "") -> Mask:
        """The cells of one store (of all, without its name), the standing ones alone or all, those with something seen that was taught
        `here` or all."""
        cells = self._index.rows.cells
        stores = cells.arrays.store
        wanted: Mask = stores == cells.label("store", store) if store else np.ones(len(stores), bool)
        if here:
            wanted &= cells.arrays.any(self._sees & np.fromiter((o.place == here for o in cells.origins), bool, len(cells.origins)))
        return wanted & cells.arrays.standing if standing else wanted

    def why_not(self, rows: Rows) -> list[str]:
        """Why rows are not shown."""
        others = (~self._about[self._index.column("cell")[rows]]).tolist()
        replaced = np.isin(rows, self._superseded).tolist()
        return [ABOUT if other else SUPERSEDED if new else UNSEEN for other, new in zip(others, replaced, strict=True)]


def view_of(index: HybridIndex, sight: Sight) -> View:
    """The rows as these readers see them: as was found for them before, unless a place or the index has changed since."""
    before = index.views.get(sight.readers)
    if before is not None and before[:2] == (index.changes, sight.places):
        known: View = before[2]
        return known
    if (len(index.views) + 1) * 2 * index.rows.size > VIEWS or len(index.views) >= REMEMBERED:
        index.views.clear()
    view = _view(index, sight)
    index.views[sight.readers] = index.changes, sight.places, view
    return view


def _view(index: HybridIndex, sight: Sight) -> View:
    """By cells, whose rows are all alike, but for the few rows that something newer hides or whose time of being said decides."""
    cells, judged = index.rows.cells, _judged(index, sight)
    about = (cells.arrays.about == -1) | (cells.arrays.about == cells.label("about", sight.readers.asker))
    of_shown, of_whole = judged.seen & about, judged.whole & about
    both = (of_shown + 2 * of_whole).astype(np.uint8)[index.column("cell")]
    shown, whole = (both & index.column("alive")).view(np.bool_), (both >> 1).view(np.bool_)
    odd = _rows_of(index, judged.odd & of_shown)
    for row in odd:
        shown[row], whole[row] = sight.seen(_said(index, row))
    older, newer = index.rows.superseding()
    superseded = older[shown[newer]]
    shown[superseded] = whole[superseded] = False
    few = np.unique(np.concatenate((np.array(odd, np.intp), superseded)))
    less, less_whole = few[~shown[few] & (both[few] > 0)], few[~whole[few] & (both[few] > 1)]
    count = int(np.count_nonzero(shown))
    mean_length = index.rows.length((of_shown, of_shown, of_whole), (less, less, less_whole)) / max(count, 1)
    return View(
        shown, count, whole, mean_length, index.mean(of_shown, less), of_shown, judged.unknown, judged.sees, about, superseded, index
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """Which origins are seen; which cells are, which wholly, where it depends on when something was said, and where on a lookup that
    failed."""

    sees: Mask
    seen: Mask
    whole: Mask
    odd: Mask
    unknown: Mask


def _judged(index: HybridIndex, sight: Sight) -> Judged:
    origins, arrays = index.rows.cells.origins, index.rows.cells.arrays
    sees, turned, unknown = (np.fromiter(map(ask, origins), bool, len(origins)) for ask in (sight.sees, sight.turned, sight.unknown))
    return Judged(sees, arrays.any(sees), arrays.all(sees), arrays.any(sees) & arrays.any(turned), arrays.any(unknown))


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
