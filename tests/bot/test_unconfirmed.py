"""What one teammate alone said, and nobody confirmed yet: its teacher sees it, forgets it and opens its history; nobody else sees more."""

from __future__ import annotations

import re
from pathlib import Path

from tests.bot.kinds import shown
from tests.model_server import draft
from tests.together import Json, Together, together

FOURTH = "We close the canteen at noon."
GOALS = ("Parcels travel by train.", "Invoices go to Lisbon.", "Visitors wear paper badges.", FOURTH)


async def taught(t: Together) -> None:
    for text in GOALS:
        asked = await t.say("ana", "#infra", f"@tacit {text}")
        await t.reply(asked)
        await t.learn(asked)


async def test_its_teacher_sees_forgets_and_looks_back(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        await taught(t)
        listed = str(await t.command("ana", "#random", "/learnings"))
        assert FOURTH in listed
        assert "waits for a second teammate to say so in #infra" in listed
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


def handle(request: Json) -> str:
    told = "\n".join(str(m["content"]) for m in request["messages"])
    return next(iter(re.findall(rf"\[(i\d+)\] goal[^\n]*{FOURTH}", told)), "i0")
