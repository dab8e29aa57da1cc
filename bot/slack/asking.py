"""Puts the questions about what waits to those who may decide, and tidies up behind them: in DMs, and only where that is impossible by a
message that its teacher alone sees, in the thread. Each is asked once, also when a process dies in between."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from bot.approvals import Approval, ApprovalLedger, Card, seen_by, teachers_of
from bot.slack.approvals import asking_of, card_of, closing
from bot.slack.calls import SlackFailed, SlackRefused
from bot.slack.installations import NotInstalled
from bot.slack.posting import CannotPost
from bot.slack.thread import NotThere, find_card
from bot.slack.workspaces import SlackParts, SlackWorkspaces
from stores.audience import LookupFailed, readers_of
from stores.documents import Database, Unavailable
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
    for workspace, document in await database.sweep("insights", {"ask_at": {"$lte": time.time()}}, limit=MOST):
        try:
            await ask(document["_id"], await workspaces.of(workspace))
        except (SlackFailed, LookupFailed, NotInstalled, LeaseLost) as e:
            log.warning("asking.put_off", extra={"workspace": workspace, "insight": document["_id"], "reason": type(e).__name__})
            await ApprovalLedger(database.workspace(workspace)).look_again(document["_id"], time.time() + LATER)


async def ask(identity: str, slack: SlackParts) -> None:
    """Ask about an insight whoever was not asked yet, or put the cards right when it does not wait any more. May be repeated."""
    leases, name, owner = Leases(slack.parts.documents), f"approval:{identity}", new_owner()
    if not await leases.claim(name, owner):
        return
    try:
        async with renewing(lambda: leases.renew(name, owner)):
            await _look_after(identity, ApprovalLedger(slack.parts.documents), slack)
    finally:
        await asyncio.shield(leases.release(name, owner))


async def _look_after(identity: str, ledger: ApprovalLedger, slack: SlackParts) -> None:
    began = time.time()
    waiting, approval = await waits(identity, slack.parts.repository), await ledger.of(identity)
    if waiting is not None:
        if approval.cards or await asking_of(waiting).ready(waiting, slack):
            await _ask(waiting, approval, ledger, slack)
            if not approval.cards:
                await ledger.waits_until(identity, time.time() + PENDING)
        else:
            await _gather(waiting, ledger, slack)
        return await ledger.look_again(identity, began + LOOK_AGAIN, since=began)
    if approval.how is None:
        for kept in await slack.parts.repository.get([identity]):  # whoever was to carry out what follows may have died
            await asking_of(kept).kept(kept, "", slack)
            approval = replace(approval, how="kept")
    await _close(approval, ledger, slack)
    await ledger.look_again(identity, None)


async def _gather(waiting: Insight, ledger: ApprovalLedger, slack: SlackParts) -> None:
    """It is not to be asked about yet; what merely adds to another is of no use once that is decided."""
    if waiting.belongs_to and await waits(waiting.belongs_to, slack.parts.repository) is None:
        await slack.parts.repository.withdraw(waiting.id, [e.message for e in waiting.evidence])
    await ledger.waits_until(waiting.id, waiting.newest + GATHERING)


async def _ask(waiting: Insight, approval: Approval, ledger: ApprovalLedger, slack: SlackParts) -> None:
    teachers = teachers_of(waiting) if asking_of(waiting).teachers else []
    asked = [await _asked(each, waiting, approval, ledger, slack) for each in dict.fromkeys((*teachers, *slack.approvers))]
    if not any(asked) and not slack.approvers:
        for admin in (await slack.directory.admins())[:ADMINS]:
            await _asked(admin, waiting, approval, ledger, slack)


async def _asked(person: str, waiting: Insight, approval: Approval, ledger: ApprovalLedger, slack: SlackParts) -> bool:
    """Whether this person has the question now, or had it before."""
    card = next((c for c in approval.cards if c.teammate == person), None)
    if card is not None and card.state == "open":
        await _kept_up(card, waiting, ledger, slack)
    if card is not None and card.state != "begun":
        return card.state != "impossible"
    for put in (_in_dm, _in_thread):
        if found := await put(person, waiting, card, ledger, slack):
            await ledger.note(waiting.id, found)
            return True
    await ledger.note(waiting.id, Card(person, "impossible"))
    return False


async def _in_dm(person: str, waiting: Insight, begun: Card | None, ledger: ApprovalLedger, slack: SlackParts) -> Card | None:
    """The question in their DM; None when they may not see it there, or cannot be written to."""
    try:
        dm = await slack.directory.dm_of(person)
    except LookupFailed as e:
        if isinstance(e.__cause__, SlackRefused):
            return None
        raise
    readers = await readers_of(slack.directory, dm, person, alone=True)
    if readers.missing:
        raise LookupFailed("who may see what is not known just now")
    seen = await seen_by(waiting, readers, slack.parts)
    if seen is None:
        return None
    try:
        if begun and (ts := await find_card(slack.installation, dm, waiting.id)):
            return Card(person, "open", dm, ts)
        await ledger.note(waiting.id, Card(person, "begun", dm))
        asked, shows = await card_of(seen, readers, slack), await _rests_on(waiting, slack)
        return Card(person, "open", dm, await slack.posts.card(dm, asked.text, asked.blocks, waiting.id), shows)
    except (CannotPost, NotThere, ThreadGone):
        return None


async def _in_thread(person: str, waiting: Insight, begun: Card | None, ledger: ApprovalLedger, slack: SlackParts) -> Card | None:
    """The question in the thread it was taught in, for its teacher's eyes alone. At most once: Slack keeps no trace of it."""
    own = next((e for e in waiting.evidence if e.teammate == person and e.taught != "dm"), None)
    if own is None or begun is not None:
        return None
    readers = await readers_of(slack.directory, own.place, person)
    seen = await seen_by(waiting, readers, slack.parts)
    if seen is None:
        return None
    await ledger.note(waiting.id, Card(person, "begun", own.place))
    try:
        asked = await card_of(seen, readers, slack)
        await slack.posts.ephemeral(own.place, person, asked.text, blocks=asked.blocks, thread_ts=own.conversation)
    except CannotPost:
        return None
    return Card(person, "open", own.place)


