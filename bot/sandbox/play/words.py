"""What a message says, without case and markup, so that words can be looked for in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import Any

_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_CHANNEL = re.compile(r"<#([A-Z0-9]+)(?:\|([^>]*))?>")
_LABELLED = re.compile(r"<[^<>|]+\|([^<>]+)>")
_BARE = re.compile(r"<([^<>]+)>")
_MARKUP = re.compile(r"[*_~`]|^\s*>+", re.MULTILINE)
_SPOKEN = ("text", "alt_text", "name", "url", "user_id")

Names = Mapping[str, str]


def said(text: str, names: Names) -> str:
    """Slack's mrkdwn as a person reads it: names for ids, labels for links, no entities."""
    text = _MENTION.sub(lambda found: f"@{names.get(found[1], found[1])}", text)
    text = _CHANNEL.sub(lambda found: names.get(found[1]) or f"#{found[2] or found[1]}", text)
    text = _LABELLED.sub(r"\1", text)
    return unescape(_BARE.sub(r"\1", text))


def folded(text: str) -> str:
    """The text without case, markup and differences in white space."""
    text = _MARKUP.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(text.casefold().split())


def everything(message: Mapping[str, Any], names: Names) -> str:
    """All that a reader finds in a message, in its text or in its blocks, as `folded` has it."""
    texts = [str(message.get("text") or ""), *_spoken(message.get("blocks") or [], names)]
    return folded("\n".join(said(text, names) for text in texts))


def occurs(phrase: str, text: str) -> bool:
    """Whether a word or phrase occurs in a text that is `folded`."""
    return folded(phrase) in text


def sources(message: Mapping[str, Any], names: Names) -> list[str]:
    """The lines under a reply that name where it comes from: what stands in its context blocks."""
    blocks = [block for block in message.get("blocks") or [] if block.get("type") == "context"]
    return [said(text, names) for block in blocks for text in _spoken(block.get("elements") or [], names)]


def cites(message: Mapping[str, Any], name: str, names: Names) -> bool:
    """Whether the sources of a reply name this teammate."""
    whole = re.compile(rf"(?<!\w){re.escape(name.casefold())}(?!\w)")
    return any(whole.search(line.casefold()) for line in sources(message, names))


def buttons(message: Mapping[str, Any]) -> list[str]:
    """The labels of all buttons of a message."""
    return [str(found["text"]["text"]) for found in _parts(message.get("blocks") or []) if found.get("type") == "button"]


def fields(message: Mapping[str, Any]) -> list[str]:
    """The actions of all fields of a message."""
    return [str(found["element"]["action_id"]) for found in _parts(message.get("blocks") or []) if found.get("type") == "input"]


def _spoken(value: Any, names: Names) -> Iterator[str]:
    """Each text inside Block Kit; of rich text the people it mentions too."""
    for part in _parts(value):
        for key in _SPOKEN:
            found = part.get(key)
            if isinstance(found, str) and not (key == "name" and part.get("type") != "emoji"):
                yield f"@{names.get(found, found)}" if key == "user_id" else found


def _parts(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping inside a JSON value, outermost first."""
    inner: Iterable[Any] = ()
    if isinstance(value, Mapping):
        yield value
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    for each in inner:
        yield from _parts(each)
