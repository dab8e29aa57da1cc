"""When to speak in a thread without having been mentioned: when people ask or tell us something, never when they talk to each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from stores.conversations import Message

Manner = Literal["answer", "silent", "unsure"]

_MENTION = re.compile(r"(?<![\w@])@(\w[\w.-]*)")
_WORD = re.compile(r"\w+")
_POLITE = """
    thanks thank you thx ty cheers ok okay cool great nice perfect awesome got it will do sounds good lol haha yes no yep nope sure alright
    so very much a lot all for the help that helps me too
    danke dir euch vielen dank merci super prima passt alles klar gut ja nein genau perfekt top gern gerne
    """.split()  # noqa: SIM905 - a list that people read


def manner(asked: Message, thread: Sequence[Message], us: str) -> Manner:
    """What to do about a later message of a thread that we answered in. `us`: our own display name.

    "unsure" leaves it to the model, which may stay silent; until it has decided, nothing shows.
    """
    before = [m for m in thread if m.at < asked.at]
    others = {m.name for m in before if not m.ours and not m.bot and m.speaker != asked.speaker}
    if _names(asked.text, us):
        return "answer"
    if _mentions_another(asked.text) or any(_names(asked.text, other) for other in others):
        return "silent"
    if _is_politeness(asked.text):
        return "silent"
    last = next((m for m in reversed(before) if m.speaker != asked.speaker and not m.bot), None)
    if last is None:
        return "answer"
    answered = next((m for m in before if m.id == last.question), None)
    return "answer" if last.ours and (answered is None or answered.speaker == asked.speaker) else "unsure"


def _mentions_another(text: str) -> bool:
    return bool(_MENTION.search(text))


def _names(text: str, name: str) -> bool:
    """Whether a text speaks to somebody by name: the whole display name, or its first word."""
    names = {name, name.split()[0]} if name.split() else set()
    return any(re.search(rf"(?<!\w){re.escape(n)}(?!\w)", text, re.IGNORECASE) for n in names if len(n) > 1)


def _is_politeness(text: str) -> bool:
    words = _WORD.findall(re.sub(r":[\w+-]+:", " ", text.lower()))
    return all(word in _POLITE for word in words)
