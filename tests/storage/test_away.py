"""A database that is away says so in one kind of error, in good time, and a closed one leaves nothing behind."""

import asyncio
import contextlib
import gc
import os
import sqlite3
import sys
import threading
import time
from pathlib import Path

import pytest

from stores.database import open_database
from stores.documents import Database, Unavailable
from stores.mongo.documents import open_mongo
from stores.sqlite import file
from stores.sqlite.documents import open_sqlite
from tests.servers.line import Line
from tests.servers.process import free_port
from tests.storage.address import opened


async def _says_unavailable(database: Database) -> None:
    documents = database.workspace("W")
    calls = [
        database.ping(),
        database.prepare(),
        database.sweep("marks", {"stale_at": 1}, limit=1),
        documents.insert("events", {"_id": "x"}),
        documents.find("events", {}),
        documents.update("events", {"_id": "x"}, {"$set": {"n": 1}}, upsert=True),
        documents.delete("events", {}),
        documents.count("events", {}),
    ]
    for outcome in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(outcome, Unavailable), outcome
        assert str(outcome).endswith(".")


async def test_a_read_by_id_that_has_to_wait_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    """Another process has the whole file: the loop goes on, and the answer comes when that process is done."""
    path = tmp_path / "t.sqlite"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN EXCLUSIVE")
        held, began = file.File(str(path)), time.monotonic()
        reading = asyncio.create_task(held.read_few(lambda connection: connection.execute("SELECT count(*) FROM t").fetchone()))
        await asyncio.sleep(0.05)
        assert not reading.done()
        assert time.monotonic() - began < file.BUSY_SECONDS / 2
        other.execute("COMMIT")
        assert await asyncio.wait_for(reading, 5) == (0,)
        await held.close()


async def test_a_server_that_is_not_there_is_unavailable_within_seconds() -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable, match=r"MongoDB did not answer: .*tacit doctor"):
        await open_mongo(f"mongodb://127.0.0.1:{free_port()}/x")
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("address", ["mongodb://", "http://x", "mongodb://127.0.0.1:99999/x"])
async def test_an_address_that_is_none_is_unavailable(address: str) -> None:
    with pytest.raises(Unavailable, match=r"MongoDB did not answer"):
        await open_mongo(address)


async def test_a_server_that_stops_and_comes_back(mongo_url: str, mongo_database: str) -> None:
    line = Line(mongo_url)
    await line.open()
    database = await open_mongo(f"{line.url.rstrip('/')}/{mongo_database}?directConnection=true")
    assert await database.workspace("W").insert("events", {"_id": "before"})
    await line.cut()
    await _says_unavailable(database)
    await line.open()
    assert await database.workspace("W").count("events", {"_id": "before"}) == 1
    await database.close()
    await line.cut()


async def test_a_path_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("This is no database, only a text that is longer than a header. " * 20)
    for path in (tmp_path, tmp_path / "text", tmp_path / "missing" / "x.db"):
        with pytest.raises(Unavailable, match="tacit doctor"):
            await open_sqlite(path)


async def test_a_file_that_was_removed_is_unavailable(tmp_path: Path) -> None:
    database = await open_sqlite(tmp_path / "x.db")
    (tmp_path / "x.db").unlink()
    await _says_unavailable(database)
    assert not (tmp_path / "x.db").exists()
    await database.close()


async def test_a_file_that_somebody_holds_too_long_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.2)
    database = await open_sqlite(tmp_path / "x.db")
    holder = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        await database.workspace("W").insert("events", {"_id": "x"})
    assert await database.workspace("W").count("events", {}) == 0
    holder.execute("ROLLBACK")
    holder.close()
    assert await database.workspace("W").insert("events", {"_id": "x"})
    await database.close()


async def test_a_failure_in_the_middle_undoes_all(tmp_path: Path) -> None:
    database = await open_sqlite(tmp_path / "x.db")
    documents = database.workspace("W")
    await documents.insert("insights", {"_id": "x", "words": ["a"], "n": "text"})
    with pytest.raises(ValueError, match="number"):
        await documents.update("insights", {"_id": "x"}, {"$set": {"words": ["b"]}, "$inc": {"n": 1}})
    assert await documents.count("insights", {"words": "a"}) == 1
    await database.close()


