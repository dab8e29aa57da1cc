"""Where the words of a conversation are: in Slack. The worker reads them through this port and keeps none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from stores.conversations import Message


class ThreadGone(Exception):
    """The thread cannot be read any more: deleted, or Tacit is not in its place. There is nothing to learn from it."""


class ReadFailed(Exception):
    """The thread could not be read just now. Try again later."""


class Hidden(Exception):
    """Tacit may not look there any more, which says nothing about what stands there."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What Slack says of a message just now."""

    version: str = ""  # the ts of its last edit
    agreed: tuple[str, ...] = ()  # the ids of those who have put 👍 on it


class Transcripts(Protocol):
    """A workspace's threads, and the 🧠 marks on their messages."""

    async def thread(self, place: str, root: str) -> Sequence[Message]:
        """Every message of the thread as it stands now, oldest first, replies of ours with what they cited. Raises `ThreadGone` or
        `ReadFailed`."""
        ...

    async def look(self, place: str, ts: str) -> Seen | None:
        """A message as it stands now, None when it is gone for certain. One call. Raises `Hidden`, or `ReadFailed` when that is not known
        just now."""
        ...

    async def mark(self, place: str, ts: str, *, learned: bool) -> None:
        """Put the 🧠 mark on a message, or take ours away. May be repeated; a message that is gone is fine. Raises `ReadFailed`."""
        ...
