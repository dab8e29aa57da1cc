"""The storage port on SQLite: one file for a team on one machine, or memory for tests and for authors of stores."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import orjson

from stores.documents import Change, Database, Document, Documents, Where
from stores.language import check_change, check_collection, check_document, check_id, check_workspace
from stores.sqlite import tables
from stores.sqlite.change import changed, new_document, same
from stores.sqlite.file import File
from stores.sqlite.where import Walk, order, select, walk

FEW = 1000  # documents, which are sorted in 10 ms
AT_ONCE = 64  # ids, whose documents are read in a quarter of a millisecond
PURGE_EVERY = 60.0  # seconds between two removals of what has expired

Clock = Callable[[], float]


async def open_sqlite(path: Path | str, *, clock: Clock = time.time) -> Database:
    """Open the file, made with its tables when it is missing; ":memory:" is a new, empty database that ends when it is closed.

    Several processes may have the same file open. `clock` says what has expired. Raises `Unavailable` when the path is no database or
    cannot be read and written.
    """
    database = SqliteDatabase(File(str(path)), clock)
    try:
        await database.prepare()
        await database.ping()  # connects for reading too, while the file is known to be there
    except BaseException:
        await database.close()
        raise
    return database


class SqliteDatabase:
    """A `Database` in one file. Its calls may come from any event loop, one after the other."""

    def __init__(self, file: File, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._purge = Purge(clock)

    def workspace(self, workspace: str) -> Documents:
        return SqliteDocuments(self._file, self._clock, self._purge, check_workspace(workspace))

    async def sweep(self, collection: str, where: Where, *, limit: int) -> Sequence[tuple[str, Document]]:
        sql, values = select(check_collection(collection), None, where, self._clock())
        ordered, by = order(next(iter(where), ""))

        def work(connection: sqlite3.Connection) -> list[tuple[str, Document]]:
            rows = connection.execute(f"SELECT d.workspace, d.doc {sql} {ordered} LIMIT ?", [*values, *by, limit])
            return [(workspace, orjson.loads(text)) for workspace, text in rows]

        return await self._file.read(work)

    async def prepare(self) -> None:
        await self._file.write(tables.create)

    async def ping(self) -> None:
        for read in (self._file.read, self._file.read_few):
            await read(lambda connection: connection.execute("SELECT count(*) FROM indexed").fetchone())

    async def close(self) -> None:
        await self._file.close()


class SqliteDocuments:
    """A workspace's `Documents`."""

    def __init__(self, file: File, clock: Clock, purge: Purge, workspace: str) -> None:
        self._file = file
        self._clock = clock
        self._workspace = workspace
        self._purge = purge

    async def insert(self, collection: str, document: Document) -> bool:
        check_document(document)
        return await self._file.write(partial(self._insert, check_collection(collection), document))

    async def find(self, collection: str, where: Where, *, sort: str = "", limit: int = 0, skip: int = 0) -> list[Document]:
        sql, values = self._select(collection, where)
        if "_id" in where and not (sort or skip):
            reading = self._file.read_few if _few(where["_id"]) else self._file.read
            return (await reading(partial(_together, sql, values)))[: limit or None]
        ordered, by = order(sort)
        walked = walk(collection, self._workspace, where, self._clock(), sort) if limit else None

        def read(connection: sqlite3.Connection, sql: str, values: list[object]) -> list[Document]:
            return [
                orjson.loads(text) for (text,) in connection.execute(f"SELECT d.doc {sql} LIMIT ? OFFSET ?", [*values, limit or -1, skip])
            ]

        def work(connection: sqlite3.Connection) -> list[Document]:
            found = read(connection, *walked.query) if walked and _many(connection, walked) else []
            return found if limit and len(found) == limit else read(connection, f"{sql} {ordered}", [*values, *by])

        return await self._file.read(work)

    async def update(self, collection: str, where: Where, change: Change, *, upsert: bool = False) -> Document | None:
        check_change(change)
        if upsert:
            check_id(where.get("_id"))
        self._select(collection, where)
        return await self._file.write(partial(self._update, collection, where, change, upsert))

    async def delete(self, collection: str, where: Where) -> int:
        self._select(collection, where)
        return await self._file.write(partial(self._delete, collection, where))

    async def count(self, collection: str, where: Where) -> int:
        sql, values = self._select(collection, where)
        return await self._file.read(lambda connection: int(connection.execute(f"SELECT count(*) {sql}", values).fetchone()[0]))

    def _select(self, collection: str, where: Where) -> tuple[str, list[object]]:
        return select(check_collection(collection), self._workspace, where, self._clock())

    def _insert(self, collection: str, document: Document, connection: sqlite3.Connection) -> bool:
        self._purge(connection)
        tables.remove_expired(connection, collection, self._workspace, document["_id"], self._clock())
        try:
            tables.insert(connection, collection, self._workspace, document)
        except sqlite3.IntegrityError:
            return False
        return True

    def _update(self, collection: str, where: Where, change: Change, upsert: bool, connection: sqlite3.Connection) -> Document | None:
        sql, values = self._select(collection, where)
        found = connection.execute(f"SELECT d.row, d.doc {sql} LIMIT 1", values).fetchone()
        if found is None:
            return self._upsert(collection, where, change, connection) if upsert else None
        before = orjson.loads(found[1])
        after = changed(before, change)
        if not same(before, after):  # a transaction that changes nothing need not wait for the disk
            tables.replace(connection, collection, self._workspace, found[0], before, after)
        return after

    def _upsert(self, collection: str, where: Where, change: Change, connection: sqlite3.Connection) -> Document | None:
        document = changed(new_document(where), change, inserting=True)
        check_document(document)
        return document if self._insert(collection, document, connection) else None

    def _delete(self, collection: str, where: Where, connection: sqlite3.Connection) -> int:
        sql, values = self._select(collection, where)
        rows = connection.execute(f"SELECT d.row, d.doc {sql}", values).fetchall()
        for row, text in rows:
            tables.remove(connection, collection, self._workspace, row, orjson.loads(text))
        return len(rows)


def _few(ids: object) -> bool:
    """Whether a condition on `_id` leads to so few documents that they are read in no time."""
    among = ids.get("$in") if isinstance(ids, dict) else [ids]
    return isinstance(among, list) and len(among) <= AT_ONCE


def _together(sql: str, values: list[object], connection: sqlite3.Connection) -> list[Document]:
    """The documents as one row: between two a thread waits for Python's lock, and putting them in order would copy them."""
    (texts,) = connection.execute(f"SELECT group_concat(d.doc) {sql}", values).fetchone()
    found: list[Document] = orjson.loads(f"[{texts or ''}]")
    return found


def _many(connection: sqlite3.Connection, walk: Walk) -> bool:
    """Whether so many documents come into question that sorting them would take longer than walking."""
    counts = (connection.execute(f"SELECT count(*) FROM ({sql} LIMIT {FEW})", values).fetchone() for sql, values in walk.narrow)
    return all(count == FEW for (count,) in counts)


class Purge:
    """Removes what has expired, in a transaction that writes anyway, about once in `PURGE_EVERY` seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at = clock() + PURGE_EVERY

    def __call__(self, connection: sqlite3.Connection) -> None:
        if (now := self._clock()) >= self._at:
            self._at = now + PURGE_EVERY
            tables.purge(connection, now)
