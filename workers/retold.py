"""Replies of ours as they may be learned beside: whose words they told on, and whether these may still be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stores.audience import Directory, Place, Readers, look_back
from stores.conversations import Message
from stores.insights import Insight
from stores.repository import InsightRepository

EMPTIED = "(what this said is not to be told any more)"


async def retold(messages: Sequence[Message], place: Place, repository: InsightRepository, directory: Directory) -> list[Message]:
    """The same messages of this place. A reply of ours that cited what stays in the very place where it was said is as an outsider's: their
    words, whoever says yes to them. One that cited what was forgotten, or what not everybody there may know any more, has lost its own."""
    cited = sorted({i for m in messages if m.ours for i in m.cited})
    if not cited:
        return list(messages)
    known = [*await repository.get(cited), *await repository.get(cited, status="archived")]
    staying = {i.id for i in known if any(e.taught in ("guest", "unconfirmed") for e in i.evidence)}
    told = {i.id for i in (known if place.room == "dm" else await _known_there(known, place, directory))}
    return [_retold(m, staying, told) if m.ours else m for m in messages]


async def _known_there(insights: Sequence[Insight], place: Place, directory: Directory) -> Sequence[Insight]:
    everybody = [replace(i, about=None) for i in insights]
    return (await look_back(everybody, Readers("", place.id, place.room), directory)).insights


def _retold(reply: Message, staying: set[str], told: set[str]) -> Message:
    reply = replace(reply, outsider=True) if staying.intersection(reply.cited) else reply
    return reply if told.issuperset(reply.cited) else replace(reply, text=EMPTIED)
