"""Worker processes to start, watch and kill, and a Redis that can be cut off."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


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


class Line:
    """The line to Redis. Cut, nothing answers at its address; open, whatever comes is passed on."""

    def __init__(self, redis_url: str) -> None:
        parts = urlsplit(redis_url)
        self._behind = (parts.hostname or "127.0.0.1", parts.port or 6379)
        self._parts = parts
        self._server: asyncio.Server | None = None
        self._port = 0
        self._passing: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address of Redis by this line; known from the first opening on."""
        login, at, _ = self._parts.netloc.rpartition("@")
        return self._parts._replace(netloc=f"{login}{at}127.0.0.1:{self._port}").geturl()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Close the address and every connection."""
        if self._server:
            self._server.close()
        for _ in range(3):  # somebody may be let in just now
            for passing in list(self._passing):
                passing.cancel()
            await asyncio.gather(*self._passing, return_exceptions=True)
            await asyncio.sleep(0.01)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        ends = [writer]
        try:
            if self._server and self._server.is_serving():
                there, back = await asyncio.open_connection(*self._behind)
                ends.append(back)
                await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        except (asyncio.CancelledError, OSError):
            pass  # cut, by us or by them
        finally:
            self._passing.discard(task)
            for end in ends:
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError
