"""Text cut into the blocks that Slack takes."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

SECTION = 3000
"""Characters in one section (https://docs.slack.dev/reference/block-kit/blocks/section-block)."""
TEXT = 40_000
"""Characters in a message's text; Slack cuts off what is beyond (https://docs.slack.dev/reference/methods/chat.postMessage)."""
UPDATE = 4_000
"""Characters in the text of chat.update (https://docs.slack.dev/reference/methods/chat.update)."""
BLOCKS = 50
"""Blocks in one message."""
FENCE = "```"


def sections(text: str, *, most: int = BLOCKS) -> list[Json]:
    """The text as section blocks, cut between paragraphs, lines or words where that is possible. What does not fit into `most` of them ends
    with "…"."""
    pieces = split(text)
    if len(pieces) > most:
        pieces = [*pieces[: most - 1], shortened(pieces[most - 1] + "…" * SECTION, SECTION)]
    return [{"type": "section", "text": marked(piece)} for piece in pieces]


def marked(text: str) -> Json:
    """A text object. `verbatim`: Slack makes no mentions and no links of plain words
    (https://docs.slack.dev/reference/block-kit/composition-objects/text-object)."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def split(text: str, most: int = SECTION) -> list[str]:
    """The text in pieces of at most `most` characters, none of them blank. Code fences are closed and opened again around a cut."""
    pieces, rest = [], text.strip()
    while len(rest) > most:
        at = _cut(rest, most - len(FENCE) - 1)
        piece, rest = rest[:at].rstrip(), rest[at:].lstrip("\n")
        if piece.count(FENCE) % 2:
            piece, rest = f"{piece}\n{FENCE}", f"{FENCE}\n{rest}"
        pieces.append(piece)
    return [piece for piece in [*pieces, rest] if piece.strip()]


def shortened(text: str, most: int = TEXT) -> str:
    """The text, cut with "…" at the end when it is longer than `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _cut(text: str, most: int) -> int:
    """Where to cut: behind a paragraph, line or word in the later half, never within `<…>` markup, and never where nothing is gained."""
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, most // 2, most)
        if at > len(FENCE) + 1 and text.rfind("<", 0, at) <= text.rfind(">", 0, at):
            return at + len(mark)
    opened = text.rfind("<", 0, most)
    return opened if opened > most // 2 and text.rfind(">", 0, most) < opened else most
