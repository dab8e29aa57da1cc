"""What is indexed of an insight: numbers only. A stem stands as its hash, so that no word of anybody's is kept here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from stores.insights import Evidence, Insight, Taught
from stores.ranking import CUES, OFTEN, SENTENCE, SOURCE, repeated
from stores.terms import terms

MOST_STEMS = 1000  # different stems of one insight
IN_SENTENCE, IN_CUES, IN_SOURCE = 1, 2, 4
AGAIN = 8  # for each further time that a stem stands in the sentence
BITS = AGAIN * OFTEN  # so many different ways for a stem to stand in an insight


class Origin(NamedTuple):
    """Where something was taught, as far as the audience rule asks."""

    place: str
    taught: Taught
    teammate: str  # in a DM, or unconfirmed; "" elsewhere


class Said(NamedTuple):
    """An origin of an insight's evidence, and the time of its oldest and of its newest piece there."""

    origin: Origin
    oldest: float
    newest: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One insight. `stems`: hash → the places that the stem stands in, as bits, and how often (see `AGAIN`). `lengths`: how many different
    stems each place has."""

    id: str
    store: str
    about: str | None
    standing: bool
    learned_at: float
    superseded_by: tuple[str, ...]
    said: tuple[Said, ...]
    conversation: int  # a hash of the one it was learned in first, -1 for none
    stems: dict[int, int]
    lengths: tuple[int, int, int]
    revision: int = 0  # of its document: an entry that is indexed in this revision need not be indexed again


def entry_of(insight: Insight, revision: int = 0) -> Entry:
    """What is indexed of this insight."""
    sentence = terms(insight.sentence)
    stems = _placed(
        (IN_SENTENCE, sentence),
        (IN_CUES, terms("\n".join((*insight.cues, *insight.things)))),
        (IN_SOURCE, [stem for evidence in insight.evidence for stem in evidence.terms]),
    )
    _count(stems, sentence)
    return Entry(
        insight.id,
        insight.store,
        insight.about,
        insight.standing,
        insight.learned_at,
        insight.superseded_by,
        said(insight.evidence),
        _conversation(insight.evidence),
        stems,
        _lengths(stems),
        revision,
    )


def said(evidence: Iterable[Evidence]) -> tuple[Said, ...]:
    """The origins of this evidence, in a stable order."""
    times: dict[Origin, list[float]] = {}
    for e in evidence:
        origin = Origin(e.place, e.taught, e.teammate if e.taught in ("dm", "unconfirmed") else "")
        times.setdefault(origin, []).append(e.at)
    return tuple(Said(origin, min(at), max(at)) for origin, at in sorted(times.items()))


def texts_of(insight: Insight) -> tuple[str, str]:
    """What is embedded: the sentence, and cues and things joined ("" when there are none)."""
    return insight.sentence, "; ".join((*insight.cues, *insight.things))


def key(word: str) -> int:
    """A stem or an id as 64 bits, the same in every process."""
    return int.from_bytes(hashlib.blake2b(word.encode(errors="surrogatepass"), digest_size=8).digest(), "little")


stem_key = lru_cache(maxsize=50_000)(key)


def _placed(*places: tuple[int, Iterable[str]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for bit, stems in places:
        for name in map(stem_key, stems):
            found[name] = found.get(name, 0) | bit
    return found if len(found) <= MOST_STEMS else dict(islice(found.items(), MOST_STEMS))


def _count(stems: dict[int, int], sentence: Sequence[str]) -> None:
    """Note how often each stem stands in the sentence."""
    if len(set(sentence)) < len(sentence):
        for stem, times in Counter(sentence).items():
            if (name := stem_key(stem)) in stems:
                stems[name] += AGAIN * (min(times, OFTEN) - 1)


def _conversation(evidence: Sequence[Evidence]) -> int:
    return key(f"{evidence[0].place}:{evidence[0].conversation}") >> 1 if evidence else -1


def _lengths(stems: dict[int, int]) -> tuple[int, int, int]:
    sentence = cues = source = 0
    for bits, n in Counter(stems.values()).items():
        sentence += n * (bits & IN_SENTENCE)
        cues += n * (bits & IN_CUES) // IN_CUES
        source += n * (bits & IN_SOURCE) // IN_SOURCE
    return sentence, cues, source


PLACES = ((IN_SENTENCE, SENTENCE), (IN_CUES, CUES), (IN_SOURCE, SOURCE))
WORTH = tuple(
    sum(worth * (repeated(bits // AGAIN + 1) if bit == IN_SENTENCE else 1) for bit, worth in PLACES if bits & bit) for bits in range(BITS)
)
"""For the places of a stem, as bits: what it is worth."""
