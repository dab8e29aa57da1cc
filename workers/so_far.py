"""What was written of a conversation so far, and may be carried on: the earlier summary of a thread that one run cannot read whole."""

from __future__ import annotations

from collections.abc import Sequence

from stores.audience import Readers, look
from stores.conversations import Message
from stores.drafting import SoFar
from workers.parts import Parts


async def so_far(conversation: str, thread: Sequence[Message], shown: Sequence[Message], readers: Readers, parts: Parts) -> SoFar:
    """The states of a conversation that may be carried on, the newest of each kind, and how many messages of `thread` are not `shown`.

    `thread`: all messages that may be read now, each as it stands. What rests on any other message, or on an earlier version of one, holds
    words that nobody is to read any more, and so does what was written after a reply of ours told something that is not in force now.
    """
    every = await parts.repository.states_of(f"conversation:{conversation}")
    versions = {m.id: m.version for m in thread}
    readable = {s.id: len(s.evidence) for s in every if all(versions.get(e.message) == e.version for e in s.evidence)}
    view = await look([s for s in every if s.id in readable], readers, parts.directory, parts.repository)
    whole = [s for s in view.insights if len(s.evidence) == readable[s.id]] if await _told_still(thread, parts) else []
    newest = {s.kind: s for s in sorted(whole, key=lambda s: s.newest)}
    return SoFar(tuple(newest.values()), len(thread) - len(shown))


async def _told_still(thread: Sequence[Message], parts: Parts) -> bool:
    """Whether all that our replies in this thread cited is in force."""
    cited = {i for m in thread for i in m.cited}
    return {i.id for i in await parts.repository.get(sorted(cited))} == cited
