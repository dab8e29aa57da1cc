"""A reply stands there exactly once, whatever happens to Slack's answers."""

import asyncio
import time

import pytest

from bot.slack.blocks import SECTION, sections, split
from bot.slack.calls import SlackFailed
from bot.slack.posting import CannotPost
from bot.slack.status import working
from tests.slack.conftest import Team

ROOT = "@tacit hello"


async def _root(team: Team) -> str:
    return str((await team.slack.say("ana", "#infra", ROOT))["ts"])


async def test_a_reply_carries_its_question_and_unfurls_nothing(team: Team) -> None:
    ts = await _root(team)
    reply = await team.posts.reply(team.id("#infra"), ts, "See <https://a.b>.", question="q1")
    (call,) = (await team.slack.look("calls", method="chat.postMessage"))["calls"]
    assert (call["args"]["unfurl_links"], call["args"]["unfurl_media"], call["args"]["thread_ts"]) == (False, False, ts)
    (kept,) = [m for m in (await team.slack.look("messages", channel=team.id("#infra")))["messages"] if m["ts"] == reply]
    assert kept["metadata"] == {"event_type": "tacit_reply", "event_payload": {"question": "q1"}}
    assert [block["text"] for block in kept["blocks"]] == [block["text"] for block in sections("See <https://a.b>.")]


@pytest.mark.parametrize("fault", [{"drop_answer_after_doing": True}, {"drop": True}, {"status": 503}, {"error": "fatal_error"}])
async def test_a_lost_answer_leaves_one_reply(team: Team, fault: dict[str, object]) -> None:
    ts = await _root(team)
    await team.slack.act("fail", method="chat.postMessage", **fault)
    reply = await team.posts.reply(team.id("#infra"), ts, "once", question="q1")
    assert await team.slack.texts("#infra") == [await _text(team, ts), "once"]
    assert await team.threads.find_reply(team.id("#infra"), ts, "q1") == reply


