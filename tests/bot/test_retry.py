"""When the model is down: one honest sentence with a reference and a button, and an answer in its place once somebody presses it."""

from __future__ import annotations

import asyncio

from tests.bot.conftest import Start
from tests.bot.watching import called, put_back, quiet
from tests.together import Json, Together


async def failed(t: Together) -> tuple[Json, Json]:
    """A question and the reply that says that it could not be answered."""
    t.model.reply = lambda request: 500
    asked = await t.say("ana", "#infra", "@tacit Where is the runbook?")
    reply = await t.reply(asked)
    t.model.reply = lambda request: "In the wiki."
    return asked, reply


async def press(t: Together, who: str, reply: Json) -> None:
    await t.control("click", **{"as": who, "channel": reply["channel"], "ts": reply["ts"], "label": "Retry", "wait": True})


async def test_the_sentence_names_the_question_and_retry_answers_in_its_place(start: Start) -> None:
    async with start() as t:
        asked, reply = await failed(t)
        assert f"{asked['channel']}:{asked['ts']}" in reply["text"]
        await press(t, "ana", reply)
        [now] = await quiet(t, asked, 0.1)
        assert (now["ts"], now["text"].splitlines()[0]) == (reply["ts"], "In the wiki.")
        assert "Retry" not in str(now["blocks"])


async def test_retry_pressed_by_two_answers_once(start: Start) -> None:
    async with start() as t:
        asked, reply = await failed(t)
        before, t.model.delay = len(t.model.requests), 0.5
        await asyncio.gather(*(press(t, who, reply) for who in ("ana", "bo", "cy", "ana")))
        assert len(await quiet(t, asked)) == 1
        assert len(t.model.requests) == before + 1


async def test_retry_while_the_model_is_still_down_can_be_pressed_again(start: Start) -> None:
    async with start() as t:
        asked, reply = await failed(t)
        t.model.reply = lambda request: 500
        await press(t, "bo", reply)
        [now] = await quiet(t, asked, 0.1)
        assert "Retry" in str(now["blocks"])
        t.model.reply = lambda request: "In the wiki."
        await press(t, "bo", now)
        [now] = await quiet(t, asked, 0.1)
        assert now["text"].startswith("In the wiki.")


async def test_a_retry_that_died_is_taken_up_in_the_same_message(start: Start) -> None:
    async with start() as t:
        asked, reply = await failed(t)
        for state in ("noted", "leased", "posting"):  # the last one: killed after the update, perhaps
            await put_back(t, asked, state=state, failed=False)
            [now] = await quiet(t, asked, 0.1)
            assert (now["ts"], now["text"].startswith("In the wiki.")) == (reply["ts"], True)


async def test_the_button_works_when_who_posted_it_died(start: Start) -> None:
    """The sentence was posted and nobody noted that it was: whoever takes over must know what it says."""
    async with start() as t:
        await t.control("fail", method="chat.postMessage", drop_answer_after_doing=True)
        asked, reply = await failed(t)
        await put_back(t, asked, state="posting", reply=None, owner="dead")
        await t.settled(asked)
        await press(t, "ana", reply)
        [now] = await quiet(t, asked, 0.3)
        assert now["text"].startswith("In the wiki.")


async def test_a_forged_button_does_nothing(start: Start) -> None:
    async with start() as t:
        asked = await t.say("ana", "#infra", "@tacit Where is the runbook?")
        reply = await t.reply(asked)
        click = {"type": "block_actions", "team": {"id": t.team}, "user": {"id": t.users["bo"]}}
        for value in (f"{asked['channel']}:{asked['ts']}", "", "C1:1.1", '{"$ne": null}'):
            body = click | {
                "actions": [{"action_id": "retry_question", "type": "button", "value": value, "block_id": "b", "action_ts": "1"}]
            }
            t.slack.world.deliveries.add(f"forged{value}", "action", "block_actions", body)
        await t.control("wait")
        assert await quiet(t, asked) == [reply]
        assert not await called(t, "chat.update")
