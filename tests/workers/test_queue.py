"""The queue and the worker process on a real Redis: deaths, losses and crowds."""

import asyncio
import signal
import time
import zlib
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from redis import Redis
from rq import Worker
from rq.job import Job

from tests.servers.line import Line
from tests.workers.crew import Crew, until
from tests.workers.worker_process import SECRET
from workers.alive import workers_alive
from workers.doorbell import QueueAway, ring_id
from workers.queue import RqDoorbell, open_queue


@pytest.fixture
async def bell(redis_url: str) -> AsyncIterator[RqDoorbell]:
    bell = RqDoorbell(redis_url, 30)
    yield bell
    bell.close()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    with Redis.from_url(redis_url) as redis:
        yield redis


async def ring_until_run(bell: RqDoorbell, crew: Crew, conversation: str, runs: int, seconds: float) -> None:
    """Ring as the sweep does: again and again, with what the ledger says."""
    async with asyncio.timeout(seconds):
        while len(crew.notes.of("began", conversation)) < runs:
            await bell.ring("T1", conversation, "1.5", 0)
            await asyncio.sleep(0.1)


def job(conversation: str) -> str:
    """The key of its first job."""
    return Job.key_for(ring_id("T1", conversation, "1.5", 0))


async def alive(crew: Crew, count: int, seconds: float = 6) -> None:
    async with asyncio.timeout(seconds):
        while await workers_alive(crew.redis_url) != count:  # noqa: ASYNC110  # Redis sets no event of ours
            await asyncio.sleep(0.02)


async def test_a_crowd_of_rings_is_learned_from_once_each(bell: RqDoorbell, crew: Crew) -> None:
    began = time.monotonic()
    await asyncio.gather(*(bell.ring("T1", f"quick-{n % 300}", "1.5", 0) for n in range(600)))
    assert time.monotonic() - began < 6
    await crew.start()
    await crew.start()
    await until(lambda: len(crew.notes.of("ended")) == 300)
    await asyncio.sleep(0.2)
    assert len(crew.notes.of("began")) == 300


async def test_two_workers_share_the_work(bell: RqDoorbell, crew: Crew) -> None:
    first, second = await crew.start(), await crew.start()
    await alive(crew, 2)
    await bell.ring("T1", "slow-1", "1.5", 0)
    await bell.ring("T1", "slow-2", "1.5", 0)
    await until(lambda: len(crew.notes.of("began")) == 2, 5)
    assert set(crew.notes.of("began")) == {first.pid, second.pid}


async def test_a_killed_workers_run_is_taken_up_at_the_next_attempt(bell: RqDoorbell, crew: Crew) -> None:
    first = await crew.start()
    await bell.ring("T1", "endless-1", "1.5", 0)
    await until(lambda: crew.notes.of("began", "endless-1"))
    crew.kill(first)
    second = await crew.start()
    await bell.ring("T1", "endless-1", "1.5", 1)
    await until(lambda: crew.notes.of("began", "endless-1") == [first.pid, second.pid], 5)


async def test_a_killed_workers_run_is_taken_up_when_its_sign_of_life_ends(bell: RqDoorbell, crew: Crew, redis: Redis) -> None:
    first = await crew.start()
    await bell.ring("T1", "endless-1", "1.5", 0)
    await until(lambda: crew.notes.of("began", "endless-1"))
    crew.kill(first)
    await crew.start()
    await bell.ring("T1", "endless-1", "1.5", 0)
    (sign,) = [key for key in redis.scan_iter("tacit:worker:*") if key.endswith(redis.hget(job("endless-1"), "worker_name"))]
    assert 0 < redis.ttl(sign) <= 6
    redis.delete(sign)  # what Redis does within these seconds
    await ring_until_run(bell, crew, "endless-1", runs=2, seconds=5)


async def test_a_job_lost_between_two_commands_of_a_worker_is_taken_up(bell: RqDoorbell, crew: Crew, redis: Redis) -> None:
    await bell.ring("T1", "quick-1", "1.5", 0)
    queue = open_queue(redis)
    redis.lmove(queue.key, queue.intermediate_queue_key)  # all that a worker killed here has done
    await crew.start()
    await ring_until_run(bell, crew, "quick-1", runs=1, seconds=9)


async def test_a_waiting_job_is_not_taken_for_lost(bell: RqDoorbell, redis: Redis) -> None:
    await bell.ring("T1", "quick-1", "1.5", 0)
    await bell.ring("T1", "quick-1", "1.5", 0)
    assert not list(redis.scan_iter("tacit:adrift:*"))
    assert redis.llen(open_queue(redis).key) == 1


async def test_a_wiped_redis_is_listened_to_again(bell: RqDoorbell, crew: Crew, redis: Redis) -> None:
    await crew.start()
    await bell.ring("T1", "slow-1", "1.5", 0)
    await until(lambda: crew.notes.of("began", "slow-1"))
    redis.flushdb()  # in the middle of a job
    redis.script_flush()
    await bell.ring("T1", "quick-2", "1.5", 0)
    await until(lambda: crew.notes.of("ended", "quick-2"), 6)
    await alive(crew, 1)
    await until(lambda: len(Worker.all(redis)) == 1, 6)
    await bell.ring("T1", "slow-1", "1.5", 1)
    await until(lambda: len(crew.notes.of("ended", "slow-1")) == 2, 6)


