"""Whether a wish how Tacit answers has found enough support to be put before approvers. One teammate's taste alone is a preference of
theirs; nor does it help to say the same again."""

from __future__ import annotations

from collections.abc import Sequence

from bot.approvals import is_approver
from bot.questions import QuestionLedger
from stores.insights import Evidence, Insight
from stores.repository import InsightRepository
from workers.parts import Parts

PEOPLE = 2


async def supported(wish: Insight, parts: Parts, approvers: Sequence[str]) -> bool:
    """Whether two teammates ask for it, or an approver does, or somebody behind a reply that speaks for it: one that is held to be wrong,
    or in whose place others helped. Only what was asked in public is ever put before anybody; what asks the same in private counts."""
    if any(e.taught != "public" for e in wish.evidence):
        return False
    said = [*wish.evidence, *(e for one in await seconds(wish, parts.repository) for e in one.evidence)]
    people = list(dict.fromkeys(e.teammate for e in said))
    if len(people) >= PEOPLE or any([await is_approver(person, parts, approvers) for person in people]):
        return True
    return any([await _spoken_against(e, parts) for e in said])


async def seconds(wish: Insight, repository: InsightRepository) -> list[Insight]:
    """What asks the same in private, as far as it still counts: it waits beside the wish, and goes with its messages."""
    beside = await repository.belonging_to([wish.id], status="pending")
    silent = await repository.silent(e for one in beside for e in one.evidence)
    return [one for one in beside if one.store == wish.store and not silent & {e.message for e in one.evidence}]


async def _spoken_against(evidence: Evidence, parts: Parts) -> bool:
    return await QuestionLedger(parts.documents).speaks_against(evidence.place, evidence.conversation, evidence.message)
