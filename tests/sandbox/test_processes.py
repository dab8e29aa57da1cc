"""The supervisor: what it starts ends with it, in whatever way it ends; what dies is started again."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.keeping_up import Tail, keep_up
from bot.sandbox.lock import Lock, Taken
from bot.sandbox.ports import free_port, is_taken
from bot.sandbox.processes import Nursery
from bot.sandbox.reaper import lives, members
from bot.sandbox.system import NotUp, Plan, System
from tests.sandbox.stand_in import plan

pytestmark = pytest.mark.usefixtures("redis_server")  # where there is none, none is embedded either

ROOT = Path(__file__).parents[2]


async def until(true: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 (processes tell nobody)
            await asyncio.sleep(0.02)


async def test_a_child_ends_with_everything_that_it_started(tmp_path: Path) -> None:
    async with Nursery() as nursery:
        child = nursery.child("shell", ["sh", "-c", "sleep 600 & setsid -w true; exec sleep 600"], os.environ, tmp_path / "log")
        child.start()
        assert child.pid is not None
        await until(lambda: len(members(child.pid or 0)) >= 2)
        await child.stop()
        assert not child.alive
        assert not lives(child.pid)


async def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    async with Nursery() as nursery:
        child = nursery.child("deaf", ["sh", "-c", "trap '' TERM; echo up; sleep 600; sleep 600"], os.environ, tmp_path / "log")
        child.start()
        await until(lambda: child.last_lines() == ["up"])
        await child.stop(patience=0.2)
        assert child.how_it_ended == "was ended by SIGKILL"


async def test_all_of_it_comes_up_and_healthz_says_so_and_says_what_is_missing(tmp_path: Path) -> None:
    async with System(plan(tmp_path)) as system, aiohttp.ClientSession() as http:
        await system.up()
        async with http.get(f"{system.slack.url}/healthz") as answer:
            assert (answer.status, await answer.json()) == (200, {"ok": True, "missing": {}})
        await system.children["worker"].kill()
        async with http.get(f"{system.slack.url}/healthz") as answer:
            assert (answer.status, await answer.json()) == (503, {"ok": False, "missing": {"worker": "does not run"}})
        system.children["worker"].start()
        await system.ready("worker")


async def test_a_part_that_ends_at_once_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    good = plan(tmp_path)
    broken = {**good.commands, "bot": ("sh", "-c", "echo no such luck; exit 3")}
    async with System(Plan(tmp_path, good.workspace, good.environment, commands=broken)) as system:
        with pytest.raises(NotUp, match=r"The bot ended with status 3[^$]*no such luck"):
            await system.up()


async def test_what_died_is_named_with_its_last_words_and_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    async with Nursery() as nursery:
        child = nursery.child("bot", ["sh", "-c", "echo last words; exec sleep 600"], os.environ, tmp_path / "log")
        child.start()
        first = child.pid or 0
        keeper = asyncio.create_task(keep_up([child], said.append))
        await until(lambda: child.last_lines() == ["last words"])
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.pid != first and child.alive)
        keeper.cancel()
    assert "was ended by SIGKILL; it is started again in 1 s" in said[0]
    assert said[1] == "  bot: last words"


def test_only_whole_lines_with_warnings_or_worse_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("INFO all well\nWARNING careful\nERROR half a li")
    tail = Tail(log)
    assert tail.warnings() == ["WARNING careful"]
    log.write_text(log.read_text() + "ne\n")
    assert tail.warnings() == ["ERROR half a line"]


def _supervisor(folder: Path) -> tuple[subprocess.Popen[str], list[int]]:
    command = [sys.executable, "-m", "tests.sandbox.stand_in", "supervise", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    _, *sessions = process.stdout.readline().split()
    return process, [int(session) for session in sessions]


def _gone(sessions: list[int], seconds: float = 8) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(lives, sessions)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(lives, sessions))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_a_supervisor_that_is_killed_not_even_grandchildren(tmp_path: Path, number: signal.Signals) -> None:
    process, sessions = _supervisor(tmp_path)
    with process:
        assert len(sessions) == 3
        assert all(map(lives, sessions))
        process.send_signal(number)
        process.wait(10)
    assert _gone(sessions)


def test_a_second_lock_on_a_folder_learns_where_the_first_is(tmp_path: Path) -> None:
    first = Lock(tmp_path)
    first.tell("http://127.0.0.1:8700")
    with pytest.raises(Taken) as taken:
        Lock(tmp_path)
    assert (taken.value.url, taken.value.pid) == ("http://127.0.0.1:8700", os.getpid())
    first.release()
    Lock(tmp_path).release()


def test_a_taken_port_is_seen() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert is_taken(listener.getsockname()[1])
    assert not is_taken(free_port())
