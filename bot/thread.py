"""The thread as the model reads it: in the order of questions and replies, within a limit, without replies that must not be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.questions import QuestionLedger
from stores.audience import Readers, look, look_back
from stores.context import tokens
from stores.conversations import Message
from stores.insights import message_id
from stores.redaction import redact
from workers.parts import Parts

THREAD_TOKENS = 6_000
LONGEST = 16_000  # characters of one message; the rest of it is left out


@dataclass(frozen=True, slots=True)
class Readable:
    """The latest messages, in order; `cut`: older ones did not fit, and may be told as a summary."""

    messages: tuple[Message, ...]
    cut: bool


async def readable(thread: Sequence[Message], asked: Message, readers: Readers, questions: QuestionLedger, parts: Parts) -> Readable:
    """What of the thread the model may read to answer `asked`, which comes last. All speakers, redacted, cut from the oldest.

    A reply of ours is left out when an insight that it used is forgotten or superseded, or may not be seen by these readers.
    A summary may hold its words: there is none then, unless it was superseded only.
    """
    said = [replace(m, text=redact(m.text)[:LONGEST]) for m in in_order(thread, asked)]
    cited = await questions.cited([m.question for m in said if m.ours and m.question])
    known = await parts.repository.get(sorted({i for ids in cited.values() for i in ids}))
    visible = {i.id for i in (await look(known, readers, parts.directory, parts.repository)).insights}
    told = [replace(m, cited=tuple(cited.get(m.question, ()))) if m.ours else m for m in said]
    kept = [m for m in told if not m.ours or (m.question in cited and visible.issuperset(m.cited))]
    shown = fitting(kept)
    known_still = {i.id for i in (await look_back(known, readers, parts.directory)).insights}
    whole = all(known_still.issuperset(ids) for ids in cited.values())
    return Readable(tuple(shown), whole and len(shown) < len(kept))


def in_order(thread: Sequence[Message], asked: Message) -> list[Message]:
    """What people said up to the question, each reply of ours right behind the question that it answers."""
    replies = [m for m in thread if m.ours]
    ordered: list[Message] = []
    for message in (m for m in thread if not m.ours and m.at <= asked.at):
        ordered.append(message)
        if message.ts != asked.ts:
            ordered += [r for r in replies if r.question == message_id(message.place, message.ts)]
    return ordered


def fitting(thread: Sequence[Message]) -> list[Message]:
    """The latest messages that fit the limit, in order; the last one always."""
    kept: list[Message] = []
    budget = THREAD_TOKENS
    for message in reversed(thread):
        budget -= tokens(message.text) + 10
        if budget < 0 and kept:
            break
        kept.append(message)
    return kept[::-1]
