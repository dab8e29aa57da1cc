"""Leases: whoever holds one works alone, and what a killed process held is free again after twenty seconds."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from secrets import token_hex

from stores.documents import Documents, Unavailable
from workers.ending import end

LEASE = 20.0  # seconds that a lease lasts
RENEW = 5.0  # seconds between renewals


class LeaseLost(Exception):
    """Somebody else took the lease over, so this work stops. What it did so far is safe to repeat."""


def new_owner() -> str:
    """A name for one piece of work that nobody else has."""
    return token_hex(8)


class Leases:
    """One workspace's leases, each a document that is claimed by one conditional update."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def claim(self, name: str, owner: str, *, seconds: float = LEASE) -> bool:
        """Take a free or expired lease. False when somebody holds it."""
        now = time.time()
        await self._documents.insert("leases", {"_id": name, "owner": "", "until": 0.0})
        taken = await self._documents.update(
            "leases", {"_id": name, "until": {"$lte": now}}, {"$set": {"owner": owner, "until": now + seconds}}
        )
        return taken is not None

    async def renew(self, name: str, owner: str, *, seconds: float = LEASE) -> bool:
        """Hold on to a lease. False when it is somebody else's by now."""
        change = {"$set": {"until": time.time() + seconds}}
        return await self._documents.update("leases", {"_id": name, "owner": owner}, change) is not None

    async def release(self, name: str, owner: str) -> None:
        """Give a lease back; nothing happens when it is somebody else's."""
        await self._documents.delete("leases", {"_id": name, "owner": owner})

    @contextlib.asynccontextmanager
    async def hold(self, name: str, *, seconds: float) -> AsyncIterator[str]:
        """Wait up to `seconds` for a lease and keep it for the block, which is ended by `LeaseLost` when it is lost."""
        owner = new_owner()
        async with asyncio.timeout(seconds):
            while not await self.claim(name, owner):  # noqa: ASYNC110 - the holder may be another process
                await asyncio.sleep(0.1)
        try:
            async with renewing(lambda: self.renew(name, owner)):
                yield owner
        finally:
            await asyncio.shield(self.release(name, owner))


@contextlib.asynccontextmanager
async def renewing(renew: Callable[[], Awaitable[bool]]) -> AsyncIterator[None]:
    """Renew while the block runs. The block is cancelled and `LeaseLost` raised when a renewal says that the lease is lost, or when none
    has come through for as long as the lease lasts."""
    task = asyncio.current_task()
    assert task is not None
    lost = False

    async def keep_on() -> None:
        nonlocal lost
        last = time.monotonic()
        while True:
            await asyncio.sleep(RENEW)
            with contextlib.suppress(Unavailable):
                if not await renew():
                    break
                last = time.monotonic()
            if time.monotonic() - last > LEASE - RENEW:
                break
        lost = True
        task.cancel()

    keeper = asyncio.create_task(keep_on())
    try:
        yield
    except asyncio.CancelledError:
        if lost:
            task.uncancel()  # it was ours, and ends here: an `asyncio.timeout` around this must not count it
            raise LeaseLost from None
        raise
    finally:
        await end(keeper)
