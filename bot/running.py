"""The two processes, from their start to SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable

from bot.logs import set_up_logs
from bot.settings import Settings, require_slack
from bot.slack.installations import NotInstalled
from bot.wiring import CannotStart, bot, job_seconds, learner
from workers.doorbell import Doorbell
from workers.process import work
from workers.queue import RqDoorbell

log = logging.getLogger(__name__)


def status(process: Callable[[], int | None]) -> int:
    """The exit status of a process that runs to its end; 1, and why on standard error, where it cannot start."""
    try:
        return process() or 0
    except CannotStart as e:
        sys.stderr.write(f"{e}\n")
        return 1


async def run_bot(settings: Settings) -> None:
    """The bot process, until SIGTERM or SIGINT. Raises `CannotStart`."""
    set_up_logs(settings.log_level)
    require_slack(settings)
    doorbell = RqDoorbell(settings.redis_url, job_seconds(settings))
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    stopped = asyncio.create_task(stop.wait())
    running = asyncio.create_task(_run_until(stopped, settings, doorbell))
    await asyncio.wait({stopped, running}, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        await asyncio.wait({running}, timeout=0.5)
        running.cancel()
    stopped.cancel()
    try:
        await running
    except NotInstalled as e:
        raise CannotStart(str(e)) from None
    except asyncio.CancelledError:
        pass
    finally:
        doorbell.close()
    log.info("bot.stopped")


def run_worker(settings: Settings) -> int:
    """The worker process, until SIGTERM or SIGINT; its exit status. Raises `CannotStart`."""
    set_up_logs(settings.log_level)
    require_slack(settings)
    try:
        return work(settings.redis_url, lambda: learner(settings), job_seconds=job_seconds(settings))
    except NotInstalled as e:
        raise CannotStart(str(e)) from None


async def _run_until(stopped: asyncio.Task[bool], settings: Settings, doorbell: Doorbell) -> None:
    async with bot(settings, doorbell) as http:
        log.info("bot.ready", extra={"port": http.port})
        await stopped
