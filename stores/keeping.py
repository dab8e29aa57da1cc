"""Carrying out what settling decided: new insights are kept, known ones get evidence, refined and contradicted ones are superseded."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from stores.audience import Directory, Place, audiences, sources_of
from stores.insights import Draft, Insight, as_said
from stores.pending import hold, may_wait, refused, second
from stores.repository import InsightRepository
from stores.trust import as_trusted


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
    known, drafted = await repository.get(draft.of), insight_from(draft, repository.workspace)
    waits = confirm and may_wait(drafted)
    if draft.decision == "same" and not waits and any(i.newest <= draft.at for i in await repository.get(draft.outdates)):
        draft = replace(draft, decision="refines")  # what was said before cannot end what was said since
    targets = [*known, *([] if confirm else await repository.get(draft.of, status="archived"))]  # what comes back is confirmed as well
    if draft.decision == "same" and targets and not draft.state_of:
        if alike := await _alike(drafted, targets, directory):
            supported = [await _support(draft, one, repository) for one in alike]  # one sentence may say what two did
            return supported[0]
        if known and await _known_here(drafted, known, directory):
            return None
    if await refused(draft.sentence, draft.evidence, repository):
        return None
    if waits and draft.decision in seconding and (seconded := await _seconded(draft, drafted, repository, directory)):
        await _outdate(replace(draft, id=seconded), repository)
        return None
    targets += await repository.get(draft.of, status="pending") if waits and draft.decision in ("refines", "contradicts") else []
    return await _keep_new(draft, drafted, targets, waits, repository, directory)


async def _keep_new(
    draft: Draft, drafted: Insight, targets: Sequence[Insight], waits: bool, repository: InsightRepository, directory: Directory
) -> Insight | None:
    """Keep what nobody knows yet, or have it wait, and supersede what it refines, contradicts or outdates."""
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
        kept = replace(draft, id=identity)
        ended = targets if draft.decision in ("refines", "contradicts") else []
        over = [t for t in ended if await _later(t, kept, repository)]
        await _replace(kept, ended, await _alike(drafted, ended, directory), repository)
        if not over:  # what is hidden itself hides nothing: the three could hide each other
            await _outdate(kept, repository)
        await _leave_to(kept, await _known_beside(draft, repository, directory), repository)
    return insight


async def _replace(draft: Draft, targets: Sequence[Insight], alike: Sequence[Insight], repository: InsightRepository) -> None:
    """Supersede what it refines or contradicts, and of what is seen by the same people (`alike`) also what that hid, or was going to."""
    for target in targets:
        first = target.id in {i.id for i in alike} and target.id != draft.id and not await _later(target, draft, repository)
        hidden = await repository.older_than(target.id) if first else []
        if first and not _next_step(target, draft):
            hidden += await repository.get(await repository.endings.of(target.id)) if draft.holds_from > time.time() else []
            if draft.decision == "contradicts":
                await repository.endings.unless(target.id, draft.id)
        await _supersede(draft, target, repository)
        for older in (i for i in hidden if i.id != draft.id):
            await _end(older.id, older.holds_from, draft.id, draft.holds_from, draft.at, repository)


async def _support(draft: Draft, target: Insight, repository: InsightRepository) -> Insight | None:
    """Add the draft's evidence; what was archived is in force again."""
    supported = await repository.support(target.id, draft.evidence)
    return await repository.set_status(target.id, "") if target.status == "archived" else supported


async def _seconded(draft: Draft, drafted: Insight, repository: InsightRepository, directory: Directory) -> str:
    """The id of what waits and says so already to the same people: it has this evidence now, and its words stay. "" where nothing does."""
    waiting = [] if draft.state_of else await _alike(drafted, await repository.get(draft.of, status="pending"), directory)
    able = waiting and waiting[0].id != draft.id and await second(waiting[0].id, draft.evidence, repository)
    return waiting[0].id if able else ""


async def _known_here(drafted: Insight, targets: Sequence[Insight], directory: Directory) -> bool:
    """Whether all who would see it see one of the targets. What is seen in replies in that very place alone, such as an outsider's words,
    is not known elsewhere, and a teammate who says the same there says it to everybody."""
    sources = await sources_of([drafted, *targets], directory)
    confined = [any(a.startswith("only:") for a in audiences(one, sources)) for one in (drafted, *targets)]
    return confined[0] or not all(confined[1:])


