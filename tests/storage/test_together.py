"""Writes to SQLite that wait at the same time reach the disk together, and fail alone."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stores.documents import Unavailable
from stores.sqlite.documents import open_sqlite
from stores.sqlite.file import File


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[File]:
    file = File(str(tmp_path / "together.sqlite"))
    await file.write(lambda connection: connection.execute("CREATE TABLE t (n INTEGER)"))
    yield file
    await file.close()


def _add(number: int, connection: sqlite3.Connection) -> int:
    connection.execute("INSERT INTO t VALUES (?)", [number])
    if number < 0:
        raise ValueError(number)
    return number


async def _numbers(file: File) -> list[int]:
    return [n for (n,) in await file.read(lambda connection: connection.execute("SELECT n FROM t ORDER BY n").fetchall())]


async def test_a_hundred_writes_at_once_take_a_few_transactions(file: File) -> None:
    statements: list[str] = []
    await file.write(lambda connection: connection.set_trace_callback(statements.append))
    added = await asyncio.gather(*(file.write(lambda c, n=n: _add(n, c)) for n in range(100)))
    assert added == list(range(100))
    assert await _numbers(file) == list(range(100))
    assert statements.count("COMMIT") < 20


async def test_one_that_fails_undoes_itself_alone(file: File) -> None:
    numbers = [*range(1, 40), -7, *range(40, 80)]
    done = await asyncio.gather(*(file.write(lambda c, n=n: _add(n, c)) for n in numbers), return_exceptions=True)
    assert [d for d in done if not isinstance(d, int)] == [done[39]]
    assert isinstance(done[39], ValueError)
    assert await _numbers(file) == list(range(1, 80))


async def test_who_gives_up_waiting_leaves_the_others_their_turn(file: File) -> None:
    writes = [asyncio.ensure_future(file.write(lambda c, n=n: _add(n, c))) for n in range(50)]
    await asyncio.sleep(0)
    for write in writes[::2]:
        write.cancel()
    await asyncio.gather(*writes, return_exceptions=True)
    assert set(range(1, 50, 2)) <= set(await _numbers(file))
    assert await file.write(lambda c: _add(100, c)) == 100


async def test_all_of_them_fail_when_the_file_is_gone(file: File, tmp_path: Path) -> None:
    (tmp_path / "together.sqlite").unlink()
    done = await asyncio.gather(*(file.write(lambda c, n=n: _add(n, c)) for n in range(20)), return_exceptions=True)
    assert {type(d) for d in done} == {Unavailable}


async def test_a_change_that_changes_nothing_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    database = await open_sqlite(tmp_path / "same.sqlite")
    documents = database.workspace("W")
    await documents.insert("events", {"_id": "e", "n": 1})
    log = tmp_path / "same.sqlite-wal"
    before = log.stat().st_size
    assert await documents.update("events", {"_id": "e"}, {"$set": {"n": 1}}) == {"_id": "e", "n": 1}
    assert log.stat().st_size == before
    await documents.update("events", {"_id": "e"}, {"$set": {"n": 2}})
    assert log.stat().st_size > before
    await database.close()
