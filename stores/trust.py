"""What one teammate alone keeps stating as true for everybody stays in its channel, and with them, until a second one says so too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stores.insights import Evidence, Insight
from stores.repository import InsightRepository

UNCONFIRMED = 3  # standing insights that go to the whole workspace on one teammate's word alone


async def as_trusted(
    evidence: Sequence[Evidence], repository: InsightRepository, *, standing: bool, instead_of: Sequence[str] = ()
) -> tuple[Evidence, ...]:
    """The same evidence, "unconfirmed" where it is one teammate's public word for something standing, and more than `UNCONFIRMED` such
    insights would rest on that teammate's word alone. What it is said `instead_of`, and what else they replaced themselves, does not count:
    who corrects themselves states no more than before."""
    teachers = {e.teammate for e in evidence}
    if not standing or len(teachers) != 1 or any(e.taught != "public" for e in evidence):
        return tuple(evidence)
    own = {i.id: i for i in await repository.standing_by(*teachers) if _in_public(i)}
    if len([i for i in own.values() if i.id not in instead_of and own.keys().isdisjoint(i.superseded_by)]) < UNCONFIRMED:
        return tuple(evidence)
    return tuple(replace(e, taught="unconfirmed") for e in evidence)


def _in_public(insight: Insight) -> bool:
    return all(e.taught in ("public", "unconfirmed") for e in insight.evidence)
