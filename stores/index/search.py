"""Search with the index. It proposes; what the repository says at this moment decides."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from stores import gate, ranking
from stores.audience import Directory, Readers, View, look, looked_up
from stores.index.current import Current
from stores.index.entries import stem_key
from stores.index.index import HybridIndex
from stores.index.mask import view_of
from stores.index.matrix import Numbers
from stores.index.questions import QuestionVectors
from stores.index.scoring import Fit, Proposals
from stores.index.sight import Sight, sight_of
from stores.insights import Insight
from stores.reads import note
from stores.repository import InsightRepository
from stores.search import CANDIDATES, Found, KeywordSearch, Part

LONGEST = 4000  # characters of a question that are read
SPARE = 8  # proposals beyond the limit, for those that have gone since
NAMES_SECONDS = 0.1  # that looking up people's names may take
ABOUT_ANOTHER = -99.0  # as "surface": far below the strict point
LARGE = 20_000  # rows from which on a search runs beside the event loop


class Asked(NamedTuple):
    """A question. Those who ask the same at the same time share the work."""

    text: str
    expansion: str
    readers: Readers


class Answer(NamedTuple):
    """What each part found, and the insights that were read for it, `at` a time, with all their evidence."""

    found: dict[Part, Found]
    read: Sequence[Insight]
    at: float


class Together:
    """Who asks one question now. Parts may be added until it is ranked."""

    def __init__(self) -> None:
        self.parts: dict[Part, None] = {}
        self.late = False  # whether somebody began to ask since it was looked how the database is
        self.task: asyncio.Task[None]
        self._answered = asyncio.Event()
        self._answer: Answer | BaseException

    async def answer(self) -> Answer:
        """What was found. Whoever stops waiting takes it from nobody else."""
        await self._answered.wait()
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer

    def tell(self, answer: Answer | BaseException) -> None:
        self._answer = answer
        self._answered.set()


class IndexedSearch:
    """Keywords and, with `questions`, vectors. While there is no index, keywords from the database answer."""

    def __init__(
        self,
        repository: InsightRepository,
        directory: Directory,
        current: Current,
        questions: QuestionVectors | None = None,
        used: Callable[[Current], None] | None = None,
    ) -> None:
        self._repository, self._directory = repository, directory
        self._current, self._questions, self._used = current, questions, used
        self._keywords = KeywordSearch(repository, directory)
        self._open: dict[Asked, Together] = {}

    async def search(
        self, text: str, readers: Readers, *, limit: int, store: str = "", expansion: str = "", standing: bool = False, here: str = ""
    ) -> Found:
        return (await self.search_parts(text, readers, [Part(limit, store, standing, here)], expansion=expansion))[0]

    async def search_parts(self, text: str, readers: Readers, parts: Sequence[Part], *, expansion: str = "") -> list[Found]:
        asked = Asked(_readable(text), _readable(expansion), readers)
        if not (asked.text.strip() or asked.expansion.strip() or any(part.standing or part.here for part in parts)):
            return [Found((), {}) for _ in parts]
        together = self._open.get(asked) or self._begin(asked)
        together.parts |= dict.fromkeys(parts)
        together.late = True
        answer = await together.answer()
        note(answer.read, answer.at)
        return [answer.found[part] for part in parts]

    def _begin(self, asked: Asked) -> Together:
        together = self._open[asked] = Together()
        together.task = asyncio.create_task(self._tell(asked, together))
        return together

    async def _tell(self, asked: Asked, together: Together) -> None:
        try:
            together.tell(await self._answer(asked, together))
        except BaseException as e:
            together.tell(e)
            if not isinstance(e, Exception):
                raise
        finally:
            self._close(asked, together)

    async def _answer(self, asked: Asked, together: Together) -> Answer:
        question, index = None, await self._current.loaded()
        if index is not None:
            if self._used is not None:
                self._used(self._current)
            await asyncio.sleep(0)  # meanwhile others ask the same
            together.late, refreshing = False, self._current.refreshing()  # while the question gets its vector
            question = await self._questions.of(asked.text, asked.expansion) if self._questions and asked.text.strip() else None
            index = await self._current.after(refreshing)
        while index is not None and together.late:
            together.late = False
            index = await self._current.after(self._current.refreshing())
        self._close(asked, together)
        if index is None:
            return await self._without(asked, together.parts)
        sight = await sight_of(index.deciding(asked.readers), asked.readers, self._directory)
        async with self._current.lock:
            proposals = await _proposed(index, sight, asked, question, list(together.parts))
        return await self._decided(proposals, asked)

    async def _without(self, asked: Asked, parts: Iterable[Part]) -> Answer:
        """What keywords find while there is no index. They are put to all stores together, and to one alone whose own were pushed aside."""
        every: dict[bool, Found] = {}
        found = {}
        for part in parts:
            if part.here:
                found[part] = await self._by_keywords(asked, part)
                continue
            if part.standing not in every:
                every[part.standing] = await self._by_keywords(asked, part._replace(limit=CANDIDATES, store=""))
            found[part] = _own(every[part.standing], part)
            if len(found[part].insights) < part.limit and len(every[part.standing].insights) == CANDIDATES:
                found[part] = await self._by_keywords(asked, part)
        return Answer(found, (), 0.0)

    async def _by_keywords(self, asked: Asked, part: Part) -> Found:
        how = {"store": part.store, "expansion": asked.expansion, "here": part.here}
        return await self._keywords.search(asked.text, asked.readers, limit=part.limit, standing=part.standing, **how)

    def _close(self, asked: Asked, together: Together) -> None:
        if self._open.get(asked) is together:
            del self._open[asked]

    async def _decided(self, proposals: Mapping[Part, Proposals], asked: Asked) -> Answer:
        """What the database says of the proposals now; of the spare ones too when others have gone."""
        readers = asked.readers
        ids = dict.fromkeys(i for part, proposed in proposals.items() for i in islice(proposed.scores, part.limit))
        every = dict.fromkeys(i for proposed in proposals.values() for i in proposed.scores)
        at = time.monotonic()
        read, view = await self._looked([*ids], readers)
        if len(view.insights) < len(ids) < len(every):
            at = time.monotonic()
            read, view = await self._looked([*every], readers)
        found = {part: _found(part, proposed, view, readers) for part, proposed in proposals.items()}
        others = await self._about_others(asked.text, found.values())
        return Answer({part: _silent(f, others) for part, f in found.items()}, read, at)

    async def _about_others(self, question: str, found: Iterable[Found]) -> set[str]:
        """The ids of what would be said unasked though it speaks of other people than the question. Known are those who said any of it."""
        shown = {i.id: i for f in found for i in f.insights}
        sure = {i for f in found for i, scores in f.scores.items() if scores.get("surface", -1.0) >= 0}
        names = await self._names({e.teammate for i in shown.values() for e in i.evidence}) if sure else ()
        return {i for i in sure if gate.about_another(question, shown[i].sentence, names)}

    async def _names(self, teammates: Iterable[str]) -> list[str]:
        """What they are called, as far as that is known soon."""
        people = await looked_up([*teammates], self._directory.person, NAMES_SECONDS)
        return [person.name for person in people.values() if person is not None]

    async def _looked(self, ids: Sequence[str], readers: Readers) -> tuple[list[Insight], View]:
        read = await self._repository.get(ids)
        return read, await look(read, readers, self._directory, self._repository)


async def _proposed(
    index: HybridIndex, sight: Sight, asked: Asked, question: Numbers | None, parts: Sequence[Part]
) -> dict[Part, Proposals]:
    def work() -> dict[Part, Proposals]:
        wanted = {stem_key(s): w for s, w in ranking.wanted(asked.text, asked.expansion).items()}
        fit = Fit(index, view_of(index, sight), wanted, question if index.embedder else None)
        return dict(zip(parts, fit.propose([p._replace(limit=p.limit and p.limit + SPARE) for p in parts]), strict=True))

    return work() if index.rows.size < LARGE else await asyncio.to_thread(work)


def _own(found: Found, part: Part) -> Found:
    own = tuple(i for i in found.insights if part.store in ("", i.store))[: part.limit]
    return replace(found, insights=own, scores={i.id: found.scores[i.id] for i in own})


def _found(part: Part, proposed: Proposals, view: View, readers: Readers) -> Found:
    known = {i.id: i for i in view.insights}
    seen = [known[i] for i in proposed.scores if i in known and (not part.here or known[i].was_taught(part.here))][: part.limit]
    shown = seen if part.here else sorted(seen, key=lambda i: (-proposed.scores[i.id]["score"], -i.newest, i.id))
    withheld = proposed.withheld | {i: reason for i, reason in view.withheld.items() if i in proposed.scores}
    missing = proposed.unsure or view.missing or readers.missing
    return Found(tuple(shown), withheld, missing, {i.id: proposed.scores[i.id] for i in shown})


def _silent(found: Found, others: Collection[str]) -> Found:
    """The same, with nothing said unasked that is about others."""
    scores = {i: {**s, "surface": ABOUT_ANOTHER} if i in others else s for i, s in found.scores.items()}
    return replace(found, scores=scores) if others else found


def _readable(text: str) -> str:
    """The part of a text that is read, without half characters, which no embedder takes."""
    return text[:LONGEST].encode(errors="replace").decode()
