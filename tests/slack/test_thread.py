"""A thread is read whole, as it stands now, with everybody named."""

import pytest

from bot.slack import thread as module
from bot.slack.calls import SlackFailed
from bot.slack.thread import NotThere
from tests.slack.conftest import Team
from workers.transcripts import ThreadGone


async def _thread(team: Team) -> str:
    root = await team.slack.say("bo", "#help", "@tacit egress & costs? See #infra, @gus")
    await team.slack.say("gus", "#help", "a guest", thread_ts=root["ts"])
    await team.posts.reply(team.id("#help"), root["ts"], "Noted, <@U0>.", question="q1")
    return str(root["ts"])


async def test_every_speaker_is_named_and_told_apart(team: Team) -> None:
    first, guest, ours = await team.threads.thread(team.id("#help"), await _thread(team))
    assert (first.speaker, first.name, first.text) == (team.id("bo"), "bo", "@tacit egress & costs? See #infra, @gus")
    assert (first.ours, first.bot, first.outsider, first.version) == (False, False, False, "")
    assert (guest.name, guest.outsider, guest.bot) == ("gus", True, False)
    assert (ours.ours, ours.bot, ours.outsider, ours.question, ours.text) == (True, False, False, "q1", "Noted, @U0.")


async def test_a_reply_is_found_by_its_metadata_alone(team: Team) -> None:
    ts = await _thread(team)
    await team.slack.say("bo", "#help", "q2", thread_ts=ts)
    found = await team.threads.find_reply(team.id("#help"), ts, "q1")
    assert found == (await team.threads.thread(team.id("#help"), ts))[2].ts
    assert await team.threads.find_reply(team.id("#help"), ts, "q2") is None


async def test_somebody_else_s_metadata_answers_nothing(team: Team) -> None:
    root = await team.slack.say("ana", "#infra", "hm")
    kept = team.slack.slack.world.messages.get(team.id("#infra"), root["ts"])
    assert kept is not None
    kept["metadata"] = {"event_type": "tacit_reply", "event_payload": {"question": "q1"}}
    assert await team.threads.find_reply(team.id("#infra"), root["ts"], "q1") is None
    assert (await team.threads.thread(team.id("#infra"), root["ts"]))[0].question == ""


async def test_since_leaves_out_what_was_said_before(team: Team) -> None:
    root = await team.slack.say("ana", "#infra", "one")
    second = await team.slack.say("bo", "#infra", "two", thread_ts=root["ts"])
    await team.slack.say("ana", "#infra", "three", thread_ts=root["ts"])
    said = await team.threads.thread(team.id("#infra"), root["ts"], since=second["ts"])
    assert [message.text for message in said] == ["two", "three"]


async def test_a_long_thread_is_read_to_its_end_in_order(team: Team) -> None:
    root = await team.slack.say("ana", "#infra", "0")
    world, infra, second = team.slack.slack.world, team.id("#infra"), int(root["ts"].partition(".")[0])
    for number in range(1, 2105):  # Put there directly: a post for each would take seconds.
        user = team.id("ana" if number % 2 else "bo")
        message = {"type": "message", "user": user, "text": str(number), "thread_ts": root["ts"], "channel": infra}
        world.messages.keep(message | {"ts": f"{second + number}.000001"})
    said = await team.threads.thread(team.id("#infra"), root["ts"])
    assert [message.text for message in said] == [str(number) for number in range(2105)]
    assert await team.calls("conversations.replies") == 3


async def test_only_what_somebody_said_is_there(team: Team) -> None:
    await team.slack.act("join", as_="jenkins", in_="#infra")
    root = await team.slack.say("ana", "#infra", "root")
    in_thread = {"thread_ts": root["ts"]}
    await team.slack.say("ana", "#infra", "", files=[{"name": "plan.pdf", "title": "The plan"}], **in_thread)
    await team.slack.say("bo", "#infra", "waves", subtype="me_message", **in_thread)
    await team.slack.say("bo", "#infra", "for all", broadcast=True, **in_thread)
    await team.slack.say("jenkins", "#infra", "built", subtype="bot_message", **in_thread)
    await team.posts.ephemeral(team.id("#infra"), team.id("ana"), "for ana", thread_ts=root["ts"])
    await team.slack.act("delete", channel=team.id("#infra"), ts=root["ts"])
    said = await team.threads.thread(team.id("#infra"), root["ts"])
    assert [(message.text, message.bot) for message in said] == [("The plan", False), ("waves", False), ("for all", False), ("built", True)]


async def test_an_edit_has_its_version_and_text(team: Team) -> None:
    root = await team.slack.say("ana", "#infra", "Datadog")
    edited = await team.slack.act("edit", channel=team.id("#infra"), ts=root["ts"], text="Grafana")
    (message,) = await team.threads.thread(team.id("#infra"), root["ts"])
    assert (message.text, message.version) == ("Grafana", edited["edited_ts"])


async def test_whoever_cannot_be_looked_up_counts_as_an_outsider(team: Team) -> None:
    root = await team.slack.say("ana", "#infra", "hello")
    await team.slack.act("fail", method="users.info", error="ratelimited", times=10)
    (message,) = await team.threads.thread(team.id("#infra"), root["ts"])
    assert message.outsider
    assert message.speaker == team.id("ana")


async def test_the_name_of_a_private_channel_is_not_given_away(team: Team) -> None:
    root = await team.slack.say("ana", "#infra", f"see <#{team.id('#legal')}> and <#{team.id('#help')}>")
    assert (await team.threads.thread(team.id("#infra"), root["ts"]))[0].text == "see #private-channel and #help"


async def test_the_root_of_a_message_is_its_thread_s(team: Team) -> None:
    infra, root = team.id("#infra"), await team.slack.say("ana", "#infra", "root")
    assert await team.threads.root_of(infra, root["ts"]) == root["ts"]
    reply = await team.slack.say("bo", "#infra", "reply", thread_ts=root["ts"])
    assert await team.threads.root_of(infra, reply["ts"]) == root["ts"]
    assert await team.threads.root_of(infra, root["ts"]) == root["ts"]


async def test_what_is_gone_is_told_from_what_fails(team: Team) -> None:
    infra = team.id("#infra")
    for ask in (team.threads.thread, team.threads.root_of):
        with pytest.raises(ThreadGone):
            await ask(infra, "1.000001")
        with pytest.raises(NotThere, match="not_in_channel"):
            await ask(team.id("#loud"), "1.000001")
        with pytest.raises(NotThere, match="channel_not_found"):
            await ask(team.id("#vault"), "1.000001")
        for fault in ({"status": 502}, {"error": "missing_scope"}, {"error": "fatal_error"}):
            await team.slack.act("fail", method="conversations.replies", **fault)
            with pytest.raises(SlackFailed):
                await ask(infra, "1.000001")


def test_a_message_is_ours_by_user_bot_or_app(team: Team) -> None:
    us = team.installation
    assert module.is_ours({"user": us.bot_user}, us)
    assert module.is_ours({"bot_id": us.bot_id}, us)
    assert module.is_ours({"bot_id": "B0", "app_id": us.app_id}, us)
    assert not module.is_ours({"user": "U1", "app_id": us.app_id}, us)
    assert not module.is_ours({"user": "U1", "bot_id": "B0", "app_id": "A0"}, us)
