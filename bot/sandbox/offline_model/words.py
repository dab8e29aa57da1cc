"""Words as the rules compare them: stems, without those that say nothing. English and German, by plain lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import snowballstemmer

from bot.sandbox.offline_model.cues import words

_ENGLISH, _GERMAN = words("stop words: english"), words("stop words: german")
STOP = _ENGLISH | _GERMAN

# "how long", "what time": the second word asks as much as the first.
_ASKING = re.compile(
    r"(?i)\b(?:how (?:long|often|far|much|many|soon|big|large|high|old|come)|what (?:time|kind|sort|type|day|date|is the name)|"
    r"which day|wie (?:lange|oft|viele?|weit|hoch|groß|spät|alt|heißt|heißen)|um wie viel uhr|welche[rsnm]? (?:uhrzeit|tag|art))\b"
)
_WORD = re.compile(r"\w+(?:[-'\u2019.:/]\w+)*")
PREFIX = 5  # letters that a compound must share with one of its parts


@dataclass(frozen=True, slots=True)
class Word:
    """One word that says something: as written, and all its stems (of its parts too, where a hyphen joins them)."""

    written: str
    stems: frozenset[str]

    def shares(self, other: Word, *, german: bool) -> bool:
        """The same word in another form, or a part of a compound; its last part only in German."""
        if self.stems & other.stems:
            return True
        pairs = [sorted((a, b), key=len) for a in self.stems for b in other.stems]
        return any(len(s) >= PREFIX and len(c) >= len(s) + 4 and (c.startswith(s) or (german and c.endswith(s))) for s, c in pairs)


def content(text: str) -> list[Word]:
    """The words of a text that are neither stop nor question words, in order."""
    found = (word_of(m.group()) for m in _WORD.finditer(_ASKING.sub(" ", text)))
    return [word for word in found if word is not None]


@lru_cache(maxsize=20_000)
def word_of(written: str) -> Word | None:
    """The word, or None for one that says nothing."""
    low = re.sub(r"['\u2019]s$", "", written.lower().replace("\u2019", "'"))
    if low in STOP or (len(low) < 2 and not low.isdigit()):
        return None
    parts = {low, *(p for p in re.split(r"[-'/]", low) if len(p) > 2)} - STOP
    return Word(written, frozenset(stem for part in parts for stem in _stems(part)))


def shared(asked: list[Word], text: str, *, german: bool) -> int:
    """How many of the words asked for stand in the text."""
    there = content(text)
    return sum(any(a.shares(t, german=german) for t in there) for a in asked)


def is_german(text: str) -> bool:
    """More German little words than English ones; an umlaut decides a draw."""
    said = [word.lower() for word in re.findall(r"\w+", text)]
    german, english = sum(word in _GERMAN for word in said), sum(word in _ENGLISH for word in said)
    return german > english or (german == english and re.search(r"[äöüßÄÖÜ]", text) is not None)


def _stems(word: str) -> set[str]:
    english, german = _stemmers()
    return {english.stemWord(word), german.stemWord(word)}


@cache
def _stemmers() -> tuple[snowballstemmer.stemmer, snowballstemmer.stemmer]:
    return snowballstemmer.stemmer("english"), snowballstemmer.stemmer("german")
