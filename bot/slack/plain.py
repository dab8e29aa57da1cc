"""Slack's markup turned into plain text: names instead of ids, addresses instead of links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

# https://docs.slack.dev/messaging/formatting-message-text: <…> holds what is special, &amp; &lt; &gt; stand for the three characters.
MARKUP = re.compile(r"<([^<>]*)>|&(amp|lt|gt);")
ESCAPED = {"amp": "&", "lt": "<", "gt": ">"}


def plain(text: str, people: Mapping[str, str], places: Mapping[str, str]) -> str:
    """The text as a person reads it. `people` and `places` map ids to names; an unknown id stays, except for a channel's: whoever wrote
    it may know a name that its readers must not."""

    def one(found: re.Match[str]) -> str:
        return ESCAPED[found[2]] if found[2] else _special(found[1], people, places)

    return MARKUP.sub(one, text)


def mentioned(text: str) -> tuple[set[str], set[str]]:
    """The ids of the people and of the channels that the text mentions."""
    inner = [found[1] for found in MARKUP.finditer(text) if found[1]]
    people = {each[1:].partition("|")[0] for each in inner if each.startswith("@")}
    return people, {each[1:].partition("|")[0] for each in inner if each.startswith("#")}


def source_of(message: Json) -> str:
    """What the message says, in Slack's markup: its text, else its blocks, else its attachments, else the titles of its files."""
    parts = [
        str(message.get("text") or ""),
        "\n".join(filter(None, map(_of_block, message.get("blocks") or []))),
        "\n".join(filter(None, map(_of_attachment, message.get("attachments") or []))),
        ", ".join(filter(None, (str(file.get("title") or file.get("name") or "") for file in message.get("files") or []))),
    ]
    return next((part for part in parts if part.strip()), "")


def _special(inner: str, people: Mapping[str, str], places: Mapping[str, str]) -> str:
    target, _, label = inner.partition("|")
    label = _unescaped(label)
    if target.startswith("@"):
        return "@" + (people.get(target[1:]) or label or target[1:])
    if target.startswith("#"):
        return "#" + (places.get(target[1:]) or "private-channel")
    if target.startswith("!"):
        return _command(target[1:], label)
    address = _unescaped(target)
    shown = address.removeprefix("mailto:").removeprefix("tel:")
    bare = shown.partition("://")[2] or shown
    tells_nothing = label.rstrip("/") in ("", shown.rstrip("/"), bare.rstrip("/"))
    return shown if tells_nothing else f"{label} ({shown})"


def _command(command: str, label: str) -> str:
    """`<!here>`, `<!subteam^S1|@infra>`, `<!date^…|yesterday>`."""
    if command.startswith("subteam^"):
        return "@" + (label.removeprefix("@") or command.removeprefix("subteam^"))
    return label or "@" + command.partition("^")[0]


def _unescaped(text: str) -> str:
    return re.sub(r"&(amp|lt|gt);", lambda found: ESCAPED[found[1]], text)


def _of_block(block: Json) -> str:
    """The text of one block (https://docs.slack.dev/reference/block-kit/blocks)."""
    if block.get("type") == "rich_text":
        return "\n".join(filter(None, map(_of_rich, block.get("elements") or [])))
    texts = [block.get("text"), *(block.get("fields") or []), *(block.get("elements") or [] if block.get("type") == "context" else [])]
    return "\n".join(_text(each) for each in texts if _text(each))


def _text(value: Any) -> str:
    inner = value.get("text") if isinstance(value, dict) else value
    return inner if isinstance(inner, str) else ""


def _of_rich(element: Json) -> str:
    """The text of a rich text element, in the older markup, so that both are read the same way."""
    kind, inner = element.get("type"), element.get("elements") or []
    if kind == "rich_text_list":
        return "\n".join(f"• {_of_rich(each)}" for each in inner)
    if kind and kind.startswith("rich_text_"):
        return "".join(map(_of_rich, inner))
    if kind == "user":
        return f"<@{element.get('user_id')}>"
    if kind == "channel":
        return f"<#{element.get('channel_id')}>"
    if kind == "usergroup":
        return f"<!subteam^{element.get('usergroup_id')}>"
    if kind == "broadcast":
        return f"<!{element.get('range')}>"
    text = _escaped(str(element.get("text") or element.get("fallback") or ""))
    if kind == "link":
        return f"<{_escaped(str(element.get('url') or ''))}{'|' + text if text else ''}>"
    return f":{element.get('name')}:" if kind == "emoji" else text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _of_attachment(attachment: Json) -> str:
    texts = [attachment.get(key) for key in ("pretext", "title", "text")]
    return "\n".join(str(each) for each in texts if each) or str(attachment.get("fallback") or "")
