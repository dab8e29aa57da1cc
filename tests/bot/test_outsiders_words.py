"""A guest speaks to the room that they are in: a teammate's "yes" there carries their words nowhere else."""

from __future__ import annotations

import re

from tests.bot.conftest import Start
from tests.bot.kinds import shown, teach
from tests.bot.test_modes import calls
from tests.model_server import draft
from tests.together import Json, Together

HERON = "The vault opens with Heron."


async def test_what_a_teammate_merely_confirms_stays_in_the_guests_place(start: Start) -> None:
    async with start() as t:
        first = await t.say("gus", "#help", HERON)
        await t.reply(await t.say("bo", "#help", "@tacit Yes, exactly. And releases go out on Tuesdays.", thread_ts=first["ts"]))
        t.model.drafts = lambda request: {"drafts": [draft(HERON, ["m1"], "fact"), draft("Releases go out on Tuesdays.", ["m1"], "fact")]}
        await t.learn(first)
        assert HERON in await shown(t, "bo", "#help", "How does the vault open?")
        assert HERON not in await shown(t, "cy", "#random", "How does the vault open?")
        assert "Tuesdays" in await shown(t, "cy", "#random", "When do releases go out?")


async def test_nor_does_the_answering_model_carry_them_when_it_keeps_what_a_teammate_said(start: Start) -> None:
    async with start(LEARNING_MODES="team_knowledge:agentic") as t:
        first = await t.say("gus", "#help", HERON)
        t.model.reply = calls("save_insight", kind="fact", sentence=HERON, cues=[])
        await t.reply(await t.say("bo", "#help", "@tacit Yes, keep that.", thread_ts=first["ts"]))
        [kept] = await t.insights()
        assert [(e.teammate, e.taught) for e in kept.evidence] == [(t.users["bo"], "guest")]


async def test_nor_when_a_teammate_confirms_what_tacit_told_of_theirs(start: Start) -> None:
    async with start() as t:
        await told_by_the_guest(t)
        asked = await retold(t)
        t.model.reply = lambda request: "Noted."
        await t.reply(await t.say("bo", "#help", "@tacit Yes, exactly. And releases go out on Tuesdays.", thread_ts=asked["ts"]))
        said = [draft(HERON, ["m2"], "fact"), draft("Releases go out on Tuesdays.", ["m2"], "fact"), draft(HERON, [], "pointer")]
        t.model.drafts = lambda request: {"drafts": said}
        await t.learn(asked)
        elsewhere = await shown(t, "cy", "#random", "How does the vault open, and when do releases go out?")
        assert HERON not in elsewhere
        assert "Tuesdays" in elsewhere


async def test_nor_when_the_answering_model_keeps_what_tacit_told_of_theirs(start: Start) -> None:
    async with start(LEARNING_MODES="decisions:agentic") as t:
        await told_by_the_guest(t)
        asked = await retold(t)
        t.model.reply = calls("save_insight", kind="decision", sentence=HERON, cues=[])
        await t.reply(await t.say("bo", "#help", "@tacit Yes, keep that.", thread_ts=asked["ts"]))
        kept = [i for i in await t.insights() if i.kind == "decision"]
        assert [(e.teammate, e.taught) for i in kept for e in i.evidence] == [(t.users["bo"], "guest")]


async def test_nor_when_it_has_just_read_them_as_learned(start: Start) -> None:
    async with start(LEARNING_MODES="decisions:agentic") as t:
        await told_by_the_guest(t)
        t.model.reply = calls("save_insight", kind="decision", sentence=HERON, cues=[])
        await t.reply(await t.say("bo", "#help", "@tacit Keep how the vault opens."))
        kept = [i for i in await t.insights() if i.kind == "decision"]
        assert [(e.teammate, e.taught) for i in kept for e in i.evidence] == [(t.users["bo"], "guest")]


async def told_by_the_guest(t: Together) -> None:
    """A guest has taught something."""
    await teach(t, "gus", "#help", HERON, "fact")


async def retold(t: Together) -> Json:
    """The question behind a reply that told it on, asked again where a busy machine left recall no time to find it."""
    t.model.reply = lambda request: f"{HERON} [{handle(request)}]"
    for _ in range(10):
        asked = await t.say("bo", "#help", "@tacit How does the vault open?")
        if (await t.settled(asked))["cited"]:
            return asked
    raise AssertionError("it was never found")


def handle(request: Json) -> str:
    """The handle under which the model was shown it."""
    told = "\n".join(str(m["content"]) for m in request["messages"])
    return next(iter(re.findall(rf"\[(i\d+)\] fact[^\n]*{HERON}", told)), "i0")
