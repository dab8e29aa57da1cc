"""Signed HTTP delivery, received by Bolt and by a bare server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.slack import SIGNING_SECRET

from .pretend_slack import bolt_app, pretend, until

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.post("/slack/events", handler)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


def served_by(app: AsyncApp) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return handle


async def test_bolt_accepts_the_signature_of_events_commands_and_clicks() -> None:
    async with pretend() as here:
        app, got = bolt_app(here, signing_secret=SIGNING_SECRET), []

        @app.command("/learnings")  # type: ignore[untyped-decorator]
        async def command(ack: Any, command: Any) -> None:
            await ack(f"nothing about {command['text']}")

        @app.action("undo")  # type: ignore[untyped-decorator]
        async def click(ack: Any, action: Any) -> None:
            got.append(action["value"])
            await ack()

        async with serving(served_by(app)) as url:
            await here.act("delivery", events_url=url)
            posted = await here.say("ana", "#infra", "@tacit hello", wait=True)
            assert [each["attempts"] for each in posted["deliveries"]] == [1, 1]
            await here.act("command", as_="ana", in_="#infra", text="/learnings egress", wait=True)
            assert (await here.texts("#infra"))[-1] == "nothing about egress"
            button = {"type": "button", "text": {"type": "plain_text", "text": "Undo"}, "action_id": "undo", "value": "i3"}
            blocks = [{"type": "actions", "elements": [button]}]
            sent = await here.client.chat_postMessage(channel=here.channel("infra"), text="done", blocks=blocks)
            await here.act("click", as_="bo", channel="#infra", ts=sent["ts"], label="undo", wait=True)
            assert got == ["i3"]


async def test_a_wrong_secret_is_refused_by_the_app_and_sent_again() -> None:
    async with pretend() as here, serving(served_by(bolt_app(here, signing_secret="other"))) as url:
        await here.act("delivery", events_url=url, retry_delays=[0])
        answer = await here.say("ana", "#infra", "hello", wait=True, expect=504)
        assert (answer["unacknowledged"][0]["error"], answer["unacknowledged"][0]["attempts"]) == ("http_error", 2)


async def test_retries_are_numbered_and_say_why() -> None:
    got: list[tuple[str | None, str | None]] = []
    verifier = SignatureVerifier(SIGNING_SECRET)

    async def handle(request: web.Request) -> web.Response:
        assert verifier.is_valid_request(await request.text(), dict(request.headers))
        got.append((request.headers.get("X-Slack-Retry-Num"), request.headers.get("X-Slack-Retry-Reason")))
        if len(got) == 2:
            await until(lambda: len(got) == 3)
        return web.Response(status=500 if len(got) == 1 else 200)

    async with serving(handle) as url, pretend(events_url=url) as here:
        await here.act("delivery", ack_timeout=0.1, retry_delays=[0, 0, 0])
        await here.say("ana", "#infra", "hello", wait=True)
        assert got == [(None, None), ("1", "http_error"), ("2", "http_timeout")]


async def test_an_app_that_is_away_gets_the_event_when_it_is_back() -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(headers={"X-Slack-No-Retry": "1"}, status=500)

    async with pretend() as here:
        async with serving(handle) as url:
            await here.act("delivery", events_url=url, retry_delays=[0, 0.1])
            answer = await here.say("ana", "#infra", "refused for good", wait=True, expect=504)
            assert answer["unacknowledged"][0]["attempts"] == 1
        answer = await here.say("ana", "#infra", "nobody there", wait=True, expect=504)
        assert (answer["unacknowledged"][0]["error"], answer["unacknowledged"][0]["attempts"]) == ("connection_failed", 3)
