"""How the stores share the context: none pushes another aside, and what bears on every choice has its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from stores.context import CONTEXT_TOKENS, STANDING_TOKENS, quote, tokens
from stores.insights import Insight

FRAME = 16  # tokens of a store's heading and its own words around the quotes
SHORTEST = 12  # tokens of a quote


class Share(NamedTuple):
    """Of what one store recalled, what has a place, in the same order; and how many tokens that takes with the store's heading."""

    insights: list[Insight]
    tokens: int


def share(recalled: Sequence[Sequence[Insight]], budget: int = CONTEXT_TOKENS) -> list[Share]:
    """Of what each store recalled, best first, what fits `budget` tokens together.

    The best of each store comes first, then what stands, within its own budget, then the next of each in turn. A long one leaves room for
    shorter ones.
    """
    costs = {i.id: cost_of(i) for own in recalled for i in own}
    chosen: set[str] = set()
    speaking: set[str] = set()
    for insight in _in_turn(recalled, costs):
        if budget < SHORTEST:
            break
        if insight.id in chosen:
            continue
        cost = costs[insight.id] + (0 if insight.store in speaking else FRAME)
        if cost <= budget:
            budget -= cost
            chosen.add(insight.id)
            speaking.add(insight.store)
    placed = [[i for i in own if i.id in chosen] for own in recalled]
    return [Share(own, sum(costs[i.id] for i in own) + FRAME) for own in placed]


def cost_of(insight: Insight) -> int:
    """Its tokens as quoted, with the mark of its line."""
    return tokens(quote(insight)) + 2


def _in_turn(recalled: Sequence[Sequence[Insight]], costs: Mapping[str, int]) -> Iterator[Insight]:
    yield from (own[0] for own in recalled if own)
    yield from _standing(recalled, costs)
    for row in zip_longest(*recalled):
        yield from (insight for insight in row if insight is not None)


def _standing(recalled: Sequence[Sequence[Insight]], costs: Mapping[str, int]) -> Iterator[Insight]:
    left = STANDING_TOKENS
    for row in zip_longest(*([i for i in own if i.standing] for own in recalled)):
        for insight in (i for i in row if i is not None):
            left -= costs[insight.id]
            if left >= 0:
                yield insight
