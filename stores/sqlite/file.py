"""One SQLite file, open for reading and for writing. All waiting happens on two threads of its own, never on the event loop: what is read
at once, on the loop itself, waits for nobody."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from stores.documents import Unavailable

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

BUSY_SECONDS = 10.0  # how long a transaction waits for another process's before it gives up
LONGEST_STEP = 0.004
TOGETHER = 100  # writes that share one transaction at most
MEMORY = ":memory:"


@dataclass(eq=False)
class _Write:
    """A piece of work that waits for its turn, and what became of it."""

    work: Work[Any]
    result: Any = None
    error: BaseException | None = None


class File:
    """Work is given as a function of the connection. Readers see what was committed before they began and wait for no writer.

    What waits to be written while a transaction is under way is written in one transaction after it, and reaches the disk at one go: it is
    the disk that takes the time. So work may be repeated, and must have no effect but on the connection.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._writing = Line(path)
        self._reading = self._writing if path == MEMORY else Line(path)
        self._here = None if path == MEMORY else Link(path)
        self._waiting: deque[_Write] = deque()

    async def read(self, work: Work[T]) -> T:
        """What `work` returns. Raises `Unavailable` when the file cannot be read."""
        return await self._reading.run(work)

    async def read_few(self, work: Work[T]) -> T:
        """The same for what takes a few microseconds, such as a few documents by their ids: read here and now, where a thread and back
        would take ten times as long. What would have to wait for somebody is left to the thread."""
        if self._here is not None:
            with contextlib.suppress(Unavailable):
                return self._here.do(work)
        return await self.read(work)

    async def write(self, work: Work[T]) -> T:
        """What `work` returns. All that it did is on disk when this returns; an exception undoes it, and nothing else."""
        mine = _Write(work)
        self._waiting.append(mine)
        try:
            # By the end of this turn, mine or one before it has done the work: there are as many turns as there are writes.
            await self._writing.run(self._write_waiting)
        except BaseException:
            with contextlib.suppress(ValueError):  # somebody's turn has it already
                self._waiting.remove(mine)
            raise
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Close the connections and end both threads; what was begun is finished first. May be called again."""
        if self._here is not None:
            self._here.close()
        self._here = None
        await self._reading.close()
        await self._writing.close()

    def _write_waiting(self, connection: sqlite3.Connection) -> None:
        taken: list[_Write] = []
        with contextlib.suppress(IndexError):
            while len(taken) < TOGETHER:
                taken.append(self._waiting.popleft())
        if taken:
            self._write(taken, connection)

    def _write(self, writes: Sequence[_Write], connection: sqlite3.Connection) -> None:
        """All of it in one transaction, or, when one piece of work fails by its own fault, each in its own."""
        try:
            with _reasons(self._path), _transaction(connection):
                for write in writes:
                    write.result = write.work(connection)
        except BaseException as reason:
            if len(writes) > 1 and not isinstance(reason, Unavailable):
                for write in writes:
                    self._write([write], connection)
                return
            for write in writes:
                write.error = reason


class Link:
    """A connection, made at the first use; for one thread after the other. One that waits for nobody, `wait` 0, makes no file either."""

    def __init__(self, path: str, wait: float = 0.0) -> None:
        self._path, self._wait = path, wait
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None

    def do(self, work: Work[T]) -> T:
        """What `work` returns. Raises `Unavailable`, also when another process has the file for longer than `wait` seconds."""
        with _reasons(self._path):
            if self._connection is None:
                self._connection = _connect(self._path, self._wait)
                self._inode = self._present()
            elif self._present() != self._inode:
                raise Unavailable(f"The SQLite file {self._path} was removed or replaced while open. Put it back, or start again.")
            return work(self._connection)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _present(self) -> tuple[int, int] | None:
        """What stands at the path. Whatever is written to a file that is no longer there is lost."""
        if self._path == MEMORY:
            return None
        there = os.stat(self._path)
        return there.st_dev, there.st_ino


class Line:
    """A connection and the one thread that uses it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._link = Link(path, BUSY_SECONDS)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tacit-sqlite")

    async def run(self, work: Work[T]) -> T:
        try:
            running = asyncio.get_running_loop().run_in_executor(self._thread, self._link.do, work)
        except RuntimeError:
            raise Unavailable(f"The SQLite file {self._path} is closed; open it again.") from None
        return await running

    async def close(self) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._link.close)
        except RuntimeError:  # closed before
            return
        self._thread.shutdown()


def _connect(path: str, wait: float) -> sqlite3.Connection:
    opened = path if wait else f"{Path(path).absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(opened, timeout=wait, isolation_level=None, check_same_thread=False, uri=not wait)
    try:
        connection.execute("PRAGMA synchronous = FULL")  # 0.3 ms for each insert, measured; NORMAL may forget the last ones on a power cut
        connection.execute("PRAGMA cache_size = -16000")  # 16 MB: 60 ids of 100,000 take 0.5 ms; with the usual 2 MB, 2.3 ms
        connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten, not only unlinked
        if wait and connection.execute("PRAGMA journal_mode").fetchone() == ("delete",):
            _to_wal(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _to_wal(connection: sqlite3.Connection) -> None:
    """The change of mode takes the file for a moment and waits for nobody, so it waits for the file here."""
    with _transaction(connection):
        connection.execute("PRAGMA user_version = 1")
    connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: sqlite3.Connection) -> None:
    """Wait for other writers by short, random steps. SQLite's own waiting grows to 100 ms and starves whoever has waited long."""
    deadline = time.monotonic() + BUSY_SECONDS
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while not _began(connection, last=time.monotonic() > deadline):
            time.sleep(random.uniform(0.0005, LONGEST_STEP))
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")


def _began(connection: sqlite3.Connection, *, last: bool) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as reason:
        if last or (reason.sqlite_errorcode & 0xFF) != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    _begin(connection)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _reasons(path: str) -> Iterator[None]:
    """Whatever keeps SQLite from answering, as `Unavailable` with the reason; our own mistakes stay what they are."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except (sqlite3.Error, OSError) as reason:
        raise Unavailable(
            f"The SQLite file {path} did not answer: {reason}. Check that it can be read and written with `tacit doctor`, then try again."
        ) from reason
