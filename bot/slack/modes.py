"""`/learnings mode`: how each store learns, and changing it."""

from __future__ import annotations

from bot.learnings import Refused, is_admin
from bot.slack.replies import Reply
from bot.slack.shown import Called, plain
from stores.modes import MODES, Mode, mode_named

MEANS: dict[Mode, str] = {
    "always": "learns by itself, once a conversation is over",
    "agentic": "keeps what I decide to keep while I answer",
    "confirm": "keeps what its teacher or an approver confirms",
}


async def mode(called: Called) -> Reply | None:
    """The present modes, or one changed by an admin; None when more words stand there than a command has. Raises `Refused`."""
    words = called.rest.split()
    if len(words) > 2:
        return None
    if len(words) == 2:
        return await _set(words[0], words[1], called)
    if words:
        raise Refused(f"Say which store and which mode: `/learnings mode STORE MODE`, with {_either()}.")
    return plain("\n".join(["*How I learn here*, store by store", *[_line(*each) for each in (await _modes(called)).items()], _hint()]))


async def _set(store: str, word: str, called: Called) -> Reply:
    known = await _modes(called)
    if store not in known:
        raise Refused(f"There is no store `{_plain(store)}`. There are {', '.join(f'`{name}`' for name in known)}.")
    try:
        wanted = mode_named(word)
    except ValueError:
        raise Refused(f"There is no mode `{_plain(word)}`. There are {_either()}.") from None
    if not await is_admin(called.caller, called.slack.directory):
        raise Refused("Only a workspace admin can change how I learn.")
    if wanted != "always" and (why := _unfit(store, called)):
        raise Refused(why)
    await called.slack.parts.modes.set(store, wanted)
    return plain(f"From now on: {_line(store, wanted)} What waits or was learned before stays as it is.")


async def _modes(called: Called) -> dict[str, Mode]:
    parts = called.slack.parts
    found = await parts.modes.all()
    return {name: found.get(name, "always") for name in sorted(parts.machine.names)}


def _unfit(store: str, called: Called) -> str:
    """Why a store can only learn by itself, "" when it can otherwise."""
    kinds = [owned.kind for owned in called.slack.parts.machine.kinds.values() if owned.store == store]
    if kinds and all(kind.one_per == "conversation" for kind in kinds):
        return f"`{store}` keeps one summary of each thread, which changes as the thread goes on: nobody can decide about that."
    return ""


def _line(store: str, mode: Mode) -> str:
    return f"• `{store}` {MEANS[mode]} ({mode})."


def _hint() -> str:
    return f"A workspace admin changes it: `/learnings mode STORE MODE`, with {_either()}."


def _either() -> str:
    return ", ".join(f"`{each}`" for each in MODES)


def _plain(word: str) -> str:
    return "".join(c for c in word[:40] if c.isalnum() or c in "_-")
