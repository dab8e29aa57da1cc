"""Which standing insights go with a question: all of them while they fit a small budget, and in an order that stays.

Their lines are then the same for every question of the same readers, so that a provider's prompt cache knows them. Beyond the budget those
are chosen that fit the question best, with its expansion; what was said in the question's own place, by several teammates, or lately is
preferred.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from stores.context import quote, tokens
from stores.insights import Insight
from stores.search import Found, Part

SHORT = 14  # tokens, a quote of five words: as many are considered, those that fit best, as would fit the budget if they were so short
HERE, CONFIRMED, RECENT = 0.25, 0.2, 0.15  # what each counts beside the fit, which counts 1 for the best
HALF_LIFE = 180 * 86_400.0  # seconds in which an insight becomes half as recent


def part(store: str, budget: int) -> Part:
    """What to search for, so that this store's standing insights may fill `budget` tokens."""
    return Part(budget // SHORT, store, standing=True)


def chosen(found: Found, place: str, budget: int) -> list[Insight]:
    """Of standing insights that were found for a question which is asked in `place`, those within `budget` tokens as quoted; those learned
    first come first."""
    scores = {i: score.get("score", 0.0) for i, score in found.scores.items()}
    kept = fitting(found.insights, budget, worths(found.insights, scores, place))
    return sorted(kept, key=lambda i: (i.learned_at, i.id))


def fitting(insights: Sequence[Insight], budget: int, worth: Mapping[str, float]) -> list[Insight]:
    """Those that fit the budget together, the most worth first; a long one leaves room for shorter ones."""
    chosen = []
    for insight in sorted(insights, key=lambda i: (-worth[i.id], -i.newest, i.id)):
        cost = tokens(quote(insight)) + 2  # a handle and a line's end
        if cost <= budget:
            budget -= cost
            chosen.append(insight)
    return chosen


def worths(insights: Sequence[Insight], scores: Mapping[str, float], place: str) -> dict[str, float]:
    """How much each counts for a question that is asked in `place`. `scores`: how well each fits it."""
    top = max(scores.values(), default=0.0)
    newest = max((i.newest for i in insights), default=0.0)

    def worth(insight: Insight) -> float:
        fit = max(scores.get(insight.id, 0.0), 0.0) / top if top > 0 else 0.0
        here = insight.was_taught(place)
        teachers = len({e.teammate for e in insight.evidence})
        recent = math.exp2((insight.newest - newest) / HALF_LIFE)
        return fit + HERE * here + CONFIRMED * (1 - 1 / max(teachers, 1)) + RECENT * recent

    return {i.id: worth(i) for i in insights}
