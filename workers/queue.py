"""The doorbell that rings through Redis, and the one queue behind it."""

import asyncio
import math

from redis import ConnectionError as Cut
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry as Reconnect
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from workers.adrift import adrift, forget
from workers.doorbell import FAILED_SECONDS, KEPT_SECONDS, TRIES, QueueAway, ring_id

QUEUE = "tacit-learn"
"""The only queue. A worker process listens to one: with two, RQ takes a job from Redis before it notes who has it, and a crash loses it."""


def connect(redis_url: str) -> "Redis":
    """A client of Redis, not connected yet. One command takes 3 s at most; on a connection that was cut it is tried once more."""
    return Redis.from_url(redis_url, socket_timeout=3, socket_connect_timeout=2, retry=Reconnect(NoBackoff(), 1, (Cut,)))


def open_queue(redis: "Redis") -> Queue:
    """The queue, as both ends must open it: JSON instead of pickle, so that whoever can write to Redis cannot run code here."""
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


class RqDoorbell:
    """Rings through RQ. Connects with the first ring; may be shared by all tasks of a process."""

    def __init__(self, redis_url: str, job_seconds: float) -> None:
        """`job_seconds` bounds one run, as in `process.work`. ValueError when `redis_url` is no address of Redis."""
        self._redis = connect(redis_url)
        self._queue = open_queue(self._redis)
        # The run ends itself after job_seconds. RQ's own limit only tells it when a silent worker's job counts as abandoned.
        self._limit = math.ceil(job_seconds) + 15

    async def ring(self, workspace: str, conversation: str, through: str, attempt: int) -> None:
        """See Doorbell. RQ's client is synchronous, hence the thread (0.4 ms a ring)."""
        try:
            await asyncio.to_thread(self._ring, workspace, conversation, ring_id(workspace, conversation, through, attempt))
        except RedisError as error:
            raise QueueAway(f"Redis does not answer ({type(error).__name__}).") from error

    def close(self) -> None:
        """Close the connections. A later ring opens them again."""
        self._redis.close()

    def _ring(self, workspace: str, conversation: str, job: str) -> None:
        if not self._enqueue(workspace, conversation, job) and adrift(self._queue, job):
            forget(self._queue, job)
            self._enqueue(workspace, conversation, job)

    def _enqueue(self, workspace: str, conversation: str, job: str) -> bool:
        """False when the same ring waits, runs or has just ended."""
        try:
            self._queue.enqueue_call(
                "workers.jobs.learn",
                args=(workspace, conversation),
                job_id=job,
                unique=True,
                description=f"learn {workspace} {conversation}",
                timeout=self._limit,
                result_ttl=KEPT_SECONDS,
                failure_ttl=FAILED_SECONDS,  # RQ would keep the id for a year
                retry=Retry(max=TRIES - 1),
            )
        except DuplicateJobError:
            return False
        return True
