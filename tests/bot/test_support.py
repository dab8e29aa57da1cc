"""What it takes before a wish is put to approvers, and what they are shown of its grounds."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from bot.instructions import Versions
from bot.slack.approvals import DROP, KEEP, Pressed, click
from bot.slack.instructions import grounds
from bot.support import supported
from stores.audience import readers_of
from stores.insights import Insight
from tests.bot.audience_places import PLACES, acknowledged, read
from tests.bot.test_approvals import user_id
from tests.bot.test_instructions import command, press, waiting, wish, wished
from tests.model_server import draft
from tests.together import Together, together

Json = dict[str, Any]
SHORT, BRIEF = "Answer in two sentences at most.", "Keep replies brief."


def the_same(request: Json) -> Json:
    """Verdicts of a model to which the first draft asks what the first wish that waits asks."""
    known = json.loads(request["messages"][-1]["content"])["known"]
    return {"verdicts": [{"draft": "d1", "verdict": "same", "of": [k["id"] for k in known if k["sentence"] == SHORT]}]}


async def looked_after(t: Together) -> None:
    """Whatever is to be asked about what waits was asked by now."""

    async def rests() -> bool:
        found = await t.documents.find("insights", {"status": "pending"})
        return all((d["ask_at"] or 2e12) > time.time() for d in found)

    await t.until(rests, "the end of asking")


async def cards(t: Together, who: str) -> list[str]:
    """The cards in somebody's DM, as they read now."""
    await looked_after(t)
    state, found = await t.look("state"), (await t.look("messages"))["messages"]
    dms = {c["id"] for c in state["channels"] if c.get("user") == t.users[who]}
    return [read(m) for m in found if m["channel"] in dms and "approval_keep" in str(m.get("blocks"))]


async def the_wish(t: Together) -> Insight:
    [one] = [i for i in await waiting(t) if not i.belongs_to]
    found: Insight = one
    return found


async def ends(t: Together) -> float:
    """When the wish is gone unless somebody decides about it."""
    [found] = await t.documents.find("insights", {"_id": (await the_wish(t)).id})
    return float(found["purge_at"])


async def second(t: Together, who: str, where: str = "#random", sentence: str = BRIEF) -> Json:
    """Somebody asks the same in other words. Their message."""
    t.model.verdicts = the_same
    t.model.drafts = lambda request: {"drafts": [draft(sentence, ["m1"], "instruction")]}
    said = await t.say(who, where, f"@tacit {sentence}" if where != "dm" else sentence)
    await t.reply(said)
    await t.learn(said)
    return said


