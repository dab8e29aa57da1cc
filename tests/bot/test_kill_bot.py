"""Bot processes killed or stopped between the acknowledgement and the reply: one reply stands in the end."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from tests.bot.bots import Bots, bots
from tests.bot.watching import called, quiet, requested
from workers.leases import LEASE


@pytest.fixture
async def crew(tmp_path: Path) -> AsyncIterator[Bots]:
    async with bots(tmp_path) as running:
        yield running


async def test_what_a_killed_bot_was_answering_is_taken_up_within_half_a_minute(crew: Bots) -> None:
    first, t = await crew.start(), crew.t
    t.model.delay = 60.0
    asked = await t.say("ana", "#infra", "@tacit Where is the runbook?")
    await t.until(partial(requested, t, 1), "the model's call")
    await crew.kill(first)
    [lease] = await t.documents.find("leases", {"until": {"$gt": 0}})
    assert lease["until"] < time.time() + LEASE
    await t.documents.update("leases", {"_id": lease["_id"]}, {"$set": {"until": time.time() + 3}})  # most of its 20 s has gone by
    t.model.delay = 0.0
    await crew.start()
    await t.until(partial(t.ours, asked), "a reply within seconds of the lease's end")
    assert len(await quiet(t, asked)) == 1


async def test_killed_at_any_moment(crew: Bots) -> None:
    """Around the noting, the acknowledgement, the lease, the model's call and the post, one moment each."""
    t, every = crew.t, []
    t.model.delay = 0.03
    for moment in (0.005, 0.025, 0.06):
        process = await crew.start()
        every.append(await t.say("ana", "#infra", f"@tacit Question after {moment}?", wait=False))
        await asyncio.sleep(moment)
        await crew.kill(process)
    await crew.expire()
    await crew.start()
    for asked in every:
        await t.control("wait", ids=asked["events"])
        await t.settled(asked)
    await asyncio.sleep(1.3)
    assert [len(await t.ours(asked)) for asked in every] == [1] * len(every)


async def test_killed_between_the_post_and_the_note_of_it(crew: Bots) -> None:
    first, t = await crew.start(), crew.t
    t.model.delay = 0.3
    asked = await t.say("ana", "#infra", "@tacit Where is the runbook?")
    await t.until(partial(requested, t, 1), "the model's call")
    await t.control("fail", method="chat.postMessage", drop_answer_after_doing=True)
    await t.control("fail", method="conversations.replies", delay=30)
    await t.until(partial(t.ours, asked), "the post")
    await crew.kill(first)
    await t.control("heal")
    await crew.expire()
    await crew.start()
    assert len(await quiet(t, asked)) == 1
    assert len(t.model.requests) == 1


async def test_killed_while_it_tries_again_for_somebody(crew: Bots) -> None:
    first, t = await crew.start(), crew.t
    t.model.reply = lambda request: 500
    asked = await t.say("ana", "#infra", "@tacit Where is the runbook?")
    reply = await t.reply(asked)
    before, t.model.delay = len(t.model.requests), 60.0
    await t.control("click", **{"as": "bo", "channel": reply["channel"], "ts": reply["ts"], "label": "Retry", "wait": True})
    await t.until(partial(requested, t, before + 1), "the model's call")
    await crew.kill(first)
    t.model.delay, t.model.reply = 0.0, lambda request: "In the wiki."
    await crew.expire()
    await crew.start()
    [now] = await quiet(t, asked)
    assert (now["ts"], now["text"].splitlines()[0]) == (reply["ts"], "In the wiki.")


async def test_a_bot_that_stood_still_beyond_its_lease_posts_nothing(crew: Bots) -> None:
    first, t = await crew.start(), crew.t
    t.model.delay = 1.0
    asked = await t.say("ana", "#infra", "@tacit Where is the runbook?")
    await t.until(partial(requested, t, 1), "the model's call")
    first.send_signal(signal.SIGSTOP)
    t.model.delay, t.model.reply = 0.0, lambda request: "In the wiki."
    await crew.expire()
    await crew.start()
    before = await t.reply(asked)
    await asyncio.sleep(0.5)
    first.send_signal(signal.SIGCONT)
    assert await quiet(t, asked, 1.5) == [before]
    assert len(t.model.requests) == 2
    assert not await called(t, "chat.delete")
