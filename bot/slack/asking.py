"""Puts the questions about what waits to those who may decide, and tidies up behind them: in DMs, and only where that is impossible by a
message that its teacher alone sees, in the thread. Each is asked once, also when a process dies in between; what one conversation taught
in one message."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.approvals import Approval, ApprovalLedger, Card, seen_by, teachers_of
from bot.slack.approvals import MOST as TOGETHER
from bot.slack.approvals import USUAL, asking_of, card_about
from bot.slack.calls import SlackFailed, SlackRefused
from bot.slack.installations import NotInstalled
from bot.slack.posting import CannotPost
from bot.slack.thread import NotThere, find_card
from bot.slack.workspaces import SlackParts, SlackWorkspaces
from stores.audience import LookupFailed, readers_of
from stores.documents import Database, Document, Documents, Unavailable
from stores.insight_documents import PENDING
from stores.insights import Insight
from stores.pending import waits
from workers.leases import LeaseLost, Leases, new_owner, renewing
from workers.transcripts import ThreadGone

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between two looks at what is to be asked
LOOK_AGAIN = 600.0  # seconds after which a card is put right when what it asks about was forgotten or expired
GATHERING = 90 * 86_400.0  # seconds since it was last said for which something waits to be asked about
LATER = 30.0  # seconds until it is tried again when Slack did not answer
MOST = 50  # of one look
ADMINS = 5  # admins who are asked where nobody else can be


async def keep_asking(database: Database, workspaces: SlackWorkspaces) -> None:
    """Ask about what began to wait, for ever."""
    while True:
        try:
            await ask_all(database, workspaces)
        except Unavailable as e:
            log.warning("database.away", extra={"reason": str(e)})
        except Exception:  # one look of many
            log.exception("asking.crashed")
        await asyncio.sleep(EVERY)


async def ask_all(database: Database, workspaces: SlackWorkspaces) -> None:
    """Look after everything that is due to be looked after. What fails is tried again later, and keeps nothing else from being asked."""
    together: dict[tuple[str, str], list[str]] = {}
    for workspace, document in await database.sweep("insights", {"ask_at": {"$lte": time.time()}}, limit=MOST):
        together.setdefault((workspace, _conversation(document)), []).append(document["_id"])
    for (workspace, conversation), ids in together.items():
        try:
            if not await _is_learned(conversation, database.workspace(workspace)):
                await ask(ids, await workspaces.of(workspace))
        except (SlackFailed, LookupFailed, NotInstalled, LeaseLost) as e:
            log.warning("asking.put_off", extra={"workspace": workspace, "insights": ids, "reason": type(e).__name__})
            for identity in ids:
                await ApprovalLedger(database.workspace(workspace)).look_again(identity, time.time() + LATER)


def _conversation(document: Document) -> str:
    """The id of the one that an insight was first taught in; its own id, when nothing is left of that."""
    first = min(document["evidence"].values(), key=lambda e: float(e["at"]), default=None)
    return f"{first['place']}:{first['conversation']}" if first else str(document["_id"])


async def _is_learned(conversation: str, documents: Documents) -> bool:
    """Whether a run goes on, from which more may come that is to be asked about together."""
    return bool(await documents.find("conversations", {"_id": conversation, "run.lease": {"$gt": time.time()}}, limit=1))


async def ask(ids: Sequence[str], slack: SlackParts) -> None:
    """Ask about insights whoever was not asked yet, or put the cards right where they do not wait any more. May be repeated."""
    leases, owner = Leases(slack.parts.documents), new_owner()
    if not await leases.claim("asking", owner):
        return
    try:
        async with renewing(lambda: leases.renew("asking", owner)):
            await _look_after(ids, ApprovalLedger(slack.parts.documents), slack)
    finally:
        await asyncio.shield(leases.release("asking", owner))


async def _look_after(ids: Sequence[str], ledger: ApprovalLedger, slack: SlackParts) -> None:
    began, open_still = time.time(), []
    for identity in ids:
        waiting, approval = await waits(identity, slack.parts.repository), await ledger.of(identity)
        if waiting is None:
            await _end(approval, ledger, slack)
        elif approval.cards or await asking_of(waiting).ready(waiting, slack):
            open_still.append((waiting, approval))
        else:
            await _gather(waiting, ledger, slack)
            await ledger.look_again(identity, began + LOOK_AGAIN, since=began)
    await _ask(open_still, ledger, slack)
    for waiting, approval in open_still:
        if not approval.cards:
            await ledger.waits_until(waiting.id, time.time() + PENDING)
        await ledger.look_again(waiting.id, began + LOOK_AGAIN, since=began)


async def _end(approval: Approval, ledger: ApprovalLedger, slack: SlackParts) -> None:
    """It does not wait any more."""
    done = {}
    if approval.how is None:
        for kept in await slack.parts.repository.get([approval.id]):  # whoever was to carry out what follows may have died
            await asking_of(kept).kept(kept, "", slack)
            done = {approval.id: "This was kept."}
    await _close(approval, done, ledger, slack)
    await ledger.look_again(approval.id, None)


async def _gather(waiting: Insight, ledger: ApprovalLedger, slack: SlackParts) -> None:
    """It is not to be asked about yet; what merely adds to another is of no use once that is decided."""
    if waiting.belongs_to and await waits(waiting.belongs_to, slack.parts.repository) is None:
        await slack.parts.repository.withdraw(waiting.id, [e.message for e in waiting.evidence])
    await ledger.waits_until(waiting.id, waiting.newest + GATHERING)


async def _ask(about: Sequence[tuple[Insight, Approval]], ledger: ApprovalLedger, slack: SlackParts) -> None:
    asked: dict[str, list[tuple[Insight, Approval]]] = {}
    for waiting, approval in about:
        teachers = teachers_of(waiting) if asking_of(waiting).teachers else []
        for person in dict.fromkeys((*teachers, *slack.approvers)):
            asked.setdefault(person, []).append((waiting, approval))
    reached: set[str] = set()
    for person, theirs in asked.items():
        reached |= await _asked(person, theirs, ledger, slack)
    if (left := [one for one in about if one[0].id not in reached]) and not slack.approvers:
        for admin in (await slack.directory.admins())[:ADMINS]:
            await _asked(admin, left, ledger, slack)


async def _asked(person: str, about: Sequence[tuple[Insight, Approval]], ledger: ApprovalLedger, slack: SlackParts) -> set[str]:
    """The ids of those about which this person has the question now, or had it before."""
    known = {waiting.id: next((c for c in approval.cards if c.teammate == person), None) for waiting, approval in about}
    for waiting, _ in about:
        if (card := known[waiting.id]) is not None and card.state == "open":
            await _kept_up(card, waiting, ledger, slack)
    todo = [waiting for waiting, _ in about if (card := known[waiting.id]) is None or card.state == "begun"]
    begun = {identity for identity, card in known.items() if card is not None and card.state == "begun"}
    has = {identity for identity, card in known.items() if card is not None and card.state in ("open", "closed")}
    for put in (_in_dm, _in_thread):
        cards = await put(person, todo, begun, ledger, slack) if todo else {}
        for identity, card in cards.items():
            await ledger.note(identity, card)
        has |= cards.keys()
        todo = [waiting for waiting in todo if waiting.id not in has]
    for waiting in todo:
        await ledger.note(waiting.id, Card(person, "impossible"))
    return has


async def _in_dm(
    person: str, todo: Sequence[Insight], begun: Collection[str], ledger: ApprovalLedger, slack: SlackParts
) -> dict[str, Card]:
    """The questions in their DM, by insight; without those that they may not see there, none where they cannot be written to."""
    try:
        dm = await slack.directory.dm_of(person)
    except LookupFailed as e:
        if isinstance(e.__cause__, SlackRefused):
            return {}
        raise
    readers = await readers_of(slack.directory, dm, person, alone=True)
    if readers.missing:
        raise LookupFailed("who may see what is not known just now")
    cards: dict[str, Card] = {}
    try:
        for waiting in todo:
            if waiting.id in begun and (found := await find_card(slack.installation, dm, waiting.id)):
                cards[waiting.id] = Card(person, "open", dm, found[0], ids=found[1])
        seen = [w for w in todo if w.id not in cards and await seen_by(w, readers, slack.parts)]
        for several in _together(seen):
            ids = tuple(w.id for w in several)
            for identity in ids:
                await ledger.note(identity, Card(person, "begun", dm))
            shows = [await _rests_on(w, slack) for w in several]
            asked = await card_about(ids, [readers], slack)
            ts = await slack.posts.card(dm, asked.text, asked.blocks, ids)
            cards |= {w.id: Card(person, "open", dm, ts, shown, ids) for w, shown in zip(several, shows, strict=True)}
    except (CannotPost, NotThere, ThreadGone):
        pass  # whom no DM reaches is asked in the thread
    return cards


async def _in_thread(
    person: str, todo: Sequence[Insight], begun: Collection[str], ledger: ApprovalLedger, slack: SlackParts
) -> dict[str, Card]:
    """The questions in the threads they were taught in, for their teacher's eyes alone. At most once: Slack keeps no trace of it."""
    threads: dict[tuple[str, str], list[Insight]] = {}
    for waiting in todo:
        own = next((e for e in waiting.evidence if e.teammate == person and e.taught != "dm"), None)
        if own is not None and waiting.id not in begun:
            threads.setdefault((own.place, own.conversation), []).append(waiting)
    cards: dict[str, Card] = {}
    for (place, thread), taught in threads.items():
        readers = await readers_of(slack.directory, place, person)
        for several in _together([w for w in taught if await seen_by(w, readers, slack.parts)]):
            ids = tuple(w.id for w in several)
            for identity in ids:
                await ledger.note(identity, Card(person, "begun", place))
            asked = await card_about(ids, [readers], slack)
            with suppress(CannotPost):
                await slack.posts.ephemeral(place, person, asked.text, blocks=asked.blocks, thread_ts=thread)
                cards |= {identity: Card(person, "open", place, ids=ids) for identity in ids}
    return cards


