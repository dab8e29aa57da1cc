"""Insights that are alike in everything that decides who may see them share a cell: the rule is asked for cells, not for insights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from stores.index.entries import Origin

NOWHERE = Origin("", "private", "")  # what has no evidence was taught nowhere, and is seen by nobody


class Cell(NamedTuple):
    """What decides who may see an insight, and which searches ask for it."""

    origins: tuple[Origin, ...]
    about: str | None
    store: str
    standing: bool


@dataclass(frozen=True, slots=True)
class Arrays:
    """The cells as arrays: where each one's origins begin in `origins`, and the numbers of its teammate and store."""

    starts: npt.NDArray[np.intp]
    origins: npt.NDArray[np.intp]
    about: npt.NDArray[np.intp]
    store: npt.NDArray[np.intp]
    standing: npt.NDArray[np.bool_]

    def any(self, by_origin: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """For each cell whether it holds for one of its origins."""
        return np.logical_or.reduceat(by_origin[self.origins], self.starts) if len(self.starts) else np.zeros(0, bool)

    def all(self, by_origin: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """For each cell whether it holds for all of them."""
        return np.logical_and.reduceat(by_origin[self.origins], self.starts) if len(self.starts) else np.zeros(0, bool)


class Cells:
    """Every cell that there was, by number."""

    def __init__(self, cells: list[Cell]) -> None:
        self.cells: list[Cell] = []
        self.alive: list[int] = []  # how many insights are in each
        self.origins: list[Origin] = []
        self._numbers: dict[Any, int] = {}
        self._arrays: Arrays | None = None
        for cell in cells:
            self.number(cell)

    def number(self, cell: Cell) -> int:
        """The cell's number, a new one when it is new."""
        if cell not in self._numbers:
            self._numbers[cell] = len(self.cells)
            self.cells.append(cell)
            self.alive.append(0)
            self._arrays = None
            for origin in cell.origins or (NOWHERE,):
                if origin not in self._numbers:
                    self._numbers[origin] = len(self.origins)
                    self.origins.append(origin)
        return self._numbers[cell]

    def label(self, what: str, name: str | None) -> int:
        """The number of a teammate or of a store that some cell has; -1 for one that none has, and for None."""
        return self._numbers.get((what, name), -1) if name is not None else -1

    @property
    def arrays(self) -> Arrays:
        if self._arrays is None:
            origins = [[self._numbers[o] for o in cell.origins or (NOWHERE,)] for cell in self.cells]
            starts = np.cumsum([0, *(len(o) for o in origins)])[:-1]
            self._arrays = Arrays(
                starts,
                np.array([n for o in origins for n in o], np.intp),
                np.array([self._label("about", cell.about) for cell in self.cells], np.intp),
                np.array([self._label("store", cell.store) for cell in self.cells], np.intp),
                np.array([cell.standing for cell in self.cells], bool),
            )
        return self._arrays

    def lived_in(self) -> list[Origin]:
        """The origins of what is indexed now."""
        return list(dict.fromkeys(o for cell, alive in zip(self.cells, self.alive, strict=True) if alive for o in cell.origins))

    def _label(self, what: str, name: str | None) -> int:
        return -1 if name is None else self._numbers.setdefault((what, name), len(self._numbers))
