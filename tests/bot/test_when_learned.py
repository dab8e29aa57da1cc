"""When a conversation is learned, as Slack's events say it, and where 🧠 stands afterwards."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.bot.conftest import Start
from tests.together import Json, Together

EACH = pytest.mark.parametrize("engine", ["sqlite", "mongo"])


async def react(t: Together, who: str, asked: Json, emoji: str) -> None:
    await t.control("react", **{"as": who, "channel": asked["channel"], "ts": asked["ts"], "emoji": emoji, "wait": True})
    await t.bell.idle()


async def conversation(t: Together, asked: Json) -> dict[str, Any]:
    identity = f"{asked['channel']}:{asked.get('thread_ts') or asked['ts']}"
    return next(iter(await t.documents.find("conversations", {"_id": identity})), {})


async def brains(t: Together, asked: Json) -> set[str]:
    """The messages of a place that 🧠 of ours stands on."""

    def ours(message: Json) -> bool:
        return any(r["name"] == "brain" and t.users["tacit"] in r["users"] for r in message.get("reactions", []))

    return {m["ts"] for m in await t.messages(asked["channel"]) if ours(m)}


async def test_it_is_due_when_it_has_been_quiet_for_long_enough(start: Start) -> None:
    async with start(LEARN_AFTER="600") as t:
        asked = await t.say("ana", "#infra", "@tacit Releases go out on Tuesdays.")
        await t.settled(asked)
        assert (await conversation(t, asked))["due"] == float(asked["ts"]) + 600
        later = await t.say("bo", "#infra", "And on Thursdays.", thread_ts=asked["ts"])
        assert (await conversation(t, asked))["due"] == float(later["ts"]) + 600
        await t.control("edit", channel=asked["channel"], ts=asked["ts"], text="@tacit Releases go out on Mondays.", wait=True)
        assert (await conversation(t, asked))["due"] > float(later["ts"]) + 600
        assert await t.insights() == []


@EACH
async def test_the_quiet_time_alone_is_enough(start: Start) -> None:
    async with start(LEARN_AFTER="0.5") as t:
        asked = await t.say("ana", "#infra", "@tacit Releases go out on Tuesdays.")
        [learned] = await t.until(t.insights, "an insight")
        assert learned.evidence[0].message == f"{asked['channel']}:{asked['ts']}"
        assert time.time() > float(asked["ts"]) + 0.5


async def test_a_check_mark_finishes_it_when_it_is_a_participants(start: Start) -> None:
    async with start() as t:
        asked = await t.say("ana", "#infra", "@tacit Releases go out on Tuesdays.")
        reply = await t.reply(asked)
        await react(t, "cy", asked, "white_check_mark")
        assert await t.insights() == []
        await react(t, "ana", reply, "white_check_mark")
        assert len(await t.insights()) == 1


async def test_asked_to_remember_it_learns_at_once(start: Start) -> None:
    async with start() as t:
        t.model.reply = lambda r: "Noted." if r["messages"][-1]["role"] == "tool" else {"calls": [["learn_now", {}]]}
        await t.say("ana", "#infra", "@tacit Remember that releases go out on Tuesdays.")
        assert len(await t.until(t.insights, "an insight")) == 1


async def test_a_brain_has_the_whole_thread_learned(start: Start) -> None:
    """Also what was said before, by others, to nobody of us; by a teammate's mark alone, and only where we are."""
    async with start() as t:
        await t.control("join", **{"as": "ana", "in": "#help", "wait": True})
        first = await t.say("ana", "#help", "Contracts go to Marta.")
        later = await t.say("bo", "#help", "Invoices go to Jo.", thread_ts=first["ts"])
        await react(t, "gus", first, "brain")
        await react(t, "tacit", first, "brain")
        assert (await t.insights(), await conversation(t, first)) == ([], {})
        await t.control("unreact", **{"as": "tacit", "channel": first["channel"], "ts": first["ts"], "emoji": "brain"})
        await react(t, "bo", later, "brain")
        assert {i.sentence for i in await t.insights()} == {"Contracts go to Marta.", "Invoices go to Jo."}
        more = await t.say("ana", "#help", "Receipts go to Al.", thread_ts=first["ts"])
        assert await t.documents.count("questions", {}) == 0
        await react(t, "bo", more, "brain")
        assert len(await t.insights()) == 3


async def test_a_mark_that_slack_cannot_judge_just_now_is_delivered_again(start: Start) -> None:
    async with start() as t:
        await t.control("delivery", ack_timeout=0.5, retry_delays=[0.2] * 20)
        first = await t.say("ana", "#infra", "Contracts go to Marta.")
        await t.control("fail", method="users.info", error="internal_error", times=2)
        await react(t, "bo", first, "brain")
        assert len(await t.until(t.insights, "an insight")) == 1


@EACH
async def test_the_mark_goes_with_the_insight_and_comes_back_with_it(start: Start) -> None:
    async with start() as t:
        asked = await t.say("ana", "#infra", "@tacit Releases go out on Tuesdays.")
        await t.settled(asked)
        await t.learn(asked)

        async def marked() -> bool:
            return await brains(t, asked) == {asked["ts"]}

        async def unmarked() -> bool:
            return await brains(t, asked) == set()

        await t.until(marked, "a mark")
        shown = await t.command("ana", "#infra", "/learnings forget 1")
        await t.until(unmarked, "no mark")
        undo = {"as": "ana", "channel": shown["channel"], "ts": shown["ts"], "label": "Undo", "wait": True}
        await t.control("click", **undo)
        await t.until(marked, "the mark again")
        await t.control("delete", channel=asked["channel"], ts=asked["ts"], wait=True)
        assert await t.insights() == []
