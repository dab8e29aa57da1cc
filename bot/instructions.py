"""The team's wishes how Tacit answers, as approved: versions, each a list of insights by their ids. The words stay with the insights, so
that what is forgotten or deleted is gone from every version.

What a version holds is in force, what it leaves out is not (`archived`), whichever way it got there. A version is a document "vN":

    n, ids (insights, the oldest first), by (who approved it), at, parent (the n that a step back leads to)
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from stores.audience import Readers, look
from stores.documents import Documents
from stores.insights import Insight
from stores.repository import InsightRepository
from workers.parts import Parts

LIMIT = 600  # characters of all wishes together; the oldest give way
MOST = 10  # versions of the history that are shown


@dataclass(frozen=True, slots=True)
class Version:
    """The wishes as they stood at one time. Version 0 holds none."""

    n: int = 0
    ids: tuple[str, ...] = ()
    by: str = ""
    at: float = 0.0
    parent: int = 0


class Versions:
    """One workspace's versions. What changes them may be repeated."""

    def __init__(self, documents: Documents, repository: InsightRepository) -> None:
        self._documents, self._repository = documents, repository

    async def present(self) -> Version:
        """The version in force. One small read."""
        return next(iter(await self.history(most=1)), Version())

    async def history(self, *, most: int = MOST) -> list[Version]:
        """The last versions, newest first."""
        return [_version(d) for d in await self._documents.find("instructions", {}, sort="-n", limit=most)]

    async def would_be(self, insight: Insight) -> tuple[list[Insight], list[Insight]]:
        """The wishes in force, and what they would be with this one as well."""
        before = await self.wishes((await self.present()).ids)
        kept = [i for i in before if i.id != insight.id and insight.id not in i.superseded_by]
        return before, within_limit([*kept, insight])

    async def adopt(self, insight: Insight, by: str) -> Version:
        """Take a wish that was approved into the next version. Without `by`, for whoever approved it and died: once is enough, and what
        gave way since stays away."""
        while True:
            present = await self.present()
            if insight.id in present.ids or (not by and await self._held(insight.id)):
                return present
            _, after = await self.would_be(insight)
            if version := await self._next(present, [i.id for i in after], by, present.n):
                return version

    async def roll_back(self, by: str) -> Version | None:
        """Go back to what stood before the present version, in one step; None when nothing did."""
        while True:
            present = await self.present()
            if not (present.ids or present.parent):  # as before the first one
                return None
            before = await self._numbered(present.parent)
            if version := await self._next(present, before.ids, by, before.parent):
                return version

    async def wishes(self, ids: Sequence[str]) -> list[Insight]:
        """Those of these wishes whose words are still there, in order."""
        found = {i.id: i for status in ("", "archived") for i in await self._repository.get(ids, status=status)}
        return [found[i] for i in ids if i in found]

    async def _next(self, present: Version, ids: Sequence[str], by: str, parent: int) -> Version | None:
        """The next version; None when somebody else made one meanwhile."""
        version = Version(present.n + 1, tuple(ids), by, time.time(), parent)
        made = await self._documents.insert("instructions", asdict(version) | {"_id": f"v{version.n}", "ids": list(ids)})
        now = await self.present()
        for identity in {*present.ids, *ids}:
            await self._repository.set_status(identity, "" if identity in now.ids else "archived")
        return version if made else None

    async def _held(self, wish: str) -> bool:
        return bool(await self._documents.find("instructions", {"ids": wish}, limit=1))

    async def _numbered(self, n: int) -> Version:
        found = await self._documents.find("instructions", {"_id": f"v{n}"}, limit=1)
        return _version(found[0]) if found else Version()


async def wishes_for(parts: Parts, readers: Readers) -> tuple[str, ...]:
    """The wishes in force that everybody who reads the reply may see, the oldest first, within `LIMIT`."""
    versions = Versions(parts.documents, parts.repository)
    known = await versions.wishes((await versions.present()).ids)
    seen = (await look(known, readers, parts.directory, parts.repository)).insights if known else ()
    return tuple(i.sentence for i in within_limit(list(seen)))


def within_limit(wishes: Sequence[Insight]) -> list[Insight]:
    """The latest that fit `LIMIT` together, in order."""
    kept: list[Insight] = []
    for wish in reversed(wishes):
        if sum(len(i.sentence) for i in kept) + len(wish.sentence) > LIMIT:
            break
        kept.append(wish)
    return kept[::-1]


def _version(d: dict[str, object]) -> Version:
    return Version(**{name: d[name] for name in ("n", "by", "at", "parent")}, ids=tuple(d["ids"]))  # type: ignore[arg-type]
