"""`tacit` as real processes against a pretend Slack in this one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import aiohttp

from bot.sandbox.ports import HOST

PATIENCE = 20.0


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    status: int
    said: str  # on standard output
    complained: str  # on standard error

    @property
    def traceback(self) -> bool:
        return "Traceback" in self.said + self.complained or '  File "' in self.complained


async def tacit(*arguments: str, environment: Mapping[str, str] | None = None) -> Ended:
    """Run `tacit` to its end."""
    process = await _start(arguments, environment or {})
    try:
        async with asyncio.timeout(PATIENCE):
            return await _end(process)
    except TimeoutError:
        process.kill()
        raise


@dataclass(frozen=True)
class Running:
    """A process that goes on."""

    process: Process
    url: str

    async def asked(self, path: str) -> tuple[int, dict[str, object]]:
        """Status and answer; (0, {}) while nobody listens."""
        async with aiohttp.ClientSession() as http:
            try:
                async with http.get(self.url + path) as answer:
                    return answer.status, await answer.json()
            except aiohttp.ClientError:
                return 0, {}

    async def becomes(self, path: str, status: int) -> dict[str, object]:
        """The answer, once it has this status."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.returncode is None:
            found, answer = await self.asked(path)
            if found == status:
                return answer
            await asyncio.sleep(0.03)
        raise AssertionError(f"{path} did not become {status}: {found} {answer}")

    async def terminated(self) -> tuple[Ended, float]:
        """How it ends after SIGTERM, and after how many seconds."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            return await _end(self.process), time.monotonic() - start


@contextlib.asynccontextmanager
async def going(name: str, environment: Mapping[str, str], port: int = 0) -> AsyncIterator[Running]:
    """`tacit bot` or `tacit worker`, killed at the end if it still runs."""
    process = await _start([name], dict(environment) | {"BOT_PORT": str(port)})
    try:
        yield Running(process, f"http://{HOST}:{port}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def _start(arguments: list[str] | tuple[str, ...], environment: Mapping[str, str]) -> Process:
    ours = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    command = [sys.executable, "-m", "bot.command", *arguments]
    return await asyncio.create_subprocess_exec(
        *command, env=ours | dict(environment), stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=PIPE
    )


async def _end(process: Process) -> Ended:
    said, complained = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, said.decode(), complained.decode())
