"""`/learnings waiting`: what waits for its caller's word, with the way to decide about each."""

from __future__ import annotations

from bot.approvals import is_approver
from bot.citations import mrkdwn
from bot.learnings import PAGE, Listing
from bot.slack.approvals import BACK, KEEP, Pressed, asking_of, click, source
from bot.slack.blocks import sections
from bot.slack.replies import Reply, context
from bot.slack.shown import Called, Clicked, button, notes, nothing, page_buttons, plain
from stores.audience import View, look
from stores.insights import Insight
from stores.pending import waits

KEEP_ALL = "learnings_waiting_keep"
NOTHING = "Nothing waits for your word."
TITLE = "*What waits for your word, newest first*"


async def waiting(called: Called) -> Reply | None:
    """The first page of it."""
    return None if called.rest else await waiting_page(called, 1)


async def waiting_page(called: Called | Clicked, page: int) -> Reply:
    """A page of it; none of it is in force."""
    view = await _decidable(called)
    skip = (max(page, 1) - 1) * PAGE
    here = [i for one in view.insights[skip : skip + PAGE] if (i := await waits(one.id, called.slack.parts.repository))]
    seen = (await look(here, called.readers, called.slack.directory, called.slack.parts.repository)).insights
    if not seen:
        return await nothing(NOTHING if page <= 1 else "There are no more.", view.missing, called.slack)
    return await _listed(Listing(seen, skip + 1, max(page, 1), len(view.insights) > skip + PAGE, "", view.missing, of="waiting"), called)


async def keep_all(clicked: Clicked) -> Reply:
    """Everything of the page that was shown, as far as it still waits for the caller; no wish, about which one looks at its card."""
    ids = clicked.text("ids").split()[:PAGE]
    known = await clicked.slack.parts.repository.get(ids, status="pending")
    wishes = {i.id for i in known if not asking_of(i).teachers}
    ids = [i for i in ids if i not in wishes]
    for identity in ids:
        await click(Pressed(KEEP, identity, clicked.caller, clicked.readers.place, ""), clicked.slack)
    kept = await clicked.slack.parts.repository.get(ids)
    return plain(f"Kept {len(kept)} of {len(ids)}. `/learnings waiting` shows what else waits, `/learnings` what is kept.")


async def _decidable(called: Called | Clicked) -> View:
    """What waits, people are asked about, and the caller may decide and see."""
    parts, slack, caller = called.slack.parts, called.slack, called.caller
    approver = await is_approver(caller, parts, slack.approvers)

    async def theirs(one: Insight) -> bool:
        taught = asking_of(one).teachers and caller in {e.teammate for e in one.evidence}
        return (approver or taught) and await asking_of(one).ready(one, slack)

    known = [i for i in await parts.repository.with_status("pending") if await theirs(i)]
    return await look(known, called.readers, slack.directory, parts.repository)


async def _listed(listing: Listing, called: Called | Clicked) -> Reply:
    blocks, lines = sections(TITLE), [TITLE]
    for insight in listing.insights:
        line = f"• {mrkdwn(insight.sentence, ())}"
        below = await source(insight, called.slack)
        blocks += [*sections(line), context(below), {"type": "actions", "elements": [_decide(insight)]}]
        lines += [line, below]
    small = await notes(listing.missing, called.slack)
    usual = [i.id for i in listing.insights if asking_of(i).teachers]
    both = [button(f"Keep all {len(usual)}", KEEP_ALL, {"ids": " ".join(usual)})] if len(usual) > 1 else []
    below_all = [{"type": "actions", "elements": both}] if both else []
    return Reply("\n".join([*lines, *small]), (*blocks, *(context(note) for note in small), *below_all, *page_buttons(listing)))


def _decide(insight: Insight) -> dict[str, object]:
    label = {"type": "plain_text", "text": "Keep, edit or drop"}
    return {"type": "button", "text": label, "action_id": BACK, "value": insight.id}
