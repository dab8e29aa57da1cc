"""What kind of saying a sentence is: a question, small talk, a request, a guess, or a statement. English and German cues."""

from __future__ import annotations

import itertools
import re

from bot.sandbox.offline_model.cues import cues, pattern, words

EMOJI = re.compile(r":[a-z0-9_+-]+:|[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B00-\u2BFF\uFE0F\u200D]|(?<!\w)[:;]-?[()DPp](?!\w)")
_MENTION = re.compile(
    r"^\s*(?:(?:hey|hi|hello|hallo|ok|okay|dear|liebe[rs]?)[ ,]+)?"
    r"(?:<@\w+(?:\|[^>]*)?>|@tacit\b|tacit(?=\s*[,:!]|$))[\s,:;!.\u2013\u2014-]*",
    re.I,
)

_INNER_MENTION = re.compile(r"\s*,?\s*@tacit\b(?:,(?=\s))?", re.I)
_FILLER = rf"(?:{cues('filler')}[, ]+)*"
_REMEMBER = pattern(
    "remember", rf"^{_FILLER}(?:(?:can|could|would|will) you (?:please |also |just )*)?(?:i want you to |you (?:should|can) )?"
)
_ASIDE = pattern("aside", "^")
_TRAILING = pattern("trailing", r"[\s,;\u2013\u2014-]+", r"[.!]*$")
ASKS_TO_LEARN = pattern("asks to learn")
_QUESTION = pattern("question", r"^(?:(?:and|so|but|ok|okay|also|hey|oh|well|und|aber|also|na|sorry)[, ]+)*")
_LOOSE_QUESTION = re.compile(r"^(?:who|which|welche[rsnm]?|wer|whose|how to|where to)\b", re.I)  # without a full stop, and short
CHOICE = pattern("choice", r"\b", r"\b")
_CORE, _FILL, _BEGINNERS = words("small words"), words("small fillers"), words("beginners")
_PHRASES = pattern("small talk")
_NAMES = re.compile(r"@?[^\W\d_a-zäöü][\w.-]*(?: [^\W\d_a-zäöü][\w.-]*)?|(?:all|everyone|everybody|team|folks|alle|zusammen|both)")
_REQUEST = pattern("request", "^(?:please |bitte |could you |can you )*")
_ADVICE = pattern("asks for advice", r"\b")
_GUESS = pattern("guess")
_EDGE = re.compile(r"[,;:!\u2013\u2014]\s+|\s+[\u2013\u2014-]\s+|\.{2,}\s*|…\s*")


def without_address(sentence: str) -> str:
    """The sentence without "@tacit", wherever it stands, and without "Tacit," before it."""
    return _INNER_MENTION.sub("", _MENTION.sub("", sentence, count=1)).strip()


def is_question(sentence: str) -> bool:
    """Whether somebody asks, with or without a question mark."""
    text = without_address(_bare(sentence)).rstrip("\"'\u201d\u2019»)*_ ")
    if _REMEMBER.match(text):
        return False  # "can you remember that …?" tells
    if re.search(r"[?\uff1f\u061f][!.…]*$", text) or text.startswith("¿"):
        return True
    if text.endswith((".", "!")) and ("," in text or _LOOSE_QUESTION.match(text)):
        return False
    return _QUESTION.match(text) is not None or (_LOOSE_QUESTION.match(text) is not None and len(text.split()) <= 5)


def asks(sentence: str) -> bool:
    """Whether an answer is wanted: a question, "tell me about …", or somebody who cannot decide."""
    text = without_address(_bare(sentence))
    if is_question(sentence) or _ADVICE.search(text):
        return True
    return _REQUEST.match(text) is not None and not ASKS_TO_LEARN.search(text) and not _REMEMBER.match(text)


def is_small_talk(text: str) -> bool:
    """Whether a sentence says nothing but greetings, thanks, wishes and assents, and perhaps to whom."""
    parts = [part for part in _EDGE.split(_bare(text)) if part.strip()]
    small = [_is_small(part) for part in parts]
    return all(s or _NAMES.fullmatch(part.strip(" .!,")) for s, part in zip(small, parts, strict=True)) and (any(small) or not parts)


def _is_small(text: str) -> bool:
    bare = re.sub(r"\s+", " ", re.sub(r"[^\w\s'@+.-]", " ", text.replace("\u2019", "'"))).strip(" .-")
    if not any(c.isalpha() for c in bare):
        return not any(c.isdigit() for c in bare) or re.fullmatch(r"\+?\d{1,2}", bare) is not None
    said = bare.lower().split()
    if len(said) <= 9 and all(w in _CORE or w in _FILL for w in said) and any(w in _CORE for w in said):
        return True
    rest = " ".join(itertools.dropwhile(_CORE.__contains__, said))
    return len(said) <= 12 and (_PHRASES.fullmatch(bare) is not None or _PHRASES.fullmatch(rest) is not None)


def statement(sentence: str) -> str:
    """What a sentence states, as said, without what merely addresses somebody; "" for one that states nothing."""
    text = without_address(_bare(sentence))
    told = _REMEMBER.match(text)
    text = text[told.end() :] if told else text
    if told is None and is_question(text):
        return ""
    if is_small_talk(text):
        return ""
    aside = _ASIDE.match(text)
    text = text[aside.end() :] if aside else text
    text = _TRAILING.sub("", _trimmed(text)).strip()
    bare = text.strip(" .!,:;?")
    if not bare or is_small_talk(bare) or _REQUEST.match(bare) or _GUESS.search(bare):
        return ""
    return _capital(text.rstrip("?") if told else text)


def _trimmed(text: str) -> str:
    """Without the greeting before it and the thanks behind it. "No," stays: it corrects."""
    while (
        (edge := _EDGE.search(text))
        and is_small_talk(text[: edge.start()])
        and not re.match(r"(?i)no\b|nein\b", text)
        and text[edge.end() :]
    ):
        text = text[edge.end() :]
    edges = list(_EDGE.finditer(text))
    if edges and is_small_talk(text[edges[-1].end() :]) and text[: edges[-1].start()].strip():
        text = text[: edges[-1].start()]
    return text.strip()


def _bare(text: str) -> str:
    return EMOJI.sub("", text).strip()


def _capital(text: str) -> str:
    first = re.match(r"[a-zäöü]+(?=\s)", text)
    return text[0].upper() + text[1:] if first and first[0] in _BEGINNERS else text
