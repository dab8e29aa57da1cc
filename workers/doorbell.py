"""Two edges of learning: who is asked to learn soon, and who learns. Neither knows how the asking travels."""

import re
from typing import Protocol


class QueueAway(Exception):
    """The queue does not answer. Log it and go on: the sweep rings again. Is REDIS_URL right, and does Redis run there?"""


class Doorbell(Protocol):
    """Asks for learning; promises none. The database alone knows what is due, so a ring may be lost and may be repeated."""

    async def ring(self, workspace: str, conversation: str, through: str, attempt: int) -> None:
        """Ask a worker to learn from this conversation soon. Only ids travel.

        The same four values again are the same ring: one run while it waits or goes on and for KEPT_SECONDS after it, or for
        FAILED_SECONDS after all its tries failed. Raise `attempt` to have a run that died taken up at once. Returns within
        seconds; QueueAway when the queue does not answer.
        """
        ...


class Learner(Protocol):
    """What a worker process runs. All calls are made on one event loop, for as long as the process lives."""

    async def learn(self, workspace: str, conversation: str) -> None:
        """Learn from this conversation if it is due. Called too often it finds nothing to do; cancelled anywhere it may be called again."""
        ...

    async def sweep(self) -> None:
        """Ring for everything that is due. Called about once a second; what it raises is logged, and it is called again."""
        ...


TRIES = 3
"""How often one ring is tried, without a pause, while learning raises. What fails for longer is the ledger's to repeat."""

KEPT_SECONDS = 3
"""A ring repeated this soon after its run ended is taken for the same one: a sweep that looked just before the end asks for nothing new."""

FAILED_SECONDS = 10
"""The same after the last try failed, so that a conversation that cannot be learned from does not keep a worker busy."""


def ring_id(workspace: str, conversation: str, through: str, attempt: int) -> str:
    """One name for one ring, different for different rings, of `[A-Za-z0-9_-]` alone (all that RQ 3 allows in a job's id)."""
    return "-".join(re.sub(r"[^A-Za-z0-9]", _spelled, part) for part in (workspace, conversation, through, str(attempt)))


def _spelled(character: re.Match[str]) -> str:
    return f"_{ord(character[0]):x}_"