async def test_a_lost_redis_is_found_again(line: Line, crew: Crew, redis: Redis) -> None:
    crew.redis_url = line.url
    await crew.start()
    await alive(crew, 1)
    bell = RqDoorbell(line.url, 30)
    await bell.ring("T1", "quick-1", "1.5", 0)
    await until(lambda: crew.notes.of("ended", "quick-1"))
    await line.cut()
    redis.flushdb()
    redis.script_flush()
    with pytest.raises(QueueAway):
        await bell.ring("T1", "quick-2", "1.5", 0)
    with pytest.raises(QueueAway):
        await workers_alive(line.url)
    await until(lambda: any("queue.away" in entry for entry in crew.log()))
    sweeps = len(crew.notes.of("swept"))
    await until(lambda: len(crew.notes.of("swept")) > sweeps + 2, 5)
    await line.open()
    await bell.ring("T1", "quick-2", "1.5", 0)
    await until(lambda: crew.notes.of("ended", "quick-2"), 9)
    await alive(crew, 1)
    assert [entry.split()[-1] for entry in crew.log() if "queue." in entry] == ["queue.away", "queue.back"]
    bell.close()


async def test_a_redis_lost_during_a_run_costs_no_worker(line: Line, crew: Crew) -> None:
    crew.redis_url = line.url
    await crew.start()
    bell = RqDoorbell(line.url, 30)
    await bell.ring("T1", "slow-1", "1.5", 0)
    await until(lambda: crew.notes.of("began", "slow-1"))
    await line.cut()
    await until(lambda: crew.notes.of("ended", "slow-1"))
    await line.open()
    await bell.ring("T1", "quick-1", "1.5", 0)
    await until(lambda: crew.notes.of("ended", "quick-1"), 9)
    bell.close()


async def test_a_worker_starts_before_redis_does(line: Line, crew: Crew) -> None:
    await line.cut()
    crew.redis_url = line.url
    await crew.start()
    await until(lambda: any("queue.away" in entry for entry in crew.log()))
    await line.open()
    bell = RqDoorbell(line.url, 30)
    await bell.ring("T1", "quick-1", "1.5", 0)
    await until(lambda: crew.notes.of("ended", "quick-1"), 9)
    bell.close()


async def test_a_worker_that_is_asked_to_end_ends_and_is_not_counted_any_more(crew: Crew) -> None:
    worker = await crew.start()
    await alive(crew, 1)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 5) == 0
    assert await workers_alive(crew.redis_url) == 0
    assert crew.notes.of("closed") == [worker.pid]


async def test_it_ends_as_soon_without_redis(line: Line, crew: Crew) -> None:
    crew.redis_url = line.url
    worker = await crew.start()
    await line.cut()
    await until(lambda: any("queue.away" in entry for entry in crew.log()))
    worker.send_signal(signal.SIGINT)
    assert await asyncio.to_thread(worker.wait, 5) == 0


async def test_it_ends_the_run_in_hand_and_begins_no_other(bell: RqDoorbell, crew: Crew) -> None:
    worker = await crew.start()
    await bell.ring("T1", "slow-1", "1.5", 0)
    await bell.ring("T1", "quick-2", "1.5", 0)
    await until(lambda: crew.notes.of("began", "slow-1"))
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 6) == 0
    assert crew.notes.of("ended") == [worker.pid]
    other = await crew.start()
    await until(lambda: crew.notes.of("ended", "quick-2") == [other.pid], 5)
    assert len(crew.notes.of("began", "slow-1")) == 1


async def test_a_run_cut_short_by_the_end_goes_back_to_the_queue(bell: RqDoorbell, crew: Crew) -> None:
    worker = await crew.start()
    other = await crew.start()
    await bell.ring("T1", "endless-1", "1.5", 0)
    await until(lambda: crew.notes.of("began", "endless-1"))
    if crew.notes.of("began") == [other.pid]:
        worker, other = other, worker
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 9) == 0
    await until(lambda: crew.notes.of("began", "endless-1") == [worker.pid, other.pid], 5)


async def test_a_second_signal_ends_it_at_once(bell: RqDoorbell, crew: Crew) -> None:
    worker = await crew.start()
    await bell.ring("T1", "endless-1", "1.5", 0)
    await until(lambda: crew.notes.of("began", "endless-1"))
    worker.send_signal(signal.SIGTERM)
    await until(lambda: any("worker.stopping" in entry for entry in crew.log()))
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 2) == 128 + signal.SIGTERM


async def test_redis_holds_ids_and_no_text(bell: RqDoorbell, crew: Crew, redis: Redis) -> None:
    await crew.start()
    await bell.ring("T1", "fails-1", "1.5", 0)
    await until(lambda: len(crew.notes.of("began", "fails-1")) == 3)
    await until(lambda: redis.hget(job("fails-1"), "status") == b"failed")
    await bell.ring("T1", "endless-1", "1.5", 0)
    await until(lambda: crew.notes.of("began", "endless-1"))
    held = everything(redis)
    assert b"Unlearned: ValueError" in held
    assert b'["workers.jobs.learn", null, ["T1", "endless-1"], {}]' in held
    assert SECRET.encode() not in held
    assert SECRET not in "\n".join(crew.log())


def everything(redis: Redis) -> bytes:
    """All that Redis holds, keys and values, unpacked."""
    read = {b"string": redis.get, b"hash": redis.hgetall, b"list": lambda k: redis.lrange(k, 0, -1), b"set": redis.smembers}
    read |= {b"zset": lambda k: redis.zrange(k, 0, -1), b"stream": redis.xrange}
    return b"\n".join(part for key in redis.scan_iter() for part in [key, *flat(read[redis.type(key)](key))])


def flat(value: object) -> list[bytes]:
    if isinstance(value, dict):
        return [part for pair in value.items() for part in flat(pair)]
    if isinstance(value, list | tuple | set):
        return [part for item in value for part in flat(item)]
    if not isinstance(value, bytes):
        return [str(value).encode()]
    for unpack in (zlib.decompress, lambda packed: zlib.decompress(b64decode(packed))):
        with suppress(zlib.error, ValueError):
            return [unpack(value)]
    return [value]
