"""What one conversation taught is asked about in one message, each with its own buttons, and all of it kept at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.slack.approvals import KEEP, KEEP_ALL, Pressed, click
from tests.bot.test_approvals import CONFIRM, card, cards, user_id, waiting
from tests.model_server import draft
from tests.together import Json, Together, together

SAID = ("We ship from main.", "Retros are on Tuesdays.", "Parking is behind the mill.")


async def taught(t: Together, who: str = "ana", where: str = "#infra", said: tuple[str, ...] = SAID) -> Json:
    t.model.drafts = lambda request: {"drafts": [draft(each, ["m1"], "fact") for each in said]}
    asked = await t.say(who, where, f"@tacit {' '.join(said)}")
    await t.reply(asked)
    await t.learn(asked)
    return asked


def buttons(message: Json) -> list[tuple[str, str]]:
    """The labels of its buttons, each with the id of its block."""
    blocks = message.get("blocks") or []
    return [(e["text"]["text"], b["block_id"]) for b in blocks if b["type"] == "actions" for e in b["elements"]]


async def press(t: Together, who: str, label: str, block: str = "", **typed: str) -> Json:
    """Press a button of this person's card; the card as it is then."""
    on = await card(t, who)
    more: dict[str, Any] = {"typed": typed} if typed else {}
    more |= {"block_id": block} if block else {}
    await t.control("click", **{"as": who, "channel": on["channel"], "ts": on["ts"], "label": label, "wait": True}, **more)
    return next(m for m in await cards(t, who) if m["ts"] == on["ts"])


async def sentences(t: Together) -> set[str]:
    return {i.sentence for i in await t.insights()}


async def test_several_of_one_conversation_are_one_message(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM, APPROVERS=user_id("cy")) as t:
        await taught(t)
        for who in ("ana", "cy"):
            asked = await card(t, who)
            assert len(await cards(t, who)) == 1
            assert all(each in asked["text"] for each in SAID)
            assert [label for label, _ in buttons(asked)] == ["Keep", "Edit", "Drop"] * 3 + ["Keep all 3"]
        second = buttons(asked)[3][1]
        left = await press(t, "ana", "Drop", second)
        assert SAID[1] not in str(left)
        assert "Dropped" in left["text"]
        assert [label for label, _ in buttons(left)] == ["Keep", "Edit", "Drop"] * 2 + ["Keep all 2"]
        third = buttons(left)[3][1]
        form = await press(t, "ana", "Edit", third)
        assert [label for label, _ in buttons(form)] == ["Save", "Back"]
        edited = await press(t, "ana", "Save", approval_sentence="Park behind the mill.")
        assert "Park behind the mill." in edited["text"]
        assert [label for label, _ in buttons(edited)] == ["Keep", "Edit", "Drop"]
        await press(t, "ana", "Keep")
        assert await sentences(t) == {SAID[0], "Park behind the mill."}

        async def put_right() -> bool:
            return not buttons(await card(t, "cy"))

        await t.until(put_right, "cy's card to ask no more")
        text = str(await card(t, "cy"))
        assert "This was dropped by @ana." in text
        assert not any(each in text for each in SAID)


async def test_all_of_a_card_is_kept_at_once(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        done = await press(t, "ana", "Keep all 3")
        assert not buttons(done)
        assert await sentences(t) == set(SAID)
        assert await waiting(t) == []


async def test_who_may_not_decide_keeps_nothing_of_a_card(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM, APPROVERS=user_id("cy")) as t:
        await taught(t, where="#legal")
        value = next(e["value"] for b in (await card(t, "ana"))["blocks"] if b["type"] == "actions" for e in b["elements"])
        slack = await t.inside.workspaces.of(t.team)
        for who in ("bo", "cy"):  # neither teacher nor approver; an approver who may not see it
            for action in (KEEP_ALL, KEEP):
                answer = await click(Pressed(action, value, t.users[who], "", ""), slack)
                assert answer
                assert not any(each in str(answer.reply) for each in SAID)
        assert len(await waiting(t)) == 3


async def test_many_are_several_messages_within_slack_s_limits(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        said = tuple(f"Box {n} stands in aisle {n + 100} of hall {'ABC'[n % 3]}{n}." for n in range(19))
        await taught(t, said=said)

        async def all_asked() -> list[Json] | None:
            found = await cards(t, "ana")
            return found if sum(str(m["text"]).count("May I keep this") for m in found) == 19 else None

        found = await t.until(all_asked, "all cards")
        assert len(found) == 3
        assert max(len(m["blocks"]) for m in found) <= 50


async def test_what_is_deleted_leaves_its_part_of_the_card(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        first = await t.say("ana", "#infra", f"@tacit {SAID[0]}")
        await t.reply(first)
        second = await t.say("ana", "#infra", f"@tacit {SAID[1]}", thread_ts=first["ts"])
        await t.reply(second)
        t.model.drafts = lambda request: {"drafts": [draft(SAID[0], ["m1"], "fact"), draft(SAID[1], ["m2"], "fact")]}
        await t.learn(first)
        assert SAID[1] in (await card(t, "ana"))["text"]
        await t.control("delete", channel=second["channel"], ts=second["ts"], wait=True)

        async def gone() -> bool:
            return SAID[1] not in str(await card(t, "ana"))

        await t.until(gone, "the card without it")
        left = await card(t, "ana")
        assert SAID[0] in left["text"]
        assert [label for label, _ in buttons(left)] == ["Keep", "Edit", "Drop"]


async def test_each_message_is_posted_once_though_slack_s_answer_was_lost(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        asked = await t.say("ana", "#infra", "@tacit Three things.")
        await t.reply(asked)
        t.model.drafts = lambda request: {"drafts": [draft(each, ["m1"], "fact") for each in SAID]}
        await t.control("fail", method="chat.postMessage", drop_answer_after_doing=True, times=1)
        await t.learn(asked)
        repository = (await t.inside.workspaces.parts(t.team)).repository

        async def put_off() -> bool:
            return bool(await t.documents.find("approvals", {f"cards.{t.users['ana']}.state": "begun"}))

        await t.until(put_off, "the first try")
        for one in await repository.with_status("pending"):
            await repository.look_after(one.id)

        async def open_now() -> bool:
            found = await t.documents.find("approvals", {f"cards.{t.users['ana']}.state": "open"})
            for one in [] if len(found) == 3 else await repository.with_status("pending"):
                await repository.look_after(one.id)
            return len(found) == 3

        await t.until(open_now, "the card to be found")
        assert len(await cards(t, "ana")) == 1
        await press(t, "ana", "Keep all 3")
        assert await sentences(t) == set(SAID)
