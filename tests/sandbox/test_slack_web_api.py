"""The Web API, asked by the real slack_sdk client."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import APP_TOKEN, BOT_TOKEN

from .pretend_slack import ACME, Pretend, pretend


@pytest.fixture
async def here() -> AsyncIterator[Pretend]:
    async with pretend() as running:
        yield running


async def refused(awaitable: object) -> str:
    with pytest.raises(SlackApiError) as caught:
        await awaitable  # type: ignore[misc]
    return str(caught.value.response["error"])


async def test_the_app_learns_who_it_is(here: Pretend) -> None:
    who = await here.client.auth_test()
    assert (who["user"], who["url"]) == ("tacit", f"{here.slack.url}/")
    assert (who["team_id"][0], who["user_id"][0], who["bot_id"][0]) == ("T", "U", "B")
    assert "chat:write" in who.headers["X-OAuth-Scopes"].split(",")
    assert (await here.client.bots_info(bot=who["bot_id"]))["bot"]["user_id"] == who["user_id"]
    assert (await here.client.team_info())["team"]["name"] == "Acme"


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-other", "invalid_auth"), (APP_TOKEN, "not_allowed_token_type")])
async def test_a_wrong_token_is_refused(here: Pretend, token: str, error: str) -> None:
    assert await refused(AsyncWebClient(token=token, base_url=here.slack.api_url).auth_test()) == error


async def test_a_missing_scope_is_named() -> None:
    async with pretend({**ACME, "scopes": ["chat:write", "channels:read"]}) as here:
        with pytest.raises(SlackApiError) as caught:
            await here.client.conversations_history(channel=here.channel("infra"))
        answer = caught.value.response
        assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "channels:history", "chat:write,channels:read")


async def test_a_post_is_returned_and_listed(here: Pretend) -> None:
    infra = here.channel("infra")
    posted = await here.client.chat_postMessage(channel=infra, text="hello <@U1>")
    assert posted["message"]["bot_id"].startswith("B")
    listed = (await here.client.conversations_history(channel=infra))["messages"]
    assert [(each["ts"], each["text"]) for each in listed] == [(posted["ts"], "hello <@U1>")]
    link = (await here.client.chat_getPermalink(channel=infra, message_ts=posted["ts"]))["permalink"]
    assert link == f"{here.slack.url}/archives/{infra}/p{posted['ts'].replace('.', '')}"


async def test_where_the_app_is_not_it_neither_writes_nor_reads(here: Pretend) -> None:
    loud, vault = here.channel("loud"), here.channel("vault")
    assert await refused(here.client.chat_postMessage(channel=loud, text="x")) == "not_in_channel"
    assert await refused(here.client.conversations_history(channel=loud)) == "not_in_channel"
    assert (await here.client.conversations_info(channel=loud))["channel"]["is_member"] is False
    for call in (here.client.conversations_info, here.client.conversations_history, here.client.conversations_members):
        assert await refused(call(channel=vault)) == "channel_not_found"
    assert await refused(here.client.chat_postMessage(channel=vault, text="x")) == "channel_not_found"


async def test_what_is_wrong_with_a_message_is_said(here: Pretend) -> None:
    infra, post = here.channel("infra"), here.client.chat_postMessage
    his = (await here.say("ana", "#infra", "mine"))["ts"]
    reply = await post(channel=infra, text="x", thread_ts=his)
    assert await refused(here.client.api_call("chat.postMessage", json={"channel": infra})) == "no_text"
    assert await refused(post(channel=infra, text="x" * 40_001)) == "msg_too_long"
    assert await refused(post(channel=infra, text="x", thread_ts="1.000001")) == "thread_not_found"
    assert await refused(post(channel=infra, text="x", thread_ts=reply["ts"])) == "cannot_reply_to_message"
    assert await refused(post(channel=infra, text="x", blocks=[{"type": "sektion"}])) == "invalid_blocks"
    assert await refused(post(channel=infra, text="x", blocks=[{"type": "header", "text": {"text": "x" * 151}}])) == "invalid_blocks"
    label, field = {"type": "plain_text", "text": "Words"}, {"type": "plain_text_input"}
    for entry in (
        {"type": "input", "element": field},
        {"type": "input", "label": label | {"type": "mrkdwn"}, "element": field},
        {"type": "input", "label": label | {"text": "x" * 2001}, "element": field},
        {"type": "input", "label": label, "element": {"type": "button"}},
        {"type": "input", "label": label, "element": field | {"initial_value": "abc", "max_length": 2}},
        {"type": "input", "label": label, "element": field | {"max_length": 3001}},
    ):
        assert await refused(post(channel=infra, text="x", blocks=[entry])) == "invalid_blocks"
    assert await refused(here.client.chat_update(channel=infra, ts=his, text="x")) == "cant_update_message"
    assert await refused(here.client.chat_update(channel=infra, ts="1.000001", text="x")) == "message_not_found"
    assert await refused(here.client.chat_update(channel=infra, ts=reply["ts"], text="x" * 4001)) == "msg_too_long"
    assert await refused(here.client.chat_delete(channel=infra, ts=his)) == "cant_delete_message"
    assert await refused(here.client.chat_postEphemeral(channel=infra, user=here.user("gus"), text="x")) == "user_not_in_channel"
    assert await refused(here.client.api_call("chat.sing")) == "unknown_method"
    assert await refused(here.client.users_info(user="U1")) == "user_not_found"


async def test_metadata_comes_back_only_when_asked_for(here: Pretend) -> None:
    infra, metadata = here.channel("infra"), {"event_type": "answer", "event_payload": {"question": "q1"}}
    root = (await here.say("ana", "#infra", "well?"))["ts"]
    posted = await here.client.chat_postMessage(channel=infra, text="so", thread_ts=root, metadata=metadata)
    plain = (await here.client.conversations_replies(channel=infra, ts=root))["messages"]
    asked = (await here.client.conversations_replies(channel=infra, ts=root, include_all_metadata=True))["messages"]
    assert ["metadata" in each for each in plain] == [False, False]
    assert asked[1]["metadata"] == metadata
    await here.client.chat_update(channel=infra, ts=posted["ts"], text="so then")
    again = (await here.client.conversations_replies(channel=infra, ts=root, include_all_metadata=True))["messages"]
    assert (again[1]["text"], again[1]["metadata"]) == ("so then", metadata)


async def test_a_thread_is_read_page_by_page(here: Pretend) -> None:
    infra = here.channel("infra")
    root = (await here.say("ana", "#infra", "0"))["ts"]
    replies = [(await here.say("bo", "#infra", str(number), thread_ts=root))["ts"] for number in range(1, 8)]
    pages, cursor = [], None
    while cursor != "":
        page = await here.client.conversations_replies(channel=infra, ts=root, limit=3, cursor=cursor)
        pages.append([each["text"] for each in page["messages"]])
        cursor = page.get("response_metadata", {}).get("next_cursor", "")
        if len(pages) == 1:
            await here.act("delete", channel="#infra", ts=replies[2])  # the one that the cursor names
    assert pages == [["0", "1", "2"], ["4", "5", "6"], ["7"]]
    some = await here.client.conversations_replies(channel=infra, ts=root, oldest=replies[3], latest=replies[5])
    assert [each["text"] for each in some["messages"]] == ["0", "5"]
    some = await here.client.conversations_replies(channel=infra, ts=root, oldest=replies[3], latest=replies[5], inclusive=True)
    assert [each["text"] for each in some["messages"]] == ["0", "4", "5", "6"]
    one = await here.client.conversations_replies(channel=infra, ts=replies[0])
    assert [(each["text"], each["thread_ts"]) for each in one["messages"]] == [("1", root)]
    assert await refused(here.client.conversations_replies(channel=infra, ts=root, cursor="nonsense")) == "invalid_cursor"
    assert await refused(here.client.conversations_replies(channel=infra, ts="1.000001")) == "thread_not_found"


async def test_history_shows_the_newest_first_and_no_replies(here: Pretend) -> None:
    infra = here.channel("infra")
    stamps = [(await here.say("ana", "#infra", str(number)))["ts"] for number in range(5)]
    await here.say("bo", "#infra", "reply", thread_ts=stamps[0])
    await here.say("bo", "#infra", "loud reply", thread_ts=stamps[0], broadcast=True)
    first = await here.client.conversations_history(channel=infra, limit=2)
    assert [each["text"] for each in first["messages"]] == ["loud reply", "4"]
    await here.say("ana", "#infra", "news between two pages")
    rest = await here.client.conversations_history(channel=infra, cursor=first["response_metadata"]["next_cursor"])
    assert [each["text"] for each in rest["messages"]] == ["3", "2", "1", "0"]
    assert (rest["messages"][3]["reply_count"], rest["has_more"]) == (2, False)
    newer = await here.client.conversations_history(channel=infra, oldest=stamps[3], latest=stamps[4], inclusive=True)
    assert [each["text"] for each in newer["messages"]] == ["4", "3"]


async def test_places_say_what_they_are(here: Pretend) -> None:
    async def info(where: str) -> dict[str, object]:
        return (await here.client.conversations_info(channel=where))["channel"]  # type: ignore[no-any-return]

    infra, legal, bridge = await info(here.channel("infra")), await info(here.channel("legal")), await info(here.channel("bridge"))
    assert (infra["is_private"], infra["is_member"], infra["is_ext_shared"]) == (False, True, False)
    assert (legal["is_private"], str(legal["id"])[0]) == (True, "C")
    assert (bridge["is_ext_shared"], bridge["is_shared"]) == (True, True)
    dm = (await here.client.conversations_open(users=here.user("ana")))["channel"]["id"]
    assert (await info(dm))["is_im"] is True
    both = [here.user("ana"), here.user("bo")]
    assert await refused(here.client.conversations_open(users=both)) == "missing_scope"  # mpim:write is not in the manifest.
    here.slack.world.scopes.append("mpim:write")
    group = (await here.client.conversations_open(users=both))["channel"]["id"]
    assert (await info(group))["is_mpim"] is True
    assert (await here.client.conversations_open(users=here.user("ana")))["channel"]["id"] == dm
    assert set((await here.client.conversations_members(channel=group))["members"]) == {*map(here.user, ("ana", "bo", "tacit"))}


async def test_a_bot_sees_a_users_private_channels_only_where_it_is_too(here: Pretend) -> None:
    async def of(name: str) -> set[str]:
        kinds = ["public_channel", "private_channel"]
        found = await here.client.users_conversations(user=here.user(name), types=kinds, limit=2)
        return {channel["name"] async for page in found for channel in page["channels"]}

    assert await of("ana") == {"infra", "legal", "bridge", "loud"}
    assert await of("bo") == {"infra", "help", "loud"}


async def test_people_say_who_they_are(here: Pretend) -> None:
    people = {each["name"]: each for each in (await here.client.users_list())["members"]}
    assert (people["bo"]["is_admin"], people["gus"]["is_restricted"], people["tacit"]["is_bot"]) == (True, True, True)
    assert people["eve"]["team_id"] != people["ana"]["team_id"]
    ana = (await here.client.users_info(user=here.user("ana"), include_locale=True))["user"]
    assert (ana["locale"], ana["profile"]["display_name"], ana["is_restricted"]) == ("en-US", "ana", False)
    await here.act("teammate", name="ana", guest=True)
    assert (await here.client.users_info(user=here.user("ana")))["user"]["is_restricted"] is True


async def test_reactions_are_added_once_and_removed_once(here: Pretend) -> None:
    infra = here.channel("infra")
    mark = {"channel": infra, "name": "brain", "timestamp": (await here.say("ana", "#infra", "hm"))["ts"]}
    await here.client.reactions_add(**mark)
    assert await refused(here.client.reactions_add(**mark)) == "already_reacted"
    await here.act("react", as_="bo", channel="#infra", ts=mark["timestamp"], emoji=":brain:")
    shown = (await here.client.reactions_get(channel=infra, timestamp=mark["timestamp"]))["message"]["reactions"]
    assert shown == [{"name": "brain", "users": [here.user("tacit"), here.user("bo")], "count": 2}]
    await here.client.reactions_remove(**mark)
    assert await refused(here.client.reactions_remove(**mark)) == "no_reaction"


async def test_a_root_with_replies_leaves_a_tombstone(here: Pretend) -> None:
    infra = here.channel("infra")
    root = (await here.say("ana", "#infra", "secret"))["ts"]
    reply = (await here.say("bo", "#infra", "reply", thread_ts=root))["ts"]
    await here.act("delete", channel="#infra", ts=root)
    left = (await here.client.conversations_replies(channel=infra, ts=root))["messages"]
    assert [(each.get("subtype"), each["text"]) for each in left] == [("tombstone", "This message was deleted."), (None, "reply")]
    await here.act("delete", channel="#infra", ts=reply)
    assert await here.texts("#infra") == []


async def test_a_lost_answer_has_been_posted_all_the_same(here: Pretend) -> None:
    infra, careful = here.channel("infra"), AsyncWebClient(token=BOT_TOKEN, base_url=here.slack.api_url, retry_handlers=[])
    await here.act("fail", method="chat.postMessage", drop_answer_after_doing=True)
    with pytest.raises(aiohttp.ClientError):
        await careful.chat_postMessage(channel=infra, text="once")
    assert await here.texts("#infra") == ["once"]
    await here.act("fail", method="chat.postMessage", drop_answer_after_doing=True)
    await here.client.chat_postMessage(channel=infra, text="twice")  # The default client repeats what it has no answer to.
    assert await here.texts("#infra") == ["once", "twice", "twice"]
    await here.act("fail", method="chat.postMessage", drop=True)
    with pytest.raises(aiohttp.ClientError):
        await careful.chat_postMessage(channel=infra, text="never")
    assert "never" not in await here.texts("#infra")


async def test_faults_strike_as_often_as_ordered(here: Pretend) -> None:
    await here.act("fail", method="users.info", error="fatal_error", times=2)
    await here.act("fail", method="users.info", status=503)
    who = here.user("ana")
    assert [await refused(here.client.users_info(user=who)) for _ in range(3)] == ["fatal_error", "fatal_error", "internal_error"]
    assert (await here.client.users_info(user=who))["ok"]
    assert [call["status"] for call in (await here.look("calls", method="users.info"))["calls"]] == [200, 200, 503, 200]


async def test_a_rate_limit_names_the_pause(here: Pretend) -> None:
    await here.act("ratelimit", method="chat.postMessage", retry_after=1)
    with pytest.raises(SlackApiError) as caught:
        await here.client.chat_postMessage(channel=here.channel("infra"), text="x")
    answer = caught.value.response
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "1")
    await here.act("ratelimit", method="chat.postMessage", retry_after=1)
    here.client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    assert (await here.client.chat_postMessage(channel=here.channel("infra"), text="patient"))["ok"]


async def test_statuses_end_with_the_reply_except_an_agent_sessions(here: Pretend) -> None:
    infra, root = here.channel("infra"), (await here.say("ana", "#infra", "well?"))["ts"]
    await here.client.assistant_threads_setStatus(channel_id=infra, thread_ts=root, status="is thinking")
    assert [each["status"] for each in (await here.look("messages"))["statuses"]] == ["is thinking"]
    await here.client.chat_postMessage(channel=infra, text="so", thread_ts=root)
    assert (await here.look("messages"))["statuses"] == []
    await here.client.agents_sessions_setStatus(channel_id=infra, thread_ts=root, status="processing")
    await here.client.chat_postMessage(channel=infra, text="so", thread_ts=root)
    assert len((await here.look("messages"))["statuses"]) == 1


async def test_the_home_page_is_published(here: Pretend) -> None:
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    await here.client.views_publish(user_id=here.user("ana"), view=view)
    assert (await here.look("homes"))["homes"][here.user("ana")]["blocks"] == view["blocks"]
    assert await refused(here.client.views_open(trigger_id="x", view=view)) == "invalid_trigger_id"
    prompts = [{"title": "Ask", "message": "What do we know?"}]
    dm = (await here.client.conversations_open(users=here.user("ana")))["channel"]["id"]
    assert (await here.client.assistant_threads_setSuggestedPrompts(channel_id=dm, prompts=prompts))["ok"]
