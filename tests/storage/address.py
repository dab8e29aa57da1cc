"""Open a database by one string, and do so in other processes."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from stores.database import open_database
from stores.documents import Database


async def opened(address: str) -> Database:
    """The MongoDB at an address that starts so, otherwise the SQLite file at that path."""
    return await open_database(address if address.startswith("mongodb") else None, Path(address))


async def start(program: str, *arguments: str) -> Process:
    """Another Python process that runs `program`, a module of tests.storage."""
    module = f"tests.storage.{program}"
    return await asyncio.create_subprocess_exec(sys.executable, "-m", module, *arguments, stdout=PIPE, stderr=PIPE)


async def finish(processes: list[Process]) -> list[str]:
    """What each printed; fails with what it said when one failed."""
    outputs = await asyncio.gather(*(process.communicate() for process in processes))
    for process, (_, errors) in zip(processes, outputs, strict=True):
        assert process.returncode == 0, errors.decode()
    return [output.decode() for output, _ in outputs]
