"""The runs of one worker process: rung for in the listener's thread, done on the one event loop."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable

from workers.doorbell import Learner
from workers.jobs import Unlearned

log = logging.getLogger(__name__)


class Runs:
    """Made on the event loop that learns; `run` is called in any other thread."""

    def __init__(self, learner: Learner, seconds: float) -> None:
        """One run lasts `seconds` at most."""
        self._learner = learner
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.Task[None]] = set()
        self._ending = False

    def run(self, workspace: str, conversation: str) -> None:
        """Learn on the loop and wait for the end. A run that took too long is logged and not tried again: the ledger decides. Otherwise
        Unlearned, for whatever was raised; also while the process ends."""
        future = asyncio.run_coroutine_threadsafe(self._learn(workspace, conversation), self._loop)
        try:
            future.result(self._seconds + 5)  # longer only if the loop hangs
        except Exception as error:  # one job
            future.cancel()
            log.error("learn.failed", extra={"workspace": workspace, "conversation": conversation, **described(error)})
            raise Unlearned(type(error).__name__) from None

    async def end(self, grace: float) -> None:
        """Begin no more runs, let those in hand go on for `grace` seconds, then cancel them."""
        self._ending = True
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=2)

    async def _learn(self, workspace: str, conversation: str) -> None:
        if self._ending:
            raise asyncio.CancelledError
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await bounded(self._learner.learn, workspace, conversation, self._seconds)
        finally:
            self._running.discard(task)


async def bounded(learn: Callable[[str, str], Awaitable[None]], workspace: str, conversation: str, seconds: float) -> None:
    """Learn, for `seconds` at most; then the run is cancelled and logged, and this returns."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            await learn(workspace, conversation)
    except TimeoutError:
        if not limit.expired():
            raise
        log.error("learn.overran", extra={"workspace": workspace, "conversation": conversation})


def described(error: BaseException) -> dict[str, str]:
    """What may be logged of an error: its type and the line it was raised in, never its message."""
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "at": f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""}
