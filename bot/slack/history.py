"""`/learnings history N`: how an insight came to be, version by version, as far as its caller may see it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.citations import source_of
from bot.slack.blocks import sections
from bot.slack.replies import MISSING, Reply, context, said_by
from bot.slack.shown import Called, plain, position, quoted
from bot.slack.workspaces import SlackParts
from stores.insights import Evidence, Insight

WHICH = "Say which one: `/learnings history N`, where N is its number in the list that `/learnings` showed you."
SHOWN = 8  # pieces of evidence, or doubts, of one version
HOW = {"refines": "more exact", "contradicts": "corrected"}


async def history(called: Called) -> Reply | None:
    """Each version, what was said first comes first: the sentence, who taught it, who said it again, who doubted it."""
    number = position(called.rest)
    if not number:
        return None if called.rest else plain(WHICH)
    view = await called.learnings.history(called.readers, number)
    title = f"*How number {number} came to be*"
    blocks, lines = sections(title), [title]
    for version, insight in enumerate(view.insights, 1):
        how = f"_{HOW[insight.decided]}:_ " if version > 1 and insight.decided in HOW else ""
        line, below = f"*{version}.* {how}{quoted(insight)}", " · ".join(await _told(insight, called.slack))
        blocks += [*sections(line), context(below)]
        lines += [line, below]
    notes = [MISSING] if view.missing else []
    return Reply("\n".join([*lines, *notes]), (*blocks, *(context(note) for note in notes)))


async def _told(insight: Insight, slack: SlackParts) -> list[str]:
    first, *more = insight.evidence
    said = await _each("learned from", [first], slack) + await _each("said again by", more, slack)
    return [insight.kind, *said, *await _each("called wrong by", insight.doubts, slack)]


async def _each(what: str, said: Sequence[Evidence], slack: SlackParts) -> list[str]:
    named = [f"{what} {await said_by(source_of(one), slack.installation.url, slack.directory)}" for one in said[:SHOWN]]
    return named + ([f"{what} {len(said) - SHOWN} more"] if len(said) > SHOWN else [])
