"""How the runs of one process end."""

import asyncio
from pathlib import Path

import pytest

from tests.workers.crew import Notes, until
from tests.workers.worker_process import Learner
from workers.jobs import Unlearned
from workers.runs import Runs


async def test_a_job_that_arrives_while_the_process_ends_is_handed_back(tmp_path: Path) -> None:
    runs = Runs(Learner(tmp_path), 30)
    await runs.end(0)
    with pytest.raises(Unlearned):
        await asyncio.to_thread(runs.run, "T1", "quick-1")
    assert not Notes(tmp_path).of("began")


async def test_the_run_in_hand_is_cancelled_after_the_grace(tmp_path: Path) -> None:
    runs = Runs(Learner(tmp_path), 30)
    running = asyncio.create_task(asyncio.to_thread(runs.run, "T1", "endless-1"))
    await until(lambda: Notes(tmp_path).of("began"))
    await runs.end(0.1)
    with pytest.raises(Unlearned):
        await running
    assert Notes(tmp_path).of("cancelled")
