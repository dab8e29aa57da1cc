"""Wishes how Tacit answers, in Slack: what an approver decides about, the present version with its history, and the step back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.approvals import ApprovalLedger, is_approver
from bot.citations import day, source_of
from bot.instructions import Version, Versions
from bot.learnings import Refused
from bot.questions import QuestionLedger
from bot.slack.replies import Reply, name_of, said_by
from bot.slack.shown import Called, plain, quoted
from bot.slack.workspaces import SlackParts
from bot.support import seconds, supported
from stores.audience import Readers, look
from stores.insights import Evidence, Insight
from stores.pending import waits

NAMED = 8  # messages that are linked in one line
STORE = "instructions"
EVERYBODY = Readers("", "", "public")
NONE = (
    "Nothing special is in force. Tell me in a public channel how you would like me to answer everybody: once somebody else asks for the "
    "same, or an approver does, or you say so behind a reply with a 👎, I put it to the approvers."
)
STEP_BACK = "`/learnings instructions rollback` goes back to the version before, for approvers."


async def difference(wish: Insight, slack: SlackParts) -> str:
    """What a wish would change, line by line. Wishes that not everybody in the workspace may see are left out."""
    before, after = await Versions(slack.parts.documents, slack.parts.repository).would_be(wish)
    seen = {*await _seen(before, EVERYBODY, slack), wish.id}
    lines = [f"{_sign(i, before, after)} {quoted(i)}" for i in [*before, wish] if i.id in seen]
    return "\n".join(lines)


async def ready(wish: Insight, slack: SlackParts) -> bool:
    """Whether approvers are asked yet."""
    return await supported(wish, slack.parts, slack.approvers)


async def grounds(wish: Insight, readers: Readers, slack: SlackParts) -> list[str]:
    """What a wish rests on: who asked for it, and which replies speak for it, with links as far as these readers may see them. What was
    said where they are not is counted."""
    whole = await slack.parts.repository.get([wish.id], status="pending")
    all_of = [*whole, *await seconds(wish, slack.parts.repository)]
    view = await look(all_of, readers, slack.directory, slack.parts.repository)
    seen = [e for one in view.insights for e in one.evidence]
    replies = await QuestionLedger(slack.parts.documents).spoken_against([e.message for e in seen])
    asked = await _linked([e for e in seen if e.message not in replies], slack, corrects=True)
    against = await _linked([e for e in seen if e.message in replies], slack)
    hidden = sum(len(one.evidence) for one in all_of) - len(seen)
    return [
        *([f"Asked for by {asked}"] if asked else []),
        *([f"Replies that were held to be wrong, or left it to others: to {against}"] if against else []),
        *([f"And {hidden} more where you are not"] if hidden else []),
    ]


async def _linked(evidence: Sequence[Evidence], slack: SlackParts, *, corrects: bool = False) -> str:
    named = [await said_by(source_of(e), slack.installation.url, slack.directory) for e in evidence[:NAMED]]
    if corrects:
        named = [line + await _behind(e, slack) for line, e in zip(named, evidence, strict=False)]
    more = [f"{len(evidence) - NAMED} more"] if len(evidence) > NAMED else []
    return "; ".join([*named, *more])


async def _behind(evidence: Evidence, slack: SlackParts) -> str:
    ledger = QuestionLedger(slack.parts.documents)
    against = await ledger.speaks_against(evidence.place, evidence.conversation, evidence.message)
    return " (behind a reply that was held to be wrong, or left it to others)" if against else ""


async def adopt(wish: Insight, by: str, slack: SlackParts) -> None:
    """An approver has taken a wish up."""
    await Versions(slack.parts.documents, slack.parts.repository).adopt(wish, by)


async def instructions(called: Called) -> Reply | None:
    """What stands behind `/learnings instructions`."""
    versions = Versions(called.slack.parts.documents, called.slack.parts.repository)
    if called.rest.lower() == "rollback":
        return await _roll_back(versions, called)
    return plain("\n".join(await _told(versions, called))) if not called.rest else None


async def _roll_back(versions: Versions, called: Called) -> Reply:
    if not await is_approver(called.caller, called.slack.parts, called.slack.approvers):
        raise Refused("Only an approver can do that.")
    if await versions.roll_back(called.caller) is None:
        raise Refused("There is no version before the present one.")
    return plain("\n".join(["Done: I answer as before.", "", *await _told(versions, called)]))


async def _told(versions: Versions, called: Called) -> list[str]:
    history, waiting = await versions.history(), await _waiting(called)
    if not history:
        return [NONE, *waiting]
    known = await versions.wishes(list(dict.fromkeys(i for version in history for i in version.ids)))
    seen = await _seen(known, called.readers, called.slack)
    head = f"*How I answer, version {history[0].n}*"
    lines = [f"• {quoted(seen[i])}" for i in history[0].ids if i in seen] or ["Nothing special is wished for."]
    older = [*history[1:], Version()]
    changes = [await _change(version, before, seen, called.slack) for version, before in zip(history, older, strict=True)]
    return [head, *lines, *waiting, "", "*How it came to be*", *changes, STEP_BACK]


async def _waiting(called: Called) -> list[str]:
    """What was asked for and not decided yet: what the caller asked for; to an approver, all of it."""
    parts = called.slack.parts
    known = [i for i in await parts.repository.with_status("pending") if i.store == STORE and not i.belongs_to]
    seen = (await look(known, called.readers, parts.directory, parts.repository)).insights
    every = await is_approver(called.caller, parts, called.slack.approvers)
    mine = [i for i in seen if (every or called.caller in {e.teammate for e in i.evidence}) and await waits(i.id, parts.repository)]
    lines = [f"• {quoted(i)}: {await _progress(i, called.slack)}" for i in mine]
    return ["", "*Asked for, and not decided*", *lines] if lines else []


async def _progress(wish: Insight, slack: SlackParts) -> str:
    asked = (await ApprovalLedger(slack.parts.documents).of(wish.id)).cards
    return "the approvers are asked" if asked else "waits for somebody else to ask for the same"


async def _change(version: Version, before: Version, seen: dict[str, Insight], slack: SlackParts) -> str:
    added = [f"+ {quoted(seen[i])}" for i in version.ids if i not in before.ids and i in seen]
    removed = [f"- {quoted(seen[i])}" for i in before.ids if i not in version.ids and i in seen]
    what = ", ".join([*added, *removed]) or "(words that are gone, or not yours to see)"
    return f"Version {version.n}, {day(version.at)}, by {await name_of(version.by, slack.directory)}: {what}"


async def _seen(wishes: Sequence[Insight], readers: Readers, slack: SlackParts) -> dict[str, Insight]:
    """Those that these readers may see, also where a later one took their place."""
    shown = await look([replace(i, superseded_by=()) for i in wishes], readers, slack.directory, slack.parts.repository)
    return {i.id: i for i in shown.insights}


def _sign(wish: Insight, before: Sequence[Insight], after: Sequence[Insight]) -> str:
    ids = {i.id for i in after}
    return "-" if wish.id not in ids else "+" if wish.id not in {i.id for i in before} else "•"
