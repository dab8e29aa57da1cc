"""The tables: one of documents for each collection, and beside it one row for each value of an indexed field.

Every function works inside the transaction that its caller opened, so that documents and `_fields` rows never differ.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

import orjson

from stores.documents import INDEXES, Document
from stores.sqlite.where import indexed, stored

PURGED_AT_ONCE = 500
LARGEST = 16_000_000  # characters; MongoDB takes 16 MiB

_CREATE = """
CREATE TABLE IF NOT EXISTS "{0}" (row INTEGER PRIMARY KEY, workspace TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL, expires REAL,
    UNIQUE (workspace, id));
CREATE INDEX IF NOT EXISTS "{0}_expires" ON "{0}" (expires) WHERE expires IS NOT NULL;
CREATE TABLE IF NOT EXISTS "{0}_fields" (field TEXT NOT NULL, value NOT NULL, workspace TEXT NOT NULL, row INTEGER NOT NULL,
    PRIMARY KEY (field, value, workspace, row)) WITHOUT ROWID
"""


def create(connection: sqlite3.Connection) -> None:
    """Create what is missing, and give older documents the rows of a field that is indexed only now. May be called again."""
    connection.execute("CREATE TABLE IF NOT EXISTS indexed (collection TEXT, field TEXT, PRIMARY KEY (collection, field)) WITHOUT ROWID")
    for collection in INDEXES:
        for statement in _CREATE.format(collection).split(";"):
            connection.execute(statement)
        known = {field for (field,) in connection.execute("SELECT field FROM indexed WHERE collection = ?", [collection])}
        if new := indexed(collection) - known:
            _fill(connection, collection, new)


def _fill(connection: sqlite3.Connection, collection: str, fields: frozenset[str]) -> None:
    for row, workspace, text in connection.execute(f'SELECT row, workspace, doc FROM "{collection}"'):
        _add(connection, collection, workspace, row, _entries(orjson.loads(text), fields))
    connection.executemany("INSERT INTO indexed VALUES (?, ?)", [(collection, field) for field in fields])


def insert(connection: sqlite3.Connection, collection: str, workspace: str, document: Document) -> None:
    """Add a document whose `_id` is free in the workspace."""
    row = connection.execute(
        f'INSERT INTO "{collection}" (workspace, id, doc, expires) VALUES (?, ?, ?, ?)',
        [workspace, document["_id"], _text(document), document.get("expires")],
    ).lastrowid
    _add(connection, collection, workspace, row, _entries(document, indexed(collection)))


def replace(connection: sqlite3.Connection, collection: str, workspace: str, row: int, before: Document, after: Document) -> None:
    """Put `after` in the place of `before`."""
    statement = f'UPDATE "{collection}" SET doc = ?, expires = ? WHERE row = ?'
    connection.execute(statement, [_text(after), after.get("expires"), row])
    old, new = (_entries(document, indexed(collection)) for document in (before, after))
    _drop(connection, collection, workspace, row, old - new)
    _add(connection, collection, workspace, row, new - old)


def remove(connection: sqlite3.Connection, collection: str, workspace: str, row: int, document: Document) -> None:
    """Remove a document with all its rows."""
    connection.execute(f'DELETE FROM "{collection}" WHERE row = ?', [row])
    _drop(connection, collection, workspace, row, _entries(document, indexed(collection)))


def remove_expired(connection: sqlite3.Connection, collection: str, workspace: str, id: str, now: float) -> None:
    """Make room for a new document where an expired one still stands."""
    _remove_all(connection, collection, "workspace = ? AND id = ? AND expires <= ?", [workspace, id, now])


def purge(connection: sqlite3.Connection, now: float) -> None:
    """Remove expired documents, a bounded number of each collection."""
    for collection in INDEXES:
        _remove_all(connection, collection, "expires <= ?", [now])


def _remove_all(connection: sqlite3.Connection, collection: str, where: str, values: list[Any]) -> None:
    query = f'SELECT workspace, row, doc FROM "{collection}" WHERE {where} LIMIT {PURGED_AT_ONCE}'
    for workspace, row, text in connection.execute(query, values).fetchall():
        remove(connection, collection, workspace, row, orjson.loads(text))


def _text(document: Document) -> str:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if len(text) > LARGEST:
        raise ValueError(f"The document {document['_id']!r} is larger than {LARGEST} characters.")
    return text


def _entries(document: Document, fields: Iterable[str]) -> set[tuple[str, Any]]:
    return {(field, stored(value)) for field in fields for value in _values(document, field)}


def _values(document: Document, field: str) -> Iterable[Any]:
    value: Any = document
    for name in field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    items = value if isinstance(value, list | tuple) else [value]
    return (item for item in items if isinstance(item, str | int | float))


def _add(connection: sqlite3.Connection, collection: str, workspace: str, row: int | None, entries: set[tuple[str, Any]]) -> None:
    statement = f'INSERT OR IGNORE INTO "{collection}_fields" (workspace, row, field, value) VALUES (?, ?, ?, ?)'
    connection.executemany(statement, [(workspace, row, *entry) for entry in entries])


def _drop(connection: sqlite3.Connection, collection: str, workspace: str, row: int, entries: set[tuple[str, Any]]) -> None:
    statement = f'DELETE FROM "{collection}_fields" WHERE workspace = ? AND row = ? AND field = ? AND value = ?'
    connection.executemany(statement, [(workspace, row, *entry) for entry in entries])
