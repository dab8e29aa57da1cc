"""Which events an act causes for the app, and what stands in them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from .pretend_slack import Json, Listener, Pretend, pretend


class Heard(Listener):
    """A listener that returns what one act caused."""

    async def of(self, here: Pretend, path: str, **body: Any) -> list[Json]:
        self.got.clear()
        await here.act(path, wait=True, **body)
        return self.events


@pytest.fixture
async def here() -> AsyncIterator[Pretend]:
    async with pretend() as running:
        yield running


@pytest.fixture
async def heard(here: Pretend) -> AsyncIterator[Heard]:
    async with Heard(here) as listener:
        yield listener


def kinds(events: list[Json]) -> list[str]:
    return [event.get("subtype") or event["type"] for event in events]


async def test_where_a_message_stands_decides_what_is_heard(here: Pretend, heard: Heard) -> None:
    async def said(name: str, where: str, text: str = "@tacit hi") -> list[str]:
        return [event.get("channel_type", event["type"]) for event in await heard.of(here, "post", as_=name, in_=where, text=text)]

    assert await said("ana", "#infra") == ["app_mention", "channel"]
    assert await said("ana", "#legal") == ["app_mention", "group"]
    assert await said("ana", "dm") == ["im"]
    assert await said("ana", "#loud") == ["app_mention"]  # Tacit is not in it.
    assert await said("ana", "#loud", "hi") == []
    assert await said("bo", "#vault") == []
    await here.act("channel", name="trio", group_dm=True, members=["ana", "bo"])
    assert await said("ana", "trio") == ["app_mention", "mpim"]


async def test_a_mention_can_sit_in_blocks_alone(here: Pretend, heard: Heard) -> None:
    element = {"type": "rich_text_section", "elements": [{"type": "user", "user_id": here.user("tacit")}]}
    blocks = [{"type": "rich_text", "elements": [element]}]
    assert kinds(await heard.of(here, "post", as_="ana", in_="#infra", text="look", blocks=blocks)) == ["app_mention", "message"]


async def test_the_apps_own_posts_come_back_with_its_bot_id_and_without_metadata(here: Pretend, heard: Heard) -> None:
    metadata = {"event_type": "answer", "event_payload": {"id": "q1"}}
    await here.client.chat_postMessage(channel=here.channel("infra"), text="<@U1> hi", metadata=metadata)
    await here.act("wait")
    event = heard.events[0]
    assert (kinds(heard.events), event["bot_id"][0], "metadata" in event) == (["message"], "B", False)


async def test_subtypes_that_are_real_messages(here: Pretend, heard: Heard) -> None:
    root = (await here.say("ana", "#infra", "root", wait=True))["ts"]
    say = {"as_": "ana", "in_": "#infra", "text": "x"}
    assert kinds(await heard.of(here, "post", subtype="me_message", **say)) == ["me_message"]
    hook = (await heard.of(here, "post", subtype="bot_message", **say))[0]
    assert (hook["subtype"], hook["username"], "bot_id" in hook, "user" in hook) == ("bot_message", "ana", True, False)
    shared = await heard.of(here, "post", files=[{"name": "a.txt"}], **say)
    assert (kinds(shared), shared[0]["files"][0]["name"]) == (["file_share"], "a.txt")
    loud = await heard.of(here, "post", thread_ts=root, broadcast=True, **say)
    assert (kinds(loud), loud[0]["thread_ts"], loud[0]["root"]["text"]) == (["thread_broadcast"], root, "root")
    reply = await heard.of(here, "post", thread_ts=loud[0]["ts"], **say)
    assert (reply[0]["thread_ts"], reply[0]["parent_user_id"]) == (root, here.user("ana"))


async def test_edits_and_link_previews_differ_in_the_text(here: Pretend, heard: Heard) -> None:
    ts = (await here.say("ana", "#infra", "we use tabs"))["ts"]
    await here.act("wait")
    edited = (await heard.of(here, "edit", channel="#infra", ts=ts, text="we use spaces"))[0]
    assert (edited["subtype"], edited["message"]["text"], edited["previous_message"]["text"]) == (
        "message_changed",
        "we use spaces",
        "we use tabs",
    )
    assert edited["message"]["edited"] == {"user": here.user("ana"), "ts": edited["event_ts"]}
    preview = (await heard.of(here, "unfurl", channel="#infra", ts=ts))[0]
    assert preview["message"]["text"] == preview["previous_message"]["text"] == "we use spaces"
    assert kinds(await heard.of(here, "edit", channel="#infra", ts=ts, text="@tacit?")) == ["app_mention", "message_changed"]
    assert kinds(await heard.of(here, "edit", channel="#infra", ts=ts, text="@tacit!")) == ["message_changed"]


async def test_deleting_says_what_was_there(here: Pretend, heard: Heard) -> None:
    root = (await here.say("ana", "#infra", "root"))["ts"]
    reply = (await here.say("bo", "#infra", "reply", thread_ts=root))["ts"]
    await here.act("wait")
    tombstone = (await heard.of(here, "delete", channel="#infra", ts=root))[0]
    assert (tombstone["subtype"], tombstone["message"]["subtype"], tombstone["previous_message"]["text"]) == (
        "message_changed",
        "tombstone",
        "root",
    )
    gone = (await heard.of(here, "delete", channel="#infra", ts=reply))[0]
    assert (gone["subtype"], gone["deleted_ts"], gone["previous_message"]["text"]) == ("message_deleted", reply, "reply")


async def test_reactions_name_the_message_and_its_author(here: Pretend, heard: Heard) -> None:
    ts = (await here.say("ana", "#infra", "x"))["ts"]
    await here.act("wait")
    mark = {"as_": "bo", "channel": "#infra", "ts": ts, "emoji": "🧠"}
    added = (await heard.of(here, "react", **mark))[0]
    assert (added["type"], added["reaction"], added["item"]["ts"]) == ("reaction_added", "brain", ts)
    assert (added["item_user"], added["user"]) == (here.user("ana"), here.user("bo"))
    assert await heard.of(here, "react", **mark) == []
    assert kinds(await heard.of(here, "unreact", **mark)) == ["reaction_removed"]


async def test_joining_and_leaving(here: Pretend, heard: Heard) -> None:
    assert kinds(await heard.of(here, "join", as_="gus", in_="#infra", by="ana")) == ["member_joined_channel", "channel_join"]
    assert kinds(await heard.of(here, "leave", as_="gus", in_="#infra")) == ["member_left_channel", "channel_leave"]
    assert kinds(await heard.of(here, "join", as_="tacit", in_="#loud"))[0] == "member_joined_channel"
    assert kinds(await heard.of(here, "leave", as_="tacit", in_="#loud", by="ana")) == ["channel_left"]
    assert kinds(await heard.of(here, "leave", as_="tacit", in_="#legal")) == ["group_left"]
    assert await heard.of(here, "join", as_="ana", in_="#infra") == []


async def test_a_channel_changes(here: Pretend, heard: Heard) -> None:
    infra = here.channel("infra")
    turned = (await heard.of(here, "privacy", in_="#infra", private=True))[0]
    assert (turned["subtype"], turned["channel_type"]) == ("channel_convert_to_private", "group")
    assert (await here.client.conversations_info(channel=infra))["channel"]["is_private"] is True
    assert kinds(await heard.of(here, "privacy", in_="#infra", private=False)) == ["channel_convert_to_public"]
    assert kinds(await heard.of(here, "share", in_="#infra", team="Partner")) == ["channel_shared"]
    assert (await here.client.conversations_info(channel=infra))["channel"]["is_ext_shared"] is True
    assert kinds(await heard.of(here, "share", in_="#infra", team=None)) == ["channel_unshared"]
    assert kinds(await heard.of(here, "rename", in_="#infra", name="ops")) == ["channel_rename", "channel_name"]
    assert kinds(await heard.of(here, "archive", in_="#ops")) == ["channel_archive"]
    assert kinds(await heard.of(here, "archive", in_="#ops", archived=False)) == ["channel_unarchive"]
    assert kinds(await heard.of(here, "remove", in_="#ops")) == ["channel_deleted"]
    assert kinds(await heard.of(here, "remove", in_="#legal")) == ["group_deleted"]


async def test_an_outsider_makes_the_channel_shared(here: Pretend, heard: Heard) -> None:
    assert "channel_shared" in kinds(await heard.of(here, "join", as_="eve", in_="#infra"))
    said = await heard.of(here, "post", as_="eve", in_="#infra", text="hello")
    assert said[0]["user_team"] != here.slack.world.team_id
    assert heard.got[-1].payload["is_ext_shared_channel"] is True


async def test_people_come_and_change(here: Pretend, heard: Heard) -> None:
    joined = (await heard.of(here, "teammate", name="zoe", tz="Europe/Paris"))[0]
    assert (joined["type"], joined["user"]["tz"]) == ("team_join", "Europe/Paris")
    changed = (await heard.of(here, "teammate", name="zoe", guest=True))[0]
    assert (changed["type"], changed["user"]["is_restricted"], changed["user"]["tz"]) == ("user_change", True, "Europe/Paris")
    opened = (await heard.of(here, "home", as_="zoe", tab="messages"))[0]
    assert (opened["type"], opened["channel"][0], opened["tab"]) == ("app_home_opened", "D", "messages")


async def test_any_event_can_be_injected_also_twice(here: Pretend, heard: Heard) -> None:
    event = {"type": "message", "channel": here.channel("infra"), "user": "USLACKBOT", "text": "reminder", "ts": "1.000001"}
    for _ in range(2):
        assert await heard.of(here, "inject", event=event, event_id="Ev0SAME") == [event]
        assert heard.got[0].payload["event_id"] == "Ev0SAME"
