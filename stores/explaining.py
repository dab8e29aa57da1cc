"""Why insights were shown for a question, or not: by their ids alone, for the record of a reply and for whoever asks about it.

It is worked out beside the answering call and changes nothing that the model is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from stores.conversations import Question
from stores.insights import Insight
from stores.search import Search

CANDIDATES = 16  # of all stores together, the best ones, whose scores are told
EXPLAINED = 64  # insights that one record explains
WITHHELD = 100  # that the record of one reply names

FITS = "shown: it fits the question"
STANDING = "shown: it bears on every choice"
FULL = "left out: the context was full"
OTHERS = "left out: others fit better"


@dataclass(frozen=True, slots=True)
class Why:
    """Why one insight was shown or left out, and what it was ranked by (name → number; empty where it was not ranked)."""

    reason: str
    scores: Mapping[str, float] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        return self.reason in (FITS, STANDING)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Insight id → why, the best first; and why others were withheld from these readers (insight id → reason)."""

    why: Mapping[str, Why] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)
    missing: bool = False


async def explain(question: Question, shown: Iterable[Insight], crowded: Iterable[str], finder: Search) -> Explanation:
    """Explain what was `shown` for a question, what the context had no room for (`crowded`), and what else came close.

    What shares a word with the question but may not be seen is named as withheld, never with a score.
    """
    found = await finder.search(question.text, question.readers, limit=CANDIDATES, expansion=question.expansion)
    reasons = {i.id: OTHERS for i in found.insights} | dict.fromkeys(crowded, FULL)
    reasons |= {i.id: STANDING if i.standing and i.id not in found.scores else FITS for i in shown}
    ranked = [*(i.id for i in found.insights), *reasons]
    why = {i: Why(reasons[i], _numbers(found.scores.get(i, {}))) for i in dict.fromkeys(ranked)}
    withheld = {i: reason for i, reason in found.withheld.items() if i not in reasons}
    return Explanation(dict(islice(why.items(), EXPLAINED)), dict(islice(withheld.items(), WITHHELD)), found.missing)


def _numbers(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(number), 4) for name, number in scores.items() if math.isfinite(number)}
