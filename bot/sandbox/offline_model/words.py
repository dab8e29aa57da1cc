"""The words and cues of `cues.toml`, and texts as the rules compare them: stems of the words that say something."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

import Stemmer

CUES = tomllib.loads(Path(__file__).with_name("cues.toml").read_text(encoding="utf-8"))
WORDS = {name: frozenset(text.split()) for name, text in CUES["words"].items()}
STOP = WORDS["english"] | WORDS["german"]

_WORD = re.compile(r"\d+(?:[:.,/-]\d+)*|\w+(?:'\w+)?")
_ENGLISH, _GERMAN = Stemmer.Stemmer("english"), Stemmer.Stemmer("german")


def cue(section: str, name: str, before: str = "", after: str = "") -> re.Pattern[str]:
    """The cues of this name as one regular expression; case aside."""
    return re.compile(f"{before}(?:{'|'.join(CUES[section][name].strip().splitlines())}){after}", re.IGNORECASE)


def written(text: str) -> list[str]:
    """The words of a text in order, as written, each part of a joined one by itself."""
    return [re.sub(r"'s$", "", word) for word in _WORD.findall(text)]


def content(text: str) -> frozenset[str]:
    """The stems of a text's words that are neither stop nor question words."""
    return frozenset(stem(word.lower()) for word in written(text) if word.lower() not in STOP)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """One stem for all forms of a word, in either language."""
    return str(_GERMAN.stemWord(_ENGLISH.stemWord(word)))
