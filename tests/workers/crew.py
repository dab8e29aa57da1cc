"""Worker processes to start, watch and kill."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


async def until(true: Callable[[], Any], seconds: float = 10) -> None:
    """Wait until this holds; TimeoutError if it does not in so long."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  # what happens in another process sets no event of ours
            await asyncio.sleep(0.01)


class Notes:
    """What the learners of a folder did: lines of what, process and conversation."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "runs"

    def of(self, what: str, conversation: str = "") -> list[int]:
        """The processes that noted this of the conversation, in order."""
        lines = [line.split(" ") for line in self._file.read_text().splitlines()] if self._file.exists() else []
        return [int(pid) for happened, pid, name in lines if happened == what and (not conversation or name == conversation)]


class Crew:
    """Worker processes on one Redis, with their notes and logs in one folder."""

    def __init__(self, redis_url: str, folder: Path) -> None:
        self.redis_url = redis_url
        self.folder = folder
        self.notes = Notes(folder)
        self.members: list[subprocess.Popen[bytes]] = []

    async def start(self, job_seconds: float = 30) -> subprocess.Popen[bytes]:
        """Start one more, and wait until it sweeps. Its standard input ties it to the tests: it ends with them, however they end."""
        command = [sys.executable, "-W", "error", "-m", "tests.workers.worker_process", self.redis_url, str(self.folder), str(job_seconds)]
        with (self.folder / "log").open("ab") as log:
            member = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True)  # noqa: ASYNC220  # takes a millisecond
        self.members.append(member)
        await until(lambda: member.pid in self.notes.of("swept"))
        return member

    def log(self) -> list[str]:
        """Every line that they logged."""
        return (self.folder / "log").read_text().splitlines()

    def kill(self, member: subprocess.Popen[bytes]) -> None:
        """kill -9 of it and of whatever it started."""
        os.killpg(member.pid, signal.SIGKILL)
        member.wait()

    def dismiss(self) -> None:
        """Kill all that are left."""
        for member in self.members:
            if member.poll() is None:
                self.kill(member)
            if member.stdin:
                member.stdin.close()
