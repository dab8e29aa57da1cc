"""Finding the insights that fit a question. The port, and keywords as its first implementation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from stores.audience import Directory, Readers, first_seen
from stores.insights import Insight
from stores.repository import InsightRepository
from stores.terms import terms

QUESTION_TERMS = 64  # of a long question only the first are compared
CANDIDATES = 400  # that these readers may see, those learned last; they are ranked
SENTENCE, CUES, SOURCE = 1.0, 0.7, 0.4  # what a shared stem is worth, by where it stands


@dataclass(frozen=True, slots=True)
class Found:
    """Best first; and what else shares a word but was withheld from these readers (insight id → reason)."""

    insights: tuple[Insight, ...]
    withheld: dict[str, str]
    missing: bool = False


class Search(Protocol):
    """Ranks what these readers may see. What they may not see moves nothing: neither order nor silence."""

    async def search(self, text: str, readers: Readers, *, limit: int, store: str = "") -> Found:
        """At most `limit` insights; with `store`, only that store's, so that no store pushes another's aside."""
        ...


class KeywordSearch:
    """Shared stems, weighted by how rare they are among what the readers may see."""

    def __init__(self, repository: InsightRepository, directory: Directory) -> None:
        self._repository = repository
        self._directory = directory

    async def search(self, text: str, readers: Readers, *, limit: int, store: str = "") -> Found:
        wanted = frozenset(list(dict.fromkeys(terms(text)))[:QUESTION_TERMS])
        if not wanted:
            return Found((), {})
        matching = partial(self._repository.matching, wanted, store=store)
        view = await first_seen(matching, CANDIDATES, readers, self._directory, self._repository)
        return Found(tuple(rank(wanted, view.insights)[:limit]), view.withheld, view.missing)


def rank(wanted: frozenset[str], insights: Sequence[Insight]) -> list[Insight]:
    """The insights that share a stem with what is wanted, best first; among equals the one said last."""
    weights = [_weights(wanted, insight) for insight in insights]
    common = Counter(stem for weight in weights for stem in weight)
    rarity = {stem: math.log(1 + len(insights) / n) for stem, n in common.items()}
    scored = [(sum(w * rarity[stem] for stem, w in weight.items()), insight) for weight, insight in zip(weights, insights, strict=True)]
    return [i for score, i in sorted(scored, key=lambda pair: (-pair[0], -pair[1].newest, pair[1].id)) if score > 0]


def _weights(wanted: frozenset[str], insight: Insight) -> dict[str, float]:
    parts = (
        (SOURCE, [t for e in insight.evidence for t in e.terms]),
        (CUES, [t for cue in (*insight.cues, *insight.things) for t in terms(cue)]),
        (SENTENCE, terms(insight.sentence)),
    )
    return {stem: weight for weight, stems in parts for stem in stems if stem in wanted}
