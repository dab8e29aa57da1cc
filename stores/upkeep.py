"""What is not worth keeping in force: unused and unconfirmed for long, by how fast its kind ages. It is archived, never deleted."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stores.documents import Document
from stores.drafting import Owned
from stores.insight_documents import insight_of
from stores.insights import Insight
from stores.repository import InsightRepository

DAY = 86_400.0
LASTS = 365  # days, for a kind that no enabled store declares any more
LEAST = 0.25  # what is worth less is archived: what is worth 1 when it is said, two half-lives after its last sign of life
MOST_USES = 7  # that count


@dataclass(frozen=True, slots=True)
class Judged:
    """What an insight is worth now. `days`: since it was said, learned, cited or brought back last."""

    insight: Insight
    worth: float
    days: float
    lasts: int

    @property
    def reason(self) -> str:
        """Why it would be archived, for people."""
        teachers = len({e.teammate for e in self.insight.evidence})
        said = "said by one teammate" if teachers == 1 else f"said by {teachers} teammates"
        cited = {0: "never cited", 1: "cited once"}.get(self.insight.uses, f"cited {self.insight.uses} times")
        return f"{said}, {cited}; half its worth goes in {self.lasts} days; worth {self.worth:.2f}, and {LEAST} is the least"


def judged(insight: Insight, lasts: int, now: float) -> Judged:
    """Importance, teachers and uses make up what it is worth when it is said; half of that goes with each half-life without a sign of life.

    1 for each, one more for what stands, and for each doubling of teachers and of uses.
    """
    teachers = len({e.teammate for e in insight.evidence})
    fresh = 1 + insight.standing + math.log2(max(teachers, 1)) + math.log2(1 + min(insight.uses, MOST_USES))
    days = max(now - max(insight.newest, insight.learned_at, insight.used_at), 0.0) / DAY
    return Judged(insight, fresh * 2 ** (-days / lasts), days, lasts)


class Upkeep:
    """One workspace's."""

    def __init__(self, repository: InsightRepository, kinds: Mapping[str, Owned]) -> None:
        self._repository, self._kinds = repository, kinds

    async def faded(self, after: str, *, limit: int = 200) -> tuple[list[Judged], str]:
        """Of the next `limit` insights behind this id those that are to be archived, and the id to go on from, "" at the end."""
        page = await self._repository.page(after, limit)
        fading = [one for c in page if c.insight is not None and (one := self._judged(c.insight)) is not None]
        return [one for one in fading if not await self._hides(one.insight.id)], page[-1].id if len(page) == limit else ""

    async def archive(self, faded: Sequence[Judged]) -> int:
        """Put them out of force, but for those that were said again or cited meanwhile; how many it was. May be repeated."""
        return sum([await self._archive(one.insight.id) for one in faded])

    async def bring_back(self, identity: str) -> Insight | None:
        """Put an archived insight in force again, as if it was said now; None when it is not archived."""
        if not await self._repository.get([identity], status="archived"):
            return None
        await self._repository.used([identity], time.time())
        return await self._repository.set_status(identity, "")

    async def _hides(self, identity: str) -> bool:
        """Whether something older is in force but for this, and would come back."""
        return any(not o.status for o in await self._repository.older_than(identity)) or bool(await self._repository.endings.of(identity))

    async def _archive(self, identity: str) -> bool:
        if await self._hides(identity):
            return False
        done = False

        def put(document: Document) -> bool:
            nonlocal done
            done = bool(document.get("live")) and self._judged(insight_of(self._repository.workspace, document)) is not None
            document["status"] = "archived" if done else document.get("status", "")
            return done

        await self._repository.change(identity, put)
        return done

    def _judged(self, insight: Insight) -> Judged | None:
        """What it is worth, if that is too little. Left alone is what is replaced in time, what is part of another's story, and what is
        hidden by something newer, for it comes back when that is taken back."""
        if insight.state_of.startswith("teammate:") or insight.belongs_to or insight.superseded_by:
            return None
        owned = self._kinds.get(insight.kind)
        found = judged(insight, owned.kind.lasts if owned else LASTS, time.time())
        return found if found.worth < LEAST else None
