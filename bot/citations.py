"""From the model's words to a reply: which insights it used, where they come from, and nothing that it may not link to or address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from stores.insights import Evidence, Insight

_HANDLES = re.compile(r"[ \t]*\[\s*i\d+(?:\s*[,;]\s*i\d+)*\s*\](?!\()")
_HANDLE = re.compile(r"i\d+")
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]{1,20}://"
_MARKDOWN_LINK = re.compile(rf"\[([^\[\]\n]{{1,300}})\]\(({_SCHEME}[^\s()<>]+)\)")
_SLACK_LINK = re.compile(rf"<({_SCHEME}[^\s|<>]+)(?:\|([^<>\n]*))?>")
_URL = re.compile(rf"{_SCHEME}[^\s<>|\"'`)\]]+")
_LIKE_AN_ADDRESS = re.compile(r"\w\.\w{2,}|://")
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # from here on, write from right to left
LEFT_OUT = "(link left out)"
MOST_SOURCES = 3  # pieces of evidence named for one insight


@dataclass(frozen=True, slots=True)
class Source:
    """One place that an insight was learned from, as a reader of the reply may see it."""

    teammate: str
    place: str
    conversation: str
    ts: str
    at: float


def used(text: str, insights: Mapping[str, Insight]) -> list[Insight]:
    """The insights whose handles the model wrote, in that order, each once. Unknown handles count for nothing."""
    prose = _CODE.sub(" ", text)
    handles = [h for group in _HANDLES.findall(prose) for h in _HANDLE.findall(group)]
    return [insights[h] for h in dict.fromkeys(handles) if h in insights]


def without_handles(text: str) -> str:
    """The text as people read it."""
    parts = _CODE.split(text)
    return "".join(part if i % 2 else _HANDLES.sub("", part) for i, part in enumerate(parts)).strip()


def sources(insight: Insight) -> list[Source]:
    """Where an insight comes from, the first piece of evidence of each teammate, oldest first. It holds only what the reader may see."""
    first: dict[str, Evidence] = {}
    for evidence in insight.evidence:
        first.setdefault(evidence.teammate, evidence)
    return [source_of(e) for e in list(first.values())[:MOST_SOURCES]]


def permalink(url: str, source: Source) -> str:
    """The address of a message in Slack's own form. `url` is the workspace's address."""
    address = f"{url.rstrip('/')}/archives/{source.place}/p{source.ts.replace('.', '')}"
    return address if source.ts == source.conversation else f"{address}?thread_ts={source.conversation}&cid={source.place}"


def day(at: float) -> str:
    """A date as people write it, such as 22 Nov 2026 (UTC)."""
    return datetime.fromtimestamp(at, UTC).strftime("%-d %b %Y")


def mrkdwn(text: str, allowed: Iterable[str]) -> str:
    """The model's text as safe mrkdwn: nobody is addressed or notified, only addresses in `allowed` stay links, and nothing that stands
    behind it is turned round."""
    known = frozenset(allowed)
    parts = _CODE.split(_TURNING.sub("", text))
    return "".join(_code(part, known) if i % 2 else _prose(part, known) for i, part in enumerate(parts))


def addresses(texts: Iterable[str]) -> frozenset[str]:
    """Every web address that stands in these texts."""
    return frozenset(found.rstrip(".,;:!?") for text in texts for found in _URL.findall(text))


def source_of(evidence: Evidence) -> Source:
    """The place of one piece of evidence."""
    ts = evidence.message.rpartition(":")[2]
    return Source(evidence.teammate, evidence.place, evidence.conversation, ts, evidence.at)


def _code(text: str, allowed: frozenset[str]) -> str:
    """Code stays as it is, but for foreign addresses, which Slack may make links of there too."""
    return _escaped(_URL.sub(lambda m: m[0] if m[0].rstrip(".,;:!?") in allowed else LEFT_OUT, text))


def _prose(text: str, allowed: frozenset[str]) -> str:
    kept: list[str] = []

    def keep(label: str, url: str) -> str:
        address = url.rstrip(".,;:!?")
        label = "" if _LIKE_AN_ADDRESS.search(label) else label  # A link must not be called like another one.
        if address not in allowed:
            return (f"{label} {LEFT_OUT}" if label and label != url else LEFT_OUT) + url[len(address) :]
        kept.append(f"<{_escaped(address)}|{_escaped(label).replace('|', ' ')}>" if label and label != url else f"<{_escaped(address)}>")
        return f"\x00{len(kept) - 1}\x00{url[len(address) :]}"

    text = text.replace("\x00", "")
    text = _MARKDOWN_LINK.sub(lambda m: keep(m[1], m[2]), text)
    text = _SLACK_LINK.sub(lambda m: keep(m[2] or "", m[1]), text)
    text = _URL.sub(lambda m: keep("", m[0]), text)
    text = _BOLD.sub(r"*\1*", _escaped(text))
    return re.sub("\x00(\\d+)\x00", lambda m: kept[int(m[1])], text)


def _escaped(text: str) -> str:
    """Slack's three special characters, so that <!channel> and <@U…> stay mere text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
