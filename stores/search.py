"""Finding the insights that fit a question. The port, and keywords as its first implementation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Protocol

from stores.audience import Directory, Readers, first_seen
from stores.insights import Insight, Status
from stores.repository import InsightRepository
from stores.terms import terms

QUESTION_TERMS = 64  # of a long question only the first are compared
EXPANSION_TERMS = 64  # of its expansion
EXPANSION = 0.4  # what a stem of the expansion is worth beside one of the question's own
CANDIDATES = 400  # that these readers may see, those learned last; they are ranked
SENTENCE, CUES, SOURCE = 1.0, 0.7, 0.4  # what a shared stem is worth, by where it stands


@dataclass(frozen=True, slots=True)
class Found:
    """Best first; and what else shares a word but was withheld from these readers (insight id → reason), for who asks all stores at once.

    `scores`: what each of `insights` was ranked by (insight id → name → number), for people who ask why; it holds no other id. "score" is
    the one that decides; the other names are the engine's own.
    """

    insights: tuple[Insight, ...]
    withheld: dict[str, str]
    missing: bool = False
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def sure(self) -> tuple[Insight, ...]:
        """Those that share a word with what was looked for, or that the gate is sure of: for where no model judges what is merely near."""
        return tuple(i for i in self.insights if _sure(self.scores.get(i.id, {})))


class Part(NamedTuple):
    """What is wanted of what fits a question: see `Search.search`."""

    limit: int
    store: str = ""
    standing: bool = False
    here: str = ""


class Search(Protocol):
    """Ranks what these readers may see. What they may not see moves nothing: neither order nor silence."""

    async def search(
        self, text: str, readers: Readers, *, limit: int, store: str = "", expansion: str = "", standing: bool = False, here: str = ""
    ) -> Found:
        """At most `limit` insights; with `store`, only that store's, so that no store pushes another's aside.

        `expansion`: words that somebody else found for the text (see `stores.expansion`); the text's own count more. With `standing`, only
        standing insights, and also those that do not fit at all, behind those that do, the one said last first: they bear on every choice.
        With `here`, a place, only what was taught there as far as the readers may see, whether it fits or not, those learned last first.
        """
        ...

    async def search_parts(self, text: str, readers: Readers, parts: Sequence[Part], *, expansion: str = "") -> list[Found]:
        """The same for several parts of one answer, at the price of one."""
        ...


class KeywordSearch:
    """Shared stems, weighted by how rare they are among what the readers may see. With `status`, among what is not in force for it."""

    def __init__(self, repository: InsightRepository, directory: Directory, *, status: Status = "") -> None:
        self._repository, self._status = repository, status
        self._directory = directory

    async def search(
        self, text: str, readers: Readers, *, limit: int, store: str = "", expansion: str = "", standing: bool = False, here: str = ""
    ) -> Found:
        if here:
            taught = partial(self._repository.taught_in, here, store=store)
            view = await first_seen(taught, CANDIDATES, readers, self._directory, self._repository)
            return Found(tuple(i for i in view.insights if i.was_taught(here))[:limit], view.withheld, view.missing)
        wanted = frozenset(_first(text, QUESTION_TERMS))
        added = frozenset(_first(expansion, EXPANSION_TERMS)) - wanted
        if not (wanted or added or standing):
            return Found((), {})
        matching = partial(self._repository.matching, wanted | added, store=store, status=self._status)
        pages = partial(self._repository.standing, store=store) if standing else matching
        view = await first_seen(pages, CANDIDATES, readers, self._directory, self._repository)
        scores = rank(wanted, view.insights, added)
        known = {i.id: i for i in view.insights}
        best = [i for i in scores if standing or scores[i]["score"] > 0][:limit]
        return Found(tuple(known[i] for i in best), view.withheld, view.missing, {i: scores[i] for i in best})

    async def search_parts(self, text: str, readers: Readers, parts: Sequence[Part], *, expansion: str = "") -> list[Found]:
        return [await self.search(text, readers, **part._asdict(), expansion=expansion) for part in parts]


def _sure(scores: Mapping[str, float]) -> bool:
    return scores.get("keywords", 1.0) > 0 or scores.get("surface", -1.0) >= 0


def rank(wanted: frozenset[str], insights: Sequence[Insight], added: frozenset[str] = frozenset()) -> dict[str, dict[str, float]]:
    """What each insight shares with the stems that are wanted, and with those that were added to them: by id, best first; among equals the
    one said last."""
    weights = [_weights(wanted | added, insight) for insight in insights]
    common = Counter(stem for weight in weights for stem in weight)
    rarity = {stem: math.log(1 + len(insights) / n) for stem, n in common.items()}
    scored = []
    for weight, insight in zip(weights, insights, strict=True):
        own = sum(w * rarity[stem] for stem, w in weight.items() if stem in wanted)
        more = sum(w * rarity[stem] for stem, w in weight.items() if stem in added)
        scored.append((own + EXPANSION * more, own, more, insight))
    scored.sort(key=lambda each: (-each[0], -each[3].newest, each[3].id))
    return {i.id: {"score": round(score, 4), "keywords": round(own, 4), "expansion": round(more, 4)} for score, own, more, i in scored}


def _first(text: str, most: int) -> list[str]:
    return list(dict.fromkeys(terms(text)))[:most]


def _weights(wanted: frozenset[str], insight: Insight) -> dict[str, float]:
    parts = (
        (SOURCE, [t for e in insight.evidence for t in e.terms]),
        (CUES, [t for cue in (*insight.cues, *insight.things) for t in terms(cue)]),
        (SENTENCE, terms(insight.sentence)),
    )
    return {stem: weight for weight, stems in parts for stem in stems if stem in wanted}
