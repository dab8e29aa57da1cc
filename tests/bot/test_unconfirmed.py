"""What one teammate alone said, and nobody confirmed yet: its teacher sees it, forgets it and opens its history; nobody else sees more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bot.audience_places import acknowledged
from tests.bot.kinds import shown
from tests.bot.test_approvals import press
from tests.model_server import draft
from tests.together import Json, Together, together

FOURTH = "We close the canteen at noon."
GOALS = ("Parcels travel by train.", "Invoices go to Lisbon.", "Visitors wear paper badges.", FOURTH)


async def taught(t: Together, last: str = "always") -> Json:
    """Four goals, the last of them in this mode; its message."""
    for text in GOALS:
        if text == FOURTH:
            await t.command("bo", "#infra", f"/learnings mode team_knowledge {last}")
        asked = await t.say("ana", "#infra", f"@tacit {text}")
        await t.reply(asked)
        await t.learn(asked)
    return asked


async def test_its_teacher_sees_forgets_and_looks_back(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        await taught(t)
        listed = str(await t.command("ana", "#random", "/learnings"))
        assert FOURTH in listed
        assert "waits for a second teammate to say so in #infra, or to put 👍 on it" in listed
        assert FOURTH in str(await t.command("ana", "#random", "/learnings canteen"))
        assert "learned from" in str(await t.command("ana", "#random", "/learnings history 1"))
        for other in ("bo", "cy"):
            assert FOURTH not in str(await t.command(other, "#infra", "/learnings"))
            assert FOURTH not in str(await t.command(other, "#infra", "/learnings canteen"))
        forgotten = await t.command("ana", "#random", "/learnings forget 1")
        assert FOURTH in forgotten["text"]
        assert FOURTH not in [i.sentence for i in await t.insights()]
        click = {"as": "ana", "channel": forgotten["channel"], "ts": forgotten["ts"], "label": "Undo", "wait": True}
        await t.control("click", **click)
        assert FOURTH in str(await t.command("ana", "#random", "/learnings"))


async def test_a_second_teammate_s_word_ends_the_waiting(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        await taught(t)
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "same", "of": ["k1"]}]}
        asked = await t.say("bo", "#infra", f"@tacit {FOURTH}")
        await t.reply(asked)
        await t.learn(asked)
        listed = str(await t.command("ana", "#random", "/learnings"))
        assert "waits for a second teammate" not in listed
        assert FOURTH in str(await t.command("cy", "#random", "/learnings"))


@pytest.mark.parametrize("when", ["before it is learned", "afterwards"])
async def test_a_second_teammate_s_thumb_ends_the_waiting(tmp_path: Path, when: str) -> None:
    async with together(tmp_path) as t:
        for text in GOALS:
            asked = await t.say("ana", "#infra", f"@tacit {text}")
            await t.reply(asked)
            await thumb(t, "ana", asked)
            if text == FOURTH and when == "before it is learned":
                await thumb(t, "bo", asked)
            await t.learn(asked)
        if when == "afterwards":
            assert FOURTH not in str(await t.command("cy", "#random", "/learnings"))
            await thumb(t, "bo", asked)
        assert FOURTH in str(await t.command("cy", "#random", "/learnings"))
        assert "waits for a second teammate" not in str(await t.command("ana", "#random", "/learnings"))


async def test_a_thumb_of_who_cannot_confirm_costs_no_look_at_the_message(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        where = await taught(t)
        before = len((await t.look("calls", method="conversations.replies"))["calls"])
        await thumb(t, "ana", where)
        assert len((await t.look("calls", method="conversations.replies"))["calls"]) == before
        await thumb(t, "bo", where)
        assert len((await t.look("calls", method="conversations.replies"))["calls"]) == before + 1


async def test_a_thumb_on_words_that_were_edited_since_is_not_for_those_that_were_learned(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        where = await taught(t)
        await acknowledged(t, "edit", **{"as": "ana", "channel": where["channel"], "ts": where["ts"], "text": "@tacit Lunch?"})
        await thumb(t, "bo", where)
        assert FOURTH not in str(await t.command("cy", "#random", "/learnings"))


async def test_its_teacher_s_edit_of_a_typo_lets_nothing_out(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        where = await taught(t)
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "same", "of": ["k1"]}]}
        await acknowledged(t, "edit", **{"as": "ana", "channel": where["channel"], "ts": where["ts"], "text": f"@tacit {FOURTH} :wave:"})
        await t.learn(where)
        assert FOURTH in str(await t.command("ana", "#random", "/learnings"))
        assert FOURTH not in str(await t.command("cy", "#random", "/learnings"))


@pytest.mark.parametrize("typed", ["", "Everybody owes Ana ten coins."])
async def test_a_thumb_that_came_before_its_teacher_kept_it_counts_for_the_message_s_words_alone(tmp_path: Path, typed: str) -> None:
    async with together(tmp_path) as t:
        await thumb(t, "bo", await taught(t, last="confirm"))
        await press(t, "ana", "Edit" if typed else "Keep")
        if typed:
            await press(t, "ana", "Save", approval_sentence=typed)
        listed = str(await t.command("ana", "#random", "/learnings"))
        assert (typed or FOURTH) in listed
        assert "to put 👍" not in listed
        assert ((typed or FOURTH) in str(await t.command("cy", "#random", "/learnings"))) is not bool(typed)


async def test_what_tacit_tells_of_it_stays_in_its_channel_too(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        await taught(t)
        t.model.reply = lambda request: f"{FOURTH} [{handle(request)}]"
        for _ in range(10):  # asked again where a busy machine left recall no time to find it
            asked = await t.say("bo", "#infra", "@tacit When does the canteen close?")
            if (await t.settled(asked))["cited"]:
                break
        assert FOURTH in (await t.reply(asked))["text"]
        t.model.drafts = lambda request: {"drafts": [draft(f"When the canteen closes: {FOURTH}", [], "pointer")]}
        await t.learn(asked)
        assert "canteen" in await shown(t, "bo", "#infra", "What was said of the canteen?")
        assert "canteen closes" not in await shown(t, "bo", "#random", "What was said of when the canteen closes?")


async def thumb(t: Together, who: str, asked: Json) -> None:
    await acknowledged(t, "react", **{"as": who, "channel": asked["channel"], "ts": asked["ts"], "emoji": "+1::skin-tone-4"})


def handle(request: Json) -> str:
    told = "\n".join(str(m["content"]) for m in request["messages"])
    return next(iter(re.findall(rf"\[(i\d+)\] goal[^\n]*{FOURTH}", told)), "i0")
