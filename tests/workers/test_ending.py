"""Tasks end for certain, also those that swallow a cancellation."""

import asyncio

from workers.ending import end


async def test_a_task_that_swallows_its_first_cancellation_ends() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if swallowed:
                    raise
                swallowed += 1

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await asyncio.wait_for(end(task), 5)
    assert task.cancelled()
    assert swallowed == 1


async def test_what_a_task_raises_at_its_end_is_dropped() -> None:
    async def raises() -> None:
        raise ValueError

    done, waiting = asyncio.create_task(raises()), asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)
    await end(done, waiting)
    assert waiting.cancelled()
