"""How much of a conversation one run reads: as much news as fits, oldest first, and the latest background that still fits beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from stores.context import tokens
from stores.conversations import Message

WINDOW = 6_000  # tokens of news
BACKGROUND = 2_000  # tokens of what was said before
LONGEST = 16_000  # characters of one message; the rest of it is left out


def window(news: Sequence[Message], thread: Sequence[Message]) -> tuple[list[Message], list[Message]]:
    """(the news that this run takes, the messages to show in order). What is left is for the next run, and so is what was said since; at
    least one is taken."""
    taken = _fitting(news, WINDOW) or list(news[:1])
    ids = {m.id for m in taken}
    later = {m.id for m in news} - ids
    end = max((m.at for m in taken), default=math.inf) if later else math.inf  # an edit is read with what came after it
    background = [m for m in thread if m.id not in ids and m.id not in later and m.at <= end]
    shown = ids | {m.id for m in _fitting(background[::-1], BACKGROUND)}
    return [_clipped(m) for m in taken], [_clipped(m) for m in thread if m.id in shown]


def _fitting(messages: Sequence[Message], budget: int) -> list[Message]:
    kept = []
    for message in messages:
        budget -= tokens(message.text[:LONGEST]) + 20
        if budget < 0:
            break
        kept.append(message)
    return kept


def _clipped(message: Message) -> Message:
    return message if len(message.text) <= LONGEST else replace(message, text=message.text[:LONGEST])
