"""The doorbell without a queue: learns in the background of the process that rings."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from workers.doorbell import FAILED_SECONDS, KEPT_SECONDS, TRIES, ring_id
from workers.runs import bounded, described

log = logging.getLogger(__name__)


class DirectDoorbell:
    """Keeps Doorbell's promises on the loop that rings, for tests and for a bot and a worker in one process. Rings die with the process.

        doorbell = DirectDoorbell(lambda workspace, conversation: learner.learn(workspace, conversation))

    A function is taken rather than a Learner because a learner's sweep needs the doorbell first.
    """

    def __init__(self, learn: Callable[[str, str], Awaitable[None]], *, job_seconds: float = 60) -> None:
        """One run lasts `job_seconds` at most. Runs of different rings go on at the same time, as with several workers."""
        self._learn = learn
        self._seconds = job_seconds
        self._taken: set[str] = set()
        self._running: set[asyncio.Task[None]] = set()

    async def ring(self, workspace: str, conversation: str, through: str, attempt: int) -> None:
        """See Doorbell. Never QueueAway."""
        job = ring_id(workspace, conversation, through, attempt)
        if job in self._taken:
            return
        self._taken.add(job)
        task = asyncio.create_task(self._run(workspace, conversation, job))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def idle(self) -> None:
        """Wait until all runs have ended, those included that begin meanwhile."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def close(self) -> None:
        """Cancel what still runs, and wait for its end."""
        for task in self._running:
            task.cancel()
        await self.idle()

    async def _run(self, workspace: str, conversation: str, job: str) -> None:
        succeeded = False
        try:
            for _ in range(TRIES):
                if succeeded := await self._try(workspace, conversation):
                    break
        finally:
            asyncio.get_running_loop().call_later(KEPT_SECONDS if succeeded else FAILED_SECONDS, self._taken.discard, job)

    async def _try(self, workspace: str, conversation: str) -> bool:
        try:
            await bounded(self._learn, workspace, conversation, self._seconds)
        except Exception as error:  # one job
            log.error("learn.failed", extra={"workspace": workspace, "conversation": conversation, **described(error)})
            return False
        return True
