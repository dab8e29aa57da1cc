"""Search with the index. It proposes; what the repository says at this moment decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from stores import ranking
from stores.audience import Directory, Readers, look
from stores.index.current import Current
from stores.index.entries import key
from stores.index.index import HybridIndex
from stores.index.mask import view_of
from stores.index.matrix import Numbers
from stores.index.questions import QuestionVectors
from stores.index.scoring import Proposals, propose
from stores.index.sight import Sight, sight_of
from stores.insights import Insight
from stores.repository import InsightRepository
from stores.search import Found, KeywordSearch

LONGEST = 4000  # characters of a question that are read
SPARE = 8  # proposals beyond the limit, for those that have gone since
LARGE = 20_000  # rows from which on a search runs beside the event loop


class IndexedSearch:
    """Keywords and, with `questions`, vectors. While there is no index, keywords from the database answer."""

    def __init__(
        self,
        repository: InsightRepository,
        directory: Directory,
        current: Current,
        questions: QuestionVectors | None = None,
        asked: Callable[[Current], None] | None = None,
    ) -> None:
        self._repository, self._directory = repository, directory
        self._current, self._questions, self._asked = current, questions, asked
        self._keywords = KeywordSearch(repository, directory)

    async def search(
        self, text: str, readers: Readers, *, limit: int, store: str = "", expansion: str = "", standing: bool = False
    ) -> Found:
        text, expansion = _readable(text), _readable(expansion)
        if not (text.strip() or expansion.strip() or standing):
            return Found((), {})
        index = await self._current.ready()
        if index is None:
            return await self._keywords.search(text, readers, limit=limit, store=store, expansion=expansion, standing=standing)
        if self._asked is not None:
            self._asked(self._current)
        question = await self._questions.of(text, expansion) if self._questions and limit and text.strip() else None
        sight = await sight_of(index.origins(), readers, self._directory)
        search = _Asked({key(s): w for s, w in ranking.wanted(text, expansion).items()}, question, store, limit, standing)
        proposals = await self._propose(index, sight, search)
        return await self._decided(proposals, readers, limit)

    async def _propose(self, index: HybridIndex, sight: Sight, asked: _Asked) -> Proposals:
        async with self._current.lock:
            if index.rows.size < LARGE:
                return asked.put(index, sight)
            return await asyncio.to_thread(asked.put, index, sight)

    async def _decided(self, proposals: Proposals, readers: Readers, limit: int) -> Found:
        """What the database says of the proposals now."""
        known = await self._repository.get(list(proposals.scores))
        view = await look(known, readers, self._directory, self._repository)
        shown = sorted(view.insights, key=lambda i: _place(i, proposals))[:limit]
        scores = {i.id: proposals.scores[i.id] for i in shown}
        missing = proposals.unsure or view.missing or readers.missing
        return Found(tuple(shown), proposals.withheld | view.withheld, missing, scores)


def _readable(text: str) -> str:
    """The part of a text that is read, without half characters, which no embedder takes."""
    return text[:LONGEST].encode(errors="replace").decode()


def _place(insight: Insight, proposals: Proposals) -> tuple[float, float, str]:
    """Best first; among equals the one said last."""
    return (-proposals.scores[insight.id]["score"], -insight.newest, insight.id)


class _Asked:
    """One search, ready to be put to an index in any thread."""

    def __init__(self, wanted: dict[int, float], question: Numbers | None, store: str, limit: int, standing: bool) -> None:
        self.wanted, self.question, self.store, self.limit, self.standing = wanted, question, store, limit, standing

    def put(self, index: HybridIndex, sight: Sight) -> Proposals:
        view = view_of(index, sight, store=self.store, standing=self.standing)
        question = self.question if index.embedder else None
        limit = self.limit + SPARE if self.limit else 0
        return propose(index, view, self.wanted, question, limit, everything=self.standing)
