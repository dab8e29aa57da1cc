"""What people type, and Slack's form of it."""

import re
from typing import Any

# What stays as it is (already in Slack's form), then addresses, then @names and #names.
_TYPED = re.compile(
    r"(?P<slack><(?:[@#!][^<>\s|]+(?:\|[^<>]*)?|https?://[^<>\s]+)>)"
    r"|(?P<address>https?://[^\s<>\"')\]]*[^\s<>\"')\].,;:!?])"
    r"|(?<![\w@#/&])(?P<sign>[@#])(?P<name>[\w][\w.-]*[\w]|\w)"
)
_LINK = re.compile(r"<([^<>]+)>")


def escape(text: str) -> str:
    """Escape the three characters that Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Undo `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(text: str, users: dict[str, str], channels: dict[str, str]) -> str:
    """Return Slack's form of typed text, given users' and channels' ids by name; a name that nobody has stays as typed."""
    done, end = "", 0
    for match in _TYPED.finditer(text):
        done += escape(text[end : match.start()]) + _token(match, users, channels)
        end = match.end()
    return done + escape(text[end:])


def _token(match: re.Match[str], users: dict[str, str], channels: dict[str, str]) -> str:
    if match["slack"]:
        return match["slack"]
    if match["address"]:
        return f"<{match['address'].replace('&', '&amp;')}>"
    sign, name = match["sign"], match["name"]
    if sign == "@" and name in ("here", "channel", "everyone"):
        return f"<!{name}>"
    known = users if sign == "@" else channels
    # A name may stand before a full stop or a dash, or before 's: take the longest part of it that is known.
    for cut in range(len(name), 0, -1):
        if name[:cut].lower() in known and not name[cut : cut + 1].isalnum():
            found, rest = known[name[:cut].lower()], escape(name[cut:])
            return (f"<@{found}>" if sign == "@" else f"<#{found}|{name[:cut]}>") + rest
    return escape(match[0])


def rich_text(text: str) -> list[dict[str, Any]]:
    """Return the one rich_text block that Slack makes of a text."""
    elements: list[dict[str, Any]] = []
    end = 0
    for match in _LINK.finditer(text):
        elements += _plain(text[end : match.start()])
        elements.append(_element(match[1]))
        end = match.end()
    elements += _plain(text[end:])
    return [{"type": "rich_text", "block_id": "text", "elements": [{"type": "rich_text_section", "elements": elements}]}]


def _plain(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": unescape(text)}] if text else []


def _element(inside: str) -> dict[str, Any]:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    link = {"type": "link", "url": unescape(target)}
    return link | ({"text": unescape(label)} if label else {})


def mentions(text: str, blocks: list[dict[str, Any]], user: str) -> bool:
    """Say whether the message mentions the user, in its text or in a block of it alone."""
    return f"<@{user}>" in text or f"<@{user}|" in text or _within(blocks, user)


def _within(part: Any, user: str) -> bool:
    if isinstance(part, list):
        return any(_within(each, user) for each in part)
    if not isinstance(part, dict):
        return isinstance(part, str) and f"<@{user}>" in part
    return (part.get("type") == "user" and part.get("user_id") == user) or any(_within(each, user) for each in part.values())
