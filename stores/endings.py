"""What is over once something newer holds that is still to come: "from 1 June it's the new mill" leaves the old one until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stores.documents import Documents


@dataclass(frozen=True, slots=True)
class Ending:
    """The ids of the two insights; and of one that put the newer right before its day, if any did."""

    older: str
    newer: str
    unless: str = ""


class Endings:
    """One workspace's, in the database."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def note(self, older: str, newer: str, at: float) -> None:
        """The newer one hides the older from then on, seconds since the epoch. May be repeated."""
        fields = {"older": older, "newer": newer, "at": at}
        await self._documents.update("endings", {"_id": f"{newer}/{older}"}, {"$set": fields}, upsert=True)

    async def of(self, newer: str) -> list[str]:
        """The ids of what this one is going to hide."""
        return [d["older"] for d in await self._documents.find("endings", {"newer": newer})]

    async def due(self, now: float) -> Sequence[Ending]:
        """Those whose day has come, the first of many."""
        found = await self._documents.find("endings", {"at": {"$lte": now}}, sort="at", limit=200)
        return [Ending(d["older"], d["newer"], d.get("unless", "")) for d in found]

    async def unless(self, newer: str, other: str) -> None:
        """What this one is going to hide stays while the other one, which put it right, is in force."""
        for older in await self.of(newer):
            await self._documents.update("endings", {"_id": f"{newer}/{older}"}, {"$set": {"unless": other}})

    async def done(self, ending: Ending) -> None:
        """It has taken effect, or never will. May be repeated."""
        await self._documents.delete("endings", {"_id": f"{ending.newer}/{ending.older}"})
