"""`/learnings` and `@tacit learnings` in Slack: the verbs. Every answer is for its caller alone."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.citations import mrkdwn
from bot.learnings import Listing, Refused
from bot.slack import history, instructions, modes, own, requests, waiting
from bot.slack.calls import Json, SlackFailed
from bot.slack.replies import Reply
from bot.slack.shown import PAGE, UNDO, Called, Clicked, forgotten, listed, nothing, plain, position, quoted
from bot.slack.workspaces import SlackParts
from stores.audience import LookupFailed, Readers, readers_of

HELP = """*What I learned, and how to take it back*
`/learnings` lists what you may see, newest first.
`/learnings WORDS` searches in it.
{verbs}
`/learnings help` shows this.
In a thread, write `@Tacit learnings …`. I answer so that only you see it.

*How I learn*
Mention me, write to me directly, or put :brain: on a thread in a channel that I am in. I learn when a conversation has been quiet for \
a while, at once when you say "remember …" or put :white_check_mark: on it, and put :brain: on each message that I learned from. \
What is taught in a public channel helps everyone; in a private channel, its members; in a direct message, only you."""

EMPTY = """I have not learned anything yet that you may see. To teach me, mention me in a channel or write to me directly: \
"@Tacit remember that signed contracts go to Marta". `/learnings help` says more."""


@dataclass(frozen=True, slots=True)
class Verb:
    """What a first word does. It gives None when the rest shows that it was no verb: then all of it is searched for. `help`: its line."""

    carry_out: Callable[[Called], Awaitable[Reply | None]]
    help: str = ""


async def answer(text: str, caller: str, slack: SlackParts) -> Reply:
    """The answer to what stands behind `/learnings`. Raises `Unavailable` while the database is away."""
    words = " ".join(text.split())
    first, _, rest = words.partition(" ")
    called = Called(rest, caller, await _readers(caller, slack), slack)
    try:
        verb = VERBS.get(first.lower())
        return (await verb.carry_out(called) if verb else None) or await _list(called, words)
    except Refused as e:
        return plain(str(e))


async def click(action: str, value: str, caller: str, slack: SlackParts) -> Reply | None:
    """The answer that takes the place of the one whose button was pressed; None when the button is none of these."""
    name = next((name for name in BUTTONS if action == name or action.startswith(f"{name}_")), None)
    if name is None:
        return None
    try:
        return await BUTTONS[name](Clicked(_object(value), caller, await _readers(caller, slack), slack))
    except Refused as e:
        return plain(str(e))


async def _readers(caller: str, slack: SlackParts) -> Readers:
    try:
        dm = await slack.directory.dm_of(caller)
    except (LookupFailed, SlackFailed):
        dm = ""
    readers = await readers_of(slack.directory, dm, caller, alone=True)
    return replace(readers, missing=True) if readers.closed and not dm else readers  # what they told us in their DM is left out


async def _list(called: Called | Clicked, words: str = "", page: int = 1) -> Reply:
    listing = await called.learnings.page(called.readers, words=words, page=page)
    if not listing.insights:
        return await nothing(_none(listing), listing.missing, called.slack)
    return await listed(listing, _title(listing), called)


def _title(listing: Listing) -> str:
    return f"*What fits “{mrkdwn(listing.words, ())}”*" if listing.words else "*What I learned, newest first*"


def _none(listing: Listing) -> str:
    text = f"Nothing that you may see fits “{mrkdwn(listing.words, ())}”." if listing.words else EMPTY
    return text if listing.page == 1 else "There are no more."


async def _help(called: Called) -> Reply | None:
    return None if called.rest else plain(HELP.format(verbs="\n".join(verb.help for verb in VERBS.values() if verb.help)))


async def _page(called: Called) -> Reply | None:
    return await _list(called, page=int(called.rest)) if re.fullmatch(r"\d{1,4}", called.rest) else None


async def _forget(called: Called) -> Reply:
    number = position(called.rest)
    if not number:
        return plain("Say which one: `/learnings forget N`, where N is its number in the list that `/learnings` showed you.")
    return forgotten(await called.learnings.forget(called.readers, number))


async def _turn_page(clicked: Clicked) -> Reply:
    asked = clicked.value.get("page")
    page = asked if isinstance(asked, int) else 1
    of = clicked.text("of")
    pages = {"own": own.own_page, "waiting": waiting.waiting_page}
    return await (pages[of](clicked, page) if of in pages else _list(clicked, clicked.text("words"), page))


async def _undo(clicked: Clicked) -> Reply:
    return plain(f"Brought back: {quoted(await clicked.learnings.undo(clicked.text('insight'), clicked.text('undo')))}")


def _object(value: str) -> Json:
    try:
        found = json.loads(value)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "forget": Verb(
            _forget,
            "`/learnings forget N` forgets number N of the list you saw last, if you taught it. Workspace admins may forget anything that "
            "they can see. You can undo it for ten minutes.",
        ),
        "history": Verb(history.history, "`/learnings history N` shows how number N of that list came to be."),
        "instructions": Verb(
            instructions.instructions,
            "`/learnings instructions` shows how the team wants me to answer, and how that came to be.",
        ),
        "me": Verb(own.me, "`/learnings me` lists what I hold about you."),
        "off": Verb(own.off, "`/learnings off` keeps me from learning anything of what you say; `/learnings on` lets me again."),
        "on": Verb(own.on),
        "waiting": Verb(waiting.waiting, "`/learnings waiting` lists what I may keep once you say so."),
        "mode": Verb(modes.mode, "`/learnings mode` shows how each of my stores learns; workspace admins change it."),
        "page": Verb(_page),
        "help": Verb(_help),
        "?": Verb(_help),
    }
)
BUTTONS: Mapping[str, Callable[[Clicked], Awaitable[Reply]]] = MappingProxyType(
    {PAGE: _turn_page, UNDO: _undo, own.FORGET_ALL: own.forget_all, own.UNDO_ALL: own.undo_all, waiting.KEEP_ALL: waiting.keep_all}
    | {requests.REPLACE: requests.replace_it, requests.FORGET: requests.forget, requests.LEAVE: requests.leave}
)
