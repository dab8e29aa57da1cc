"""`/learnings me`, `off` and `on`: what Tacit holds about its caller, and whether it learns from them."""

from __future__ import annotations

from secrets import token_hex

from bot.slack.replies import Reply
from bot.slack.shown import Called, Clicked, button, listed, nothing, plain

FORGET_ALL, UNDO_ALL = "learnings_all_forget", "learnings_all_undo"

ON = "I learn from what you say. `/learnings off` turns that off."
OFF = "I learn nothing of what you say, since you turned that off. `/learnings on` turns it on again."
TURNED_OFF = """From now on I learn nothing of what you say, here or anywhere, nor of what you said and I have not learned yet; your \
reactions do not make me learn either. I still answer you. `/learnings on` turns it on again.
What I learned from you before stays: `/learnings me` shows what is about you, `/learnings forget N` forgets one thing, and this button \
all that you taught."""
TURNED_ON = "I learn again from what you say from now on. What you said while it was off is not learned."


async def me(called: Called) -> Reply | None:
    """What is held about the caller."""
    return None if called.rest else await own_page(called, 1)


async def own_page(called: Called | Clicked, page: int) -> Reply:
    """A page of that list."""
    listing = await called.learnings.own(called.readers, page)
    out = await called.slack.parts.repository.opted_out.out(called.caller)
    state = OFF if out else ON
    if not listing.insights:
        return await nothing(f"I hold nothing about you. {state}", listing.missing, called.slack)
    return await listed(listing, f"*What I hold about you*\n{state}", called)


async def off(called: Called) -> Reply | None:
    """Nothing of theirs is learned any more, in force before this is shown."""
    if called.rest:
        return None
    await called.slack.parts.repository.opted_out.leave(called.caller)
    return plain(TURNED_OFF, button("Forget all that I taught", FORGET_ALL, {"act": token_hex(8)}))


async def on(called: Called) -> Reply | None:
    """What they say from now on is learned again."""
    if called.rest:
        return None
    out = called.slack.parts.repository.opted_out
    if not await out.out(called.caller):
        return plain(ON)
    await out.come_back(called.caller)
    return plain(TURNED_ON)


async def forget_all(clicked: Clicked) -> Reply:
    """All that they taught goes."""
    taught, undo = await clicked.learnings.forget_all(clicked.caller, clicked.text("act"))
    if not taught:
        return plain("There is nothing that I learned from you.")
    text = f"Forgotten: all that you taught, {_counted(taught)}. What others said too stays."
    return plain(text, button("Undo", UNDO_ALL, {"undo": undo}))


async def undo_all(clicked: Clicked) -> Reply:
    """It comes back, within ten minutes."""
    return plain(f"Brought back: {_counted(await clicked.learnings.undo_all(clicked.caller, clicked.text('undo')))}.")


def _counted(insights: int) -> str:
    return "1 insight" if insights == 1 else f"{insights} insights"
