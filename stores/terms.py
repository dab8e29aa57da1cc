"""Words reduced to stems, without those that say nothing: what keyword recall compares. English, German, and languages in other scripts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import chain

import Stemmer

from stores.scripts import MARKS, pairs, runs, stems_of, unspaced
from stores.stop_words import ENGLISH, GERMAN, SPACED

_PLAIN = re.compile(r"\w+(?:[-']\w+)*", re.ASCII)
_WORD = re.compile(rf"\w[\w{MARKS}]*(?:[-'][\w{MARKS}]+)*")
_STOP = ENGLISH | GERMAN | SPACED


def terms(text: str) -> list[str]:
    """The stems of a text in order, duplicates included. A compound such as "on-call" yields its parts and the whole; what is written
    without spaces, its pairs of letters."""
    return list(chain.from_iterable(map(_within, _tokens(text))))


def subjects(text: str) -> frozenset[str]:
    """The different words of a text, each by one stem: to count how many two texts share."""
    return frozenset(stem for token in _tokens(text) for word in _words(token) for stem in _once(word))


def shared(one: str, other: str) -> float:
    """The part of their words that two texts share, by the one with fewer of them: 0 to 1."""
    a, b = subjects(one), subjects(other)
    return len(a & b) / max(min(len(a), len(b)), 1)


@lru_cache(maxsize=50_000)
def stems(word: str) -> tuple[str, ...]:
    """The stems of one lower-case word, English first; both, when the two languages differ. Stop words have none."""
    if not word.isascii() and unspaced(word):
        return pairs(word)
    if word in _STOP or len(word) > 60:
        return ()
    if not word.isascii() and (others := stems_of(word)) is not None:
        return others
    english, german = _stemmers()
    return tuple(dict.fromkeys((english.stemWord(word), german.stemWord(word))))


def _once(word: str) -> tuple[str, ...]:
    """What a word counts as: one stem of it, or the pairs of what may be many words."""
    found = stems(word)
    return found if not word.isascii() and unspaced(word) else found[:1]


def _tokens(text: str) -> list[str]:
    """The words in lower case, each letter written in the one way that is the same everywhere: wide Latin letters are plain ones."""
    if text.isascii():
        return _PLAIN.findall(text.lower())
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


@lru_cache(maxsize=50_000)
def _within(token: str) -> tuple[str, ...]:
    return tuple(stem for word in _words(token) for stem in stems(word))


def _words(token: str) -> Iterator[str]:
    if not token.isascii() and unspaced(token):
        yield from (part for run in runs(token) for part in ([run] if unspaced(run) else _words(run)))
        return
    word = token.strip("-'_")
    if word.endswith("'s"):
        word = word[:-2]
    yield word
    if ("-" in word or "'" in word) and word not in _STOP:
        yield from (part for part in re.split(r"[-']", word) if len(part) > 1)


@cache
def _stemmers() -> tuple[Stemmer.Stemmer, Stemmer.Stemmer]:
    return Stemmer.Stemmer("english"), Stemmer.Stemmer("german")
