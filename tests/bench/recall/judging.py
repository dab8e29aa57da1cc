"""Shares with intervals, and the difference of two ways on the same questions. Intervals are 95 %, by bootstrap over questions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.bench.figures import Figure

Values = npt.NDArray[np.float64]
DRAWS = 2000


def interval(values: Values) -> tuple[float, float, float]:
    """The mean of the values and its interval."""
    if not len(values):
        return float("nan"), float("nan"), float("nan")
    draws = values[np.random.default_rng(0).integers(0, len(values), (DRAWS, len(values)))].mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(values.mean()), float(low), float(high)


def figure(name: str, values: Values) -> Figure:
    """A share in percent; its interval stands in the name."""
    mean, low, high = interval(values)
    return Figure(f"{name} ({100 * low:.1f} to {100 * high:.1f})", 100 * mean, "%")


def difference(name: str, ours: Values, theirs: Values) -> Figure:
    """How much better the first way is, in percentage points, on the same questions."""
    mean, low, high = interval(ours - theirs)
    return Figure(f"{name} ({100 * low:+.1f} to {100 * high:+.1f})", 100 * mean, "points")