async def test_the_loop_runs_while_the_file_is_waited_for(tmp_path: Path) -> None:
    database = await open_sqlite(tmp_path / "x.db")
    holder = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    inserting = asyncio.create_task(database.workspace("W").insert("events", {"_id": "x"}))
    await asyncio.sleep(0.05)
    assert await database.workspace("W").count("events", {}) == 0
    assert not inserting.done()
    holder.execute("COMMIT")
    holder.close()
    assert await inserting
    await database.close()


async def test_two_databases_in_memory_share_nothing() -> None:
    one, other = await open_sqlite(":memory:"), await open_sqlite(":memory:")
    await one.workspace("W").insert("events", {"_id": "x"})
    assert await other.workspace("W").count("events", {}) == 0
    await one.close()
    await other.close()


async def test_the_file_is_chosen_without_an_address(tmp_path: Path) -> None:
    database = await open_database(None, tmp_path / "x.db")
    await database.ping()
    assert (tmp_path / "x.db").exists()
    await database.close()


def test_importing_stores_loads_no_engine() -> None:
    probe = "import sys, stores, stores.database; sys.exit(any(name in sys.modules for name in ('motor', 'pymongo', 'sqlite3', 'openai')))"
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", probe]) == 0


async def test_close_leaves_no_thread_and_no_socket(address: str) -> None:
    threads, sockets = set(threading.enumerate()), _open_files()
    database = await (opened(address) if address else open_sqlite(":memory:"))
    await database.prepare()
    await asyncio.gather(*(database.workspace("W").insert("events", {"_id": str(number)}) for number in range(20)))
    await database.close()
    await database.close()
    gc.collect()
    async with asyncio.timeout(10):  # the driver's own threads look once a second whether they are still wanted
        while _left(threads) or _open_files() != sockets:  # noqa: ASYNC110  # nobody tells when a thread has ended
            await asyncio.sleep(0.05)
    with pytest.raises(Unavailable):
        await database.workspace("W").count("events", {})


def _left(before: set[threading.Thread]) -> list[threading.Thread]:
    """Threads started since, without those that motor keeps for every client that may come."""
    return [thread for thread in set(threading.enumerate()) - before if not thread.name.startswith("ThreadPoolExecutor")]


def _open_files() -> list[str]:
    """The kinds of what is open, where the system tells."""
    folder, found = Path("/proc/self/fd"), []
    for name in os.listdir(folder) if folder.exists() else []:
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(folder / name).split(":")[0])
    return sorted(found)


async def test_a_removed_file_is_not_made_anew_by_a_read_by_id(tmp_path: Path) -> None:
    database = await open_sqlite(tmp_path / "x.db")
    (tmp_path / "x.db").unlink()
    with pytest.raises(Unavailable):
        await database.workspace("W").find("events", {"_id": "x"})
    assert not (tmp_path / "x.db").exists()
    await database.close()


async def test_a_file_that_was_moved_away_and_put_back_holds_what_it_held(tmp_path: Path) -> None:
    path, away = tmp_path / "x.db", tmp_path / "away.db"
    database = await open_sqlite(path)
    documents = database.workspace("W")
    await documents.insert("events", {"_id": "e"})
    path.rename(away)
    with pytest.raises(Unavailable):
        await documents.find("events", {"_id": "e"})
    away.replace(path)
    assert await documents.find("events", {"_id": "e"}) == [{"_id": "e"}]
    await database.close()


async def test_connecting_for_reads_by_id_keeps_nobody_waiting(tmp_path: Path) -> None:
    """A file in SQLite's usual mode, such as a copy that another tool made, and its writer is busy."""
    path = tmp_path / "t.sqlite"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN IMMEDIATE")
        held, began = file.File(str(path)), time.monotonic()
        assert await held.read_few(lambda connection: connection.execute("SELECT count(*) FROM t").fetchone()) == (0,)
        assert time.monotonic() - began < file.BUSY_SECONDS / 2
        other.execute("COMMIT")
        await held.close()
