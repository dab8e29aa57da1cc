"""While the database is away nothing is acknowledged, so that Slack delivers again. /readyz says why, a command gets an honest sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.settings import load_settings
from bot.slack.app import AWAY
from bot.wiring import bot
from tests.bot.watching import called, connected, quiet
from tests.servers.line import Line
from tests.together import together

Away = tuple[dict[str, str], Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]
"""Settings, what takes the database away, what brings it back."""


@asynccontextmanager
async def file_away(folder: Path, database: dict[str, str]) -> Any:
    file, hidden = folder / "tacit.sqlite", folder / "hidden.sqlite"

    async def away() -> None:
        file.rename(hidden)

    async def back() -> None:
        hidden.rename(file)

    yield {}, away, back


@asynccontextmanager
async def server_away(folder: Path, database: dict[str, str]) -> Any:
    line = Line(database["MONGODB_URL"])
    await line.open()
    yield {"MONGODB_URL": line.url}, line.cut, line.open
    await line.cut()


@pytest.mark.parametrize(("engine", "way"), [("sqlite", file_away), ("mongo", server_away)])
async def test_nothing_is_acknowledged_while_the_database_is_away(
    tmp_path: Path, database: dict[str, str], way: Callable[..., AbstractAsyncContextManager[Away]]
) -> None:
    async with way(tmp_path, database) as (settings, away, back), together(tmp_path, **settings) as t:
        await t.control("delivery", retry_delays=[0.3] * 50)
        before = await t.say("ana", "#infra", "@tacit Where is the runbook?")
        await t.settled(before)
        async with bot(load_settings(t.settings | {"BOT_PORT": "0"}), t.bell) as http:
            await t.until(partial(connected, t, 2), "a second bot")
            await away()
            asked = await t.say("ana", "#infra", "@tacit Who wrote it?", thread_ts=before["ts"], wait=False)
            async with t.http.get(f"http://127.0.0.1:{http.port}/readyz") as answer:
                assert answer.status == 503
                assert (await answer.json())["wrong"]["database"]
            assert (await t.command("ana", "#infra", "/learnings"))["text"] == AWAY
            await asyncio.sleep(0.5)
            waiting = (await t.look("deliveries", ids=",".join(asked["events"])))["deliveries"]
            assert {d["state"] for d in waiting} <= {"queued", "sent"}
            await back()
            await t.control("wait", ids=asked["events"])
            await t.documents.delete("leases", {})  # one that could not be given back runs out after 20 s
            assert len(await quiet(t, asked)) == 2


async def test_a_database_that_goes_while_an_answer_is_made_costs_no_second_reply(tmp_path: Path) -> None:
    async with file_away(tmp_path, {}) as (settings, away, back), together(tmp_path, **settings) as t:
        t.model.delay = 0.5
        asked = await t.say("ana", "#infra", "@tacit Where is the runbook?")
        await t.control("fail", method="chat.postMessage", delay=0.5)
        await t.until(partial(called, t, "chat.postMessage"), "the post")
        await away()
        await t.until(partial(t.ours, asked), "the reply")
        await asyncio.sleep(0.3)
        await back()
        await t.documents.update("leases", {"_id": f"thread:{asked['channel']}:{asked['ts']}"}, {"$set": {"until": 0.0}})
        assert len(await quiet(t, asked)) == 1
        assert len(t.model.requests) == 1
