"""The product's prompt for a reply, read as text: what was learned, who said what, which tools there are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

STANDING = ("goal", "constraint", "policy", "decision")

_LINE = re.compile(r'^\s*(?:>\s*)?\[(i\d+)\]\s*([\w-]+)[^"\n]*?("(?:[^"\\]|\\.)*")', re.M)


@dataclass(frozen=True, slots=True)
class Insight:
    """One quoted insight with its handle."""

    handle: str
    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Saying:
    """One message of the thread. Tacit's own have no speaker."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that a reply is made from. The last saying is what is answered; quick ones by the same person count as one."""

    insights: tuple[Insight, ...]
    thread: tuple[Saying, ...]
    tools: frozenset[str]
    after_tool: bool

    @property
    def last(self) -> Saying:
        return self.thread[-1]

    @property
    def others(self) -> frozenset[str]:
        """Who else speaks in the thread."""
        return frozenset(s.speaker for s in self.thread if s.speaker) - {self.last.speaker}


def asks_to_expand(body: dict[str, Any]) -> bool:
    """Whether words are wanted that bear on a question. It takes knowledge of the world to find any, and here is none."""
    return _text(body["messages"][-1]).startswith("QUESTION\n")


def read_prompt(body: dict[str, Any]) -> Prompt:
    """The prompt in a chat.completions request. Anything that does not look like it is taken as somebody's words."""
    messages: list[dict[str, Any]] = body["messages"]
    learned = next((_text(m) for m in messages if m.get("role") == "user" and _text(m).startswith("LEARNED\n")), "")
    said = [_saying(m) for m in messages if m.get("role") in ("user", "assistant") and _text(m) and _text(m) != learned]
    after = bool(messages) and messages[-1].get("role") == "tool"
    found = learned + "\n" + "\n".join(_text(m) for m in messages if m.get("role") == "tool")
    if after:
        said = [s for n, s in enumerate(said) if s.speaker or any(later.speaker for later in said[n:])]
    tools = frozenset(str(t.get("function", {}).get("name")) for t in body.get("tools") or ())
    return Prompt(_insights(found), tuple(_joined(said)) or (Saying("somebody", ""),), tools, after)


def _insights(text: str) -> tuple[Insight, ...]:
    found = {handle: Insight(handle, kind, _unquoted(quoted)) for handle, kind, quoted in _LINE.findall(text)}
    return tuple(found.values())


def _unquoted(quoted: str) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:
        return quoted.strip('"')


def _saying(message: dict[str, Any]) -> Saying:
    text = _text(message)
    if message["role"] == "assistant":
        return Saying("", text)
    try:
        said = json.loads(text)
        return Saying(str(said["speaker"]), str(said["text"]))
    except (ValueError, KeyError, TypeError):
        return Saying("somebody", text)


def _joined(said: list[Saying]) -> list[Saying]:
    """The last sayings in a row by the same person as one."""
    last = len(said) - 1
    while last > 0 and said[last].speaker and said[last - 1].speaker == said[last].speaker:
        last -= 1
    if last < 0 or last == len(said) - 1:
        return said
    return [*said[:last], Saying(said[last].speaker, "\n".join(s.text for s in said[last:]))]


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")
