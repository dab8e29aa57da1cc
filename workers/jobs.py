"""The one job that travels through the queue: two ids in, nothing out."""

from collections.abc import Callable
from contextvars import ContextVar

RUN: ContextVar[Callable[[str, str], None]] = ContextVar("workers.jobs.RUN")
"""What a worker process does with a job; it sets this before it listens. Blocks until the run has ended."""


class Unlearned(Exception):
    """A run ended early. It names the type of the error and nothing else, for RQ writes it to Redis, where no text may go."""


def learn(workspace: str, conversation: str) -> None:
    """Run by RQ, in a worker process only. Raises Unlearned when the run ended early, so that RQ tries again."""
    RUN.get()(workspace, conversation)
