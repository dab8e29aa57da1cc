"""How far a workspace's insights have come, so that whoever keeps an index knows what to read again."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from stores.documents import Change, Documents


@dataclass(frozen=True, slots=True)
class Revision:
    """How far a workspace's insights have come. `n` grows after each change; `at` is the latest time that a change was stamped with.

    `name` is another one in each database, so that nobody takes one's revisions for another's.
    """

    n: int = 0
    at: float = 0.0
    name: str = ""


class Revisions:
    """One workspace's revision, in the database."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def now(self) -> Revision:
        """One small read."""
        found = await self._documents.find("revisions", {"_id": "insights"}, limit=1)
        return Revision(int(found[0].get("n", 0)), float(found[0].get("at", 0.0)), str(found[0].get("name", ""))) if found else Revision()

    async def stamp(self) -> float:
        """The time for a change: later than every change that was told of, even if this machine's clock is behind another's."""
        now = time.time()
        change: Change = {"$max": {"at": now}, "$setOnInsert": {"name": uuid.uuid4().hex}}
        found = await self._documents.update("revisions", {"_id": "insights"}, change, upsert=True)
        return float(found["at"]) if found else now

    async def tell(self) -> None:
        """A change is written: whoever keeps an index has something to read."""
        await self._documents.update("revisions", {"_id": "insights"}, {"$inc": {"n": 1}}, upsert=True)
