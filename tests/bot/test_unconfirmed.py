"""What one teammate alone said, and nobody confirmed yet: its teacher sees it, forgets it and opens its history; nobody else sees more."""

from __future__ import annotations

from pathlib import Path

from tests.together import Together, together

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
