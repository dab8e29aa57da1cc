"""A sentence as the settling rules see it: words, values of a few classes (numbers, days, colours…), and marks of a correction."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.sandbox.offline_model.cues import cues, groups, pattern, starting, words
from bot.sandbox.offline_model.words import Word, word_of

_NUMBER = {word: str(n) for n, same in enumerate(groups("numbers")) for word in same} | {
    word: value for word, value in (pair.split("=") for pair in words("other numbers"))
}
_VALUE = {word: (kind, str(n)) for kind, name in starting("value: ").items() for n, same in enumerate(groups(name)) for word in same}
_LAST_ONLY = words("values at the end only")

_PREPOSITIONS, _COPULAS, _VERBS, _ARTICLES = words("prepositions"), words("copulas"), words("verbs"), words("articles")
_DROPPED, _NUMBERED = words("units") | words("generic"), words("numbered")

STRONG = re.compile(rf"\b{cues('mark: strong')}\b|^\W*(?:no|nein|nope|sorry)\b[,:]?", re.I)
WEAK, ENDED, ALSO = pattern("mark: weak", r"\b", r"\b"), pattern("mark: ended", r"\b", r"\b"), pattern("mark: also", r"\b", r"\b")
_NEGATION = re.compile(rf"\b{cues('mark: negation')}\b|n['\u2019]t\b", re.I)
_DENIED = re.compile(
    r"(?:[,;\u2013\u2014(-]\s*|\b(?:and|und|but|aber)\s+)(?:not|nicht|no longer|never)\s+([^,;.)]{2,60})"
    r"|\b(?:instead of|rather than|statt|anstatt|anstelle von)\s+([^,;.)]{2,60})",
    re.I,
)
_TOKEN = re.compile(r"\d+(?:[:.,/]\d+)*(?:\s?[ap]\.?m\b\.?|[a-z]\b)?|\w+(?:[-'\u2019.]\w+)*", re.I)


LITTLE = ("preposition", "copula", "verb", "article")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a sentence: `sort` is "word", one of `LITTLE`, or the class of a value."""

    sort: str
    written: str
    value: str = ""
    word: Word | None = None

    def like(self, other: Token) -> bool:
        """The same word in another form, the same value, or the same little word."""
        if self.word and other.word:
            return bool(self.word.stems & other.word.stems)
        return self.sort == other.sort and self.value == other.value


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence taken apart. `denied` is what it says does not hold, in "Monday, not Friday"."""

    tokens: tuple[Token, ...]
    denied: tuple[Token, ...]
    negated: bool
    strong: bool
    weak: bool
    ended: bool
    also: bool

    @property
    def words(self) -> list[Token]:
        return [t for t in self.tokens if t.word]

    def values(self, *, head: bool) -> dict[str, set[str]]:
        """The values by class: those that name the subject ("room 3 …", "on Mondays the lab …"), or the others."""
        found: dict[str, set[str]] = {}
        for n, token in enumerate(self.tokens):
            if not token.word and token.sort not in LITTLE and self._names_subject(n) is head:
                found.setdefault(token.sort, set()).add(token.value)
        return found

    def _names_subject(self, n: int) -> bool:
        sorts = [t.sort for t in self.tokens]
        first_word = next((i for i, t in enumerate(self.tokens) if t.word), len(sorts))
        if sorts[0] == "preposition":
            return n < first_word
        verb = next((i for i, sort in enumerate(sorts) if sort in ("preposition", "copula", "verb")), len(sorts))
        if n >= verb or (sorts[n] == "number" and not self._numbered(n, first_word)):
            return False
        return sorts[n] == "number" or not self._after_a_verb(n)

    def _after_a_verb(self, n: int) -> bool:
        """Whether a subject and an unknown verb stand before it: "the choir rehearses mondays"."""
        before = [t for t in self.tokens[:n] if t.word]
        adjacent = len(before) >= 2 and before[-1] is self.tokens[n - 1] and any(t.written[0].islower() for t in before)
        return adjacent or len(before) >= 3

    def _numbered(self, n: int, first_word: int) -> bool:
        """Whether a number belongs to the word before it: "room 3"."""
        before = self.tokens[n - 1] if n else None
        if before is None or n < first_word:
            return n < first_word
        named = before.written.lower() in _NUMBERED or before.written[0].isupper() or n - 1 == first_word
        return before.word is not None and named


def take_apart(text: str) -> Sentence:
    """The sentence without its marks of correction, which are noted beside it."""
    denied = " ".join(a or b for a, b in _DENIED.findall(text))
    plain = _DENIED.sub(" ", text) if denied else text
    negated = bool(len(_NEGATION.findall(STRONG.sub(" ", plain))) % 2)
    bare = ALSO.sub(" ", WEAK.sub(" ", STRONG.sub(" ", plain)))
    return Sentence(
        tuple(_tokens(bare)), tuple(_tokens(denied)), negated,
        bool(STRONG.search(text) or denied), bool(WEAK.search(text)), bool(ENDED.search(text)), bool(ALSO.search(text)),
    )  # fmt: skip


def _tokens(text: str) -> list[Token]:
    found = [m.group().strip(" .") for m in _TOKEN.finditer(text.replace("24/7", "always"))]
    tokens = [_token(written, found[n - 1] if n else "", last=n == len(found) - 1) for n, written in enumerate(found)]
    return [t for t in tokens if t is not None]


def _token(written: str, before: str, *, last: bool) -> Token | None:
    low = written.lower().replace("\u2019", "'")
    if low in _DROPPED or _NEGATION.fullmatch(low):
        return None
    if len(written) == 1 and written.isupper() and before.lower() in _NUMBERED:
        return Token("number", written, written)  # "ward B"
    if low in _NUMBER or low[0].isdigit():
        return Token("number", written, _NUMBER.get(low) or _clock(low))
    if (
        low in _VALUE
        and not (before and written[0].isupper() and _VALUE[low][0] == "colour")
        and (last or low not in _LAST_ONLY or (written[0].isupper() and low in ("may", "mon", "sat", "sun", "wed")))
    ):
        return Token(_VALUE[low][0], written, _VALUE[low][1])
    if low in _PREPOSITIONS:
        return Token("preposition", written, low)
    if low in _COPULAS:
        return Token("copula", written)
    if low in _ARTICLES:
        return Token("article", written)
    if low in _VERBS:
        return Token("verb", written, low.removesuffix("s"))
    word = word_of(written)
    return Token("word", written, word=word) if word else None


def _clock(low: str) -> str:
    """ "3pm", "15:00" and "15" are the same time."""
    number = re.sub(r"\s|[ap]\.?m\.?$|h$", "", low)
    hour = re.fullmatch(r"(\d{1,2})(?:[:.]00)?", number)
    if hour:
        after = 12 if re.search(r"p\.?m", low) and int(hour[1]) < 12 else 0
        return str(int(hour[1]) + after)
    return re.sub(r"^0(?=\d)|(?<=\d),(?=\d{3})", "", number)