async def _known_beside(draft: Draft, repository: InsightRepository, directory: Directory) -> list[Insight]:
    """What says the same to all who would see it, but for those in its place with whom an outsider reads along."""
    repeated, drafted = await repository.get(draft.repeats), insight_from(draft, repository.workspace)
    sources = await sources_of([drafted, *repeated], directory)
    return [one for one in repeated if audiences(one, sources) == audiences(drafted, sources) == {"workspace"}]


async def _alike(drafted: Insight, targets: Sequence[Insight], directory: Directory) -> list[Insight]:
    """Those of the targets that are seen by the same people, and are about the same teammate."""
    sources = await sources_of([drafted, *targets], directory)
    return [t for t in targets if _heard_by(t, drafted, sources) == _heard_by(drafted, t, sources) and t.about == drafted.about]


def _heard_by(insight: Insight, other: Insight, sources: dict[str, Place | None]) -> frozenset[str]:
    """Its audiences; within one place it makes no difference that one of the two was not confirmed yet."""
    one_place = len({e.place for e in (*insight.evidence, *other.evidence)}) == 1
    return audiences(replace(insight, evidence=as_said(insight.evidence)) if one_place else insight, sources)


async def take_effect(repository: InsightRepository, now: float) -> None:
    """Hide what is over since the day came from which on something newer holds; what was put right before its day ends nothing, or on
    another day. `now`: seconds since the epoch. May be repeated."""
    for ending in await repository.endings.due(now):
        instead = await repository.get([ending.unless]) if ending.unless else []
        if any(i.holds_from > now for i in instead):
            await repository.endings.note(ending.older, ending.newer, instead[0].holds_from)
            continue
        if not instead:
            await repository.supersede(ending.older, ending.newer)  # a link to what is not in force counts for nothing
        await repository.endings.done(ending)


async def _outdate(draft: Draft, repository: InsightRepository) -> None:
    """Supersede what it contradicts elsewhere, and nothing that this hid itself: more people see the draft than may see that. What hides
    the draft already, as it was settled before, goes on doing so: two that hide each other are seen by nobody."""
    hidden_by = {i for one in await repository.get([draft.id]) for i in one.superseded_by}
    for target in await repository.get([i for i in draft.outdates if i not in hidden_by]):
        await _supersede(draft, target, repository)


async def _leave_to(draft: Draft, known: Sequence[Insight], repository: InsightRepository) -> None:
    """Have it hidden by what says the same to everybody: it is there for those who may not see that, and again once that is gone. Not by
    what is hidden itself by what the draft ended: that puts right who contradicted the one it repeats."""
    ended = {draft.id, *(i.id for i in await repository.older_than(draft.id))} if known else {draft.id}
    for one in known:
        if ended.isdisjoint(one.superseded_by):
            await repository.supersede(draft.id, one.id)


async def _supersede(draft: Draft, target: Insight, repository: InsightRepository) -> None:
    """The later said hides the earlier said; if it does not hold yet, once it does. Who is hidden from whom, the audience decides."""
    if await _later(target, draft, repository):
        await _end(draft.id, draft.holds_from, target.id, target.holds_from, target.newest, repository)
    elif draft.id != target.id:
        await _end(target.id, target.holds_from if not _next_step(target, draft) else 0.0, draft.id, draft.holds_from, draft.at, repository)


async def _end(older: str, held_from: float, newer: str, holds_from: float, said: float, repository: InsightRepository) -> None:
    """Hide the older once the newer holds. What did not hold yet itself when that was `said` is put right at once."""
    if holds_from > time.time() and held_from <= said:
        await repository.endings.note(older, newer, holds_from)
    else:
        await repository.supersede(older, newer)


async def _later(target: Insight, draft: Draft, repository: InsightRepository) -> bool:
    """Whether it was said after the draft or, where it holds already, after the draft's day. A repetition does not turn round what it did
    before."""
    since = draft.at if target.holds_from else max(draft.at, draft.holds_from)
    return target.newest > since and draft.id not in target.superseded_by and target.id not in await repository.endings.of(draft.id)


def _next_step(target: Insight, draft: Draft) -> bool:
    """Whether both were announced at once, the draft for a later day: it puts nothing right."""
    return target.newest == draft.at and 0.0 < target.holds_from < draft.holds_from


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
        holds_from=draft.holds_from,
    )
