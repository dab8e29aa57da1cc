"""What tests of the question ledger look for, and what a killed process leaves behind."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.together import Json, Together


async def quiet(t: Together, asked: Json, seconds: float = 0.3) -> list[Json]:
    """Our replies, after another one has had the time to appear."""
    await t.settled(asked)
    await asyncio.sleep(seconds)
    return await t.ours(asked)


async def event(t: Together, **event: Any) -> None:
    ids = (await t.control("inject", event=event))["events"]
    await t.control("wait", ids=ids)


async def put_back(t: Together, asked: Json, **values: Any) -> None:
    """Put a question's record back to what a killed process leaves, its lease expired."""
    identity = f"{asked['channel']}:{asked['ts']}"
    await t.documents.update("questions", {"_id": identity}, {"$set": values})


async def never_delivered(t: Together, *asked: Json) -> None:
    """These messages' events came to nothing."""
    for one in asked:
        for delivery in map(t.slack.world.deliveries.get, one["events"]):
            assert delivery
            t.slack.world.deliveries.acknowledged(delivery)


async def connected(t: Together, number: int) -> bool:
    return bool((await t.look("state"))["connections"] == number)


async def requested(t: Together, number: int) -> bool:
    return len(t.model.requests) >= number


async def called(t: Together, method: str) -> bool:
    return bool((await t.look("calls", method=method))["calls"])
