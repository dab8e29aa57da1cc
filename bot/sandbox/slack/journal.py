"""What survives a restart: one SQLite table of JSON documents."""

import json
import sqlite3
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class Journal:
    """Keeps documents by kind and key; without a path it keeps nothing.

    A write is in the operating system's hands when it returns, so it outlives the process but not the machine: nothing waits for a disk,
    since the pretend Slack must never be what a measurement measures.
    """

    def __init__(self, path: Path | None) -> None:
        self._db: sqlite3.Connection | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.execute("CREATE TABLE IF NOT EXISTS things (kind TEXT, key TEXT, body TEXT, PRIMARY KEY (kind, key))")

    def put(self, kind: str, key: str, body: Json) -> None:
        """Keep the document in place of an earlier one with this kind and key."""
        if self._db is not None:
            statement = "INSERT INTO things VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body"
            self._db.execute(statement, (kind, key, json.dumps(body)))

    def drop(self, kind: str, key: str) -> None:
        """Forget the document; nothing happens where there is none."""
        if self._db is not None:
            self._db.execute("DELETE FROM things WHERE kind = ? AND key = ?", (kind, key))

    def load(self, kind: str) -> list[Json]:
        """Return every document of this kind, oldest first."""
        if self._db is None:
            return []
        rows = self._db.execute("SELECT body FROM things WHERE kind = ? ORDER BY rowid", (kind,))
        return [json.loads(row[0]) for row in rows]

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        if self._db is not None:
            self._db.close()
            self._db = None
