"""Child processes, each in a session of its own, that end when they are told to and when whoever started them is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from bot.sandbox import reaper

PATIENCE = 6.0  # seconds between SIGTERM and SIGKILL
POLL = 0.03


class Nursery:
    """What starts children. Leaving it, or the death of this process, SIGKILL included, ends each child and its children.

    `hold`: file descriptors that stay open until the last child is gone, a lock for instance.
    """

    def __init__(self, hold: Sequence[int] = ()) -> None:
        self._hold = tuple(hold)
        self._reaper: subprocess.Popen[bytes] | None = None
        self._children: list[Child] = []

    async def __aenter__(self) -> Self:
        command = [sys.executable, "-I", "-S", reaper.__file__]
        self._reaper = subprocess.Popen(  # noqa: ASYNC220 (takes a millisecond)
            command, stdin=subprocess.PIPE, start_new_session=True, pass_fds=self._hold, cwd="/"
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop(*self._children)
        assert self._reaper is not None
        assert self._reaper.stdin is not None
        self._reaper.stdin.close()
        while self._reaper.poll() is None:  # noqa: ASYNC110 (a process tells nobody that it ended)
            await asyncio.sleep(POLL)

    async def stop(self, *children: Child) -> None:
        """Stop these children, all at once."""
        await asyncio.gather(*(child.stop() for child in children))

    def child(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
        """A child that is not started yet."""
        child = Child(self, name, command, environment, log)
        self._children.append(child)
        return child

    def watch(self, session: int, ends: bool = False) -> None:
        """Tell the reaper that this session was started, or that it ended."""
        assert self._reaper is not None
        assert self._reaper.stdin is not None
        os.write(self._reaper.stdin.fileno(), f"{'-' if ends else '+'}{session}\n".encode())


class Child:
    """One program that is started, ends, and may be started again. Its output goes to `log`, which is appended to."""

    def __init__(self, nursery: Nursery, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.log, self.command = name, log, list(command)
        self.environment = dict(environment)
        self._nursery = nursery
        self._process: subprocess.Popen[bytes] | None = None
        self._session = 0  # whose processes may be left; 0 for none
        self.wanted = False  # whether it is meant to run now

    @property
    def pid(self) -> int | None:
        """The process id, which is also its session's and its group's; None before the first start."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def how_it_ended(self) -> str:
        """In words; empty while it runs."""
        code = self._process.poll() if self._process else None
        if code is None:
            return ""
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    def start(self) -> None:
        """Start it, unless it runs. OSError when there is no such program."""
        if self.alive:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._session = self._process.pid
        self._nursery.watch(self._session)
        self.wanted = True

    async def stop(self, patience: float = PATIENCE) -> None:
        """End it and everything that it started: SIGTERM, and after `patience` seconds SIGKILL. May be called at any time."""
        self.wanted = False
        if self.alive:
            reaper.signal_session(self._session, signal.SIGTERM)
            await self.ended(patience)
        await self.clear()

    async def kill(self) -> None:
        """SIGKILL to the whole group, at once."""
        self.wanted = False
        await self.clear()

    async def ended(self, patience: float) -> bool:
        """Wait until it has ended; False when the time is up before."""
        try:
            async with asyncio.timeout(patience):
                while self.alive:  # noqa: ASYNC110 (a process tells nobody that it ended)
                    await asyncio.sleep(POLL)
        except TimeoutError:
            return False
        return True

    async def clear(self) -> None:
        """Leave nothing of what the last start brought into being. Only once: the number may be somebody else's later."""
        session, self._session = self._session, 0
        if session:
            reaper.signal_session(session, signal.SIGKILL)
            await self.ended(PATIENCE)
            self._nursery.watch(session, ends=True)

    def last_lines(self, count: int = 10) -> list[str]:
        """The end of its log."""
        try:
            return self.log.read_text(errors="replace").splitlines()[-count:]
        except OSError:
            return []