def _together(insights: Sequence[Insight]) -> list[Sequence[Insight]]:
    """Which of them are asked about in one message. What an approver would change for everybody has one of its own."""
    usual = [i for i in insights if asking_of(i) is USUAL]
    return [*([i] for i in insights if asking_of(i) is not USUAL), *(usual[n : n + TOGETHER] for n in range(0, len(usual), TOGETHER))]


async def _kept_up(card: Card, waiting: Insight, ledger: ApprovalLedger, slack: SlackParts) -> None:
    """What it rests on has changed since the card was put: it says so now."""
    shows = await _rests_on(waiting, slack)
    if card.shows == shows or not _open([card]):
        return
    readers = await readers_of(slack.directory, card.place, card.teammate, alone=True)
    seen = await seen_by(waiting, readers, slack.parts)
    if readers.missing or seen is None:
        return
    asked = await card_about(card.ids or (waiting.id,), [readers], slack)
    with suppress(CannotPost):  # the card is gone
        await slack.posts.update(card.place, card.ts, asked.text, blocks=asked.blocks)
    await ledger.note(waiting.id, replace(card, shows=shows))


async def _rests_on(waiting: Insight, slack: SlackParts) -> str:
    """A digest of the messages that speak for it."""
    beside = await slack.parts.repository.belonging_to([waiting.id], status="pending")
    messages = sorted(e.message for one in (waiting, *beside) for e in one.evidence)
    return hashlib.sha256(" ".join(messages).encode()).hexdigest()[:16]


async def _close(approval: Approval, done: Mapping[str, str], ledger: ApprovalLedger, slack: SlackParts) -> None:
    """Put the cards right, so that no words stand in them that are in force no more, and nobody presses in vain."""
    for card in _open(approval.cards):
        readers = await readers_of(slack.directory, card.place, card.teammate, alone=True)
        if readers.missing and len(card.ids) > 1:
            raise LookupFailed("who may see what is not known just now")
        try:
            found = (card.ts, card.ids or (approval.id,)) if card.ts else await find_card(slack.installation, card.place, approval.id)
            if found:
                reply = await card_about(found[1], [readers], slack, done)
                await slack.posts.update(card.place, found[0], reply.text, blocks=reply.blocks)
        except (CannotPost, NotThere, ThreadGone):
            pass  # the card is gone, or nobody sees it any more
        await ledger.note(approval.id, Card(card.teammate, "closed", card.place, card.ts))


def _open(cards: Iterable[Card]) -> list[Card]:
    """Those that stand in a DM, or may stand there since a process died."""
    return [card for card in cards if card.place.startswith("D") and card.state in ("begun", "open")]
