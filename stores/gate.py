"""Whether what was found fits well enough. Two points: for the context, where the model judges, and for speaking unasked.

At the surface point an insight is shown when a logistic function of a few cheap numbers says so. They compare it with its rivals, because
no cut by the cosine alone fits two workspaces. The coefficients come from `python -m tests.bench.recall.train_gate`, from whole
conversations and parts of them, and questions that nothing in them fits. They are the same for every workspace.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from stores.ranking import Numbers, numbers

AT_MOST = 3  # insights that are said unasked
RIVALS = 5  # the next ones, to which a candidate is compared
CONSIDERED = AT_MOST + RIVALS  # best insights that the gate looks at
FAINT = 0.1  # a cosine that unrelated texts reach as well: below it, and without a shared word, an insight is not even context


@dataclass(frozen=True, slots=True)
class Coefficients:
    """One for each of `features`, in their order; `least` is the smallest sum that is said unasked."""

    weights: tuple[float, ...]
    bias: float
    least: float


WITH_VECTORS = Coefficients((0.653, 8.037, 2.888, -0.377, -0.487), bias=-8.216, least=-1.65)
KEYWORDS_ALONE = Coefficients((2.741, 0.0, 3.05, 0.033, -0.87), bias=-4.822, least=-1.35)


def features(scores: Numbers, keywords: Numbers, cosines: Numbers | None) -> Numbers:
    """What is known of the best few, one row each: keyword share, cosine, lead over its rivals, how far it is behind the best, and how many
    (as a logarithm) share more words with the question.

    All three arguments are of the best insights, the best first, `CONSIDERED` of them where there are so many; the numbers are those of
    `stores.ranking`.
    """
    scores, keywords = scores[:CONSIDERED], keywords[:CONSIDERED]
    count = min(AT_MOST, len(scores))
    padded = np.concatenate([scores, np.zeros(RIVALS, np.float32)])
    lead = [scores[i] - np.maximum(padded[i + 1 : i + 1 + RIVALS], 0).mean() for i in range(count)]
    more = [np.log1p((keywords > keywords[i]).sum()) for i in range(count)]
    cosine = np.zeros(count) if cosines is None else numbers(cosines[:count])
    return np.column_stack([keywords[:count], cosine, lead, scores[0] - scores[:count] if count else [], more]).astype(np.float32)


def confidences(scores: Numbers, keywords: Numbers, cosines: Numbers | None) -> list[float]:
    """How far each of the best few is above (0 or more) or below the surface point."""
    if not len(scores):
        return []
    chosen = KEYWORDS_ALONE if cosines is None else WITH_VECTORS
    sums = features(scores, keywords, cosines) @ np.array(chosen.weights, np.float32) + chosen.bias - chosen.least
    return [float(s) for s in sums]


def fits_context(keywords: Numbers, cosines: Numbers | None) -> list[bool]:
    """For each insight whether it is worth the model's look at all."""
    near = np.zeros(len(keywords), bool) if cosines is None else numbers(cosines) >= FAINT
    return [bool(fit) for fit in (keywords > 0) | near]


def about_another(question: str, sentence: str, names: Collection[str]) -> bool:
    """Whether the question names people, and the sentence names people but none of those. `names`: first names or whole names."""
    asked = _named(question, names)
    told = _named(sentence, names)
    return bool(asked and told and not asked & told)


def _named(text: str, names: Collection[str]) -> set[str]:
    words = set(re.findall(r"\w+", text.lower()))
    return {name for name in names if (parts := name.lower().split()) and parts[0] in words}


def surfaced(confident: Sequence[float], barred: Sequence[bool]) -> list[int]:
    """The places, best first, of those to say unasked. When the best of all is `barred`, silence: the rest fits worse."""
    if not confident or barred[0] or confident[0] < 0:
        return []
    return [i for i, (sure, bar) in enumerate(zip(confident, barred, strict=False)) if sure >= 0 and not bar]
