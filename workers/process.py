"""The worker process: one event loop that learns and sweeps, and one thread that listens to the queue."""

import asyncio
import faulthandler
import logging
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from types import FrameType

from workers.alive import keep_showing
from workers.doorbell import Learner
from workers.ending import end
from workers.jobs import RUN
from workers.listener import Listener
from workers.runs import Runs

log = logging.getLogger(__name__)

GRACE_SECONDS = 4
"""How long the run in hand may go on after the process was asked to end. Then it is cancelled, and its job goes back to the queue."""

LAST_SECONDS = 9
"""After so long the process ends whatever hangs in it, and its standard error shows where."""


def work(
    redis_url: str, open_learner: Callable[[], AbstractAsyncContextManager[Learner]], *, job_seconds: float, sweep_seconds: float = 1
) -> int:
    """Be a worker process until SIGTERM or SIGINT; call it in the main thread and exit with what it returns, 0.

    `open_learner` is entered once, on the loop that all learning runs on; what it raises ends the process. One run lasts `job_seconds`
    at most. Redis may be away, restarted or wiped at any time: that is logged once, the sweep goes on, and jobs are taken again
    within seconds of its return. After the first signal nothing new begins and the process ends within LAST_SECONDS; a second
    signal ends it at once. Killed without warning it leaves nothing behind: it has no child processes.
    """
    return asyncio.run(_work(redis_url, open_learner, job_seconds, sweep_seconds))


async def _work(
    redis_url: str, open_learner: Callable[[], AbstractAsyncContextManager[Learner]], job_seconds: float, sweep_seconds: float
) -> int:
    stop = _Stop()
    with stop.on_signals():
        async with AsyncExitStack() as stack:
            opening = asyncio.create_task(stack.enter_async_context(open_learner()))
            await _first(opening, stop)
            if opening.cancelled():
                log.info("worker.stopped_early")
                return 0
            await _learn(opening.result(), stop, redis_url, job_seconds, sweep_seconds)
    return 0


async def _first(opening: "asyncio.Task[Learner]", stop: "_Stop") -> None:
    """Wait until the learner is open, or give it up when the process is asked to end before: what it needs may be away for long."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([opening, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    opening.cancel()
    await asyncio.wait([opening])


async def _learn(learner: Learner, stop: "_Stop", redis_url: str, job_seconds: float, sweep_seconds: float) -> None:
    runs = Runs(learner, job_seconds)
    RUN.set(runs.run)  # before the thread starts, which inherits it
    listener = Listener(redis_url, secrets.token_hex(8), lambda: stop.asked)
    beside = [
        asyncio.create_task(_sweep(learner, sweep_seconds)),
        asyncio.create_task(keep_showing(redis_url, listener.name, lambda: listener.listening)),
    ]
    listening = asyncio.create_task(asyncio.to_thread(listener.listen))
    await asyncio.wait([listening, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    log.info("worker.stopping")
    await end(beside[0])
    await runs.end(GRACE_SECONDS)
    await listening
    await end(beside[1])


async def _sweep(learner: Learner, seconds: float) -> None:
    """Sweep for ever. One sweep that hangs is given up after half a minute."""
    while True:
        try:
            async with asyncio.timeout(30):
                await learner.sweep()
        except Exception as error:  # one job among many
            log.error("sweep.failed", extra={"error": type(error).__name__})
        await asyncio.sleep(seconds)


class _Stop:
    """Whether the process was asked to end. Belongs to the running loop."""

    def __init__(self) -> None:
        self.asked = False
        self._event = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def wait(self) -> None:
        await self._event.wait()

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        before = {signum: signal.signal(signum, self._signalled) for signum in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)

    def _signalled(self, signum: int, frame: FrameType | None) -> None:
        """Not loop.add_signal_handler: a loop that hangs must not keep the process alive."""
        if self.asked:
            os._exit(128 + signum)
        self.asked = True
        faulthandler.dump_traceback_later(LAST_SECONDS, exit=True)
        self._loop.call_soon_threadsafe(self._event.set)
