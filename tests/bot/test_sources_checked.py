"""What Slack told nobody of is found all the same: messages that are gone or say something else, when they are used, and some day."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bot.sandbox.slack.faults import Fault
from stores.insights import Evidence
from stores.model import Usage
from tests.bot.audience_places import ask, cites_all, listed, read, teach
from tests.bot.conftest import Start
from tests.together import Together
from workers.checking import CHECKED_FOR, USED_FOR
from workers.conversations import ConversationLedger
from workers.spending import Spending

Json = dict[str, Any]
RETRO = "The retro takes place on Tuesdays."
CALLS = "conversations.replies"


LONG_AGO = 1.0
A_WHILE_AGO = time.time() - (USED_FOR + CHECKED_FOR) / 2  # long enough for what is used, and not for the background


async def last_looked_at(t: Together, when: float) -> None:
    """Every message was last looked at at this time."""
    for mark in await t.documents.find("marks", {"checked_at": {"$gt": 0}}):
        await t.documents.update("marks", {"_id": mark["_id"]}, {"$set": {"checked_at": when}})


def swept_away(t: Together, evidence: Evidence) -> None:
    """Slack's retention rules delete a message, and no event tells of it."""
    place, _, ts = evidence.message.partition(":")
    message = t.slack.world.messages.get(place, ts)
    assert message
    t.slack.world.messages.drop(message)


def edited_unseen(t: Together, evidence: Evidence, text: str) -> None:
    """A message is edited, and the event is lost."""
    place, _, ts = evidence.message.partition(":")
    message = t.slack.world.messages.get(place, ts)
    assert message
    message |= {"text": text, "edited": {"user": evidence.teammate, "ts": f"{float(ts) + 60:.6f}"}, "blocks": []}


async def looked_up(t: Together, evidence: Evidence) -> int:
    """How often Slack was asked for this one message."""
    calls = (await t.look("calls", method=CALLS))["calls"]
    return sum(c["args"].get("latest") == evidence.message.partition(":")[2] for c in calls)


async def test_a_message_that_is_gone_when_it_is_used_is_not_cited(start: Start) -> None:
    async with start() as t:
        taught = await teach(t, "ana", "#infra", RETRO)
        swept_away(t, taught.evidence[0])
        await last_looked_at(t, A_WHILE_AGO)
        t.model.delay = 1.0  # it thinks longer than Slack
        reply, _ = await ask(t, "bo", "#random", "When is the retro?")
        assert "Tuesdays" not in reply
        assert await t.insights() == []
        assert "Tuesdays" not in await listed(t, "ana")


async def test_what_was_looked_at_lately_is_not_looked_up_again(start: Start) -> None:
    async with start() as t:
        taught = await teach(t, "ana", "#infra", RETRO)
        t.model.delay = 0.3
        for times in (0, 1, 1):
            assert "Tuesdays" in (await ask(t, "bo", "#random", "When is the retro?"))[0]
            assert await looked_up(t, taught.evidence[0]) == times
            if not times:
                await last_looked_at(t, A_WHILE_AGO)
                await ask(t, "bo", "#random", "When is the retro?")


async def test_a_slack_that_does_not_say_takes_nothing_and_holds_up_little(start: Start) -> None:
    async with start() as t:
        await teach(t, "ana", "#infra", RETRO)
        await last_looked_at(t, A_WHILE_AGO)

        t.slack.world.faults.add(Fault(CALLS))  # reading the thread goes well,
        t.slack.world.faults.add(Fault(CALLS, delay=5.0))  # the check does not
        t.model.reply = cites_all
        asked = await t.say("bo", "#random", "@tacit When is the retro?")
        assert "Tuesdays" in read(await t.reply(asked))


async def test_what_is_gone_is_found_in_the_background(start: Start) -> None:
    async with start() as t:
        taught = await teach(t, "ana", "#infra", RETRO)
        swept_away(t, taught.evidence[0])
        await last_looked_at(t, LONG_AGO)

        async def missed() -> bool:
            return await t.insights() == [] and not await t.documents.find("marks", {"checked_at": {"$gt": 0}})

        await t.until(missed, "the message to be missed")
        assert (await t.documents.find("insights", {"_id": taught.id}))[0]["sentence"] == ""


async def test_an_edit_that_nobody_told_of_is_learned(start: Start) -> None:
    async with start() as t:
        taught = await teach(t, "ana", "#infra", RETRO)
        edited_unseen(t, taught.evidence[0], "@tacit The retro takes place on Fridays.")
        await last_looked_at(t, LONG_AGO)

        async def corrected() -> bool:
            return [i.sentence for i in await t.insights()] == ["The retro takes place on Fridays."]

        await t.until(corrected, "the edit to be learned")


async def test_a_place_that_tacit_has_left_says_nothing_about_what_stands_there(start: Start) -> None:
    async with start() as t:
        taught = await teach(t, "ana", "#infra", RETRO)
        t.slack.world.faults.add(Fault(CALLS, 99, "not_in_channel"))
        await last_looked_at(t, LONG_AGO)

        async def checked() -> bool:
            return not await t.documents.find("marks", {"checked_at": LONG_AGO})

        await t.until(checked, "the check")
        assert [i.id for i in await t.insights()] == [taught.id]


async def test_checks_are_few_and_give_way_to_learning(start: Start) -> None:
    async with start() as t:
        for n in range(3):
            await teach(t, "ana", "#infra", f"Fact number {n}.")
        held = await t.say("ana", "#infra", "@tacit Something to learn.")
        await t.reply(held)
        identity = f"{held['channel']}:{held['ts']}"
        await t.documents.update(
            "conversations", {"_id": identity}, {"$set": {"due": 1.0, "run": {"lease": 1e12, "attempt": 1, "through": "1"}}}
        )
        await last_looked_at(t, LONG_AGO)
        await asyncio.sleep(0.5)
        assert len(await t.documents.find("marks", {"checked_at": LONG_AGO})) == 3
        await t.documents.update("conversations", {"_id": identity}, {"$set": {"due": None}, "$unset": {"run": ""}})

        async def one() -> bool:
            return len(await t.documents.find("marks", {"checked_at": LONG_AGO})) == 2

        await t.until(one, "a check")
        [lease] = await t.documents.find("leases", {"_id": "checking"})
        assert lease["until"] > 1
        assert len(await t.documents.find("marks", {"checked_at": LONG_AGO})) == 2


async def test_learning_that_is_paused_holds_no_check_back(start: Start) -> None:
    async with start(LEARN_BUDGET="0.5", EXTRACT_PRICE="1/2") as t:
        taught = await teach(t, "ana", "#infra", RETRO)
        await Spending(t.team, t.documents).add(Usage(500_000, 0))
        due = await t.say("ana", "#infra", "@tacit Something to learn.")
        await t.reply(due)
        await ConversationLedger(t.documents).due_now(f"{due['channel']}:{due['ts']}")
        swept_away(t, taught.evidence[0])
        await last_looked_at(t, LONG_AGO)

        async def gone() -> bool:
            return await t.insights() == []

        await t.until(gone, "the message to be missed")
