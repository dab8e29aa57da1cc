"""Jobs whose worker died: still in Redis, and in nobody's hands.

RQ finds them itself, after the job's time limit and a minute more. A ring that finds its own job so need not wait that long.
What is decided here may be wrong for a moment (a worker that Redis has not heard of for seconds): then a job runs twice, and the
second run finds the conversation leased or learned.
"""

from redis import Redis
from rq import Queue
from rq.job import Job, JobStatus
from rq.utils import as_text

from workers.alive import is_alive

PATIENCE = 3
"""For how many seconds a job must have been neither waiting nor begun before its worker counts as dead. A live one takes milliseconds."""


def adrift(queue: Queue, job: str) -> bool:
    """Has this job, whose id is taken, been left behind by a worker that died?"""
    redis = queue.connection
    status, worker = (as_text(value) if value else "" for value in redis.hmget(Job.key_for(job), ["status", "worker_name"]))
    if status == JobStatus.STARTED:
        return not is_alive(redis, worker)
    if status == JobStatus.QUEUED:
        return redis.lpos(queue.key, job) is None and _for_long(redis, job)
    return status == "" and bool(redis.exists(Job.key_for(job)))  # what a heartbeat leaves of a job after FLUSHALL


def forget(queue: Queue, job: str) -> None:
    """Free the id. The job's last traces in RQ's registries go when RQ next looks through them."""
    queue.connection.lrem(queue.intermediate_queue_key, 0, job)
    queue.connection.delete(Job.key_for(job), _mark(job))


def _for_long(redis: "Redis", job: str) -> bool:
    """True from PATIENCE seconds after the first call for this job on. Redis keeps the time, for every process that rings."""
    if redis.set(_mark(job), b"", nx=True, ex=60):
        return False
    return int(redis.ttl(_mark(job))) <= 60 - PATIENCE


def _mark(job: str) -> str:
    return f"tacit:adrift:{job}"
