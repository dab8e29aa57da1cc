"""The end of the queue inside a worker process: takes jobs one at a time, in a thread of its own, and survives Redis.

It drives RQ's SimpleWorker instead of calling its `work()`, which would want the main thread for signals and alarms, talk to Redis
from inside a signal handler, and end for good at the first error of Redis. There is no RQ scheduler: it would be a process forked
from one with threads, would outlive its worker's death by a minute, and all it could give is pauses between tries. Those
belong to the ledger, which is the truth about what is due when: RQ tries again at once, the sweep rings later.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty
from rq.worker import SimpleWorker, WorkerStatus

from workers.alive import show
from workers.queue import connect, open_queue

log = logging.getLogger(__name__)

LONGEST_PAUSE = 2.0
"""Seconds between two looks for a Redis that is away; the first pauses are shorter."""


class _NoAlarm(BaseDeathPenalty):
    """RQ's time limit is an alarm in the main thread, in the middle of whatever runs there. Runs bound themselves."""

    def setup_death_penalty(self) -> None:
        """Nothing."""

    def cancel_death_penalty(self) -> None:
        """Nothing."""


class _Worker(SimpleWorker):
    death_penalty_class = _NoAlarm

    @property
    def dequeue_timeout(self) -> int:
        """Seconds to wait for a job before looking whether to stop."""
        return 1

    @property
    def connection_timeout(self) -> int:
        """Seconds for one command of Redis, that wait included: no more than the client has anyway."""
        return 3

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """The run has logged its failure, with constant words and ids."""


class Listener:
    """Takes jobs until `stopping()`; one at a time."""

    def __init__(self, redis_url: str, name: str, stopping: Callable[[], bool]) -> None:
        """`name` is this worker's in Redis, unique among all workers. Does not connect."""
        self._redis = connect(redis_url)
        self.name = name
        self._stopping = stopping
        self.listening = False
        for logger in ("rq", "rq.worker"):  # the latter is set to INFO by importing RQ
            logging.getLogger(logger).setLevel(logging.WARNING)

    def listen(self) -> None:
        """Take jobs; returns within about a second of `stopping()`, or when the job in hand has ended. Raises nothing when Redis is away.

        Each loss of Redis is logged once, and so is its return; in between it looks every LONGEST_PAUSE seconds.
        """
        away, pause = False, 0.1
        while not self._stopping():
            try:
                worker = self._register()
                if away:
                    log.info("queue.back")
                away, pause = False, 0.1
                self._take_jobs(worker)
            except Exception as error:
                if not away:
                    log.warning("queue.away", extra={"error": type(error).__name__})
                away = True
                self._rest(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            finally:
                self.listening = False
        self._redis.close()

    def _register(self) -> _Worker:
        worker = _Worker(
            [open_queue(self._redis)],
            name=self.name,
            connection=self._redis,
            serializer=JSONSerializer,
            worker_ttl=30,
            maintenance_interval=10,
            job_monitoring_interval=5,
            log_job_description=False,
        )
        self._announce(worker)
        self.listening = True
        return worker

    def _announce(self, worker: _Worker) -> None:
        self._redis.delete(worker.key)  # our own, from before Redis went away
        worker.register_birth()  # type: ignore[no-untyped-call]  # RQ's is not annotated
        worker.set_state(WorkerStatus.IDLE)
        show(self._redis, self.name)

    def _take_jobs(self, worker: _Worker) -> None:
        while not self._stopping():
            if not self._redis.sismember(worker.redis_workers_keys, worker.key):
                self._announce(worker)  # Redis was wiped
            worker.heartbeat()
            if worker.should_run_maintenance_tasks:
                worker.run_maintenance_tasks()  # type: ignore[no-untyped-call]  # RQ's is not annotated
            self._take_job(worker)
        worker.register_death()  # type: ignore[no-untyped-call]  # RQ's is not annotated

    def _take_job(self, worker: _Worker) -> None:
        try:
            taken = worker.queue_class.dequeue_any(
                worker.queues, worker.dequeue_timeout, connection=self._redis, serializer=worker.serializer
            )
        except DequeueTimeout:
            return
        if taken:
            worker.execute_job(*taken)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._stopping():
            time.sleep(0.1)
