"""Carrying out what settling decided: new insights are kept, known ones get evidence, refined and contradicted ones are superseded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stores.audience import Directory, Place, audiences, sources_of
from stores.evidence import confined
from stores.insights import Draft, Insight
from stores.pending import hold, may_wait, refused, second
from stores.repository import InsightRepository
from stores.trust import as_said, as_trusted


async def keep(
    drafts: Sequence[Draft], repository: InsightRepository, directory: Directory, *, confirm: bool = False, nearly: bool = False
) -> list[Insight]:
    """What is in force because of these drafts. Every step may be repeated: ids are the drafts' own, evidence is keyed by message.

    What rests on a message of somebody who opted out is left alone, all of it: nobody can tell whose words a sentence holds. With
    `confirm`, what is new waits until a person puts it in force (see `stores.pending`), unless the same waits already; `nearly`: also
    unless something does that says less.
    """
    silent = await repository.silent(e for draft in drafts for e in draft.evidence)
    heard = [draft for draft in drafts if not any(e.message in silent for e in draft.evidence)]
    verdicts = ("same", "refines") if nearly else ("same",)
    kept = [await _keep_one(draft, repository, directory, confirm, verdicts) for draft in heard]
    return [insight for insight in kept if insight is not None]


async def _keep_one(
    draft: Draft, repository: InsightRepository, directory: Directory, confirm: bool, seconding: Sequence[str]
) -> Insight | None:
    known = await repository.get(draft.of)
    targets = [*known, *([] if confirm else await repository.get(draft.of, status="archived"))]  # what comes back is confirmed as well
    same = targets if draft.decision == "same" and not draft.state_of else []
    if alike := await _alike(insight_from(draft, repository.workspace), same, directory):
        return await _support(draft, alike[0], repository)
    if await _known_beside(draft, repository, directory):
        draft = replace(draft, evidence=confined(draft.evidence))
    drafted = insight_from(draft, repository.workspace)
    if alike := await _alike(drafted, same, directory):
        return await _support(draft, alike[0], repository)
    if same and known and await _known_here(drafted, known, directory):
        return None
    if await refused(draft.sentence, draft.evidence, repository):
        return None
    waits = confirm and may_wait(drafted)
    if waits and draft.decision in seconding and await _seconded(draft, drafted, repository, directory):
        return None
    targets += await repository.get(draft.of, status="pending") if waits and draft.decision in ("refines", "contradicts") else []
    return await _keep_new(draft, drafted, targets, waits, repository, directory)


async def _keep_new(
    draft: Draft, drafted: Insight, targets: Sequence[Insight], waits: bool, repository: InsightRepository, directory: Directory
) -> Insight | None:
    """Keep what nobody knows yet, or have it wait, and supersede what it refines or contradicts."""
    if draft.state_of and not waits:
        return await repository.replace(drafted)
    if not waits:
        replaced = (*draft.outdates, *(draft.of if draft.decision in ("refines", "contradicts") else ()))
        drafted = replace(drafted, evidence=await as_trusted(draft.evidence, repository, standing=draft.standing, instead_of=replaced))
    identity = await hold(drafted, repository) if waits else drafted.id
    insight = None if waits else await repository.keep(drafted)
    if draft.decision == "refines":
        targets = await _alike(drafted, targets, directory)
    if waits or insight is not None:
        for target in [*(targets if draft.decision in ("refines", "contradicts") else ()), *await repository.get(draft.outdates)]:
            await _supersede(replace(draft, id=identity), target, repository)
    return insight


async def _support(draft: Draft, target: Insight, repository: InsightRepository) -> Insight | None:
    """Add the draft's evidence; what was archived is in force again."""
    supported = await repository.support(target.id, draft.evidence)
    return await repository.set_status(target.id, "") if target.status == "archived" else supported


async def _seconded(draft: Draft, drafted: Insight, repository: InsightRepository, directory: Directory) -> bool:
    """Whether something that waits says so already to the same people: it has this evidence now, and its words stay."""
    if draft.state_of:
        return False
    waiting = await _alike(drafted, await repository.get(draft.of, status="pending"), directory)
    return any([await second(one.id, draft.evidence, repository) for one in waiting[:1] if one.id != draft.id])


async def _known_here(drafted: Insight, targets: Sequence[Insight], directory: Directory) -> bool:
    """Whether all who would see it see one of the targets. What is seen in replies in that very place alone, such as an outsider's words,
    is not known elsewhere, and a teammate who says the same there says it to everybody."""
    sources = await sources_of([drafted, *targets], directory)
    confined = [any(a.startswith("only:") for a in audiences(one, sources)) for one in (drafted, *targets)]
    return confined[0] or not all(confined[1:])


async def _known_beside(draft: Draft, repository: InsightRepository, directory: Directory) -> bool:
    """Whether all who would see it know the same already, but for those in its place with whom an outsider reads along: there it is kept,
    and for nobody else."""
    repeated = await repository.get(draft.repeats)
    drafted = insight_from(draft, repository.workspace)
    sources = await sources_of([drafted, *repeated], directory)
    return any(audiences(one, sources) == audiences(drafted, sources) == {"workspace"} for one in repeated)


async def _alike(drafted: Insight, targets: Sequence[Insight], directory: Directory) -> list[Insight]:
    """Those of the targets that are seen by the same people, and are about the same teammate."""
    sources = await sources_of([drafted, *targets], directory)
    return [t for t in targets if _heard_by(t, drafted, sources) == _heard_by(drafted, t, sources) and t.about == drafted.about]


def _heard_by(insight: Insight, other: Insight, sources: dict[str, Place | None]) -> frozenset[str]:
    """Its audiences; within one place it makes no difference that one of the two was not confirmed yet."""
    one_place = len({e.place for e in (*insight.evidence, *other.evidence)}) == 1
    return audiences(replace(insight, evidence=as_said(insight.evidence)) if one_place else insight, sources)


async def _supersede(draft: Draft, target: Insight, repository: InsightRepository) -> None:
    """The later said hides the earlier said, and everything that the earlier one hid. Who is hidden from whom, the audience decides."""
    if target.newest > draft.at and draft.id not in target.superseded_by:  # a repetition does not turn round what it did before
        await repository.supersede(draft.id, target.id)
        return
    for older in (target, *await repository.older_than(target.id)):
        if older.id != draft.id:
            await repository.supersede(older.id, draft.id)


def insight_from(draft: Draft, workspace: str) -> Insight:
    """The insight that a draft becomes."""
    return Insight(
        id=draft.id,
        workspace=workspace,
        store=draft.store,
        kind=draft.kind,
        sentence=draft.sentence,
        evidence=draft.evidence,
        cues=draft.cues,
        things=draft.things,
        fields=draft.fields,
        about=draft.about,
        standing=draft.standing,
        state_of=draft.state_of,
        belongs_to=draft.belongs_to,
        decided=draft.decision,
    )
