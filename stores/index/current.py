"""One workspace's index, kept as the database has it. Built or loaded when it is first asked for; until then there is none."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path

from stores.documents import Unavailable
from stores.embedder import EmbeddingFailed
from stores.index.building import Builder, BuildFailed, apply, build, small
from stores.index.index import HybridIndex
from stores.index.packed import Packed, Unfit, path_of, read, write
from stores.index.vectors import KeptVectors
from stores.repository import InsightRepository
from stores.revisions import Revision

log = logging.getLogger(__name__)

OVERLAP = 60.0  # seconds before the last revision in which a change may still have been under way
LOOK_AGAIN = 60.0  # seconds after which changes are read even if nobody told of one
PATIENCE = 0.25  # seconds that a question waits for an index that is being loaded
MANY = 20_000  # changes after which a packed file is not worth reading
SAVE_AFTER = 20.0  # seconds from a change to the packed file that holds it, or does not hold any more what was forgotten
BATCH = 32  # insights that are embedded together
RETRY = 60.0  # seconds after which an embedder that failed is asked again
AFTER_FAILURE = 10.0  # seconds after which it is tried again to build what could not be built


class Current:
    """`folder`: where the packed file lies, None for none. `builder` builds it elsewhere when there are many insights."""

    def __init__(
        self, repository: InsightRepository, kept: KeptVectors | None, folder: Path | None = None, builder: Builder | None = None
    ) -> None:
        self._repository, self._kept, self._builder = repository, kept, builder
        self._path = path_of(folder, repository.workspace) if folder else None
        self.lock = asyncio.Lock()  # whoever searches in another thread, and whoever changes the index, holds it
        self._index: HybridIndex | None = None
        self._revision = Revision()
        self._looked = 0.0
        self._again = 0.0  # not before is it tried again to load what could not be loaded
        self._saved = 0  # `changes` of the index that the packed file has
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def loaded(self) -> HybridIndex | None:
        """The index as it was when it was last looked at; None while there is none."""
        if self._index is None and time.monotonic() >= self._again:
            await asyncio.wait({self._do("load", self._load)}, timeout=PATIENCE)
        return self._index

    async def ready(self) -> HybridIndex | None:
        """The index as the database is now; None while there is none. Raises `Unavailable`."""
        return await self.after(self.refreshing()) if await self.loaded() is not None else None

    def refreshing(self) -> asyncio.Task[None]:
        """Begin to bring what there is up to date. Where that is under way it may have read before a change that was told of by now, so
        that it is done once more."""
        return self._do("again", self._refresh_again) if "refresh" in self._tasks else self._do("refresh", self._refresh)

    async def after(self, refreshing: asyncio.Task[None]) -> HybridIndex | None:
        """The index as the database was when this began, or later; None when it was let go meanwhile. Raises `Unavailable`."""
        if refreshing.done():
            refreshing.result()
        else:
            await asyncio.shield(refreshing)
        return self._index

    async def keep_up(self) -> None:
        """Take in what changed although nobody asks, so that what was forgotten leaves the memory and the packed file soon. A packed file
        that nobody has in memory goes when it is older than the last change. Raises `Unavailable`."""
        if self._index is not None:
            await self.ready()
        elif self._path is not None and "load" not in self._tasks:
            at = (await self._repository.revision()).at
            await asyncio.to_thread(_remove_older, self._path, at + OVERLAP)

    @property
    def nbytes(self) -> int:
        return self._index.nbytes if self._index else 0

    async def drop(self) -> None:
        """Let the memory go; the packed file keeps what was known."""
        if self._index is not None and "load" not in self._tasks:
            await self._save()
            self._index = None

    def close(self) -> None:
        """End what goes on in the background."""
        for task in self._tasks.values():
            task.cancel()

    async def settled(self) -> None:
        """Wait for what goes on in the background, for tests and measurements."""
        while running := [t for name, t in self._tasks.items() if name != "save"]:
            await asyncio.wait(running)

    def _do(self, name: str, work: Callable[[], Coroutine[None, None, None]]) -> asyncio.Task[None]:
        """The one task of this name: the one under way, or a new one."""
        task = self._tasks.get(name)
        if task is None or task.done():
            task = self._tasks[name] = asyncio.create_task(work())
            task.add_done_callback(lambda done: self._done(name, done))
        return task

    def _done(self, name: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(name) is task:
            del self._tasks[name]
        if name == "load" and self._index is None:
            self._again = time.monotonic() + AFTER_FAILURE
        if not task.cancelled() and (e := task.exception()) is not None and name not in ("refresh", "again"):
            log.warning("index.failed", extra={"workspace": self._repository.workspace, "what": name, "reason": f"{type(e).__name__}: {e}"})

    async def _load(self) -> None:
        start = time.monotonic()
        packed = await self._unpacked()
        if packed is None:
            here = self._builder is None or self._path is None or await small(self._repository)
            packed = await (build(self._repository, self._kept) if here else self._built_elsewhere())
            self._saved = -1
        self._index, self._revision, self._looked = packed.index, packed.revision, 0.0
        log.info("index.ready", extra=self._facts(packed.index) | {"seconds": round(time.monotonic() - start, 3)})

    async def _unpacked(self) -> Packed | None:
        """What the packed file holds, if it is worth reading."""
        if self._path is None or not self._path.exists():
            return None
        name, dimensions = (self._kept.embedder.name, self._kept.embedder.dimensions) if self._kept else ("", 64)
        try:
            packed = await asyncio.to_thread(read, self._path, self._repository.workspace, name, dimensions)
        except Unfit as e:
            log.info("index.unfit", extra={"workspace": self._repository.workspace, "reason": str(e)})
            return None
        now = await self._repository.revision()
        self._saved = packed.index.changes
        return packed if now.name == packed.revision.name and 0 <= now.n - packed.revision.n <= MANY else None

    async def _built_elsewhere(self) -> Packed:
        assert self._builder is not None
        assert self._path is not None
        name, dimensions = (self._kept.embedder.name, self._kept.embedder.dimensions) if self._kept else ("", 64)
        await self._builder(self._repository.workspace, self._path, name, dimensions)
        packed = await self._unpacked()
        if packed is None:
            raise BuildFailed(f"The index of {self._repository.workspace} was built, and is of no use.")
        return packed

    async def _refresh_again(self) -> None:
        await asyncio.wait({self._do("refresh", self._refresh)})
        del self._tasks["again"]  # whoever asks from now on asks for another
        await asyncio.shield(self._do("refresh", self._refresh))

    async def _refresh(self) -> None:
        """Read the revision, and when it moved what was changed since."""
        index, revision = self._index, await self._repository.revision()
        if index is None or (revision == self._revision and time.monotonic() - self._looked < LOOK_AGAIN):
            return
        first = self._looked == 0.0
        changes = await self._repository.changed_since(self._revision.at - OVERLAP)
        before = index.changes
        async with self.lock:
            await apply(index, changes, self._kept)
        self._revision, self._looked = revision, time.monotonic()
        self._afterwards(index, changed=first or index.changes != before)

    def _afterwards(self, index: HybridIndex, *, changed: bool) -> None:
        """What may wait until the question is answered."""
        if not changed:
            return
        if index.due:
            self._do("merge", self._merge)
        if self._kept is not None and index.lacks:
            self._do("embed", self._embed)
        if self._path is not None and index.changes != self._saved:
            self._do("save", self._save_later)

    async def _merge(self) -> None:
        index = self._index
        if index is not None:
            work, finish = index.begin_merge()
            done = await asyncio.to_thread(work)
            async with self.lock:
                finish(done)

    async def _save_later(self) -> None:
        await asyncio.sleep(SAVE_AFTER)
        await self._save()

    async def _save(self) -> None:
        for _ in range(3):
            index, revision = self._index, self._revision
            if index is None or self._path is None or index.changes == self._saved:
                return
            await asyncio.shield(self._do("merge", self._merge))
            changes = index.changes
            if await asyncio.to_thread(write, self._path, self._repository.workspace, Packed(index, revision)):
                self._saved = changes
                return

    async def _embed(self) -> None:
        """Give every insight its vectors, those first that others have embedded. An outage is waited for."""
        assert self._kept is not None
        index = self._index
        lacking = index.lacking() if index else []
        for first in range(0, len(lacking), BATCH):
            await self._patiently(partial(self._embed_some, lacking[first : first + BATCH]))
            done = first + BATCH
            if done % (32 * BATCH) == 0 or done >= len(lacking) > BATCH:
                facts = {"workspace": self._repository.workspace, "done": min(done, len(lacking)), "of": len(lacking)}
                log.info("index.embedded", extra=facts)

    async def _embed_some(self, ids: list[str]) -> None:
        index, kept = self._index, self._kept
        if index is None or kept is None:
            return
        insights = await self._repository.get(ids)
        known = await kept.of(insights)
        known |= await kept.embed([i for i in insights if i.id not in known], self._repository) if len(known) < len(insights) else {}
        async with self.lock:
            for identity, both in known.items():
                if (row := index.rows.find(identity)) >= 0:
                    index.embed(row, both)
        if self._path is not None:
            self._do("save", self._save_later)

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await work()
            except (EmbeddingFailed, Unavailable) as e:
                log.warning("index.embedding_failed", extra={"workspace": self._repository.workspace, "reason": str(e)})
            await asyncio.sleep(RETRY)

    def _facts(self, index: HybridIndex) -> dict[str, object]:
        return {"workspace": self._repository.workspace, "insights": index.rows.live, "bytes": index.nbytes}


def _remove_older(path: Path, at: float) -> None:
    if path.exists() and path.stat().st_mtime < at:
        path.unlink(missing_ok=True)
