"""The table of steps: which keys each takes, and what may stand behind them. Nothing else says what a scenario may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.sandbox.play.reading import Reading, is_a, plain, scalar

Read = Callable[[Reading, yaml.Node], Any]


@dataclass(frozen=True)
class Form:
    """What a step looks like: a mapping with these keys (all of `needs` among them), or one word out of `words`.

    `after`: the steps of which one must stand before it.
    """

    keys: Mapping[str, Read] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def teammate(reading: Reading, node: yaml.Node) -> str | None:
    name = (scalar(node) or "").removeprefix("@")
    if name in reading.teammates:
        return name
    reading.wrong(node, f"There is no teammate `{name}` in this workspace. There are: {', '.join(reading.teammates) or 'none'}.")
    return None


def member(reading: Reading, node: yaml.Node) -> str | None:
    """A teammate, or Tacit itself."""
    return reading.bot if scalar(node) == reading.bot else teammate(reading, node)


def channel(reading: Reading, node: yaml.Node) -> str | None:
    name = scalar(node)
    if name is None:
        reading.wrong(node, 'A channel is missing here. Write it in quotes, as in "#infra": without them YAML takes it for a comment.')
    elif name.removeprefix("#") not in reading.channels:
        reading.wrong(node, f"There is no channel `{name}` in this workspace. There are: {_channels(reading)}.")
    else:
        return f"#{name.removeprefix('#')}"
    return None


def place(reading: Reading, node: yaml.Node) -> str | None:
    return "dm" if scalar(node) == "dm" else channel(reading, node)


def place_or_thread(reading: Reading, node: yaml.Node) -> str | None:
    return "thread" if scalar(node) == "thread" else place(reading, node)


def text(reading: Reading, node: yaml.Node) -> str | None:
    found = scalar(node)
    if not found or not found.strip():
        reading.wrong(node, "A text is missing here.")
        return None
    return found


def words(reading: Reading, node: yaml.Node) -> tuple[str, ...]:
    """A list of words or phrases, as they are written; a single one may stand without brackets."""
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return tuple(found for item in items if (found := text(reading, item)))


def reply(reading: Reading, node: yaml.Node) -> str | None:
    if scalar(node) != "reply":
        reading.wrong(node, "This must be `reply`, or be left out.")
        return None
    return "reply"


def count(reading: Reading, node: yaml.Node) -> int:
    value = plain(node) if is_a(node, "int") else None
    if value is None or value < 0:
        reading.wrong(node, "This must be a whole number, 0 or more.")
        return 0
    return int(value)


def seconds(reading: Reading, node: yaml.Node) -> float:
    value = plain(node) if is_a(node, "int", "float") else None
    if value is None or not 0 <= value <= 86400:
        reading.wrong(node, "This must be a number of seconds, 0 or more.")
        return 0.0
    return float(value)


def flag(reading: Reading, node: yaml.Node) -> bool:
    if not is_a(node, "bool"):
        reading.wrong(node, "This must be `true` or `false`.")
        return False
    return bool(plain(node))


def slash_command(reading: Reading, node: yaml.Node) -> str | None:
    found = text(reading, node)
    if found and not found.startswith("/"):
        reading.wrong(node, "A command begins with a slash, as in `/learnings egress`.")
    return found


def _channels(reading: Reading) -> str:
    return ", ".join(f"#{name}" for name in reading.channels) or "none"


FORMS: dict[str, Form] = {
    # what people do
    "say": Form({"as": teammate, "in": place_or_thread, "text": text}, needs=("as", "in", "text")),
    "edit": Form({"text": text}, needs=("text",), after=("say",)),
    "delete": Form(after=("say",)),
    "react": Form({"as": teammate, "emoji": text, "to": reply}, needs=("as", "emoji"), after=("say",)),
    "command": Form({"as": teammate, "in": place, "text": slash_command}, needs=("as", "in", "text")),
    "click": Form({"as": teammate, "label": text, "text": text}, needs=("as", "label"), after=("say", "command")),
    "join": Form({"as": member, "in": channel}, needs=("as", "in")),
    "leave": Form({"as": member, "in": channel}, needs=("as", "in")),
    # what is judged
    "reply": Form({"mentions": words, "not_mentions": words, "cites": teammate}, after=("say", "command")),
    "no_reply": Form(),
    "replies": Form({"count": count}, needs=("count",), after=("say", "command")),
    "learned": Form({"mentions": words, "not_mentions": words, "from": teammate, "count": count, "none": flag}),
    # what happens to the machinery
    "finish": Form({"wait": flag}, after=("say",)),
    "model": Form({"delay": seconds}, needs=("delay",)),
    "kill": Form(words=("bot", "worker")),
    "restart": Form(words=("bot", "worker")),
    "wipe": Form(words=("redis",)),
}
