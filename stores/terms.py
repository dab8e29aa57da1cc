"""Words reduced to stems, without those that say nothing: what keyword recall compares. English and German."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import snowballstemmer

from stores.stop_words import ENGLISH, GERMAN

_WORD = re.compile(r"\w+(?:[-']\w+)*", re.UNICODE)
_STOP = ENGLISH | GERMAN


def terms(text: str) -> list[str]:
    """The stems of a text in order, duplicates included. A compound such as "on-call" yields its parts and the whole."""
    return [stem for token in _WORD.findall(text.lower()) for stem in _within(token)]


def subjects(text: str) -> frozenset[str]:
    """The different words of a text, each by one stem: to count how many two texts share."""
    return frozenset(found[0] for token in _WORD.findall(text.lower()) for word in _words(token) if (found := stems(word)))


@lru_cache(maxsize=50_000)
def stems(word: str) -> tuple[str, ...]:
    """The stems of one lower-case word, English first; both, when the two languages differ. Stop words have none."""
    if word in _STOP or len(word) > 60:
        return ()
    english, german = _stemmers()
    return tuple(dict.fromkeys((english.stemWord(word), german.stemWord(word))))


@lru_cache(maxsize=50_000)
def _within(token: str) -> tuple[str, ...]:
    return tuple(stem for word in _words(token) for stem in stems(word))


def _words(token: str) -> Iterator[str]:
    word = token.strip("-'_")
    if word.endswith("'s"):
        word = word[:-2]
    yield word
    if ("-" in word or "'" in word) and word not in _STOP:
        yield from (part for part in re.split(r"[-']", word) if len(part) > 1)


@cache
def _stemmers() -> tuple[snowballstemmer.stemmer, snowballstemmer.stemmer]:
    return snowballstemmer.stemmer("english"), snowballstemmer.stemmer("german")
