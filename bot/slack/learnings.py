"""`/learnings` and `@tacit learnings` in Slack: the verbs, and how their answers look. Every answer is for its caller alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from bot.citations import mrkdwn
from bot.learnings import Forgotten, Learnings, Listing, Refused
from bot.slack.blocks import sections
from bot.slack.calls import Json, SlackFailed
from bot.slack.replies import MISSING, Reply, context, place_name, source_line
from bot.slack.workspaces import SlackParts
from stores.audience import LookupFailed, Place, Readers, audience_of, readers_of, sources_of
from stores.insights import Insight

PAGE, UNDO = "learnings_page", "learnings_undo"
"""The actions of the buttons under these answers."""

HELP = """*What I learned, and how to take it back*
`/learnings` lists what you may see, newest first.
`/learnings WORDS` searches in it.
`/learnings forget N` forgets number N of the list you saw last, if you taught it. Workspace admins may forget anything that they can see. \
You can undo it for ten minutes.
`/learnings help` shows this.
In a thread, write `@Tacit learnings …`. I answer so that only you see it.

*How I learn*
Mention me, write to me directly, or put :brain: on a thread in a channel that I am in. I learn when a conversation has been quiet for \
a while, at once when you say "remember …" or put :white_check_mark: on it, and put :brain: on each message that I learned from. \
What is taught in a public channel helps everyone; in a private channel, its members; in a direct message, only you."""

EMPTY = """I have not learned anything yet that you may see. To teach me, mention me in a channel or write to me directly: \
"@Tacit remember that signed contracts go to Marta". `/learnings help` says more."""

_FORGET = re.compile(r"forget\s+#?(\d{1,6})\.?$", re.IGNORECASE)
_PAGE = re.compile(r"page\s+(\d{1,4})$", re.IGNORECASE)


async def answer(text: str, caller: str, slack: SlackParts) -> Reply:
    """The answer to what stands behind `/learnings`. Raises `Unavailable` while the database is away."""
    words = " ".join(text.split())
    learnings, readers = Learnings(slack.parts), await _readers(caller, slack)
    if words.lower() in ("help", "?"):
        return _plain(HELP)
    if words.lower() == "forget" or (words.lower().startswith("forget ") and not _FORGET.match(words)):
        return _plain("Say which one: `/learnings forget N`, where N is its number in the list that `/learnings` showed you.")
    try:
        if forget := _FORGET.match(words):
            return await _forgotten(await learnings.forget(readers, int(forget[1])))
        if page := _PAGE.match(words):
            return await _listed(await learnings.page(readers, page=int(page[1])), slack, readers)
        return await _listed(await learnings.page(readers, words=words), slack, readers)
    except Refused as e:
        return _plain(str(e))


async def turn_page(value: str, caller: str, slack: SlackParts) -> Reply:
    """The answer to the button for another page."""
    wanted = _object(value)
    words, page = str(wanted.get("words") or ""), wanted.get("page")
    readers = await _readers(caller, slack)
    listing = await Learnings(slack.parts).page(readers, words=words, page=page if isinstance(page, int) else 1)
    return await _listed(listing, slack, readers)


async def undo(value: str, slack: SlackParts) -> Reply:
    """The answer to the Undo button."""
    wanted = _object(value)
    try:
        insight = await Learnings(slack.parts).undo(str(wanted.get("insight") or ""), str(wanted.get("undo") or ""))
    except Refused as e:
        return _plain(str(e))
    return _plain(f"Brought back: {_quoted(insight)}")


async def _readers(caller: str, slack: SlackParts) -> Readers:
    try:
        dm = await slack.directory.dm_of(caller)
    except (LookupFailed, SlackFailed):
        dm = ""
    return await readers_of(slack.directory, dm, caller, alone=True)


async def _listed(listing: Listing, slack: SlackParts, readers: Readers) -> Reply:
    if not listing.insights:
        text = f"Nothing that you may see fits “{mrkdwn(listing.words, ())}”." if listing.words else EMPTY
        return _plain(text if listing.page == 1 else "There are no more.", missing=listing.missing)
    title = f"*What fits “{mrkdwn(listing.words, ())}”*" if listing.words else "*What I learned, newest first*"
    blocks, lines = sections(title), [title]
    sources = await sources_of(listing.insights, slack.directory)
    for number, insight in enumerate(listing.insights, listing.first):
        line = f"*{number}.* {mrkdwn(insight.sentence, ())}"
        below = " · ".join([insight.kind, *await _audiences(insight, sources, slack), *await _source(insight, slack)])
        blocks += [*sections(line), context(below)]
        lines += [line, below]
    hint = "`/learnings forget N` forgets one of them."
    blocks += [context(note) for note in ([MISSING] if listing.missing else []) + [hint]]
    return Reply("\n".join([*lines, hint]), (*blocks, *_page_buttons(listing)))


async def _audiences(insight: Insight, sources: Mapping[str, Place | None], slack: SlackParts) -> list[str]:
    found = dict.fromkeys(audience_of(e, sources.get(e.place)) for e in insight.evidence)
    return [await _audience(audience, slack) for audience in found]


async def _audience(audience: str, slack: SlackParts) -> str:
    sort, _, whose = audience.partition(":")
    if sort == "workspace":
        return "seen by the whole workspace"
    if sort == "teammate":
        return "seen by you alone"
    return f"seen in {await place_name(whose, slack.directory)} alone"


async def _source(insight: Insight, slack: SlackParts) -> list[str]:
    line = await source_line(insight, slack.installation.url, slack.directory)
    return [line] if line else []


async def _forgotten(forgotten: Forgotten) -> Reply:
    quoted = _quoted(forgotten.insight)
    text = (
        f"Forgotten: {quoted}" if not forgotten.stays else f"What you said is taken back, but others said so too, so I still know: {quoted}"
    )
    value = json.dumps({"insight": forgotten.insight.id, "undo": forgotten.undo})
    return Reply(text, (*sections(text), {"type": "actions", "elements": [_button("Undo", UNDO, value)]}))


def _page_buttons(listing: Listing) -> list[Json]:
    buttons = []
    for label, page, there in (("Newer", listing.page - 1, listing.page > 1), ("Older", listing.page + 1, listing.more)):
        if there:
            value = json.dumps({"words": listing.words[:1500], "page": page})
            buttons.append(
                _button(label if not listing.words else {"Newer": "Back", "Older": "More"}[label], PAGE, value)
                | {"action_id": f"{PAGE}_{page}"}
            )
    return [{"type": "actions", "elements": buttons}] if buttons else []


def _button(label: str, action: str, value: str) -> Json:
    return {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": action, "value": value}


def _quoted(insight: Insight) -> str:
    return f"“{mrkdwn(insight.sentence, ())}”"


def _plain(text: str, *, missing: bool = False) -> Reply:
    notes = [MISSING] if missing else []
    return Reply("\n".join([text, *notes]), (*sections(text), *(context(note) for note in notes)))


def _object(value: str) -> Json:
    try:
        found = json.loads(value)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
