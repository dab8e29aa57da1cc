"""What every doorbell promises: the one that rings through Redis to a worker process, and the one within a process."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.workers.crew import Crew, Notes, until
from tests.workers.worker_process import SECRET, Learner
from workers.direct import DirectDoorbell
from workers.doorbell import Doorbell, ring_id
from workers.queue import RqDoorbell

Ring = Callable[..., Awaitable[None]]


@pytest.fixture(params=["direct", "rq"])
async def bell(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Doorbell]:
    """A doorbell that is answered, with runs of 0.5 s at most."""
    if request.param == "direct":
        direct = DirectDoorbell(Learner(tmp_path).learn, job_seconds=0.5)
        yield direct
        await direct.close()
    else:
        crew: Crew = request.getfixturevalue("crew")
        await crew.start(job_seconds=0.5)
        rq = RqDoorbell(crew.redis_url, 0.5)
        yield rq
        rq.close()


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    return Notes(tmp_path)


async def test_the_same_ring_again_is_one_run(bell: Doorbell, notes: Notes) -> None:
    await asyncio.gather(*(bell.ring("T1", "brief-1", "1.5", 0) for _ in range(20)))
    await until(lambda: notes.of("ended", "brief-1"))
    await bell.ring("T1", "brief-1", "1.5", 0)
    await bell.ring("T1", "last", "1.5", 0)
    await until(lambda: notes.of("ended", "last"))
    assert len(notes.of("began", "brief-1")) == 1


async def test_news_and_another_attempt_are_another_run(bell: Doorbell, notes: Notes) -> None:
    for through, attempt in (("1.5", 0), ("1.6", 0), ("1.6", 1)):
        await bell.ring("T1", "quick-1", through, attempt)
    await until(lambda: len(notes.of("ended", "quick-1")) == 3)


async def test_a_run_that_raises_is_tried_again(bell: Doorbell, notes: Notes) -> None:
    await bell.ring("T1", "sulks-1", "1.5", 0)
    await until(lambda: notes.of("ended", "sulks-1"))
    assert len(notes.of("began", "sulks-1")) == 2


async def test_a_run_that_always_raises_ends_and_its_text_stays_out_of_the_log(
    bell: Doorbell, notes: Notes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await bell.ring("T1", "fails-1", "1.5", 0)
    await bell.ring("T1", "last", "1.5", 0)
    await until(lambda: notes.of("ended", "last") and len(notes.of("began", "fails-1")) == 3)
    await bell.ring("T1", "fails-1", "1.5", 0)
    await asyncio.sleep(0.1)
    assert len(notes.of("began", "fails-1")) == 3
    log = (tmp_path / "log").read_text() if isinstance(bell, RqDoorbell) else caplog.text
    assert "learn.failed" in log
    assert SECRET not in log


async def test_a_run_that_takes_too_long_is_cancelled_and_the_next_one_runs(bell: Doorbell, notes: Notes) -> None:
    await bell.ring("T1", "endless-1", "1.5", 0)
    await bell.ring("T1", "quick-1", "1.5", 0)
    await until(lambda: notes.of("cancelled", "endless-1") and notes.of("ended", "quick-1"))
    await asyncio.sleep(0.1)
    assert len(notes.of("began", "endless-1")) == 1


def test_different_rings_have_different_names_that_rq_accepts() -> None:
    parts = ["T1", "T_1", "T-1", "T.1", "T:1", "", "_", "1", "_2d_", "é"]
    names = {ring_id(workspace, conversation, "1.5", attempt) for workspace in parts for conversation in parts for attempt in (0, 1, 10)}
    assert len(names) == len(parts) ** 2 * 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names)
