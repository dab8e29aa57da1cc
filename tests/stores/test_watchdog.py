"""A store that blocks its thread is named in the log once and not called again; one that is merely slow, or blocks once, is."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from stores.isolation import Isolated, StoreFailed
from stores.watchdog import BLOCKED, BLOCKS, MOMENT, Watchdog


class Clock:
    """Seconds that go by when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watchdog(clock: Clock) -> Watchdog:
    return Watchdog("plugin", clock)


def block(watchdog: Watchdog, clock: Clock, seconds: float) -> None:
    """A call of recall that blocks so long behind its budget."""
    watchdog.overran("recall")
    clock.now += seconds
    watchdog.responded()


def disabled(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """The stores and methods that the log says are disabled."""
    return [(r.store, r.method) for r in caplog.records if r.message == "store.disabled"]  # type: ignore[attr-defined]


def test_a_store_that_blocks_is_skipped_and_then_disabled(watchdog: Watchdog, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    watchdog.overran("recall")
    clock.now += BLOCKED - 0.1
    assert watchdog.objection() == "plugin still blocks in recall"
    assert disabled(caplog) == []
    clock.now += 0.1
    for _ in range(3):
        assert watchdog.objection() == "plugin is disabled until the next start: it blocked in recall"
    watchdog.responded()
    assert watchdog.disabled
    assert watchdog.objection()
    assert disabled(caplog) == [("plugin", "recall")]


def test_a_store_that_blocks_again_and_again_is_disabled(watchdog: Watchdog, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(BLOCKS):
        assert watchdog.objection() == ""
        block(watchdog, clock, MOMENT)
    assert "is disabled" in watchdog.objection()
    assert disabled(caplog) == [("plugin", "recall")]


def test_a_call_that_comes_back_in_time_makes_good(watchdog: Watchdog, clock: Clock) -> None:
    for _ in range(2 * BLOCKS):
        block(watchdog, clock, MOMENT)
        watchdog.came_back()
        assert watchdog.objection() == ""


def test_a_slow_store_that_does_not_block_is_never_disabled(watchdog: Watchdog, clock: Clock) -> None:
    for _ in range(2 * BLOCKS):
        block(watchdog, clock, MOMENT / 2)
        assert watchdog.objection() == ""


async def until_free(thread: Isolated) -> str:
    """What a call gives as soon as the thread takes one."""
    while True:
        try:
            return str(await thread.run(lambda: "here", seconds=20, called="recall"))
        except StoreFailed:
            await asyncio.sleep(0.01)


async def test_a_blocked_thread_is_seen_through(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    free, calls = threading.Event(), []

    def blocks() -> None:
        calls.append(1)
        free.wait(20)

    thread = Isolated("plugin", Watchdog("plugin", clock))
    try:
        for said in ("took longer", "still blocks in process", "still blocks in process"):
            with pytest.raises(StoreFailed, match=said):
                await thread.run(blocks, seconds=0.05, called="process")
        assert not thread.disabled
        clock.now += BLOCKED
        for _ in range(2):
            with pytest.raises(StoreFailed, match="is disabled until the next start: it blocked in process"):
                await thread.run(blocks, seconds=0.05, called="process")
        assert len(calls) == 1
        assert disabled(caplog) == [("plugin", "process")]
        assert [r.levelno for r in caplog.records if r.message == "store.disabled"] == [logging.ERROR]
    finally:
        free.set()
        thread.close()


async def test_a_thread_that_waits_without_blocking_is_called_again(clock: Clock) -> None:
    thread = Isolated("plugin", Watchdog("plugin", clock))
    try:
        for _ in range(2 * BLOCKS):
            with pytest.raises(StoreFailed, match="took longer"):
                await thread.run(asyncio.sleep, 60, seconds=0.01, called="recall")
            assert await until_free(thread) == "here"
    finally:
        thread.close()
