"""Wishes how Tacit answers, in Slack: what an approver decides about, the present version with its history, and the step back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.approvals import is_approver
from bot.citations import day
from bot.instructions import Version, Versions
from bot.learnings import Refused
from bot.slack.replies import Reply, name_of
from bot.slack.shown import Called, plain, quoted
from bot.slack.workspaces import SlackParts
from stores.audience import Readers, look
from stores.insights import Insight

EVERYBODY = Readers("", "", "public")
NONE = "Nobody has wished for anything yet. Tell me in a public channel how you would like me to answer everybody, and I ask an approver."
STEP_BACK = "`/learnings instructions rollback` goes back to the version before, for approvers."


async def difference(wish: Insight, slack: SlackParts) -> str:
    """What a wish would change, line by line. Wishes that not everybody in the workspace may see are left out."""
    before, after = await Versions(slack.parts.documents, slack.parts.repository).would_be(wish)
    seen = {*await _seen(before, EVERYBODY, slack), wish.id}
    lines = [f"{_sign(i, before, after)} {quoted(i)}" for i in [*before, wish] if i.id in seen]
    return "\n".join(lines)


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
    history = await versions.history()
    if not history:
        return [NONE]
    known = await versions.wishes(list(dict.fromkeys(i for version in history for i in version.ids)))
    seen = await _seen(known, called.readers, called.slack)
    head = f"*How I answer, version {history[0].n}*"
    lines = [f"• {quoted(seen[i])}" for i in history[0].ids if i in seen] or ["Nothing special is wished for."]
    older = [*history[1:], Version()]
    changes = [await _change(version, before, seen, called.slack) for version, before in zip(history, older, strict=True)]
    return [head, *lines, "", "*How it came to be*", *changes, STEP_BACK]


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
