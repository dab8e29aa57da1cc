"""Replies of ours that told what an outsider said: their words, whoever says yes to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stores.conversations import Message
from stores.insights import Insight
from stores.repository import InsightRepository


async def retold(messages: Sequence[Message], repository: InsightRepository) -> list[Message]:
    """The same messages, with each of our replies that cited what stays in the very place where it was said as an outsider's."""
    cited = sorted({i for m in messages if m.ours for i in m.cited})
    known = [*await repository.get(cited), *await repository.get(cited, status="archived")]
    staying = {i.id for i in known if _stays(i)}
    return [replace(m, outsider=True) if m.ours and staying.intersection(m.cited) else m for m in messages]


def _stays(insight: Insight) -> bool:
    return any(e.taught in ("guest", "unconfirmed") for e in insight.evidence)
