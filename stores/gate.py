"""Whether what was found fits well enough. Two points: for the context, where the model judges, and for speaking unasked.

At the surface point an insight is shown when a logistic function of a few cheap numbers says so. They compare it with its rivals, because
no cut by the cosine alone fits two workspaces. The coefficients come from `python -m tests.bench.recall.train_gate`, from whole
conversations and parts of them, and questions that nothing in them fits. They are the same for every workspace.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stores.ranking import Numbers, numbers
from stores.scripts import stems_of, words_of
from stores.stop_words import JOINING

AT_MOST = 3  # insights that are said unasked
RIVALS = 5  # the next ones, to which a candidate is compared
CONSIDERED = AT_MOST + RIVALS  # best insights that the gate looks at
NEWS = 3  # stems beside those of the question are news enough; a sentence that only repeats the question answers nothing
SURER = 1.5  # how far above the surface point a second and a third one must be
FAINT = 0.1  # a cosine that unrelated texts reach as well: below it, and without a shared word, an insight is not even context


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best insights for a question, the best first, `CONSIDERED` of them where there are so many; a number each.

    `scores`, `keywords` and `cosines` (None without vectors) are those of `stores.ranking`. `covered`: which share of the question's stems
    the insight holds, rare ones counting more. `rarest`: how rare the rarest of those is, 1 for a stem that nobody holds; `telling`: the
    same, 1 for the question's rarest. `new`: how many stems of its sentence the question does not hold.
    """

    scores: Numbers
    keywords: Numbers
    cosines: Numbers | None
    covered: Numbers
    rarest: Numbers
    telling: Numbers
    new: Numbers

    def told(self, place: int) -> dict[str, float]:
        """The last four of one of them, in the words of the inspector."""
        four = {"covered": self.covered, "rarest": self.rarest, "telling": self.telling, "new": self.new}
        return {name: round(float(each[place]), 4) for name, each in four.items()}


@dataclass(frozen=True, slots=True)
class Coefficients:
    """One for each of `features`, in their order; `least` is the smallest sum that is said unasked."""

    weights: tuple[float, ...]
    bias: float
    least: float


WITH_VECTORS = Coefficients((-2.444, 7.403, 1.91, -1.241, 5.137, 1.981, -0.414, 0.866), bias=-11.779, least=-0.9)
KEYWORDS_ALONE = Coefficients((0.644, 0.0, 0.79, -1.876, 4.928, 4.179, -1.101, 0.113), bias=-8.025, least=-1.2)


def features(found: Candidates) -> Numbers:
    """What is known of the best few, one row each: keyword share, cosine, lead over its rivals, how far it is behind the best, `covered`,
    `rarest`, `telling`, and `new`."""
    scores = found.scores[:CONSIDERED]
    count = min(AT_MOST, len(scores))
    rivals = np.zeros(CONSIDERED + 1, np.float32)
    rivals[: len(scores)] = np.maximum(scores, 0)
    known = np.empty((count, 8), np.float32)
    known[:, 0] = found.keywords[:count]
    known[:, 1] = 0 if found.cosines is None else numbers(found.cosines[:count])
    known[:, 2] = [scores[i] - np.add.reduce(rivals[i + 1 : i + 1 + RIVALS]) / np.float32(RIVALS) for i in range(count)]
    known[:, 3] = scores[:1] - scores[:count]
    known[:, 4], known[:, 5], known[:, 6] = found.covered[:count], found.rarest[:count], found.telling[:count]
    known[:, 7] = np.minimum(found.new[:count], NEWS)
    return known


def confidences(found: Candidates) -> list[float]:
    """How far each of the best few is above (0 or more) or below the surface point."""
    if not len(found.scores):
        return []
    chosen = KEYWORDS_ALONE if found.cosines is None else WITH_VECTORS
    sums: list[float] = (features(found) @ np.array(chosen.weights, np.float32) + chosen.bias - chosen.least).tolist()
    return sums


def fits_context(keywords: Numbers, cosines: Numbers | None) -> list[bool]:
    """For each insight whether it is worth the model's look at all."""
    near = np.zeros(len(keywords), bool) if cosines is None else numbers(cosines) >= FAINT
    fitting: list[bool] = ((keywords > 0) | near).tolist()
    return fitting


def about_another(question: str, sentence: str, names: Collection[str]) -> bool:
    """Whether the question names people, and those whom the sentence names first, together, are others. `names`: first or whole names."""
    known = {parts[0]: set(parts) for name in names if (parts := [_bare(part) for part in name.lower().split()])}
    named = {part for each in known.values() for part in each} | JOINING
    asked, told = known.keys() & set(_words(question, named)), _told(_words(sentence, named), known)
    return bool(asked and told and not asked & told)


def _words(text: str, named: Collection[str]) -> list[str]:
    return [_bare(word) for word in words_of(text.lower(), named)]


def _bare(word: str) -> str:
    """A word without the ending that some languages give to names too."""
    return word if word in JOINING else (stems_of(word) or (word,))[0]


def _told(words: Sequence[str], known: Mapping[str, Collection[str]]) -> set[str]:
    """The first names of the first people named in one breath: "Ana, Bo Berg and Cleo" are three."""
    start = next((n for n, word in enumerate(words) if word in known), len(words))
    told: set[str] = set()
    for word in words[start:]:
        if word in known:
            told.add(word)
        elif word not in JOINING and not any(word in known[name] for name in told):
            break
    return told


def surfaced(confident: Sequence[float], barred: Sequence[bool]) -> list[int]:
    """The places of those to say unasked, the surest first. A second and a third have to be surer than the first has."""
    order = sorted((i for i, bar in enumerate(barred[: len(confident)]) if not bar), key=lambda i: -confident[i])
    return [i for n, i in enumerate(order) if confident[i] >= (SURER if n else 0)]
