"""Insights as the model reads them: quoted, one a line, within a limit. No text can leave its line or its quotes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from stores.insights import Insight

CONTEXT_TOKENS = 600  # for the insights of all stores together
STANDING_TOKENS = 250  # of which for standing ones


def quote(insight: Insight) -> str:
    """One line for one insight: `[i3] goal, 2026-11-22: "…"`, with its fields behind it."""
    day = datetime.fromtimestamp(insight.newest, UTC).strftime("%Y-%m-%d")
    fields = "".join(f", {name}: {_quoted(value)}" for name, value in insight.fields.items())
    return f"[{insight.handle}] {insight.kind}, {day}: {_quoted(insight.sentence)}{fields}"


def quote_block(store: str, text: str) -> str:
    """A store's own text as a block in which every line is marked as quoted."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join([f"From {store}:", *(f"> {line}" for line in lines)]) if lines else ""


def tokens(text: str) -> int:
    """About how many tokens a text is, at four characters each (the tables of real tokenizers need a network)."""
    return (len(text) + 3) // 4


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\u2028", " ").replace("\u2029", " ").replace("\x85", " ")
