"""From several replies that were held to be wrong a wish is proposed, with the questions as its evidence; never from one, or in private."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.improving import MOST, improve
from stores.insights import Insight
from tests.bot.audience_places import PLACES, acknowledged, ask, cites_all, listed, read, teach
from tests.bot.test_support import cards
from tests.model_server import draft
from tests.together import Together, together

Json = dict[str, Any]
WISH = "Answer a yes-or-no question with yes or no first."


async def held_wrong(t: Together, n: int, *, where: str = "#random", by: tuple[str, ...] = ("ana", "bo", "cy")) -> list[str]:
    """So many questions are answered at length, and those who asked put a thumb down and say why. The questions' ids."""
    ids = []
    for asker in (by * n)[:n]:
        t.model.reply = lambda request: "It depends. " + "On the one hand this, on the other hand that. " * 5
        asked = await t.say(asker, where, "@tacit Is the office open?")
        reply = await t.reply(asked)
        await acknowledged(t, "react", **{"as": asker, "channel": asked["channel"], "ts": reply["ts"], "emoji": "👎"})
        await t.settled(await t.say(asker, where, "So yes?", thread_ts=asked["ts"]))
        ids.append(f"{asked['channel']}:{asked['ts']}")
    return ids


def searches_first(then: Any) -> Any:
    """A model that looks for more before it says what it says `then`."""

    def reply(request: Json) -> Any:
        searched = any(m["role"] == "tool" for m in request["messages"])
        return then(request) if searched else {"calls": [["search_insights", {"words": "hours"}]]}

    return reply


async def helped(t: Together, asker: str, helper: str, reply: Any, where: str = "#random") -> str:
    """Somebody asks, is given this reply, and a teammate says more. The question's id."""
    t.model.reply = reply
    asked = await t.say(asker, where, "@tacit When does the office close?")
    await t.reply(asked)
    await t.settled(await t.say(helper, where, f"@{asker} It closes at eight.", thread_ts=asked["ts"]))
    return f"{asked['channel']}:{asked['ts']}"


async def proposed(t: Together, *because: str, same: str = "") -> tuple[list[Insight], list[Json]]:
    """What waits for an approver after a look, and what the model was shown for it."""
    t.model.wish = lambda request: {"wish": WISH if because else "", "because": list(because), "same": same}
    before = len(t.model.requests)
    parts = await t.inside.workspaces.parts(t.team)
    await improve(parts)
    asked = [r for r in t.model.requests[before:] if t.model.sort(r) == "wish"]
    shown = [one for r in asked for one in json.loads(r["messages"][-1]["content"])["replies"]]
    return await parts.repository.with_status("pending"), shown


