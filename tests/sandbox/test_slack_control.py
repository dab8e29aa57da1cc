"""The control API: names, refusals, the feed, and what one person sees."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.slack import BOT_TOKEN, Workspace
from bot.sandbox.slack.ids import Clock
from bot.sandbox.slack.text import mentions, rich_text, typed

from .pretend_slack import Pretend, pretend


@pytest.fixture
async def here() -> AsyncIterator[Pretend]:
    async with pretend() as running:
        yield running


@pytest.mark.parametrize(
    ("text", "slack"),
    [
        ("@ana and @Bo.", "<@U1> and <@U2>."),
        ("ask @ana's team, not me@ana.com or @nobody", "ask <@U1>'s team, not me@ana.com or @nobody"),
        ("see #infra, #42 and https://a.b/c?d=1&e=2.", "see <#C1|infra>, #42 and <https://a.b/c?d=1&amp;e=2>."),
        ("1 < 2 & <@U9> <!here> @here", "1 &lt; 2 &amp; <@U9> <!here> <!here>"),
        ("https://a.b/@ana#infra", "<https://a.b/@ana#infra>"),
        ("@ana-lena @ana", "<@U3> <@U1>"),
    ],
)
def test_typed_text_becomes_slacks(text: str, slack: str) -> None:
    assert typed(text, {"ana": "U1", "bo": "U2", "ana-lena": "U3"}, {"infra": "C1"}) == slack


def test_a_ts_is_later_than_all_before_also_when_the_clock_was_set_back() -> None:
    clock = Clock()
    stamps = [clock.ts() for _ in range(1000)]
    assert sorted(set(stamps)) == stamps
    clock.seen("9999999999.999999")
    assert clock.ts() == "10000000000.000000"


def test_rich_text_is_what_was_typed() -> None:
    elements = rich_text("hi <@U1>, 1 &lt; 2 <https://a.b|here>")[0]["elements"][0]["elements"]
    assert [element["type"] for element in elements] == ["text", "user", "text", "link"]
    assert elements[2]["text"] == ", 1 < 2 "
    assert mentions("", rich_text("<@U1>"), "U1")
    assert not mentions("@U1", rich_text("@U1"), "U1")


@pytest.mark.parametrize(
    "description",
    [
        {"teamates": {}},
        {"teammates": {"ana": {"boss": True}}},
        {"teammates": {"ana": {}}, "channels": {"infra": {"members": ["bo"]}}},
    ],
)
def test_a_description_that_makes_no_sense_is_refused(description: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"teamates|boss|bo"):
        Workspace.parse(description)


async def test_refusals_are_sentences(here: Pretend) -> None:
    assert "nobody" in (await here.say("nobody", "#infra", "x", expect=404))["error"]
    assert "nowhere" in (await here.say("ana", "#nowhere", "x", expect=404))["error"]
    assert "not in" in (await here.say("gus", "#infra", "x", expect=400))["error"]
    assert "missing" in (await here.act("react", as_="ana", channel="#infra", ts="1", expect=400))["error"]
    assert "txt" in (await here.act("post", as_="ana", in_="#infra", txt="x", expect=400))["error"]
    assert "1.000001" in (await here.act("delete", channel="#infra", ts="1.000001", expect=404))["error"]
    async with here.session.post(f"{here.slack.url}/control/heal", headers={"Origin": "http://evil.example"}) as response:
        assert response.status == 403
    async with here.session.post(f"{here.slack.url}/control/heal", headers={"Host": "evil.example"}) as response:
        assert response.status == 403


async def test_a_person_sees_their_own_places(here: Pretend) -> None:
    async def names(who: str) -> dict[str, bool]:
        return {each["name"]: each["member"] for each in (await here.look("view", as_=who))["channels"] if each["kind"] != "dm"}

    assert await names("ana") == {"infra": True, "help": False, "legal": True, "bridge": True, "loud": True}
    assert await names("gus") == {"help": True}
    assert (await names("eve")) == {"bridge": True}
    await here.look("view/messages", as_="bo", channel="#legal", expect=403)
    await here.say("ana", "dm", "psst")
    dm = (await here.look("view", as_="ana"))["dm"]
    assert len((await here.look("view/messages", as_="ana", channel="dm"))["messages"]) == 1
    await here.look("view/messages", as_="bo", channel=dm, expect=403)


async def test_a_thread_and_the_top_level_are_seen_apart(here: Pretend) -> None:
    root = (await here.say("ana", "#infra", "root"))["ts"]
    await here.say("bo", "#infra", "reply", thread_ts=root)
    await here.client.chat_postEphemeral(channel=here.channel("infra"), user=here.user("bo"), text="for bo", thread_ts=root)

    async def seen(who: str, **more: str) -> list[str]:
        return [each["text"] for each in (await here.look("view/messages", as_=who, channel="#infra", **more))["messages"]]

    assert await seen("bo") == ["root"]
    assert await seen("bo", thread_ts=root) == ["root", "reply", "for bo"]
    assert await seen("ana", thread_ts=root) == ["root", "reply"]


async def test_the_feed_tells_of_everything_and_can_be_waited_for(here: Pretend) -> None:
    start = (await here.look("state"))["next"]
    waiting = asyncio.create_task(here.look("changes", since=start, wait=5))
    await asyncio.sleep(0.02)
    posted = await here.say("ana", "#infra", "news")
    first = await waiting
    assert first["items"][0]["message"]["text"] == "news"
    mark = {"channel": "#infra", "ts": posted["ts"]}
    await here.act("react", as_="bo", emoji="brain", **mark)
    await here.act("edit", text="other news", **mark)
    await here.act("delete", **mark)
    rest = (await here.look("changes", since=first["next"]))["items"]
    assert [each["type"] for each in rest if each["type"] != "delivery"] == ["reaction", "changed", "deleted"]
    assert [each["seq"] for each in rest] == sorted({each["seq"] for each in rest})


async def test_the_feed_is_streamed(here: Pretend) -> None:
    async with here.session.get(f"{here.slack.url}/control/feed", params={"since": 0}) as stream:
        await here.say("ana", "#infra", "live")
        async with asyncio.timeout(3):
            async for line in stream.content:
                if line.startswith(b"data:") and b'"live"' in line:
                    item = json.loads(line[5:])
                    break
    assert (item["type"], item["channel"]) == ("message", here.channel("infra"))


async def test_calls_are_logged_without_the_token(here: Pretend) -> None:
    await here.client.chat_postMessage(channel=here.channel("infra"), text="x")
    async with here.session.post(f"{here.slack.api_url}auth.test", data={"token": BOT_TOKEN}) as response:
        assert (await response.json())["ok"]
    calls = (await here.look("calls"))["calls"]
    assert [(call["method"], call["args"].get("text"), call["ok"]) for call in calls] == [
        ("chat.postMessage", "x", True),
        ("auth.test", None, True),
    ]
    assert "xoxb" not in json.dumps(calls)


async def test_others_can_mount_their_routes() -> None:
    async def health(_: web.Request) -> web.Response:
        return web.Response(text="up")

    async with pretend(extra_routes=[web.get("/healthz", health)]) as here, here.session.get(f"{here.slack.url}/healthz") as response:
        assert await response.text() == "up"


async def test_a_stopped_slack_frees_its_port_and_a_taken_one_is_named(here: Pretend) -> None:
    with pytest.raises(OSError, match=str(here.slack.port)):
        async with pretend(port=here.slack.port):
            pass
    await here.slack.stop()
    async with pretend(port=here.slack.port) as again:
        assert await again.texts("#infra") == []


async def test_the_program_starts_says_where_and_stops(tmp_path: Path) -> None:
    description = tmp_path / "workspace.yaml"
    description.write_text("teammates: {ana: {}}\nchannels: {infra: {members: [ana]}}\n")
    command = [sys.executable, "-m", "bot.sandbox.slack", "--port", "0", "--workspace", str(description), "--state", str(tmp_path / "s")]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout
        line = (await asyncio.wait_for(process.stdout.readline(), 10)).decode().strip()
        url = line.removeprefix("pretend Slack on ")
        async with aiohttp.ClientSession() as session, session.get(f"{url}/control/state") as response:
            assert [each["name"] for each in (await response.json())["channels"]] == ["infra"]
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0
