"""The product's database, looked at from outside, opened at the first look: it may be away, or not be there yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from stores.database import open_database
from stores.documents import Change, Database, Document, Documents, Where


class LateDatabase:
    """Opens on first use, and again when that failed. Raises `Unavailable` while the database is away."""

    def __init__(self, mongodb_url: str | None, path: Path) -> None:
        self._mongodb_url, self._path = mongodb_url, path
        self._opened: Database | None = None
        self._opening = asyncio.Lock()

    async def get(self) -> Database:
        async with self._opening:
            if self._opened is None:
                self._opened = await open_database(self._mongodb_url, self._path)
        return self._opened

    async def ping(self) -> None:
        """Raise `Unavailable` with the reason when the database is away."""
        await (await self.get()).ping()

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()


class LateDocuments:
    """A workspace's `Documents` in a `LateDatabase`. The workspace's id is asked for at each call."""

    def __init__(self, database: LateDatabase, workspace: Callable[[], str]) -> None:
        self._database, self._workspace = database, workspace

    async def _documents(self) -> Documents:
        return (await self._database.get()).workspace(self._workspace())

    async def insert(self, collection: str, document: Document) -> bool:
        return await (await self._documents()).insert(collection, document)

    async def find(self, collection: str, where: Where, *, sort: str = "", limit: int = 0, skip: int = 0) -> list[Document]:
        return await (await self._documents()).find(collection, where, sort=sort, limit=limit, skip=skip)

    async def update(self, collection: str, where: Where, change: Change, *, upsert: bool = False) -> Document | None:
        return await (await self._documents()).update(collection, where, change, upsert=upsert)

    async def delete(self, collection: str, where: Where) -> int:
        return await (await self._documents()).delete(collection, where)

    async def count(self, collection: str, where: Where) -> int:
        return await (await self._documents()).count(collection, where)
