"""Opting out: `/learnings off`. Nothing of what that teammate says is learned, and they are answered as before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.slack.learnings import click as press
from tests.bot.audience_places import PLACES, acknowledged, ask, listed, read, teach
from tests.model_server import drafts_of_every_statement
from tests.together import Together, together

KINDS = {
    "Ana likes short answers.": "preference",
    "Ana is the treasurer.": "role",
    "Egress costs too much.": "fact",
    "Ana knows about customs.": "expertise",
    "Bo likes long answers.": "preference",
}


async def command(t: Together, who: str, text: str) -> str:
    return read(await t.command(who, "#random", f"/learnings {text}".strip()))


async def click(t: Together, who: str, answer: Any, label: str) -> Any:
    await t.control("click", **{"as": who, "channel": answer["channel"], "ts": answer["ts"], "label": label, "wait": True})
    await t.control("wait")
    shown = (await t.look("messages"))["messages"]
    return next(m for m in shown if m["ts"] == answer["ts"])


async def sentences(t: Together) -> set[str]:
    return {i.sentence for i in await t.insights()}


def asked_to_learn(t: Together) -> str:
    return str([r["messages"][-1] for r in t.model.requests if t.model.sort(r) == "drafts"])


async def test_nothing_is_learned_of_what_they_say_and_the_model_that_learns_does_not_see_it(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        assert "learn nothing of what you say" in await command(t, "ana", "off")
        t.model.reply = lambda request: "So egress it is."
        asked = await t.say("ana", "#infra", "@tacit Egress costs too much.")
        assert "egress" in (await t.reply(asked))["text"]
        assert await t.learn(asked) == []
        assert asked_to_learn(t) == "[]"  # no call is made for nothing
        t.model.reply = lambda request: "Noted."
        said = await t.say("bo", "#infra", "Releases go out on Tuesdays.", thread_ts=asked["ts"])
        await t.settled(said)
        await t.learn(asked)
        assert await sentences(t) == {"Releases go out on Tuesdays."}
        assert "gress" not in asked_to_learn(t)  # neither her words nor what was said to them


async def test_what_was_said_before_and_not_learned_yet_is_not_learned(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        asked = await t.say("ana", "dm", "Egress costs too much.")
        await t.reply(asked)
        await command(t, "ana", "off")
        assert await t.learn(asked) == []
        assert "too much" not in asked_to_learn(t)


async def test_by_a_message_too_it_is_in_force_before_it_is_said(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        asked = await t.say("ana", "#infra", "@tacit learnings off")
        await t.settled(asked)

        async def said() -> bool:
            shown = (await t.look("messages"))["messages"]
            return any("learn nothing of what you say" in m["text"] for m in shown if m.get("ephemeral_to") == t.users["ana"])

        await t.until(said, "the answer")
        later = await t.say("ana", "#infra", "@tacit Egress costs too much.")
        await t.reply(later)
        assert await t.learn(later) == []


async def test_what_was_learned_before_stays_until_it_is_forgotten_all_at_once(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        await teach(t, "ana", "dm", "Ana is leaving for Rome.")
        await teach(t, "bo", "#infra", "Releases go out on Tuesdays.")
        answer = await t.command("ana", "#random", "/learnings off")
        assert len(await t.insights()) == 3
        gone = await click(t, "ana", answer, "Forget all that I taught")
        assert "2 insights" in read(gone)
        assert await sentences(t) == {"Releases go out on Tuesdays."}
        assert "2 insights" in read(await click(t, "ana", gone, "Undo"))
        assert len(await t.insights()) == 3


async def test_each_forget_all_can_be_undone(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        offs = [await t.command("ana", "#random", "/learnings off") for _ in range(2)]
        first = await click(t, "ana", offs[0], "Forget all that I taught")
        await command(t, "ana", "on")
        await teach(t, "ana", "#infra", "Releases go out on Tuesdays.")
        second = await click(t, "ana", offs[1], "Forget all that I taught")
        assert await sentences(t) == set()
        await click(t, "ana", first, "Undo")
        assert await sentences(t) == {"Egress costs too much."}
        await click(t, "ana", second, "Undo")
        assert await sentences(t) == {"Egress costs too much.", "Releases go out on Tuesdays."}


async def test_forget_all_pressed_twice_is_one_and_can_be_undone(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        off = await t.command("ana", "#random", "/learnings off")
        [button] = off["blocks"][-1]["elements"]
        slack = await t.inside.workspaces.of(t.team)
        first, gone = [await press(button["action_id"], button["value"], t.users["ana"], slack) for _ in range(2)]
        assert first is not None
        assert first == gone
        assert "1 insight." in first.text
        assert await sentences(t) == set()
        gone = await click(t, "ana", off, "Forget all that I taught")
        await click(t, "ana", gone, "Undo")
        assert await sentences(t) == {"Egress costs too much."}


async def test_what_they_forgot_all_of_an_admin_cannot_bring_back(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        await command(t, "bo", "")
        by_admin = await t.command("bo", "#random", "/learnings forget 1")
        off = await t.command("ana", "#random", "/learnings off")
        await click(t, "ana", off, "Forget all that I taught")
        await click(t, "bo", by_admin, "Undo")
        assert await sentences(t) == set()


async def test_what_others_said_too_stays_when_one_forgets_all(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "same", "of": ["k1"]}]}
        asked = await t.say("bo", "#random", "@tacit Egress costs too much!")
        await t.reply(asked)
        await t.learn(asked)
        await click(t, "ana", await t.command("ana", "#random", "/learnings off"), "Forget all that I taught")
        [left] = await t.insights()
        assert [e.teammate for e in left.evidence] == [t.users["bo"]]


async def test_back_on_what_is_said_from_then_on_is_learned_and_what_was_said_meanwhile_is_not(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await command(t, "ana", "off")
        asked = await t.say("ana", "#infra", "@tacit Egress costs too much.")
        await t.reply(asked)
        assert "learn again" in await command(t, "ana", "on")
        assert "I learn from what you say" in await command(t, "ana", "on")
        await t.reply(await t.say("ana", "#infra", "@tacit Marta files contracts.", thread_ts=asked["ts"]))
        await t.learn(asked)
        assert await sentences(t) == {"Marta files contracts."}


async def test_an_edit_of_what_was_learned_before_takes_that_back_and_teaches_nothing(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        taught = await teach(t, "ana", "#infra", "Egress costs too much.")
        await command(t, "ana", "off")
        channel, _, ts = taught.evidence[0].message.partition(":")
        await acknowledged(t, "edit", channel=channel, ts=ts, text="@tacit Egress costs nothing.")

        async def gone() -> bool:
            return not await t.insights()

        await t.until(gone, "what was edited away")
        assert "costs nothing" not in asked_to_learn(t)


async def test_their_reactions_have_nothing_learned(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await command(t, "ana", "off")
        talk = await t.say("bo", "#infra", "Releases go out on Tuesdays.")
        await acknowledged(t, "react", **{"as": "ana", "channel": talk["channel"], "ts": talk["ts"], "emoji": "brain"})
        assert await t.documents.find("conversations", {}) == []
        asked = await t.say("bo", "#infra", "@tacit Marta files contracts.")
        await t.reply(await t.say("ana", "#infra", "Does she?", thread_ts=asked["ts"]))
        await acknowledged(t, "react", **{"as": "ana", "channel": asked["channel"], "ts": asked["ts"], "emoji": "white_check_mark"})
        [conversation] = await t.documents.find("conversations", {})
        assert not conversation.get("hurry")


async def test_the_model_that_answers_is_told_and_cannot_have_it_learned(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await command(t, "ana", "off")
        t.model.reply = lambda r: (
            "I learn nothing from you." if r["messages"][-1]["role"] == "tool" else {"text": "", "calls": [["learn_now", {}]]}
        )
        asked = await t.say("ana", "#infra", "@tacit Remember that egress costs too much.")
        await t.reply(asked)
        assert "nothing that they say is learned" in str(t.model.requests[-1]["messages"])
        [conversation] = await t.documents.find("conversations", {})
        assert not conversation.get("hurry")


async def test_me_shows_what_is_held_about_the_caller_alone_and_forgets_by_its_numbers(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        t.model.drafts = lambda request: {
            "drafts": [d | {"kind": KINDS[d["sentence"]]} for d in drafts_of_every_statement(request)["drafts"]]
        }
        for sentence in KINDS:
            asked = await t.say("bo" if sentence.startswith("Bo") else "ana", "#infra", f"@tacit {sentence}")
            await t.reply(asked)
            await t.learn(asked)
        mine = await command(t, "ana", "me")
        assert "I learn from what you say" in mine
        assert mine.index("treasurer") < mine.index("short answers")
        assert "learned from @ana in <" in mine
        assert "customs" in mine
        assert "long answers" not in mine
        assert "too much" not in mine
        assert "Forgotten: “Ana is the treasurer.”" in await command(t, "ana", "forget 1")
        assert "treasurer" not in await command(t, "ana", "me")
        assert "I hold nothing about you" in await command(t, "cy", "me")
        await command(t, "ana", "off")
        assert "turned that off" in await command(t, "ana", "me")


async def test_the_words_may_be_searched_for_all_the_same(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Lights go off at nine.")
        assert "Lights" in await listed(t, "cy", "off lights")
        _, prompt = await ask(t, "cy", "dm", "When do lights go off?")
        assert "turned off by the asker" not in prompt
