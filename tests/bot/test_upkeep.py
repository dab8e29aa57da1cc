"""Upkeep in the whole of Tacit: what was of use stays, what faded comes to nobody's mind, and is back once it is said again."""

from __future__ import annotations

import asyncio
import time

from click.testing import CliRunner

from bot.command import main
from stores.insights import Insight
from tests.bot.audience_places import PLACES, ask, listed, read, teach
from tests.bot.conftest import Start
from tests.together import Together

YEARS = 10 * 365 * 86_400.0


async def age(t: Together, insight: Insight) -> None:
    """It was said and learned ten years ago."""
    [document] = await t.documents.find("insights", {"_id": insight.id})
    evidence = {k: e | {"at": e["at"] - YEARS} for k, e in document["evidence"].items()}
    change = {"$set": {"evidence": evidence, "learned_at": document["learned_at"] - YEARS}, "$inc": {"revision": 1}}
    await t.documents.update("insights", {"_id": insight.id}, change)


async def curate(t: Together, *arguments: str) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, main, ["curate", *arguments], env=t.settings)
    return f"{done.exit_code}\n{done.output}"


async def daily(t: Together) -> None:
    await t.documents.update("upkeep", {"_id": "insights"}, {"$set": {"due": time.time()}})

    async def done() -> bool:
        return bool(await t.documents.find("upkeep", {"due": {"$gt": time.time() + 80_000}}))

    await t.until(done, "the upkeep")


async def test_what_replies_cite_is_counted_once_each(start: Start) -> None:
    async with start(workspace=PLACES) as t:
        used = await teach(t, "ana", "#infra", "Egress costs too much.")
        other = await teach(t, "ana", "#infra", "Releases go out on Tuesdays.")
        await ask(t, "bo", "#random")
        await ask(t, "cy", "dm")

        async def counted() -> bool:
            uses = {d["_id"]: (d.get("uses"), d.get("used_at", 0)) for d in await t.documents.find("insights", {})}
            return uses[used.id][0] == 2 and uses[used.id][1] > time.time() - 60 and uses[other.id][0] in (0, 2)

        await t.until(counted, "two uses")


async def test_what_faded_is_archived_and_back_once_it_is_said_again_by_anybody(start: Start) -> None:
    async with start(workspace=PLACES) as t:
        faded = await teach(t, "ana", "#infra", "Egress costs too much.")
        await teach(t, "ana", "#infra", "Releases go out on Tuesdays.")
        await age(t, faded)
        await daily(t)
        assert [i.sentence for i in await t.insights()] == ["Releases go out on Tuesdays."]
        assert "too much" not in (await ask(t, "cy", "dm"))[0]
        assert "too much" not in await listed(t, "cy", "egress cost")
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "same", "of": ["k1"]}]}
        asked = await t.say("bo", "#random", "@tacit Egress costs too much!")
        await t.reply(asked)
        back = {i.id: i for i in await t.learn(asked)}
        assert len(back) == 2
        assert {e.teammate for e in back[faded.id].evidence} == {t.users["ana"], t.users["bo"]}
        assert "too much" in (await ask(t, "cy", "dm"))[0]
        assert "@ana" in await listed(t, "cy", "egress cost")


async def test_the_command_shows_archives_and_brings_back(start: Start) -> None:
    async with start(workspace=PLACES) as t:
        public = await teach(t, "ana", "#infra", "Egress costs too much.")
        private = await teach(t, "ana", "dm", "Ana is leaving for Rome.")
        await teach(t, "ana", "#infra", "Releases go out on Tuesdays.")
        await age(t, public)
        await age(t, private)
        shown = await curate(t)
        assert shown.startswith("0\n")
        assert "“Egress costs too much.”" in shown
        assert "said by one teammate, never cited" in shown
        assert "2 would be archived" in shown
        assert private.id in shown
        assert "Rome" not in shown
        assert "Tuesdays" not in shown
        assert len(await t.insights()) == 3
        assert "2 archived" in await curate(t, "--apply", "--workspace", t.team)
        assert len(await t.insights()) == 1
        archived = await curate(t, "--archived")
        assert "“Egress costs too much.”" in archived
        assert "Rome" not in archived
        assert "is in force again" in await curate(t, "--restore", public.id)
        assert len(await t.insights()) == 2
        assert "There is nothing to archive." in await curate(t)
        refused = await curate(t, "--restore", public.id)
        assert refused.startswith("1\n")
        assert "is not archived" in refused


async def test_forgetting_all_takes_what_is_archived_too(start: Start) -> None:
    async with start(workspace=PLACES) as t:
        faded = await teach(t, "ana", "#infra", "Egress costs too much.")
        await age(t, faded)
        await daily(t)
        answer = await t.command("ana", "#random", "/learnings off")
        await t.control(
            "click", **{"as": "ana", "channel": answer["channel"], "ts": answer["ts"], "label": "Forget all that I taught", "wait": True}
        )
        await t.control("wait")
        parts = await t.inside.workspaces.parts(t.team)
        assert await parts.repository.with_status("archived") == []
        assert "I hold nothing about you" in read(await t.command("ana", "#random", "/learnings me"))
