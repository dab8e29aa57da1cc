"""Reading by rule: a message is cut into sentences; those that state something are kept as said, and cue words choose their kind."""

from __future__ import annotations

import json
import re
from textwrap import wrap
from typing import Any

from bot.sandbox.offline_model.words import CUES, STOP, WORDS, cue, written

LONGEST = 300  # characters of a sentence

_QUOTE, _CODE, _LIST, _BULLET, _END = (cue("cut", name) for name in ("quote", "code", "list", "bullet", "end"))
_INNER_STOP, _EDGE, _EMOJI, _ADDRESS = (cue("cut", name) for name in ("inner stop", "edge", "emoji", "address"))
_TELLS, ASKS_TO_LEARN = cue("talk", "tells", "^"), cue("talk", "asks to learn")
_QUESTION, _ASKS = cue("talk", "question", f"^(?:(?:{CUES['talk']['filler']})[, ]+)*"), cue("talk", "asks", r"\b")
_GUESS, _WISH = cue("talk", "guess", r"\b"), cue("talk", "wish", after=r"\W*")
_KINDS = {kind: cue("kind", kind, r"(?<!\w)", r"(?!\w)") for kind in CUES["kind"]}
_TAG = re.compile(r"\[([\w-]+)\]\s+(\S.*)", re.S)
_KIND_WORDS = WORDS["greetings"] | WORDS["small"]


def drafts(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to an extraction prompt: each statement of the messages with an id becomes one draft."""
    system, user = (next(m["content"] for m in messages if m["role"] == role) for role in ("system", "user"))
    offered = re.findall(r"^- ([\w-]+): ", system, re.M)
    said = [(m["id"], *tagged(sentence, offered)) for m in json.loads(user)["messages"] if m["id"] for sentence in statements(m["text"])]
    rest: dict[str, Any] = {"cues": [], "things": [], "fields": []}
    return {"drafts": [{"kind": kind, "sentence": s, "evidence": [message], **rest} for message, kind, s in said]}


def statements(text: str) -> list[str]:
    """What a message states, sentence by sentence, each once."""
    return list(dict.fromkeys(filter(None, map(statement, sentences(text)))))


def sentences(text: str) -> list[str]:
    """The sentences of a message in order, as long as an insight may be. Quotes are left out; a list's lines get its heading."""
    text = _CODE.sub(lambda m: " " + " ".join(m[0].split()), _QUOTE.sub("", text.replace("\u2019", "'")))
    text = _LIST.sub(lambda m: _BULLET.sub(f"{m[1]} ", m[2]), text)
    text = _INNER_STOP.sub(lambda m: m[0].replace(".", "\ue000"), _BULLET.sub("", text))  # held until the text is cut
    lines = _END.sub(r"\g<0>\n", text).replace("\ue000", ".").splitlines()
    return [piece for line in lines for piece in wrap(line.strip(), LONGEST, break_on_hyphens=False)]


def statement(sentence: str) -> str:
    """What a sentence states, as said, without greeting, thanks and "remember that"; "" for one that states nothing."""
    text = plain(sentence)
    told = _TELLS.match(text)
    parts = _EDGE.split(text[told.end() :].rstrip("?") if told else text)
    if is_question(text) or _GUESS.search(text) or all(map(_says_nothing, parts)):
        return ""
    while _only_greets(parts[0]):
        parts.pop(0)
    while _only_greets(parts[-1]):
        parts.pop()
    said = " ".join(parts).strip(" ,;:-\u2013\u2014")
    return said[0].upper() + said[1:] if written(said)[0] in STOP else said


def plain(sentence: str) -> str:
    """A sentence without emoji, and without "@tacit" wherever it stands."""
    return _ADDRESS.sub("", _EMOJI.sub("", sentence)).strip()


def is_question(text: str) -> bool:
    """Whether an answer is wanted: a question, with or without a mark, or a request such as "tell me about …"."""
    text = plain(text)
    asks = _ASKS.search(text) or (_QUESTION.match(text) and not re.search(r"[,:]|[.!]$", text))
    return bool(asks) and not (_TELLS.match(text) or _WISH.fullmatch(text))  # "can you remember that …?" tells, "how are you?" greets


def _says_nothing(part: str) -> bool:
    """Whether there are only little and kind words, names that are greeted or stand alone, or a wish."""
    said = written(part)
    rest = [word for word in said if word.lower() not in STOP | _KIND_WORDS | WORDS["topics"]]
    named = len(rest) <= 2 and all(word[0].isupper() for word in rest) and (rest == said or said[0].lower() in WORDS["greetings"])
    return not rest or named or bool(_WISH.fullmatch(part))


def _only_greets(part: str) -> bool:
    return _says_nothing(part) and any(word.lower() in _KIND_WORDS for word in written(part))


def tagged(sentence: str, offered: list[str]) -> tuple[str, str]:
    """The kind of a sentence, and the sentence. "[deadline] …" names it, for stores whose kinds no cue word knows, and is no part of it."""
    tag = _TAG.match(sentence)
    return (tag[1].lower(), tag[2]) if tag and tag[1].lower() in offered else (kind_of(sentence, offered), sentence)


def kind_of(sentence: str, offered: list[str]) -> str:
    """The first kind on offer that the cue words of a sentence speak for; "fact", or the last on offer, where none does."""
    cued = (kind for kind, cues in _KINDS.items() if kind in offered and cues.search(sentence))
    return next(cued, "fact" if "fact" in offered or not offered else offered[-1])
