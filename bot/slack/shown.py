"""How the answers to `/learnings` look, whatever verb they answer; and what a verb gets to work with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.citations import mrkdwn
from bot.learnings import Forgotten, Learnings, Listing
from bot.slack.blocks import sections
from bot.slack.calls import Json
from bot.slack.replies import MISSING, Reply, context, name_of, place_name, source_line
from bot.slack.workspaces import SlackParts
from stores.audience import Place, Readers, audience_of, sources_of
from stores.insights import Insight
from workers.spending import PAUSED

_POSITION = re.compile(r"#?(\d{1,6})\.?")
UNDO = "learnings_undo"
PAGE = "learnings_page"
"""How the actions of the buttons to other pages of a list begin."""


@dataclass(frozen=True, slots=True)
class Called:
    """A verb of `/learnings` with what stands behind it, and who called it. `readers` are the caller alone, as in their DM."""

    rest: str
    caller: str
    readers: Readers
    slack: SlackParts

    @property
    def learnings(self) -> Learnings:
        return Learnings(self.slack.parts)


@dataclass(frozen=True, slots=True)
class Clicked:
    """A button under one of these answers was pressed: what its value says, and by whom."""

    value: Mapping[str, object]
    caller: str
    readers: Readers
    slack: SlackParts

    @property
    def learnings(self) -> Learnings:
        return Learnings(self.slack.parts)

    def text(self, name: str) -> str:
        """A text of the value, "" where there is none."""
        found = self.value.get(name)
        return found if isinstance(found, str) else ""


async def listed(listing: Listing, title: str, called: Called | Clicked) -> Reply:
    """A page of a list, each insight with its kind, who sees it, and its source."""
    slack = called.slack
    blocks, lines = sections(title), [title]
    for number, insight in enumerate(listing.insights, listing.first):
        line = f"*{number}.* {mrkdwn(insight.sentence, ())}"
        below = await facts(insight, slack)
        blocks += [*sections(line), context(below)]
        lines += [line, below]
    small = [*await notes(listing.missing, slack), "`/learnings forget N` forgets one of them."]
    return Reply("\n".join([*lines, *small]), (*blocks, *(context(note) for note in small), *page_buttons(listing)))


async def nothing(text: str, missing: bool, slack: SlackParts) -> Reply:
    """The answer where there is nothing to list."""
    small = await notes(missing, slack)
    return Reply("\n".join([text, *small]), (*sections(text), *(context(note) for note in small)))


def plain(text: str, *buttons: Json) -> Reply:
    """An answer in words, with buttons below."""
    return Reply(text, (*sections(text), *([{"type": "actions", "elements": list(buttons)}] if buttons else [])))


def button(label: str, action: str, value: Mapping[str, object]) -> Json:
    """A button; `action` is a name of `learnings.BUTTONS`."""
    return {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": action, "value": json.dumps(dict(value))}


def position(rest: str) -> int:
    """The number of a list that stands behind a verb, 0 for none."""
    found = _POSITION.fullmatch(rest)
    return int(found[1]) if found else 0


def forgotten(what: Forgotten) -> Reply:
    """What was taken back, with the way to bring it back."""
    shown = quoted(what.insight)
    text = f"Forgotten: {shown}" if not what.stays else f"What you said is taken back, but others said so too, so I still know: {shown}"
    return plain(text, button("Undo", UNDO, {"insight": what.insight.id, "undo": what.undo}))


def quoted(insight: Insight) -> str:
    """An insight's sentence within a sentence of ours."""
    return f"“{mrkdwn(insight.sentence, ())}”"


async def notes(missing: bool, slack: SlackParts) -> list[str]:
    """What a reader should know of a list: what it may lack, and whether there is more to come."""
    paused = [f"Learning is {PAUSED}."] if await slack.parts.spending.paused() else []
    return ([MISSING] if missing else []) + paused


async def facts(insight: Insight, slack: SlackParts) -> str:
    """What stands below a sentence: its kind, who sees it, where it comes from, and who put it into these words."""
    sources = await sources_of([insight], slack.directory)
    edited = [f"in {await name_of(insight.edited_by, slack.directory)}'s words"] if insight.edited_by else []
    return " · ".join([insight.kind, *await _audiences(insight, sources, slack), *await _source(insight, slack), *edited])


async def _audiences(insight: Insight, sources: Mapping[str, Place | None], slack: SlackParts) -> list[str]:
    if insight.about is not None:
        return [f"for {await name_of(insight.about, slack.directory)} alone"]
    found = {audience_of(e, sources.get(e.place)): e.taught for e in insight.evidence}
    other_words = insight.edited_by or any(e.version for e in insight.evidence)  # than those a 👍 on the message would be for
    how = "say so in {}" if other_words else "say so in {}, or to put 👍 on it"
    return [await _audience(audience, slack, how if taught == "unconfirmed" else "") for audience, taught in found.items()]


async def _audience(audience: str, slack: SlackParts, waits: str) -> str:
    sort, _, whose = audience.partition(":")
    if sort == "workspace":
        return "seen by the whole workspace"
    if sort == "teammate":
        return "seen by you alone"
    where = await place_name(whose, slack.directory)
    if waits:
        return f"waits for a second teammate to {waits.format(where)}; until then seen there and by you alone"
    return f"seen in {where} alone"


async def _source(insight: Insight, slack: SlackParts) -> list[str]:
    line = await source_line(insight, slack.installation.url, slack.directory)
    return [line] if line else []


def page_buttons(listing: Listing) -> list[Json]:
    """The ways to the pages before and after."""
    names = {"Newer": "Back", "Older": "More"} if listing.words or listing.of == "own" else {}
    buttons = []
    for label, page, there in (("Newer", listing.page - 1, listing.page > 1), ("Older", listing.page + 1, listing.more)):
        if there:
            buttons.append(
                button(names.get(label, label), f"{PAGE}_{page}", {"words": listing.words[:1500], "page": page, "of": listing.of})
            )
    return [{"type": "actions", "elements": buttons}] if buttons else []
