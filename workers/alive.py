"""The signs of life of worker processes, in Redis for SECONDS at a time.

RQ's own list forgets a killed worker after a minute and a half, and hears nothing of a worker during a job. This sign comes from
the event loop that learns, each second, so it also stops when that loop hangs. Whoever wipes Redis wipes it for a second.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from redis import Redis, RedisError
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from workers.doorbell import QueueAway

SECONDS = 6
"""How long a sign lasts: a killed worker counts as alive for so long at most."""


async def workers_alive(redis_url: str) -> int:
    """How many worker processes listen to this Redis now. QueueAway when it does not answer within seconds."""
    try:
        async with _connect(redis_url) as redis:
            return len([key async for key in redis.scan_iter(match=_key("*"), count=1000)])
    except RedisError as error:
        raise QueueAway(f"Redis does not answer ({type(error).__name__}).") from error


def is_alive(redis: "Redis", worker: str) -> bool:
    """Has this worker given a sign in the last SECONDS?"""
    return bool(redis.exists(_key(worker)))


def show(redis: "Redis", worker: str) -> None:
    """Give the first sign, before the first job is taken."""
    redis.set(_key(worker), b"", ex=SECONDS)


async def keep_showing(redis_url: str, worker: str, listening: Callable[[], bool]) -> None:
    """Give a sign each second while the worker listens, until cancelled; then take it back. Redis may come and go."""
    async with _connect(redis_url) as redis:
        try:
            while True:
                if listening():
                    with suppress(RedisError):
                        await redis.set(_key(worker), b"", ex=SECONDS)
                await asyncio.sleep(1)
        finally:
            with suppress(RedisError):
                await redis.delete(_key(worker))


def _connect(redis_url: str) -> "AsyncRedis":
    return AsyncRedis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), 1))


def _key(worker: str) -> str:
    return f"tacit:worker:{worker}"
