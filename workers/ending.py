"""Ending tasks for certain."""

import asyncio
from typing import Any


async def end(*tasks: "asyncio.Task[Any]") -> None:
    """Cancel these tasks until each has ended; what they raise is dropped.

    Once is not enough: a library that turns a cancellation into a timeout of its own (redis-py does, now and then) swallows it.
    """
    waiting = {task for task in tasks if not task.done()}
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=0.5)
    await asyncio.gather(*tasks, return_exceptions=True)
