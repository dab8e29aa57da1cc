"""Building a workspace's index from its database: here, a little at a time, or in a process of its own when there is much."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from stores.blas import one_thread_a_product
from stores.documents import Database
from stores.embedder import EmbeddingFailed, Vectors
from stores.index.entries import entry_of
from stores.index.index import HybridIndex
from stores.index.packed import Packed, write
from stores.index.vectors import Both, KeptVectors
from stores.repository import Changed, InsightRepository

PAGE = 10  # insights that are read together here: 2 ms without a pause
MANY = 500  # the same, in a process of its own
SMALL = 1000  # insights that are indexed here

Builder = Callable[[str, Path, str, int], Awaitable[None]]
"""Writes the packed file of a workspace (its id, the file, the embedder's name, its dimensions)."""


def empty(kept: KeptVectors | None) -> HybridIndex:
    """An index without insights, for the vectors that are kept."""
    return HybridIndex(kept.embedder.name, kept.embedder.dimensions) if kept else HybridIndex()


async def build(repository: InsightRepository, kept: KeptVectors | None, *, page: int = PAGE) -> Packed:
    """The index of everything that the database holds; `page` insights are read at a time, while those before are indexed."""
    revision, index = await repository.revision(), empty(kept)
    reading = asyncio.create_task(_read(repository, kept, "", page))
    try:
        while True:
            found, vectors = await reading
            if len(found) == page:
                reading = asyncio.create_task(_read(repository, kept, found[-1].id, page))
                await asyncio.sleep(0)
            index.load([entry_of(c.insight, c.revision) for c in found if c.insight is not None], vectors)
            if len(found) < page:
                break
    finally:
        reading.cancel()
    work, finish = index.begin_merge()
    finish(await asyncio.to_thread(work))
    index.recount()
    return Packed(index, revision)


async def _read(repository: InsightRepository, kept: KeptVectors | None, after: str, page: int) -> tuple[list[Changed], dict[str, Both]]:
    found = await repository.page(after, page)
    return found, await kept.of([c.insight for c in found if c.insight is not None]) if kept else {}


async def small(repository: InsightRepository) -> bool:
    """Whether there are so few insights that they are indexed here."""
    return not await repository.page("", 1, skip=SMALL)


async def apply(index: HybridIndex, changes: list[Changed], kept: KeptVectors | None) -> None:
    """Index what was changed. May be repeated, and lets others work in between."""
    insights = [c.insight for c in changes if c.insight is not None]
    vectors = await kept.of(insights) if kept else {}
    for n, change in enumerate(changes):
        if change.insight is None:
            index.remove(change.id)
        else:
            index.upsert(entry_of(change.insight, change.revision), vectors.get(change.id))
        if n % 10 == 9:
            await asyncio.sleep(0)


def build_elsewhere(mongodb_url: str | None, sqlite_path: Path) -> Builder:
    """A builder that works in a process of its own. Raises `BuildFailed`."""

    async def run(workspace: str, path: Path, embedder: str, dimensions: int) -> None:
        task: dict[str, Any] = {"mongodb_url": mongodb_url, "sqlite_path": str(sqlite_path), "workspace": workspace, "path": str(path)}
        task |= {"embedder": embedder, "dimensions": dimensions}
        command = (sys.executable, "-m", "stores.index.building")
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
        try:
            await process.communicate(json.dumps(task).encode())
        except asyncio.CancelledError:
            process.kill()
            raise
        if process.returncode:
            raise BuildFailed(f"The process that builds the index of {workspace} ended with status {process.returncode}.")

    return run


class BuildFailed(Exception):
    """There is no index yet. Keywords answer, and it is tried again."""


class _Named:
    """An embedder that is only known by name: what it made is read, and it makes nothing."""

    def __init__(self, name: str, dimensions: int) -> None:
        self.name, self.dimensions = name, dimensions

    async def embed(self, texts: object) -> Vectors:
        raise EmbeddingFailed(f"{self.name} is not at hand where an index is built.")


async def _build_file(database: Database, workspace: str, path: Path, embedder: str, dimensions: int) -> None:
    documents = database.workspace(workspace)
    kept = KeptVectors(documents, _Named(embedder, dimensions)) if embedder else None
    write(path, workspace, await build(InsightRepository(workspace, documents), kept, page=MANY))


async def _main() -> None:
    from stores.database import open_database

    os.nice(5)  # whoever answers meanwhile comes first
    gc.disable()  # looking for rings among what was read takes a sixth of the time, and there are none
    one_thread_a_product()
    task = json.loads(sys.stdin.read())
    database = await open_database(task["mongodb_url"], Path(task["sqlite_path"]))
    try:
        await _build_file(database, task["workspace"], Path(task["path"]), task["embedder"], task["dimensions"])
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(_main())
