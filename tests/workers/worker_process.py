"""A worker process for the tests: `python -m tests.workers.worker_process REDIS_URL FOLDER JOB_SECONDS`.

Its learner knows nothing but what a conversation's name asks of it, and notes in FOLDER/runs what it did.
"""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from workers.process import work

SECRET = "the migration is on friday"
"""Text that must not get out of a failing run."""


class Learner:
    """`brief…` takes 0.2 s, `slow…` 1 s, `endless…` an hour, `fails…` raises, `sulks…` raises the first time; the rest end at once."""

    def __init__(self, folder: Path) -> None:
        self._notes = folder / "runs"
        self._loop = asyncio.get_running_loop()
        self._seen: set[str] = set()

    async def learn(self, workspace: str, conversation: str) -> None:
        assert asyncio.get_running_loop() is self._loop
        self._note("began", conversation)
        first = conversation not in self._seen
        self._seen.add(conversation)
        try:
            await asyncio.sleep({"brief": 0.2, "slow": 1, "endless": 3600}.get(conversation.partition("-")[0], 0))
        except asyncio.CancelledError:
            self._note("cancelled", conversation)
            raise
        if conversation.startswith("fails") or (conversation.startswith("sulks") and first):
            raise ValueError(SECRET)
        self._note("ended", conversation)

    async def sweep(self) -> None:
        self._note("swept", "")
        raise ValueError(SECRET)

    def _note(self, what: str, conversation: str) -> None:
        with self._notes.open("a") as notes:
            notes.write(f"{what} {os.getpid()} {conversation}\n")


def main(redis_url: str, folder: str, job_seconds: str) -> int:
    @asynccontextmanager
    async def open_learner() -> AsyncIterator[Learner]:
        learner = Learner(Path(folder))
        try:
            yield learner
        finally:
            learner._note("closed", "")

    threading.Thread(target=_end_with_the_tests, daemon=True).start()
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    return work(redis_url, open_learner, job_seconds=float(job_seconds), sweep_seconds=0.2)


def _end_with_the_tests() -> None:
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