async def test_no_text_gets_into_the_log(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    ts = await _root(team)
    await team.slack.act("fail", method="chat.postMessage", drop_answer_after_doing=True)
    await team.posts.reply(team.id("#infra"), ts, "confidential", question="q1")
    await team.slack.act("fail", method="chat.postMessage", error="msg_too_long")
    await team.posts.reply(team.id("#infra"), ts, "confidential", question="q2")
    await team.threads.thread(team.id("#infra"), ts)
    assert [record.message for record in caplog.records if record.name.startswith("bot.slack")] == [
        "reply.answer_lost",
        "message.shortened",
    ]
    ours = [record for record in caplog.records if not record.name.startswith("bot.sandbox")]
    assert not [record for record in ours if "confidential" in f"{record.getMessage()} {vars(record)}" or "hello" in record.getMessage()]


async def test_not_knowing_is_no_reason_to_post_again(team: Team) -> None:
    ts = await _root(team)
    await team.slack.act("fail", method="chat.postMessage", drop_answer_after_doing=True)
    await team.slack.act("fail", method="conversations.replies", status=500, times=100)
    with pytest.raises(SlackFailed):
        await team.posts.reply(team.id("#infra"), ts, "once", question="q1", within=0.5)
    assert (await team.slack.texts("#infra")).count("once") == 1
    assert await team.calls("chat.postMessage") == 1


async def test_without_a_question_nothing_is_tried_twice(team: Team) -> None:
    ts = await _root(team)
    await team.slack.act("fail", method="chat.postMessage", drop_answer_after_doing=True)
    with pytest.raises(SlackFailed):
        await team.posts.reply(team.id("#infra"), ts, "once")
    assert (await team.slack.texts("#infra")).count("once") == 1


async def test_posting_ends_in_the_time_that_it_was_given(team: Team) -> None:
    ts = await _root(team)
    await team.slack.act("fail", method="chat.postMessage", delay=5)
    began = time.monotonic()
    with pytest.raises(SlackFailed):
        await team.posts.reply(team.id("#infra"), ts, "late", question="q1", within=0.2)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("reason", ["is_archived", "restricted_action", "channel_not_found", "restricted_action_read_only_channel"])
async def test_a_place_that_takes_no_reply_says_why(team: Team, reason: str) -> None:
    ts = await _root(team)
    await team.slack.act("fail", method="chat.postMessage", error=reason)
    with pytest.raises(CannotPost) as refused:
        await team.posts.reply(team.id("#infra"), ts, "hello", question="q1")
    assert refused.value.reason == reason


async def test_real_refusals_are_told_apart(team: Team) -> None:
    ts = await _root(team)
    with pytest.raises(CannotPost, match="not_in_channel"):
        await team.posts.reply(team.id("#loud"), ts, "hello", question="q1")
    with pytest.raises(CannotPost, match="thread_not_found"):
        await team.posts.reply(team.id("#infra"), "1.000001", "hello", question="q1")
    before = await team.calls("chat.postMessage")
    await team.slack.act("fail", method="chat.postMessage", error="token_revoked", times=10)
    with pytest.raises(SlackFailed, match="token_revoked"):
        await team.posts.reply(team.id("#infra"), ts, "hello", question="q1")
    assert await team.calls("chat.postMessage") == before + 1


async def test_a_long_reply_is_cut_into_sections(team: Team) -> None:
    ts, text = await _root(team), "\n\n".join(f"Paragraph {number}. " + "word " * 60 for number in range(40))
    await team.posts.reply(team.id("#infra"), ts, text, question="q1")
    said = (await team.threads.thread(team.id("#infra"), ts))[1].text
    assert said.split() == text.split()


async def test_a_message_that_slack_finds_too_long_is_shortened(team: Team) -> None:
    ts = await _root(team)
    await team.slack.act("fail", method="chat.postMessage", error="msg_blocks_too_long")
    await team.posts.reply(team.id("#infra"), ts, "word " * 9000, question="q1")
    said = (await team.threads.thread(team.id("#infra"), ts))[1].text
    assert said.startswith("word word")
    assert said.endswith("…")


async def test_a_notice_stands_by_itself_and_is_posted_once(team: Team) -> None:
    dm = await team.directory.dm_of(team.id("ana"))
    await team.slack.act("fail", method="chat.postMessage", drop_answer_after_doing=True)
    with pytest.raises(SlackFailed):
        await team.posts.notice(dm, "Invite me.")
    assert await team.slack.texts(dm) == ["Invite me."]
    with pytest.raises(CannotPost, match="not_in_channel"):
        await team.posts.notice(team.id("#loud"), "Invite me.")


async def test_an_update_is_repeated_and_keeps_the_question(team: Team) -> None:
    ts = await _root(team)
    reply = await team.posts.reply(team.id("#infra"), ts, "first", question="q1")
    await team.slack.act("fail", method="chat.update", drop_answer_after_doing=True)
    await team.posts.update(team.id("#infra"), reply, "second", question="q1")
    assert (await team.slack.texts("#infra"))[1:] == ["second"]
    assert await team.threads.find_reply(team.id("#infra"), ts, "q1") == reply
    with pytest.raises(CannotPost, match="message_not_found"):
        await team.posts.update(team.id("#infra"), "1.000001", "second")


async def test_an_ephemeral_message_is_for_one_and_posted_once(team: Team) -> None:
    ts = await _root(team)
    await team.slack.act("fail", method="chat.postEphemeral", drop_answer_after_doing=True)
    with pytest.raises(SlackFailed):
        await team.posts.ephemeral(team.id("#infra"), team.id("ana"), "psst", thread_ts=ts)
    shown = (await team.slack.look("messages", channel=team.id("#infra")))["messages"]
    assert [message["ephemeral_to"] for message in shown if message.get("is_ephemeral")] == [team.id("ana")]
    with pytest.raises(CannotPost, match="user_not_in_channel"):
        await team.posts.ephemeral(team.id("#infra"), team.id("gus"), "psst")


async def test_reactions_may_be_repeated_and_their_message_may_be_gone(team: Team) -> None:
    infra, ts = team.id("#infra"), await _root(team)
    for _ in range(2):
        await team.posts.react(infra, ts, "brain")
    assert await _reactions(team, ts) == ["brain"]
    for _ in range(2):
        await team.posts.unreact(infra, ts, "brain")
    assert await _reactions(team, ts) == []
    await team.posts.react(infra, "1.000001", "brain")
    await team.posts.unreact(infra, "1.000001", "brain")


async def test_a_status_shows_while_work_goes_on(team: Team) -> None:
    infra, ts = team.id("#infra"), await _root(team)
    async with working(team.installation, infra, ts, ts):
        await _until_shown(team)
        assert [status["status"] for status in await _statuses(team)] == ["is thinking…"]
    assert not await _statuses(team)
    assert await _reactions(team, ts) == []


async def test_without_a_status_the_question_gets_eyes_meanwhile(team: Team) -> None:
    infra, ts = team.id("#infra"), await _root(team)
    await team.slack.act("fail", method="assistant.threads.setStatus", error="missing_scope")
    async with working(team.installation, infra, ts, ts):
        async with asyncio.timeout(3):
            while await _reactions(team, ts) != ["eyes"]:  # noqa: ASYNC110 (asks the pretend Slack)
                await asyncio.sleep(0.01)
    assert await _reactions(team, ts) == []


async def test_work_goes_on_whatever_becomes_of_the_status(team: Team) -> None:
    ts = await _root(team)
    await team.slack.act("fail", method="*", status=500, times=1000)
    async with working(team.installation, team.id("#infra"), ts, ts):
        pass
    with pytest.raises(ValueError, match="mine"):
        async with working(team.installation, team.id("#infra"), ts, ts):
            raise ValueError("mine")


@pytest.mark.parametrize("text", ["x" * 10_000, "word " * 3000, "<https://a.b/" + "c" * 2000 + "> " * 3, "```\n" + "line\n" * 2000 + "```"])
def test_pieces_fit_and_lose_nothing(text: str) -> None:
    pieces = split(text)
    assert all(0 < len(piece) <= SECTION for piece in pieces)
    assert "".join("".join(pieces).split()).replace("`", "") == "".join(text.split()).replace("`", "")
    assert all(piece.count("```") % 2 == 0 for piece in pieces)


def test_links_are_not_cut_and_nothing_makes_no_section() -> None:
    pieces = split("word " * 590 + "<https://a.b/" + "c" * 200 + "|a label of words> end")
    assert all(piece.count("<") == piece.count(">") for piece in pieces)
    assert sections("  \n ") == []
    assert len(sections("x" * 400_000)) == 50


async def _text(team: Team, ts: str) -> str:
    (found,) = [m["text"] for m in (await team.slack.look("messages", channel=team.id("#infra")))["messages"] if m["ts"] == ts]
    return str(found)


async def _reactions(team: Team, ts: str) -> list[str]:
    (found,) = [m for m in (await team.slack.look("messages", channel=team.id("#infra")))["messages"] if m["ts"] == ts]
    return [reaction["name"] for reaction in found.get("reactions") or []]


async def _statuses(team: Team) -> list[dict[str, str]]:
    return list((await team.slack.look("messages", channel=team.id("#infra")))["statuses"])


async def _until_shown(team: Team) -> None:
    async with asyncio.timeout(3):
        while not await _statuses(team):  # noqa: ASYNC110 (asks the pretend Slack)
            await asyncio.sleep(0.01)