async def test_one_teammates_wish_waits_until_another_asks_the_same_in_whatever_words(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await wish(t, SHORT, "ana")
        await second(t, "ana")
        assert await cards(t, "bo") == []
        assert await ends(t) > time.time() + 80 * 86_400
        assert f"{SHORT}”: waits for somebody else" in await command(t, "ana", "")
        assert SHORT not in await command(t, "cy", "")
        assert SHORT in await command(t, "bo", "")  # an approver
        await second(t, "cy")
        [card] = await cards(t, "bo")
        assert f"+ “{SHORT}”" in card
        assert "Asked for by @ana in <" in card
        assert "@cy in <" in card
        assert await ends(t) < time.time() + 15 * 86_400
        assert {e.teammate for e in (await the_wish(t)).evidence} == {t.users["ana"], t.users["cy"]}
        assert "the approvers are asked" in await command(t, "ana", "")
        await press(t, "bo", "Keep")
        assert SHORT in await wished(t)


async def test_a_thumb_down_on_the_reply_that_it_corrects_is_support(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        t.model.reply = lambda request: "It depends. " * 20
        asked = await t.say("ana", "#infra", "@tacit Is the office open?")
        reply = await t.reply(asked)
        t.model.drafts = lambda request: {"drafts": [draft(SHORT, ["m2"], "instruction")]}
        await t.settled(await t.say("ana", "#infra", "Far too long, two sentences would do.", thread_ts=asked["ts"]))
        await t.learn(asked)
        assert await cards(t, "bo") == []
        await acknowledged(t, "react", **{"as": "ana", "channel": asked["channel"], "ts": reply["ts"], "emoji": "👎"})
        await t.documents.update("insights", {"_id": (await the_wish(t)).id}, {"$set": {"ask_at": time.time()}})  # ten minutes pass
        [card] = await cards(t, "bo")
        assert SHORT in card
        assert "(behind a reply that was held to be wrong" in card


async def test_what_asks_the_same_in_private_is_counted_and_quoted_to_nobody_else(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES, APPROVERS=f"{user_id('cy')},{user_id('bo')}") as t:
        await wish(t, SHORT, "ana", "#infra")
        said = await second(t, "bo", "#legal")
        [card], [own] = await cards(t, "cy"), await cards(t, "bo")
        assert "And 1 more where you are not" in card
        assert "legal" not in card
        assert "@bo" not in card
        assert "@bo in <" in own
        assert BRIEF not in card + own
        [beside] = [i for i in await waiting(t) if i.belongs_to]
        await acknowledged(t, "delete", channel=said["channel"], ts=said["ts"])
        assert [i.id for i in await waiting(t)] == [beside.belongs_to]
        await t.documents.update("insights", {"_id": beside.belongs_to}, {"$set": {"ask_at": time.time()}})
        [card] = await cards(t, "cy")
        assert "where you are not" not in card


async def test_what_asked_the_same_in_private_goes_once_the_wish_is_decided(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await wish(t, SHORT, "ana")
        await second(t, "cy", "dm")
        await press(t, "bo", "Drop")
        [beside] = await waiting(t)
        await t.documents.update("insights", {"_id": beside.id}, {"$set": {"ask_at": time.time()}})

        async def gone() -> bool:
            return await waiting(t) == []

        await t.until(gone, "it to go")


@pytest.mark.parametrize("who", ["a guest", "opted out", "another one", "a stranger"])
async def test_whose_word_does_not_count(who: str, tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await wish(t, SHORT, "ana")
        if who == "opted out":
            await t.command("cy", "#random", "/learnings off")
        speaker, where = {"a guest": ("gus", "#help"), "a stranger": ("eve", "#bridge")}.get(who, ("cy", "#random"))
        if who == "another one":  # it shares words, and the model says that it asks something else
            await wish(t, "Answer in three sentences at least.", "cy")
        else:
            await second(t, speaker, where)
        assert await cards(t, "bo") == []
        assert all({e.teammate for e in i.evidence} == {t.users["ana"]} for i in await waiting(t) if i.sentence == SHORT)


async def test_who_opts_out_since_is_not_counted_any_more(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await wish(t, SHORT, "ana")
        await second(t, "cy", "dm")
        parts = await t.inside.workspaces.parts(t.team)
        assert await supported(await the_wish(t), parts, ())
        await t.command("cy", "#random", "/learnings off")
        assert not await supported(await the_wish(t), parts, ())


async def test_a_card_names_no_one_who_took_their_words_back(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await wish(t, SHORT, "ana")
        said = await second(t, "cy")
        assert "@cy" in (await cards(t, "bo"))[0]
        await acknowledged(t, "delete", channel=said["channel"], ts=said["ts"])
        [card] = await cards(t, "bo")
        assert "@cy" not in card
        assert "@ana" in card
        await wish(t, SHORT, "cy", "#infra")
        assert "@cy" in (await cards(t, "bo"))[0]


async def test_who_edits_it_away_supports_it_no_more(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await wish(t, SHORT, "ana")
        said = await second(t, "cy")
        assert "@cy" in (await cards(t, "bo"))[0]
        t.model.drafts = lambda request: {"drafts": []}
        await t.control("edit", channel=said["channel"], ts=said["ts"], text="@tacit Never mind.", wait=True)
        await t.learn(said)
        assert [e.teammate for e in (await the_wish(t)).evidence] == [t.users["ana"]]
        assert "@cy" not in (await cards(t, "bo"))[0]


async def test_what_was_said_in_a_place_that_turned_private_is_counted_alone(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await wish(t, SHORT, "ana")
        await second(t, "cy", "#random")
        await acknowledged(t, "privacy", **{"in": "random", "private": True})
        await acknowledged(t, "leave", **{"as": "bo", "in": "random"})
        slack = await t.inside.workspaces.of(t.team)
        await slack.directory.refresh()
        readers = await readers_of(slack.directory, "", t.users["bo"], alone=True)
        said = await grounds(await the_wish(t), readers, slack)
        assert "@ana in <" in said[0]
        assert "@cy" not in said[0]
        assert said[1:] == ["And 1 more where you are not"]


async def test_who_asks_for_much_crowds_out_nobody(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await wish(t, SHORT, "ana")
        for n in range(9):
            await wish(t, f"Mention number {n} in every reply.", "cy")
        await second(t, "cy")
        assert len(await cards(t, "bo")) == 1


async def test_two_approvers_at_once_come_to_one_end(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES, APPROVERS=f"{user_id('cy')},{user_id('bo')}") as t:
        for n, actions in enumerate([(KEEP, DROP), (DROP, KEEP), (KEEP, KEEP)], 1):
            identity = await wish(t, f"Wish number {n}.", "bo")
            await looked_after(t)
            slack = await t.inside.workspaces.of(t.team)
            pressed = [Pressed(action, str(identity), t.users[who], "", "") for action, who in zip(actions, ("bo", "cy"), strict=True)]
            ended = [answer.reply.text for answer in await asyncio.gather(*(click(p, slack) for p in pressed)) if answer]
            kept = sum(text.startswith("Kept: ") for text in ended)
            dropped = sum(text.startswith("Dropped.") for text in ended)
            assert kept + dropped == 1
            versions = await Versions(t.documents, slack.parts.repository).history()
            assert sum(identity in v.ids for v in versions[:1]) == kept
            assert ([i.id for i in await t.insights() if i.id == identity] == [identity]) == bool(kept)


async def test_learned_by_two_workers_at_once_it_is_one_wish(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        t.model.drafts = lambda request: {"drafts": [draft(SHORT, ["m1"], "instruction")]}
        said = [await t.say(who, "#infra", f"@tacit {SHORT}") for who in ("ana", "cy")]
        for one in said:
            await t.reply(one)
        await asyncio.gather(*(t.learn(one) for one in said))
        assert len((await the_wish(t)).evidence) == 2
        assert len(await cards(t, "bo")) == 1


async def test_what_the_answering_model_saves_counts_too(tmp_path: Path) -> None:
    def saves(request: Json) -> str | Json:
        told = [m["content"] for m in request["messages"] if m["role"] == "tool"]
        return told[0] if told else {"calls": [["save_insight", {"kind": "instruction", "sentence": SHORT, "cues": []}]]}

    async with together(tmp_path, PLACES, LEARNING_MODES="instructions:agentic") as t:
        t.model.reply = saves
        for who, n in (("ana", 0), ("cy", 1)):
            reply = await t.reply(await t.say(who, "#infra", "@tacit From now on, two sentences please."))
            assert "It waits for somebody" in reply["text"]
            assert len(await cards(t, "bo")) == n
        assert len((await the_wish(t)).evidence) == 2
