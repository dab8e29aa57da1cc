"""`tacit curate`: what is not worth keeping in force, and why; archiving it, and bringing back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.settings import Settings
from bot.wiring import Opened, opened
from stores.audience import Readers, look
from stores.insights import Insight
from stores.upkeep import Judged, Upkeep
from workers.parts import Parts

SECONDS = 600.0  # for all of it
EVERYBODY = Readers("", "", "public")
HIDDEN = "(not for everybody in the workspace)"


class NotCurated(Exception):
    """It could not be done. The text says what to look at."""


async def curate(settings: Settings, workspace: str, *, apply: bool, archived: bool, restore: str) -> list[str]:
    """Do it for this workspace, or the one that Tacit is installed in, and tell it line by line. Raises `NotCurated`, and what `opened` and
    Slack raise."""
    logging.getLogger().addHandler(logging.NullHandler())  # what is told is the answer, not the log
    try:
        async with asyncio.timeout(SECONDS), opened(settings) as inside:
            chosen = workspace or (await inside.installation.only()).workspace
            return await curated(inside, chosen, apply=apply, archived=archived, restore=restore)
    except TimeoutError:
        raise NotCurated(f"This took longer than {SECONDS:g} seconds: is the database there? `tacit doctor` looks.") from None


async def curated(inside: Opened, workspace: str, *, apply: bool = False, archived: bool = False, restore: str = "") -> list[str]:
    """The same in a running product."""
    parts = await inside.workspaces.parts(workspace)
    upkeep = Upkeep(parts.repository, parts.machine.kinds)
    if restore:
        if await upkeep.bring_back(restore) is None:
            raise NotCurated(f"{restore} is not archived. `tacit curate --archived` lists what is.")
        return [f"{restore} is in force again."]
    if archived:
        return await _archived(parts)
    lines, done, faded, after = list[str](), 0, 0, ""
    while True:
        found, after = await upkeep.faded(after)
        faded += len(found)
        lines += await _told(found, parts)
        done += await upkeep.archive(found) if apply else 0
        if not after:
            return [*lines, _end(faded, done, apply=apply)]


async def _told(found: list[Judged], parts: Parts) -> list[str]:
    said = await _said([one.insight for one in found], parts)
    about = [f"{one.insight.id}  {one.insight.kind}, {one.days:.0f} days without a sign of life: {one.reason}" for one in found]
    return [line for pair in zip(about, said, strict=True) for line in pair]


async def _archived(parts: Parts) -> list[str]:
    """What is archived, learned last first."""
    found = await parts.repository.with_status("archived")
    about = [f"{i.id}  {i.kind}" for i in found]
    return [line for pair in zip(about, await _said(found, parts), strict=True) for line in pair] + [f"{len(found)} archived."]


async def _said(insights: Sequence[Insight], parts: Parts) -> list[str]:
    """Sentences that everybody in the workspace may see; what the rest say is nothing for an operator."""
    view = await look(insights, EVERYBODY, parts.directory, parts.repository)
    seen = {i.id: f"“{i.sentence}”" for i in view.insights}
    return [f"  {seen.get(i.id, HIDDEN)}" for i in insights]


def _end(faded: int, archived: int, *, apply: bool) -> str:
    if apply:
        return f"{archived} archived. `tacit curate --restore ID` brings one back, as does saying it again."
    return f"{faded} would be archived; --apply does it, and the worker does it once a day." if faded else "There is nothing to archive."
