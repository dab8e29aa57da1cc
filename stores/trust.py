"""What one teammate alone keeps stating as true for everybody stays in its channel, and with them, until a second one confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stores.audience import Directory
from stores.insight_changes import agreeing
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
    told = [i for i in await repository.standing_by(*teachers) if _in_public(i) and not i.unconfirmed and i.id not in instead_of]
    newer = await repository.get([n for i in told for n in i.superseded_by])
    theirs = {n.id for n in newer if n.standing and _in_public(n) and teachers <= {e.teammate for e in n.evidence}}
    if len([i for i in told if theirs.isdisjoint(i.superseded_by)]) < UNCONFIRMED:
        return tuple(evidence)
    return tuple(replace(e, taught="unconfirmed") for e in evidence)


async def one_word(message: str, repository: InsightRepository, at: float) -> list[Insight]:
    """The standing insights that rest on this message and so on one teammate's public word alone, all of it said by then (in seconds since
    the epoch): a second one who agrees to the message at that time may confirm them."""
    alone = [i for i in await repository.supported_by(message) if len({e.teammate for e in i.evidence}) == 1 and _in_public(i)]
    return [i for i in alone if i.standing and i.status != "pending" and not (i.agreed or i.edited_by) and _stood(i, at)]


async def may_agree(teammate: str, to: Sequence[Insight], at: float, repository: InsightRepository, directory: Directory) -> bool:
    """Whether this teammate may confirm these: no outsider, no app, not their teacher, and not opted out then. Raises `LookupFailed`."""
    if any(e.teammate == teammate for i in to for e in i.evidence) or await repository.opted_out.unheard(teammate, at):
        return False
    person = await directory.person(teammate)
    return not (person.outsider or person.bot)


async def confirm(insights: Sequence[Insight], message: str, version: str, repository: InsightRepository) -> None:
    """A second teammate agreed (a 👍) to this message, which stands in this version: the ts of its last edit. It confirms what was drawn
    from that, also when they take their 👍 away later. May be repeated."""
    for insight in insights:
        await repository.change(insight.id, agreeing(message, version))


def _stood(insight: Insight, at: float) -> bool:
    """Whether all that it rests on was said by then, as it was learned."""
    return all(max(e.at, float(e.version or 0)) <= at for e in insight.evidence)


def _in_public(insight: Insight) -> bool:
    return all(e.taught in ("public", "unconfirmed") for e in insight.evidence)
