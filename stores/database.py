"""Which database: MongoDB when its address is set, otherwise a SQLite file. Only the chosen engine is loaded."""

from __future__ import annotations

from pathlib import Path

from stores.documents import Database


async def open_database(mongodb_url: str | None, path: Path) -> Database:
    """The database that `mongodb_url` names, or the SQLite file at `path` when it is None or empty.

    Raises `Unavailable` when the database is away. The caller closes it, in the event loop that opened it.
    """
    if mongodb_url:
        from stores.mongo.documents import open_mongo

        return await open_mongo(mongodb_url)
    from stores.sqlite.documents import open_sqlite

    return await open_sqlite(path)