async def test_what_several_replies_have_in_common_becomes_a_proposal_with_its_evidence(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        ids = await held_wrong(t, 3)
        [wish], shown = await proposed(t, "r1", "r3", "r9")
        assert (wish.store, wish.kind, wish.sentence) == ("instructions", "instruction", WISH)
        assert [e.message for e in wish.evidence] == [ids[0], ids[2]]
        assert {e.teammate for e in wish.evidence} == {t.users["ana"], t.users["cy"]}
        assert [one["then"] for one in shown] == [["So yes?"]] * 3
        assert all("It depends." in one["reply"] for one in shown)
        assert (await proposed(t, "r1", "r2"))[1] == []  # they were looked at


@pytest.mark.parametrize("case", ["few", "one person", "private", "unsure", "one reply", "taken back"])
async def test_nothing_is_proposed_without_ground(case: str, tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        by = ("ana",) if case == "one person" else ("ana", "bo")
        ids = await held_wrong(t, 2 if case == "few" else 3, where="#legal" if case == "private" else "#random", by=by)
        if case == "taken back":
            for identity in ids[:1]:
                [question] = await t.documents.find("questions", {"_id": identity})
                place = {"channel": question["place"], "ts": question["reply"]}
                await acknowledged(t, "unreact", **{"as": "ana", "emoji": "👎"}, **place)
        because = {"unsure": (), "one reply": ("r1",)}.get(case, ("r1", "r2"))
        waiting, shown = await proposed(t, *because)
        assert waiting == []
        assert bool(shown) == (case in ("unsure", "one reply"))


async def test_what_was_deleted_or_said_by_an_outsider_is_not_looked_at(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        ids = await held_wrong(t, 4, by=("ana", "bo"))
        channel, _, ts = ids[0].partition(":")
        await acknowledged(t, "delete", channel=channel, ts=ts)
        _, shown = await proposed(t)
        assert len(shown) == 3
        await held_wrong(t, 3, by=("ana", "bo"))
        await acknowledged(t, "join", **{"as": "gus", "in": "random"})
        assert (await proposed(t, "r1", "r2"))[1] == []


async def test_a_reply_that_cited_what_was_forgotten_since_is_not_looked_at(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "cy", "#infra", "Egress costs too much.")
        _, prompt = await ask(t, "ana", "#random")
        assert "too much" in prompt
        asked = next(m for m in await t.messages("#random") if "What about egress?" in m["text"])
        reply = await t.reply(asked)
        assert "too much" in read(reply)
        await acknowledged(t, "react", **{"as": "ana", "channel": reply["channel"], "ts": reply["ts"], "emoji": "👎"})
        await held_wrong(t, 3)
        await listed(t, "cy")
        await t.command("cy", "#random", "/learnings forget 1")
        _, shown = await proposed(t, "r1")
        assert len(shown) == 3
        assert "too much" not in str(shown)


IN_VAIN = searches_first(lambda request: "I do not know that. In general, offices close late.")


async def test_what_others_said_in_place_of_replies_in_vain_counts_too(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        ids = [await helped(t, "ana", "cy", IN_VAIN), await helped(t, "bo", "cy", lambda r: 401), await helped(t, "cy", "ana", IN_VAIN)]
        [wish], shown = await proposed(t, "r1", "r2", "r3")
        assert [e.message for e in wish.evidence] == ids
        assert ["closes at eight" in one["then"][0] for one in shown] == [True] * 3
        assert "I could not answer" in shown[1]["reply"]
        [card] = await cards(t, "bo")
        assert "left it to others: to @ana in <" in card
        assert "Asked for by" not in card
        assert (await proposed(t, "r1", "r2"))[1] == []  # they were looked at


@pytest.mark.parametrize("case", ["the asker goes on", "it rests on something", "it did not search", "opted out", "private"])
async def test_what_is_no_help_in_place_of_a_reply(case: str, tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        if case == "it rests on something":
            await teach(t, "cy", "#infra", "The office hours are under review.")
        if case == "opted out":
            await t.command("bo", "#random", "/learnings off")
        reply = {"it rests on something": searches_first(cites_all), "it did not search": cites_all}.get(case, IN_VAIN)
        third = "bo" if case == "private" else "cy"
        for asker, helper in (("ana", "bo"), (third, "ana"), ("ana", third)):
            helper = asker if case == "the asker goes on" else helper
            await helped(t, asker, helper, reply, "#legal" if case == "private" else "#random")
        assert await proposed(t, "r1", "r2") == ([], [])


async def test_replies_speak_for_a_wish_that_waits(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        t.model.drafts = lambda request: {"drafts": [draft("Say yes or no first.", ["m1"], "instruction")]}
        said = await t.say("ana", "#infra", "@tacit Please say yes or no first.")
        await t.reply(said)
        await t.learn(said)
        assert await cards(t, "bo") == []
        ids = await held_wrong(t, 3)
        t.model.drafts = lambda request: {"drafts": []}
        [wish], _ = await proposed(t, "r1", "r2", same="w1")
        assert wish.sentence == "Say yes or no first."
        assert [e.message for e in wish.evidence] == [f"{said['channel']}:{said['ts']}", *ids[:2]]
        [card] = await cards(t, "bo")
        assert "Asked for by @ana in <" in card
        assert "held to be wrong" in card


async def test_who_marks_most_does_not_keep_others_from_being_heard(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        ids = await held_wrong(t, MOST, by=("ana",))
        assert (await proposed(t, "r1", "r2")) == ([], [])
        ids += await held_wrong(t, 1, by=("bo",))
        [wish], shown = await proposed(t, "r1", f"r{MOST // 2 + 1}")
        assert len(shown) == MOST // 2 + 1
        assert [e.message for e in wish.evidence] == [ids[0], ids[-1]]
