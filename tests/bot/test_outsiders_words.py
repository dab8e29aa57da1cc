"""A guest speaks to the room that they are in: a teammate's "yes" there carries their words nowhere else."""

from __future__ import annotations

from tests.bot.conftest import Start
from tests.bot.kinds import shown
from tests.bot.test_modes import calls
from tests.model_server import draft

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
