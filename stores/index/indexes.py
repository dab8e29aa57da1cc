"""All workspaces' indexes in this process: those asked last are in memory, as many as fit."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from pathlib import Path

from stores.audience import Directory
from stores.blas import one_thread_a_product
from stores.documents import Documents
from stores.embedder import Embedder
from stores.index.building import Builder
from stores.index.current import Current
from stores.index.questions import QuestionVectors
from stores.index.search import IndexedSearch
from stores.index.vectors import KeptVectors
from stores.repository import InsightRepository
from stores.search import Search

MEMORY = 256 * 2**20
KEEP_UP = 30.0


class Indexes:
    """`memory`: bytes for all indexes together; the one asked last stays, however large. `folder`: where their packed files lie."""

    def __init__(
        self, embedder: Embedder | None = None, folder: Path | None = None, *, memory: int = MEMORY, builder: Builder | None = None
    ) -> None:
        one_thread_a_product()
        self._embedder, self._folder, self._builder, self._memory = embedder, folder, builder, memory
        self._questions = QuestionVectors(embedder) if embedder else None
        self._all: list[Current] = []
        self._held: OrderedDict[int, tuple[Current, int]] = OrderedDict()
        self._next = 0.0
        self.nbytes = 0  # about what the indexes in memory take
        self._going: set[asyncio.Task[None]] = set()

    def search(self, repository: InsightRepository, documents: Documents, directory: Directory) -> Search:
        """The search in one workspace. Nothing is read before it is asked."""
        kept = KeptVectors(documents, self._embedder) if self._embedder else None
        current = Current(repository, kept, self._folder, self._builder)
        self._all.append(current)
        return IndexedSearch(repository, directory, current, self._questions, self._asked)

    async def keep_up(self) -> None:
        """Take in what changed, at most every `KEEP_UP` seconds; call it as often as you like. Raises `Unavailable`."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + KEEP_UP
            for current in self._all:
                await current.keep_up()

    async def settled(self) -> None:
        """Wait until the indexes that were asked for are there."""
        await asyncio.gather(*(current.settled() for current in self._all))

    def close(self) -> None:
        """End what goes on in the background."""
        for current in self._all:
            current.close()

    def _asked(self, current: Current) -> None:
        """Note that this one was used just now, and let others go that do not fit beside it."""
        _, before = self._held.pop(id(current), (current, 0))
        self._held[id(current)] = current, current.nbytes
        self.nbytes += current.nbytes - before
        while self.nbytes > self._memory and len(self._held) > 1:
            _, (oldest, took) = self._held.popitem(last=False)
            self.nbytes -= took
            going = asyncio.create_task(oldest.drop())
            self._going.add(going)
            going.add_done_callback(self._going.discard)
