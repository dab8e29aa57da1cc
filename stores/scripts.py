"""Words in scripts other than Latin: those that set no spaces are cut into pairs of letters, the others lose what they attach to a word.

Nobody's dictionary is needed for that: what two texts have in common they have in common in pairs as well. Chinese, Japanese, Korean, Thai,
Lao, Khmer and Burmese; Cyrillic, Greek, Arabic, Hebrew and Devanagari.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache
from itertools import pairwise

import Stemmer

from stores.stop_words import CUT

MARKS = "".join(c for c in map(chr, (*range(0x300, 0x1D00), *range(0xA800, 0xAC00))) if unicodedata.category(c) in ("Mn", "Mc"))
"""What stands on or beside a letter, and is no letter to Python's regular expressions: Hindi and Thai would fall apart without it."""

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HIRAGANA, _KATAKANA, _HANGUL = "\u3041-\u309f", "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"
_SOUTHEAST = "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u108f\u1780-\u17d3"
UNSPACED = _HAN + _HIRAGANA + _KATAKANA + _HANGUL + _SOUTHEAST

_RUN = re.compile(f"[{_HAN}]+|[{_HIRAGANA}]+|[{_KATAKANA}]+|[{_HANGUL}]+|[{_SOUTHEAST}]+|[^{UNSPACED}]+")
_WRITTEN_SO = re.compile(f"[{UNSPACED}]")
_TOKEN = re.compile(f"[{UNSPACED}]+|(?:[^\\W{UNSPACED}]|[{MARKS}])+")
_JOINED = re.compile(f"[^\\W{UNSPACED}]{{2}}")  # two letters that one word may hold
_LETTER = re.compile(f".[{MARKS}]*", re.DOTALL)
_CUT = re.compile("|".join(sorted(CUT, key=len, reverse=True)))
_PARTICLE = re.compile("[은는이가을를에의도로와과만]$")
_STEMMED = {"CYRILLIC": "russian", "GREEK": "greek", "ARABIC": "arabic", "DEVANAGARI": "hindi"}


def unspaced(word: str) -> bool:
    """Whether any of it is written in a script that sets no spaces, or joins particles to words as Korean does."""
    return _WRITTEN_SO.search(word) is not None


def runs(word: str) -> list[str]:
    """The parts of a word, each in one script; little words of scripts without spaces are left out. What is not `unspaced` is one part."""
    return [part for run in _RUN.findall(word) for part in (_CUT.split(run) if unspaced(run) else [run]) if part]


def pairs(run: str) -> tuple[str, ...]:
    """The pairs of letters of a run in a script without spaces; a single letter where it is a word."""
    letters = _LETTER.findall(run)
    single = len(letters) == 1 and re.match(f"[{_HAN}{_HANGUL}]", run)
    noun = [letters[0]] if len(letters) == 2 and re.match(f"[{_HANGUL}]", run) and _PARTICLE.search(run) else []
    return (*(("".join(pair)) for pair in pairwise(letters)), *noun, *([run] if single else []))


def stems_of(word: str) -> tuple[str, ...] | None:
    """The stems of a word in a script with spaces other than Latin; None for any other word."""
    script = unicodedata.name(word[0], "").partition(" ")[0]
    if script == "HEBREW":
        bare = "".join(c for c in word if unicodedata.category(c) != "Mn")
        return (bare, bare[1:]) if len(bare) > 3 and bare[0] in "הובלמשכ" else (bare,)
    return (_stemmer(_STEMMED[script]).stemWord(word),) if script in _STEMMED else None


def holds(text: str, words: str) -> bool:
    """Whether a text holds these words, ignoring case, and as no part of others. What is written without spaces begins anywhere."""
    text, words = text.lower(), words.lower()
    at = text.find(words) if words else -1
    while at >= 0:
        before, after = text[max(at - 1, 0) : at] + words[0], text[at + len(words) :][:1] + words[-1]
        if not (_JOINED.fullmatch(before) or _JOINED.fullmatch(after)):
            return True
        at = text.find(words, at + 1)
    return False


def words_of(text: str, known: Collection[str]) -> list[str]:
    """The words of a text; of what is written without spaces those that are `known`, and single letters between them."""
    return [word for token in _TOKEN.findall(text) for word in (_known(token, known) if unspaced(token) else [token])]


def _known(token: str, known: Collection[str]) -> list[str]:
    found: list[str] = []
    while token:
        found.append(max((word for word in known if token.startswith(word)), key=len, default=token[0]))
        token = token[len(found[-1]) :]
    return found


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(language)
