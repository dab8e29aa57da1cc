"""What is gathered from a whole thread, its summary and its pointer, is nobody's to see who may not see all that it was gathered from."""

from __future__ import annotations

from tests.bot.conftest import Start
from tests.bot.kinds import known, shown
from tests.model_server import draft
from tests.together import Together

POINTER = draft("Planning the launch in Oslo.", [], "pointer")


async def _pointed(t: Together, first: dict[str, object]) -> None:
    t.model.drafts = lambda request: {"drafts": [POINTER]}
    await t.learn(first)


async def test_an_outsiders_words_in_the_background_keep_it_in_their_place(start: Start) -> None:
    async with start() as t:
        first = await t.say("gus", "#help", "@tacit The launch is in Oslo.")
        await t.settled(first)
        t.model.drafts = lambda request: {"drafts": []}
        await t.learn(first)
        await t.settled(await t.say("bo", "#help", "@tacit Noted, I book the flights.", thread_ts=first["ts"]))
        await _pointed(t, first)
        assert "in Oslo" in await shown(t, "bo", "#help", "Did we plan the launch?")
        assert "in Oslo" not in await shown(t, "cy", "#random", "Did we plan the launch?")


async def test_it_goes_with_a_message_from_before_anybody_spoke_to_us(start: Start) -> None:
    async with start() as t:
        first = await t.say("cy", "#infra", "The launch is in Oslo.")
        await t.settled(await t.say("ana", "#infra", "@tacit please follow this.", thread_ts=first["ts"]))
        await _pointed(t, first)
        assert "in Oslo" in await shown(t, "bo", "#random", "Did we plan the launch?")
        await t.control("delete", channel=first["channel"], ts=first["ts"], wait=True)
        assert await known(t, "pointer") == []


async def test_it_goes_with_an_edit_of_such_a_message(start: Start) -> None:
    async with start() as t:
        first = await t.say("cy", "#infra", "The launch is in Oslo.")
        await t.settled(await t.say("ana", "#infra", "@tacit please follow this.", thread_ts=first["ts"]))
        await _pointed(t, first)
        t.model.drafts = lambda request: {"drafts": []}
        await t.control("edit", channel=first["channel"], ts=first["ts"], text="Never mind.", wait=True)

        async def gone() -> bool:
            return await known(t, "pointer") == []

        await t.until(gone, "the pointer to go")
