"""What is indexed of an insight: numbers only. A stem stands as its hash, so that no word of anybody's is kept here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from stores.insights import Evidence, Insight, Taught
from stores.terms import terms

MOST_STEMS = 400  # different stems of one insight
LONGEST = 65_535  # stems that a field's length counts up to
_BITS = ((0, 3), (2, 3), (4, 15))  # where in a byte each field counts a stem, and up to how often: sentence, cues and things, source


class Origin(NamedTuple):
    """Where something was taught, as far as the audience rule asks."""

    place: str
    taught: Taught
    teammate: str  # of a DM; "" elsewhere


class Said(NamedTuple):
    """An origin of an insight's evidence, and the time of its oldest and of its newest piece there."""

    origin: Origin
    oldest: float
    newest: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One insight. `stems`: hash → how often it occurs in which field, in one byte. `lengths`: the number of stems by field."""

    id: str
    store: str
    about: str | None
    standing: bool
    learned_at: float
    superseded_by: tuple[str, ...]
    said: tuple[Said, ...]
    stems: dict[int, int]
    lengths: tuple[int, int, int]
    revision: int = 0  # of its document: an entry that is indexed in this revision need not be indexed again


def entry_of(insight: Insight, revision: int = 0) -> Entry:
    """What is indexed of this insight."""
    fields = (
        terms(insight.sentence),
        [stem for text in (*insight.cues, *insight.things) for stem in terms(text)],
        [stem for evidence in insight.evidence for stem in evidence.terms],
    )
    return Entry(
        insight.id,
        insight.store,
        insight.about,
        insight.standing,
        insight.learned_at,
        insight.superseded_by,
        said(insight.evidence),
        _counted(fields),
        (min(len(fields[0]), LONGEST), min(len(fields[1]), LONGEST), min(len(fields[2]), LONGEST)),
        revision,
    )


def said(evidence: Iterable[Evidence]) -> tuple[Said, ...]:
    """The origins of this evidence, in a stable order."""
    times: dict[Origin, list[float]] = {}
    for e in evidence:
        origin = Origin(e.place, e.taught, e.teammate if e.taught == "dm" else "")
        times.setdefault(origin, []).append(e.at)
    return tuple(Said(origin, min(at), max(at)) for origin, at in sorted(times.items()))


def texts_of(insight: Insight) -> tuple[str, str]:
    """What is embedded: the sentence, and cues and things joined ("" when there are none)."""
    return insight.sentence, "; ".join((*insight.cues, *insight.things))


@lru_cache(maxsize=100_000)
def key(word: str) -> int:
    """A stem or an id as 64 bits, the same in every process."""
    return int.from_bytes(hashlib.blake2b(word.encode(errors="surrogatepass"), digest_size=8).digest(), "little")


def keys(stems: Iterable[str]) -> list[int]:
    return [key(stem) for stem in stems]


def _counted(fields: Sequence[Sequence[str]]) -> dict[int, int]:
    counted: dict[int, int] = {}
    for (shift, most), stems in zip(_BITS, fields, strict=True):
        for stem, count in Counter(stems).items():
            name = key(stem)
            if name in counted or len(counted) < MOST_STEMS:
                counted[name] = counted.get(name, 0) | min(count, most) << shift
    return counted


def weighed(sentence: float, cues: float, source: float) -> list[float]:
    """For each byte of `Entry.stems` how much the stem counts, given what one occurrence counts in each field."""
    worth = (sentence, cues, source)
    return [sum(w * (byte >> shift & most) for w, (shift, most) in zip(worth, _BITS, strict=True)) for byte in range(256)]
