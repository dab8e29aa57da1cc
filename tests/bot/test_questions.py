"""Acknowledged means exactly one reply: whatever Slack delivers how often, whatever fails on the way, whoever else answers."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from bot.expansions import Expansions
from bot.settings import load_settings
from bot.slack.app import SlackApp
from bot.slack.desk import Desk
from bot.slack.replies import LEARNS
from bot.wiring import bot
from tests.bot.conftest import Start
from tests.bot.watching import called, connected, event, never_delivered, put_back, quiet, requested

EACH = pytest.mark.parametrize("engine", ["sqlite", "mongo"])


@EACH
async def test_a_question_delivered_again_and_again_gets_one_reply(start: Start) -> None:
    async with start() as t:
        await t.control("delivery", duplicate=10)
        asked = await t.say("ana", "#infra", "@tacit Where do we keep the release notes?")
        said = {"user": t.users["ana"], "channel": asked["channel"], "ts": asked["ts"], "text": f"<@{t.users['tacit']}> Where?"}
        for kind in ("app_mention", "message", "app_mention"):
            await event(t, type=kind, **said)
        await t.control("inject", event={"type": "app_mention"} | said, event_id=asked["events"][0])
        assert len(await quiet(t, asked)) == 1
        assert len(t.model.requests) == 1


@EACH
async def test_two_bots_on_one_workspace_give_one_reply(start: Start) -> None:
    async with start() as t, bot(load_settings(t.settings), t.bell):
        await t.until(lambda: connected(t, 2), "a second bot")
        every = [await t.say("ana", "#infra", f"@tacit Question {n}?") for n in range(6)]
        for asked in every:
            assert len(await quiet(t, asked, 0)) == 1
        await asyncio.sleep(1.3)
        assert [len(await t.ours(asked)) for asked in every] == [1] * 6
        assert len(t.model.requests) == 6


@EACH
async def test_who_lost_the_question_changes_nothing_any_more(start: Start) -> None:
    """A process that stood still beyond its lease: another one has answered when it goes on."""
    async with start() as t:
        t.model.delay = 2.2
        asked = await t.say("ana", "#infra", "@tacit Who is on call?")
        await t.until(lambda: requested(t, 1), "the model's call")
        t.model.delay, t.model.reply = 0.0, lambda request: "The second one."
        await t.documents.update("leases", {"_id": f"thread:{asked['channel']}:{asked['ts']}"}, {"$set": {"until": 0.0}})
        async with bot(load_settings(t.settings), t.bell):
            before = await t.reply(asked)
            await asyncio.sleep(2.2)
        [reply] = await t.ours(asked)
        assert reply["text"].startswith("The second one.")
        assert reply == before
        assert len(t.model.requests) == 2
        assert (await t.settled(asked))["reply"] == reply["ts"]


async def test_a_reply_that_two_posted_stands_once(start: Start) -> None:
    """Stopped between the last look at the lease and the post, nobody can know better: the later reply is taken away."""
    async with start() as t:
        t.model.delay = 1.0
        asked = await t.say("ana", "#infra", "@tacit Who is on call?")
        await t.until(lambda: requested(t, 1), "the model's call")
        await t.control("fail", method="chat.postMessage", delay=1.5)
        await t.until(lambda: called(t, "chat.postMessage"), "the post")
        posts = (await t.inside.workspaces.of(t.team)).posts
        question = f"{asked['channel']}:{asked['ts']}"
        other = await posts.reply(asked["channel"], asked["ts"], "From another process.", question=question)
        await put_back(t, asked, state="answered", owner="another", reply=other)
        await asyncio.sleep(2.5)
        assert [m["ts"] for m in await t.ours(asked)] == [other]


async def test_a_reply_that_stands_already_is_taken_for_ours(start: Start) -> None:
    async with start() as t:
        asked = await t.say("ana", "#infra", "@tacit Where is the runbook?")
        reply = await t.reply(asked)
        for state in ("posting", "leased", "noted"):
            await put_back(t, asked, state=state, reply=None)
            assert (await t.settled(asked))["reply"] == reply["ts"]
        assert await quiet(t, asked, 0) == [reply]
        assert len(t.model.requests) == 1


async def test_what_slack_answers_does_not_matter(start: Start) -> None:
    async with start() as t:
        for fault in ({"drop_answer_after_doing": True}, {"drop": True}, {"status": 503}, {"error": "internal_error"}):
            await t.control("fail", **{"method": "chat.postMessage"} | fault)
            asked = await t.say("ana", "#infra", "@tacit Where is the runbook?")
            assert len(await quiet(t, asked, 0.2)) == 1, fault
        await t.control("ratelimit", method="chat.postMessage")
        await t.control("fail", method="conversations.replies", status=500)
        asked = await t.say("bo", "dm", "Where is the runbook?")
        assert len(await quiet(t, asked)) == 1


@EACH
async def test_a_burst_in_one_thread_is_answered_in_order(start: Start) -> None:
    async with start() as t:
        await t.control("delivery", hold=True)
        first = await t.say("ana", "#infra", "@tacit Question 0?", wait=False)
        rest = [await t.say("ana", "#infra", f"Question {n}?", thread_ts=first["ts"], wait=False) for n in range(1, 5)]
        await t.control("delivery", hold=False)
        records = [await t.settled(asked) for asked in (first, *rest)]
        replies = [m["ts"] for m in await t.ours(first)]
        assert [r["reply"] for r in records] == replies
        assert len(replies) == 5


async def test_events_of_one_thread_are_noted_in_the_order_in_which_they_came(start: Start) -> None:
    """Though the first takes longer: without it nobody would know that the second concerns us."""

    class SlowAtFirst:
        async def of(self, workspace: str) -> Any:
            self.asked += 1
            await asyncio.sleep(0.2 if self.asked <= 2 else 0)  # a mention comes twice
            return await t.inside.workspaces.of(workspace)

        asked = 0

    async with start() as t:
        await t.control("delivery", hold=True)
        first = await t.say("ana", "#infra", "@tacit Where is the runbook?", wait=False)
        later = await t.say("ana", "#infra", "And who wrote it?", thread_ts=first["ts"], wait=False)
        slow: Any = SlowAtFirst()
        desk = Desk(slow, t.inside.database, t.bell, Expansions(t.inside.expander))
        app = SlackApp(t.inside.installation, slow, desk, t.bell, learn_after=600, signing_secret="s")
        bodies = [t.slack.world.deliveries.get(i).payload for i in [*first["events"], *later["events"]]]  # type: ignore[union-attr]
        await asyncio.gather(*(app.event(body) for body in bodies))
        assert await t.documents.count("questions", {"_id": f"{later['channel']}:{later['ts']}"}) == 1
        await desk.close()


async def test_a_follow_up_that_was_delivered_too_early_is_answered(start: Start) -> None:
    async with start() as t:
        await t.control("delivery", hold=True)
        first = await t.say("ana", "#infra", "@tacit Where is the runbook?", wait=False)
        later = await t.say("ana", "#infra", "And who wrote it?", thread_ts=first["ts"], wait=False)
        await never_delivered(t, later)
        await t.control("delivery", hold=False)
        await t.settled(first)
        assert len(await quiet(t, later)) == 2


async def test_a_question_deleted_meanwhile_is_not_answered(start: Start) -> None:
    async with start() as t:
        await t.control("delivery", hold=True)
        asked = await t.say("ana", "#infra", "@tacit Where is the runbook?", wait=False)
        await t.control("delete", channel=asked["channel"], ts=asked["ts"])
        await t.control("delivery", hold=False)
        assert (await t.settled(asked))["reply"] is None
        assert t.model.requests == []


async def test_the_first_reply_in_a_channel_says_that_it_learns_also_when_the_first_question_got_none(start: Start) -> None:
    async with start() as t:
        t.model.delay = 0.5
        first = await t.say("ana", "#infra", "@tacit Where is the runbook?")
        await t.until(partial(requested, t, 1), "the model's call")
        await t.control("fail", method="chat.postMessage", error="is_archived")
        assert (await t.settled(first))["reply"] is None
        second = await t.say("ana", "#infra", "@tacit Where is the runbook?")
        assert LEARNS in (await t.reply(second))["text"]
        await put_back(t, second, state="leased", reply=None)
        assert LEARNS in (await t.reply(second))["text"]
        assert LEARNS not in (await t.reply(await t.say("ana", "#infra", "@tacit And now?")))["text"]


async def test_the_acknowledgement_waits_neither_for_slack_nor_for_the_model(start: Start) -> None:
    async with start() as t:
        await t.control("fail", method="*", delay=2, times=100)
        t.model.delay = 2.0
        asked = await t.say("ana", "#infra", "@tacit Where is the runbook?")
        mark = await t.control("react", **{"as": "ana", "channel": asked["channel"], "ts": asked["ts"], "emoji": "brain"})
        later = await t.say("ana", "#infra", "@tacit And who wrote it?", thread_ts=asked["ts"])
        await t.control("heal")
        ids = ",".join([*asked["events"], *later["events"]])
        for delivery in (await t.look("deliveries", ids=ids))["deliveries"]:
            assert delivery["attempts"] == 1
            assert delivery["acked_at"] - delivery["sent_at"] < 1
        await t.control("wait", ids=mark["events"])  # what Slack has to be asked about is delivered again


async def test_questions_that_wait_do_not_hide_the_others(start: Start) -> None:
    async with start() as t:
        waiting = {"state": "noted", "after": 4e9, "tries": 1, "place": "C0", "asker": "U0", "way": "mention", "reply": None}
        for n in range(250):
            more = {"_id": f"C0:{n}.0", "ts": f"{n}.0", "root": f"{n}.0", "thread": f"C0:{n}.0"}
            await t.documents.insert("questions", waiting | more)
        asked = await t.say("ana", "#infra", "@tacit Where is the runbook?")
        await t.settled(asked)
        await put_back(t, asked, state="posting", reply=None)
        assert (await t.settled(asked))["reply"]


async def test_messages_of_every_sort_are_answered(start: Start) -> None:
    async with start() as t:
        mention = [{"type": "section", "text": {"type": "mrkdwn", "text": f"<@{t.users['tacit']}> Where is the runbook?"}}]
        user = {"type": "user", "user_id": t.users["tacit"]}
        rich = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [user]}]}]
        first = await t.say("ana", "#infra", "@tacit Look at this", files=[{"name": "plan.pdf"}])
        every = [
            first,
            await t.say("ana", "#infra", "@tacit wonders where the runbook is", subtype="me_message"),
            await t.say("ana", "#infra", "@tacit And now?", thread_ts=first["ts"], broadcast=True),
            await t.say("ana", "#infra", "Where is the runbook?", blocks=mention),
            await t.say("ana", "#infra", "Where is the runbook?", blocks=rich),
        ]
        for asked in every:
            assert (await t.settled(asked))["reply"], asked


async def test_bots_edits_and_links_that_unfold_are_not_answered(start: Start) -> None:
    async with start() as t:
        asked = await t.say("ana", "#infra", "@tacit Where is https://example.com/runbook?")
        await t.settled(asked)
        await t.control("unfurl", channel=asked["channel"], ts=asked["ts"])
        await t.control("edit", channel=asked["channel"], ts=asked["ts"], text="@tacit Where is the other runbook?", wait=True)
        await t.say("tacit", "#infra", "@tacit Do I hear myself?")
        await t.say("ana", "#infra", "@tacit A build failed.", subtype="bot_message")
        assert len(await quiet(t, asked)) == 1
        assert len(t.model.requests) == 1


async def test_a_mention_that_is_edited_in_is_answered_once(start: Start) -> None:
    async with start() as t:
        asked = await t.say("ana", "#infra", "Where is the runbook?")
        assert await t.documents.count("questions", {}) == 0
        for text in ("@tacit Where is the runbook?", "@tacit Where is the old runbook?"):
            await t.control("edit", channel=asked["channel"], ts=asked["ts"], text=text, wait=True)
        assert len(await quiet(t, asked)) == 1
        assert len(t.model.requests) == 1
