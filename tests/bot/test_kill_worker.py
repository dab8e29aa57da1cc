"""Worker processes killed while they learn, and a queue that forgets or goes away: each insight once."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from redis import Redis

from tests.bot.bots import Bots, bots
from tests.bot.watching import requested
from tests.servers.line import Line
from tests.together import Json
from workers.conversations import ConversationLedger


async def due(crew: Bots, who: str, text: str) -> Json:
    """Something said to Tacit that is to be learned now, noted without a bot."""
    t = crew.t
    said = await t.say(who, "#infra", text, wait=False)
    ledger = ConversationLedger(t.documents)
    conversation = await ledger.join(said["channel"], said["ts"], since=said["ts"])
    await ledger.moved(conversation, said["ts"], due=float(said["ts"]))
    return said


async def learned(crew: Bots, number: int) -> bool:
    return bool(len(await crew.t.insights()) == number and not await crew.t.documents.find("conversations", {"due": {"$gt": 0}}))


async def test_a_killed_worker_and_a_wiped_queue_lose_nothing_and_double_nothing(tmp_path: Path, redis_url: str) -> None:
    async with bots(tmp_path, REDIS_URL=redis_url) as crew:
        t = crew.t
        t.model.delay = 60.0
        await due(crew, "ana", "@tacit Releases go out on Tuesdays.")
        first, second = crew.start_worker(), crew.start_worker()
        await t.until(partial(requested, t, 1), "the model's call")
        await asyncio.sleep(1.0)
        assert len(t.model.requests) == 1
        first.kill()
        second.kill()
        with Redis.from_url(redis_url) as redis:
            redis.flushdb()
        t.model.delay = 0.0
        await due(crew, "bo", "@tacit Backups run at night.")
        await crew.expire()
        crew.start_worker()
        await t.until(partial(learned, crew, 2), "two insights")
        assert len(t.model.requests) == 3


async def test_while_the_queue_is_away_nothing_is_lost(tmp_path: Path, redis_url: str) -> None:
    line = Line(redis_url)
    await line.open()
    async with bots(tmp_path, REDIS_URL=line.url) as crew:
        worker = crew.start_worker()
        await due(crew, "ana", "@tacit Releases go out on Tuesdays.")
        await crew.t.until(partial(learned, crew, 1), "an insight")
        await line.cut()
        await due(crew, "bo", "@tacit Backups run at night.")
        await asyncio.sleep(1.0)
        assert await learned(crew, 1) is False
        await line.open()
        await crew.t.until(partial(learned, crew, 2), "two insights")
        assert worker.poll() is None
    await line.cut()
