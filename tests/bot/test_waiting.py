"""`/learnings waiting`: what waits for its caller's word, and deciding about it there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bot.test_approvals import CONFIRM, SENTENCE, card, cards, press, taught, user_id, waiting
from tests.together import Json, Together, together

OTHER = "Retros are on Tuesdays in the big room."


async def listed(t: Together, who: str) -> Json:
    return await t.command(who, "#random", "/learnings waiting")


async def pressed(t: Together, who: str, on: Json, label: str, **typed: str) -> Json:
    """Press a button of an answer that its caller alone sees; the answer as it is then."""
    more: dict[str, Any] = {"typed": typed} if typed else {}
    await t.control("click", **{"as": who, "channel": on["channel"], "ts": on["ts"], "label": label, "wait": True}, **more)
    return next(m for m in (await t.look("messages"))["messages"] if m["ts"] == on["ts"])


async def test_its_teacher_decides_in_the_list(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM, APPROVERS=user_id("cy")) as t:
        assert "Nothing waits" in (await listed(t, "ana"))["text"]
        await taught(t)
        assert [await card(t, who) for who in ("ana", "cy")]
        assert SENTENCE not in str(await listed(t, "bo"))
        answer = await listed(t, "ana")
        assert SENTENCE in answer["text"]
        assert "Keep all" not in str(answer["blocks"])
        question = await pressed(t, "ana", answer, "Keep, edit or drop")
        assert "May I keep this" in question["text"]
        await pressed(t, "ana", question, "Edit")
        done = await pressed(t, "ana", question, "Save", approval_sentence="Releases ship from main.")
        assert "Kept" in done["text"]
        assert [i.sentence for i in await t.insights()] == ["Releases ship from main."]
        assert "Nothing waits" in (await listed(t, "ana"))["text"]

        async def put_right() -> bool:  # the card in the DM asks no more
            return "approval_" not in str([await cards(t, who) for who in ("ana", "cy")])

        await t.until(put_right, "cards that ask no more")


async def test_all_of_a_page_is_kept_at_once(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        await taught(t, text=OTHER)
        await taught(t, "bo", text="Parking is behind the mill.")
        answer = await listed(t, "ana")
        assert SENTENCE in answer["text"]
        assert OTHER in answer["text"]
        assert "mill" not in answer["text"]
        assert "Kept 2 of 2" in (await pressed(t, "ana", answer, "Keep all 2"))["text"]
        assert {i.sentence for i in await t.insights()} == {SENTENCE, OTHER}
        assert await waiting(t) == ["Parking is behind the mill."]


async def test_an_approver_sees_what_they_may_see_and_no_more(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM, APPROVERS=user_id("cy")) as t:
        await taught(t)
        await taught(t, where="#legal", text=OTHER)  # private, without cy
        answer = await listed(t, "cy")
        assert SENTENCE in answer["text"]
        assert OTHER not in str(answer)
        assert OTHER in (await listed(t, "ana"))["text"]


async def test_what_was_decided_meanwhile_is_not_kept(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        await taught(t, text=OTHER)
        await card(t, "ana")
        answer = await listed(t, "ana")
        on = next(m for m in await cards(t, "ana") if m["ts"] != answer["ts"])
        await press(t, "ana", "Drop", on)
        [left] = await waiting(t)
        assert "Kept 1 of 2" in (await pressed(t, "ana", answer, "Keep all 2"))["text"]
        assert [i.sentence for i in await t.insights()] == [left]
