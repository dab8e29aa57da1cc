"""`/learnings waiting`: what waits for its caller's word, and deciding about it there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.slack import learnings
from bot.slack.waiting import KEEP_ALL
from tests.bot.test_approvals import CONFIRM, SENTENCE, card, cards, press, taught, user_id, waiting
from tests.model_server import draft
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


async def test_a_forged_press_keeps_nothing_that_is_not_the_presser_s(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM, APPROVERS=user_id("cy")) as t:
        await taught(t)
        await taught(t, where="#legal", text=OTHER)
        repository = (await t.inside.workspaces.parts(t.team)).repository
        ids = " ".join([*(i.id for i in await repository.with_status("pending")), "nothing", "$gt", *map(str, range(100))])
        for who in ("bo", "gus"):
            assert "Kept 0 of" in await forged(t, who, ids)
        assert "Kept 1 of" in await forged(t, "cy", ids)  # who is not in #legal
        assert [i.sentence for i in await t.insights()] == [SENTENCE]
        assert await waiting(t) == [OTHER]


async def test_whoever_is_no_approver_any_more_keeps_nothing_of_the_list(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        await taught(t, text=OTHER)
        answer = await listed(t, "bo")  # an admin
        await t.control("teammate", name="bo", admin=False, wait=True)
        assert "Kept 0 of 2" in (await pressed(t, "bo", answer, "Keep all 2"))["text"]
        assert await t.insights() == []


async def test_a_wish_is_not_kept_among_others(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        t.model.drafts = lambda request: {"drafts": [draft("Answer in one sentence.", ["m1"], "instruction")]}
        await taught(t, "bo", text="Answer in one sentence, please.")  # an admin, whose wish needs no support
        repository = (await t.inside.workspaces.parts(t.team)).repository
        ids = " ".join(i.id for i in await repository.with_status("pending"))
        assert "Kept 1 of 1" in await forged(t, "bo", ids)
        assert await waiting(t) == ["Answer in one sentence."]


async def forged(t: Together, who: str, ids: str) -> str:
    """What a press with such a value is answered."""
    slack = await t.inside.workspaces.of(t.team)
    reply = await learnings.click(KEEP_ALL, json.dumps({"ids": ids}), t.users[who], slack)
    assert reply is not None
    return reply.text
