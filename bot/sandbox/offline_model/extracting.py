"""Extraction by rule: each sentence that states something becomes one draft, as said."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.sandbox.offline_model.kinds import kind_of
from bot.sandbox.offline_model.sentences import sentences
from bot.sandbox.offline_model.talk import statement

_KIND = re.compile(r"^- ([\w-]+): ", re.M)


def drafts(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to an extraction prompt: drafts from the messages with an id, none of them Tacit's."""
    offered = _KIND.findall(_text(messages, "system"))
    said = [m for m in json.loads(_text(messages, "user")).get("messages", []) if m.get("id") and m.get("speaker") != "Tacit"]
    return {"drafts": [_draft(s, m["id"], offered) for m in said for s in statements(str(m.get("text", "")))]}


def statements(text: str) -> list[str]:
    """What a message states, sentence by sentence, each once."""
    return list(dict.fromkeys(s for s in map(statement, sentences(text)) if s))


def _draft(sentence: str, message: str, offered: list[str]) -> dict[str, Any]:
    kind = kind_of(sentence, offered)
    return {"kind": kind, "sentence": sentence, "cues": [], "things": [], "evidence": [message], "fields": []}


def _text(messages: list[dict[str, Any]], role: str) -> str:
    """The first message of this role (a repair adds others behind it)."""
    return next((str(m.get("content") or "") for m in messages if m.get("role") == role), "{}")
