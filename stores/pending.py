"""What was learned and waits for a person's word. Until then it is not in force: nothing recalls, lists, searches or indexes it, and what
it would supersede stands, because links to what is not in force count for nothing."""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace

from stores.documents import Document
from stores.insight_changes import UNDO
from stores.insight_documents import key
from stores.insights import Evidence, Insight, insight_id
from stores.repository import InsightRepository
from stores.terms import terms
from stores.trust import as_trusted

ALIKE = 3  # proposals of the same teachers
MUCH = 0.6  # of the stems of two sentences: then one says what the other says


def may_wait(insight: Insight) -> bool:
    """Whether people are asked about it at all: a thread's summary is replaced as the thread goes on, and nobody could keep up."""
    return not insight.gathered


async def hold(insight: Insight, repository: InsightRepository) -> str:
    """Keep an insight until somebody decides about it; the id under which it waits. May be repeated.

    What waits in the same words already, for the same people, gets its evidence instead.
    """
    waiting = replace(insight, id=_waiting_id(insight), belongs_to=insight.id if insight.state_of else insight.belongs_to, status="pending")
    for known in await repository.with_status("pending"):
        if known.id != waiting.id and _alike(known, waiting) and await second(known.id, waiting.evidence, repository):
            return known.id
    await repository.keep(waiting)
    if waiting.belongs_to:
        await repository.look_after(waiting.belongs_to)
    return waiting.id


async def second(identity: str, evidence: Sequence[Evidence], repository: InsightRepository) -> bool:
    """Add evidence to what waits. False when there is nothing left to add to: it was dropped or taken back meanwhile, or goes with somebody
    who opted out. May be repeated."""
    await waits(identity, repository)
    await repository.support(identity, evidence)
    return any([await repository.get([identity], status=status) for status in ("pending", "")])


async def waits(identity: str, repository: InsightRepository) -> Insight | None:
    """The insight while it waits; else None. What was forgotten meanwhile is taken from it; and all of it, when it rests on the words of
    somebody who opted out."""
    waiting = next(iter(await repository.get([identity], status="pending")), None)
    if waiting is None:
        return None
    messages = [e.message for e in waiting.evidence]
    gone = messages if await repository.opted_out.among(waiting.evidence) else await repository.forgotten(messages)
    if gone:
        await repository.withdraw(identity, gone)
    return next(iter(await repository.get([identity], status="pending")), None) if gone else waiting


async def proposals(kind: str, repository: InsightRepository, *, most: int) -> list[Insight]:
    """What waits of a kind, those learned last, without what merely adds to another. Of the same teachers few, so that who asks for much
    crowds out nobody."""
    by = Counter[frozenset[str]]()
    chosen = []
    for one in await repository.with_status("pending"):
        if one.kind == kind and not one.belongs_to:
            teachers = frozenset(e.teammate for e in one.evidence)
            by[teachers] += 1
            chosen += [one] if by[teachers] <= ALIKE else []
    return chosen[:most]


async def accept(identity: str, by: str, repository: InsightRepository, *, sentence: str = "") -> Insight | None:
    """Put what waits in force, in these words if there are any; None when it does not wait any more. May be repeated."""
    waiting = await waits(identity, repository)
    if waiting is None:
        return None
    for later in await _said_since(waiting, repository):
        await repository.supersede(identity, later)
    evidence, typed = waiting.evidence, sentence not in ("", waiting.sentence) and waiting.standing and not waiting.state_of
    own = by in {e.teammate for e in evidence}
    if own:  # another one's word confirms it
        evidence = tuple(e for e in evidence if e.teammate == by or not typed)  # others said something else
        replaced = [i.id for i in await repository.older_than(identity)]
        evidence = await as_trusted(evidence, repository, standing=waiting.standing, instead_of=replaced)
    kept = _edited(replace(waiting, evidence=evidence), sentence, by)
    if waiting.state_of:
        state = await repository.replace(replace(kept, id=waiting.belongs_to, belongs_to="", status=""))
        messages = [e.message for e in waiting.evidence]
        await repository.withdraw(identity, messages)
        if gone := await repository.forgotten(messages):  # deleted while it was put in force
            return await repository.withdraw(waiting.belongs_to, gone)
        return state

    insight = await repository.change(identity, put := _Putting(kept, alone=own and typed, confirmed=not own))
    await repository.marks.stale([e.message for e in waiting.evidence])
    return insight if put.taken else None