async def _kept_up(card: Card, waiting: Insight, ledger: ApprovalLedger, slack: SlackParts) -> None:
    """What it rests on has changed since the card was put: it says so now."""
    shows = await _rests_on(waiting, slack)
    if card.shows == shows or not _open([card]):
        return
    readers = await readers_of(slack.directory, card.place, card.teammate, alone=True)
    seen = await seen_by(waiting, readers, slack.parts)
    if readers.missing or seen is None:
        return
    asked = await card_of(seen, readers, slack)
    with suppress(CannotPost):  # the card is gone
        await slack.posts.update(card.place, card.ts, asked.text, blocks=asked.blocks)
    await ledger.note(waiting.id, replace(card, shows=shows))


async def _rests_on(waiting: Insight, slack: SlackParts) -> str:
    """A digest of the messages that speak for it."""
    beside = await slack.parts.repository.belonging_to([waiting.id], status="pending")
    messages = sorted(e.message for one in (waiting, *beside) for e in one.evidence)
    return hashlib.sha256(" ".join(messages).encode()).hexdigest()[:16]


async def _close(approval: Approval, ledger: ApprovalLedger, slack: SlackParts) -> None:
    """Put the cards right, so that no words stand in them that are in force no more, and nobody presses in vain."""
    reply = await closing(approval, slack)
    for card in _open(approval.cards):
        try:
            ts = card.ts or await find_card(slack.installation, card.place, approval.id)
            if ts:
                await slack.posts.update(card.place, ts, reply.text, blocks=reply.blocks)
        except (CannotPost, NotThere, ThreadGone):
            pass  # the card is gone, or nobody sees it any more
        await ledger.note(approval.id, Card(card.teammate, "closed", card.place, card.ts))


def _open(cards: Iterable[Card]) -> list[Card]:
    """Those that stand in a DM, or may stand there since a process died."""
    return [card for card in cards if card.place.startswith("D") and card.state in ("begun", "open")]
