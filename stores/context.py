"""Insights as the model reads them: quoted, one a line, within a limit. No text can leave its line or its quotes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from stores.conversations import Question
from stores.insights import Insight
from stores.scripts import holds

_JSON = json.JSONEncoder(ensure_ascii=False)
CONTEXT_TOKENS = 600  # for the insights of all stores together
STANDING_TOKENS = 250  # of which for standing ones


def quote(insight: Insight) -> str:
    """One line for one insight: `[i3] goal, 2026-11-22: "…"`, with the day from which on it holds if that was to come then, its fields
    behind it, and since when a teammate doubts it."""
    day = _day(insight.newest) + (f", from {_day(insight.holds_from)}" if insight.holds_from else "")
    fields = "".join(f", {name}: {in_quotes(value)}" for name, value in insight.fields.items())
    doubted = f", doubted: {_day(insight.doubts[0].at)}" if insight.doubts else ""
    return f"[{insight.handle}] {insight.kind}, {day}: {in_quotes(insight.sentence)}{fields}{doubted}"


def quote_block(store: str, text: str) -> str:
    """A store's own text as a block in which every line is marked as quoted."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join([f"From {store}:", *(f"> {line}" for line in lines)]) if lines else ""


def standing_first(insights: Sequence[Insight]) -> list[Insight]:
    """The standing ones before the others and in an order that stays, so that a provider's prompt cache knows their lines."""
    standing = sorted((i for i in insights if i.standing), key=lambda i: (i.learned_at, i.id))
    return [*standing, *(i for i in insights if not i.standing)]


def named(question: Question, name: str) -> bool:
    """Whether the question, or what was found to bear on it, names this: as whole words, ignoring case."""
    return holds(f"{question.text}\n{question.expansion}", name.strip())


def tokens(text: str) -> int:
    """About how many tokens a text is, at four bytes each (the tables of real tokenizers need a network).

    Bytes, not characters: four English letters are a token, but so are two Russian ones, and one Chinese character.
    """
    return (len(text.encode(errors="surrogatepass")) + 3) // 4


def _day(at: float) -> str:
    return _date(int(at // 86_400))


@lru_cache(maxsize=1000)
def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%d")


def in_quotes(text: str) -> str:
    """A text of somebody's in one line and within its quotes."""
    quoted = _JSON.encode(text)
    return quoted if quoted.isascii() else quoted.replace("\u2028", " ").replace("\u2029", " ").replace("\x85", " ")
