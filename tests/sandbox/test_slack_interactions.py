"""Slash commands, buttons, shortcuts and response addresses, through Bolt over Socket Mode."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from .pretend_slack import Listener, Pretend, bolt, bolt_app, pretend, until


@pytest.fixture
async def here() -> AsyncIterator[Pretend]:
    async with pretend() as running:
        yield running


def button(label: str, action_id: str, value: str = "") -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": action_id, "value": value}


def app_with_command(here: Pretend, seen: list[Any]) -> AsyncApp:
    app = bolt_app(here)

    @app.command("/learnings")  # type: ignore[untyped-decorator]
    async def command(ack: Any, command: Any, respond: Any) -> None:
        seen.append(command)
        await (ack() if command["text"] == "later" else ack("at once"))
        if command["text"] == "later":
            await respond("by the response address")
            await respond("for all", response_type="in_channel")

    return app


async def test_a_command_carries_who_and_where_and_its_answer_is_for_the_caller_alone(here: Pretend) -> None:
    seen: list[Any] = []
    async with bolt(here, app_with_command(here, seen)):
        await here.act("command", as_="gus", in_="#help", text="/learnings  costs of @ana ", wait=True)
        assert (seen[0]["command"], seen[0]["text"]) == ("/learnings", "costs of @ana")
        assert (seen[0]["user_id"], seen[0]["channel_id"]) == (here.user("gus"), here.channel("help"))
        shown = (await here.look("messages", channel="#help"))["messages"][0]
        assert (shown["text"], shown["ephemeral_to"], shown["is_ephemeral"]) == ("at once", here.user("gus"), True)
        place = {"channel": here.channel("help")}
        assert len((await here.look("view/messages", as_="gus", **place))["messages"]) == 1
        assert (await here.look("view/messages", as_="bo", **place))["messages"] == []
        assert (await here.client.conversations_history(**place))["messages"] == []


async def test_a_command_may_be_answered_later_and_for_all(here: Pretend) -> None:
    async with bolt(here, app_with_command(here, [])):
        await here.act("command", as_="ana", in_="dm", text="/learnings later", wait=True)
        dm = here.slack.world.direct(here.slack.world.users[here.user("ana")]).id
        await until(lambda: here.slack.world.messages.of_channel(dm))
        shown = (await here.look("messages", channel=dm))["messages"]
        assert [(each["text"], "ephemeral_to" in each) for each in shown] == [("by the response address", True), ("for all", False)]


async def test_a_command_that_nobody_acknowledges_fails_before_its_callers_eyes(here: Pretend) -> None:
    await here.act("delivery", ack_timeout=0.05)
    await here.act("command", as_="ana", in_="#infra", text="/learnings", wait=True, expect=504)
    async with Listener(here, acks=False) as deaf:
        await here.act("command", as_="ana", in_="#infra", text="/learnings", wait=True, expect=504)
        await asyncio.sleep(0.1)
        assert len(deaf.got) == 1
    texts = await here.texts("#infra")
    assert ["dispatch_failed" in texts[0], "operation_timeout" in texts[1]] == [True, True]


async def test_a_click_carries_the_button_and_the_message(here: Pretend) -> None:
    app, seen = bolt_app(here), []

    @app.action({"block_id": "row", "action_id": "retry"})  # type: ignore[untyped-decorator]
    async def clicked(ack: Any, body: Any, respond: Any) -> None:
        seen.append(body)
        await ack()
        await respond("trying again", replace_original=True)

    infra = here.channel("infra")
    root = (await here.say("ana", "#infra", "well?"))["ts"]
    blocks = [{"type": "actions", "block_id": "row", "elements": [button("Retry", "retry", "q1"), button("No", "no")]}]
    sent = await here.client.chat_postMessage(channel=infra, text="sorry", blocks=blocks, thread_ts=root)
    async with bolt(here, app):
        await here.act("click", as_="bo", channel=infra, ts=sent["ts"], label="Retry", wait=True)
        await until(lambda: here.slack.world.messages.get(infra, sent["ts"])["text"] == "trying again")  # type: ignore[index]
    body = seen[0]
    assert (body["user"]["id"], body["channel"]["id"], body["message"]["ts"]) == (here.user("bo"), infra, sent["ts"])
    assert (body["actions"][0]["value"], body["container"]["thread_ts"]) == ("q1", root)
    assert (await here.act("click", as_="bo", channel=infra, ts=root, label="Retry", expect=404))["offered"] == []


async def test_an_ephemeral_message_is_clicked_by_its_reader_and_can_be_replaced_and_deleted(here: Pretend) -> None:
    app, seen = bolt_app(here), []

    @app.action("undo")  # type: ignore[untyped-decorator]
    async def clicked(ack: Any, body: Any) -> None:
        seen.append(body)
        await ack()

    infra, blocks = here.channel("infra"), [{"type": "actions", "elements": [button("Undo", "undo")]}]
    ts = (await here.client.chat_postEphemeral(channel=infra, user=here.user("ana"), text="forgotten", blocks=blocks))["message_ts"]
    async with bolt(here, app):
        await here.act("click", as_="bo", channel=infra, ts=ts, label="Undo", expect=403)
        await here.act("click", as_="ana", channel=infra, ts=ts, action_id="undo", wait=True)
    assert ("message" in seen[0], seen[0]["container"]["is_ephemeral"]) == (False, True)
    address = AsyncWebhookClient(seen[0]["response_url"])
    await address.send(text="it is back", replace_original=True)
    assert await here.texts("#infra") == ["it is back"]
    await address.send(delete_original=True)
    assert await here.texts("#infra") == []
    answers = [await address.send(text=str(number)) for number in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404]


async def test_shortcuts_and_options(here: Pretend) -> None:
    app, seen = bolt_app(here), []

    @app.shortcut("remember")  # type: ignore[untyped-decorator]
    async def remember(ack: Any, shortcut: Any) -> None:
        seen.append((shortcut["type"], shortcut.get("message", {}).get("text")))
        await ack()

    @app.action("kind")  # type: ignore[untyped-decorator]
    async def kind(ack: Any, action: Any) -> None:
        seen.append((action["type"], action["selected_option"]["value"]))
        await ack()

    said = await here.say("ana", "#infra", "we use tabs")
    options = [{"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("Goal", "Fact")]
    menu = {"type": "static_select", "action_id": "kind", "placeholder": {"type": "plain_text", "text": "Kind"}, "options": options}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "What is it?"}, "accessory": menu}
    sent = await here.client.chat_postMessage(channel=here.channel("infra"), text="?", blocks=[section])
    async with bolt(here, app):
        await here.act("shortcut", as_="bo", callback_id="remember", channel="#infra", ts=said["ts"], wait=True)
        await here.act("shortcut", as_="bo", callback_id="remember", wait=True)
        await here.act("click", as_="bo", channel="#infra", ts=sent["ts"], action_id="kind", option="Fact", wait=True)
    assert seen == [("message_action", "we use tabs"), ("shortcut", None), ("static_select", "fact")]


async def test_a_trigger_opens_a_modal(here: Pretend) -> None:
    trigger = (await here.act("command", as_="ana", in_="#infra", text="/learnings"))["trigger_id"]
    title = {"type": "plain_text", "text": "Teach"}
    await here.client.views_open(trigger_id=trigger, view={"type": "modal", "title": title, "blocks": []})
    assert (await here.look("homes"))["modals"][0]["user"] == here.user("ana")


async def test_what_stands_in_the_fields_of_a_message_comes_with_a_click(here: Pretend) -> None:
    app, seen = bolt_app(here), []

    @app.action("save")  # type: ignore[untyped-decorator]
    async def save(ack: Any, body: Any) -> None:
        seen.append(body["state"]["values"])
        await ack()

    field = {"type": "plain_text_input", "action_id": "words", "initial_value": "as it was", "max_length": 20}
    entry = {"type": "input", "block_id": "row", "label": {"type": "plain_text", "text": "Words"}, "element": field}
    blocks = [entry, {"type": "actions", "elements": [button("Save", "save")]}]
    sent = await here.client.chat_postMessage(channel=here.channel("infra"), text="?", blocks=blocks)
    async with bolt(here, app):
        for typed in ({}, {"words": "otherwise"}, {"words": ""}, {"words": "x" * 30}):
            await here.act("click", as_="bo", channel="#infra", ts=sent["ts"], label="Save", typed=typed, wait=True)
    assert [values["row"]["words"]["value"] for values in seen] == ["as it was", "otherwise", None, "x" * 20]
    assert {values["row"]["words"]["type"] for values in seen} == {"plain_text_input"}