async def drop(identity: str, repository: InsightRepository) -> Insight | None:
    """Give up what waits, words and all, and do not learn it again from the same messages; what it said, None when it does not wait any
    more. May be repeated."""
    waiting = await waits(identity, repository)
    if waiting is None:
        return None
    await repository.refuse([e.message for e in waiting.evidence], _traces(waiting.sentence))
    taken = False

    def clear(document: Document) -> bool:
        nonlocal taken
        taken = _waits(document)
        if taken:
            document["evidence"] = {}
        return taken

    await repository.change(identity, clear)
    return waiting if taken else None


async def refused(sentence: str, evidence: Sequence[Evidence], repository: InsightRepository) -> bool:
    """Whether somebody dropped this already, learned from all of these messages."""
    dropped = await repository.refusals([e.message for e in evidence])
    return bool(evidence) and all(any(_says(sentence, traces) for traces in dropped.get(e.message, ())) for e in evidence)


def _waiting_id(insight: Insight) -> str:
    """A state has the id of what it would replace, so it waits under another: one for each message that says so."""
    return insight_id(insight.id, max(e.message for e in insight.evidence), 0) if insight.state_of else insight.id


def _waits(document: Document) -> bool:
    return document.get("status") == "pending" and bool(document["evidence"])


def _alike(known: Insight, waiting: Insight) -> bool:
    same = (known.kind, known.about, known.state_of, _heard(known)) == (waiting.kind, waiting.about, waiting.state_of, _heard(waiting))
    return same and set(terms(known.sentence)) == set(terms(waiting.sentence))


def _heard(insight: Insight) -> set[str]:
    """To whom it was said. No place needs to be looked up: where one has turned since, the two merely wait side by side."""
    return {f"{e.taught}:{_by(e)}" for e in insight.evidence}


def _by(evidence: Evidence) -> str:
    return {"public": "", "dm": evidence.teammate}.get(evidence.taught, evidence.place)


async def _said_since(waiting: Insight, repository: InsightRepository) -> list[str]:
    """What has superseded the same insights meanwhile and was said later: it goes before this one, too."""
    older_ones = [*await repository.older_than(waiting.id), *await repository.get(await repository.endings.of(waiting.id))]
    rivals = {i for older in older_ones for i in older.superseded_by if i != waiting.id}
    return [i.id for i in await repository.get(sorted(rivals)) if i.newest > waiting.newest]


class _Putting:
    """Put what waits in force as it is `kept`: with its own evidence `alone`, or with what came meanwhile; `confirmed` by another than its
    teachers. `taken`: whether it waited still, and what it rests on was there."""

    def __init__(self, kept: Insight, *, alone: bool, confirmed: bool) -> None:
        self._kept, self._alone, self._confirmed, self.taken = kept, alone, confirmed, False

    def __call__(self, document: Document) -> bool:
        kept, before = self._kept, document["evidence"]
        own = {key(e.message): asdict(e) | {"terms": list(e.terms)} for e in kept.evidence if key(e.message) in before}
        self.taken = _waits(document) and bool(own or not self._alone)
        if not self.taken:
            return False
        teachers = {e.teammate for e in kept.evidence}
        if self._alone:  # nobody else said these words, nor may bring what they said back under them
            document["withdrawn"] = {k: w for k, w in document["withdrawn"].items() if w["evidence"]["teammate"] in teachers}
        words = {"sentence": kept.sentence, "cues": list(kept.cues), "things": list(kept.things), "fields": dict(kept.fields)}
        document |= words | {"edited_by": kept.edited_by, "evidence": own if self._alone else before | own, "agreed": self._confirmed}
        purge_at = min(document["purge_at"] or math.inf, time.time() + UNDO) if document["withdrawn"] else None
        document |= {"status": "", "learned_at": time.time(), "purge_at": purge_at}
        return True


def _edited(insight: Insight, sentence: str, by: str) -> Insight:
    """The insight in other words. Cues and fields that speak of what was taken out go with it."""
    if sentence in ("", insight.sentence):
        return insight
    gone = set(terms(insight.sentence)) - set(terms(sentence))
    cues, things = (tuple(c for c in texts if not gone & set(terms(c))) for texts in (insight.cues, insight.things))
    fields = {name: text for name, text in insight.fields.items() if not gone & set(terms(text))}
    return replace(insight, sentence=sentence, cues=cues, things=things, fields=fields, edited_by=by)


def _traces(sentence: str) -> str:
    """Enough of a sentence to know it again, and no word of it."""
    return " ".join(sorted({hashlib.sha256(stem.encode()).hexdigest()[:16] for stem in terms(sentence)}))


def _says(sentence: str, traces: str) -> bool:
    one, other = set(_traces(sentence).split()), set(traces.split())
    return one == other or len(one & other) >= MUCH * len(one | other)
