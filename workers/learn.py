"""One run of learning: read the thread as it stands now, draft, settle, keep, mark. Every step may be repeated after a crash."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from stores.audience import LookupFailed, Place, readers_of
from stores.conversations import Conversation, Message
from stores.documents import Unavailable
from stores.extraction import extract
from stores.insights import OF_CONVERSATION, Draft, Insight, Taught
from stores.isolation import StoreFailed, StoresDisabled
from stores.model import ModelFailed
from stores.redaction import redact
from stores.settling import settle
from workers.agreeing import agreed_before
from workers.conversations import ConversationLedger, Run, Settled
from workers.leases import LeaseLost, Leases, new_owner, renewing
from workers.owed import left_out, next_served, served, still_owed
from workers.parts import Parts
from workers.retold import retold
from workers.so_far import so_far
from workers.transcripts import ReadFailed, ThreadGone
from workers.window import window

log = logging.getLogger(__name__)

CLOCKS = 60.0  # seconds by which two machines' clocks may differ
STORE_TRIES = 5  # attempts after which a run is done without the stores that fail


async def learn(identity: str, parts: Parts, *, seconds: float, longest: float | None = None) -> bool:
    """Learn from a conversation if it is due and nobody else does. True when a run was done. `seconds` bound each wait and each store,
    `longest` the whole run.

    Nothing begins once the day's budget is spent: the conversation stays due. A failure is named in the log and in the ledger, and the run
    is due again later: it never raises for Slack, the model or a store.
    """
    if await parts.spending.paused():
        return False
    ledger = ConversationLedger(parts.documents)
    run = await ledger.claim(identity, new_owner())
    if run is None:
        return False
    try:
        if run.idle and run.owed and not next_served(run, parts):
            await ledger.put_off(run)
            return False
        async with asyncio.timeout(longest), renewing(lambda: ledger.renew(run)):
            done = await _learn(run, ledger, parts, seconds)
    except (ModelFailed, StoreFailed, LookupFailed, ReadFailed, Unavailable, TimeoutError, LeaseLost) as e:
        log.warning("run.failed", extra={"run": run.name, "attempt": run.attempt, "reason": type(e).__name__, "detail": str(e)})
        await ledger.failed(run, type(e).__name__)
        return False
    except asyncio.CancelledError:  # the process is ending: another worker may go on at once
        await asyncio.shield(ledger.release(run))
        raise
    except Exception as e:  # one job of many: the next one must not suffer
        log.exception("run.crashed", extra={"run": run.name, "attempt": run.attempt})
        await ledger.failed(run, type(e).__name__)
        return False
    return done


async def _learn(run: Run, ledger: ConversationLedger, parts: Parts, seconds: float) -> bool:
    try:
        messages = [replace(m, text=redact(m.text)) for m in await parts.transcripts.thread(run.place, run.root)]
    except ThreadGone:
        log.info("run.thread_gone", extra={"run": run.name})
        return await ledger.learned(run, {}, left=False, owed={})
    place = await parts.directory.place(run.place)
    messages = [m for m in messages if not _from_a_private_time(m, place)]
    messages = await retold(messages, place, parts.repository, parts.directory)
    run, new = served(run, messages, parts)
    silent = await parts.repository.opted_out.among(m for m in messages if not m.ours)
    gone = silent | await parts.repository.forgotten([m.id for m in messages])
    told = [m for m in new if m.id not in gone]
    thread = [m for m in messages if m.id not in gone and m.question not in silent]
    taken, shown = window(told, thread)
    fresh = {m.id for m in told}
    await _edited_away(parts, [m for m in messages if m.id not in fresh])  # what is not read as news any more
    if not taken and run.drafts is None:
        return await ledger.learned(run, {m.id: m.version for m in new}, left=False, owed=still_owed(run, [], {}, ()))
    conversation = await _conversation(run, parts, place, taken, shown)
    seen = run.seen if run.drafts is not None else {m.id: m.version for m in taken}
    await ledger.reads(run, seen)
    drafts = run.drafts if run.drafts is not None else await _draft(run, ledger, parts, conversation, place, thread, seen)
    async with Leases(parts.documents).hold("settling", seconds=seconds):
        drafts = await _settled(run, ledger, parts, conversation, drafts, seen)
        rests_on = {*seen, *(m.id for m in conversation.messages), *(e.message for d in drafts for e in d.evidence)}
        gone |= await parts.repository.forgotten(list(rests_on))
        drafts = [rest for d in drafts if (rest := _without(gone, d)).evidence]
        try:
            kept, missed = await _process(run, parts, replace(conversation, drafts=tuple(drafts)), seconds)
        finally:
            await _forgotten_meanwhile(parts, conversation, rests_on)
            await _opted_out_meanwhile(parts, [m for m in messages if m.id in seen])
        await _edited_away(parts, [m for m in taken if m.id in seen])
    await agreed_before(seen, parts)
    later = [m for m in told if seen.get(m.id) != m.version]
    log.info("run.learned", extra={"run": run.name, "attempt": run.attempt, "drafts": len(drafts), "kept": len(kept)})
    done = dict(seen) | {m.id: m.version for m in new if m.id in gone}
    return await ledger.learned(run, done, left=bool(later), owed=still_owed(run, later, seen, missed))


async def _draft(
    run: Run,
    ledger: ConversationLedger,
    parts: Parts,
    conversation: Conversation,
    place: Place,
    thread: Sequence[Message],
    seen: Mapping[str, str],
) -> Sequence[Draft]:
    own = await _self_willed(parts)
    kinds = {name: owned for name, owned in parts.machine.kinds.items() if owned.store not in own or owned.kind.one_per == "conversation"}
    kinds = {name: o for name, o in kinds.items() if o.store not in run.absent and run.store in ("", o.store)}
    others = [name for name in parts.machine.kinds if name not in kinds]
    drafts: Sequence[Draft] = []
    if kinds and conversation.new:
        before = await so_far(conversation.id, thread, conversation.messages, conversation.readers, parts)
        drafts = await extract(conversation, kinds, parts.model, _described(place), taught(place), left_out=others, so_far=before)
    await _store(run, ledger, drafts, seen, settled=None)
    return drafts


async def _self_willed(parts: Parts) -> frozenset[str]:
    """The stores for which the answering model decides what is learned, so that nothing is extracted for them here."""
    return frozenset(store for store, mode in (await parts.modes.all()).items() if mode == "agentic")


async def _settled(
    run: Run, ledger: ConversationLedger, parts: Parts, conversation: Conversation, drafts: Sequence[Draft], seen: Mapping[str, str]
) -> Sequence[Draft]:
    """The drafts as they were settled, or are now: also when this run died before it kept them and another one kept something like them."""
    asking = [store for store, mode in (await parts.modes.all()).items() if mode == "confirm"]
    of, at = parts.machine.known, time.time()
    near, replied = await of.resembling(drafts, conversation, asking=asking), await of.replied(drafts, conversation)
    beside = await of.beside(drafts, conversation, patient=run.attempt < STORE_TRIES)
    known = [i for found in (near, replied, beside) for insights in found.values() for i in insights]
    before = run.settled
    if before is None or any(i.id not in before.known and i.learned_at > before.at - CLOCKS for i in known):
        new = [replace(d, decision="new", of=(), outdates=(), repeats=()) for d in drafts]
        drafts = await settle(new, near, parts.model, replied, beside)
        await _store(run, ledger, drafts, seen, settled=Settled(frozenset(i.id for i in known), at))
    return drafts


async def _store(
    run: Run, ledger: ConversationLedger, drafts: Sequence[Draft], seen: Mapping[str, str], *, settled: Settled | None
) -> None:
    if not await ledger.drafted(run, drafts, seen, settled=settled):
        raise LeaseLost


async def _conversation(run: Run, parts: Parts, place: Place, taken: Sequence[Message], messages: Sequence[Message]) -> Conversation:
    teacher = next((m.speaker for m in taken), "")
    readers = await readers_of(parts.directory, place.id, teacher)
    if readers.missing:
        raise LookupFailed("who is in the place of the conversation is not known just now")
    new = frozenset(m.id for m in taken)
    return Conversation(parts.workspace, run.conversation, place.id, run.name, tuple(messages), new, readers)


def _from_a_private_time(message: Message, place: Place) -> bool:
    """Said while a place that is public now was private: what becomes public is learned from what was said in public alone."""
    return place.room == "public" and message.at <= place.private_until


async def _process(run: Run, parts: Parts, conversation: Conversation, seconds: float) -> tuple[Sequence[Insight], Collection[str]]:
    """What the stores kept, and which had no turn because they are disabled: they learn it once they are there again. One that fails again
    and again is left out, so that the others learn from what is said next."""
    others = parts.machine.names - {run.store} if run.store else await _self_willed(parts)
    missed = left_out(run, parts) - others
    try:
        return await parts.machine.process(conversation, seconds=seconds, without=others), missed
    except StoresDisabled as e:
        log.warning("run.owed", extra={"run": run.name, "stores": sorted(e.stores | missed)})
        return e.kept, e.stores | missed
    except StoreFailed as e:
        if run.attempt < STORE_TRIES:
            raise
        log.error("run.without_store", extra={"run": run.name, "attempt": run.attempt, "reason": str(e)})
        return [], missed | (set(parts.machine.disabled) - others)


def _without(gone: Collection[str], draft: Draft) -> Draft:
    """A draft without the messages that are gone; what was gathered from a whole conversation rests on nothing without one of them."""
    left = tuple(e for e in draft.evidence if e.message not in gone)
    whole = draft.state_of.startswith(OF_CONVERSATION) and len(left) < len(draft.evidence)
    return replace(draft, evidence=() if whole else left)


async def _forgotten_meanwhile(parts: Parts, conversation: Conversation, rests_on: Iterable[str]) -> None:
    """Take back what rests on a message that was deleted, or had forgotten, while this run went on; whatever a store says that it kept.
    What was gathered from the whole conversation rests on its background as well, and on what it carried on."""
    gone = await parts.repository.forgotten(list(rests_on))
    for message in gone:
        for insight in await parts.repository.supported_by(message):
            await parts.repository.withdraw(insight.id, [message])
    for state in await parts.repository.states_of(f"conversation:{conversation.id}") if gone else []:
        await parts.repository.withdraw(state.id, [e.message for e in state.evidence][:1])  # it goes with any of them


async def _opted_out_meanwhile(parts: Parts, seen: Sequence[Message]) -> None:
    """Take back what this run kept of somebody who opted out while it went on, with all that it rests on: it holds their words."""
    for message in await parts.repository.opted_out.among(seen):
        for insight in await parts.repository.supported_by(message):
            await parts.repository.withdraw(insight.id, [m.id for m in seen])


async def _edited_away(parts: Parts, learned: Sequence[Message]) -> None:
    """What an earlier version of an edited message said, and its present one does not, loses that message as evidence."""
    for message in (m for m in learned if m.version):
        for insight in await parts.repository.supported_by(message.id):
            if any(e.message == message.id and e.version != message.version for e in insight.evidence):
                await parts.repository.withdraw(insight.id, [message.id])


def taught(place: Place) -> Taught:
    """How the place stands while something is taught in it."""
    return place.room


def _described(place: Place) -> str:
    """The room in words, for the model."""
    if place.room == "dm":
        return "a direct message to Tacit"
    return f"#{place.name}, a {place.room} channel" if place.name else f"a {place.room} channel"
