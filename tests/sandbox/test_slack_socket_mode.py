"""Socket Mode, heard by slack_sdk's own client and by Bolt."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from .pretend_slack import Listener, bolt, bolt_app, pretend, until


async def test_a_mention_arrives_twice_and_is_acknowledged() -> None:
    async with pretend() as here, Listener(here) as listener:
        posted = await here.say("ana", "#infra", "@tacit hello", wait=True)
        assert [event["type"] for event in listener.events] == ["app_mention", "message"]
        assert [request.payload["event_id"] for request in listener.got] == posted["events"]
        assert {event["ts"] for event in listener.events} == {posted["ts"]}
        assert listener.events[1]["channel_type"] == "channel"
        envelope = listener.got[0].payload
        assert envelope["authorizations"][0]["user_id"] == here.user("tacit")
        assert (envelope["type"], envelope["team_id"][0], envelope["api_app_id"][0]) == ("event_callback", "T", "A")


async def test_bolt_answers_a_mention() -> None:
    async with pretend() as here:
        app = bolt_app(here)

        @app.event("app_mention")  # type: ignore[untyped-decorator]
        async def answer(event: dict[str, Any], say: Any) -> None:
            await say(text="hello yourself", thread_ts=event["ts"])

        async with bolt(here, app):
            del app._async_listeners[1]  # the one of bolt_app that acknowledges mentions and does nothing
            await here.say("ana", "#infra", "@tacit hello", wait=True)
            await until(lambda: len(here.slack.world.messages.of_channel(here.channel("infra"))) == 2)


async def test_each_event_goes_to_one_of_many_connections() -> None:
    async with pretend() as here, Listener(here) as one, Listener(here) as other:
        for number in range(20):
            await here.say("ana", "#infra", str(number))
        await here.act("wait")
        assert (len(one.got), len(other.got)) == (10, 10)
        assert Counter(event["text"] for event in one.events + other.events) == Counter(map(str, range(20)))


async def test_what_is_not_acknowledged_in_time_is_sent_again() -> None:
    async with pretend() as here, Listener(here, acks=False) as listener:
        await here.act("delivery", ack_timeout=0.05, retry_delays=[0, 0.1])
        posted = await here.say("ana", "#infra", "hello")
        await until(lambda: len(listener.got) == 3)
        assert [(request.retry_attempt, request.retry_reason) for request in listener.got] == [(0, ""), (1, "timeout"), (2, "timeout")]
        assert {request.payload["event_id"] for request in listener.got} == set(posted["events"])
        assert len({request.envelope_id for request in listener.got}) == 3
        await listener.ack(listener.got[0])  # A late acknowledgement of the first one counts too.
        found = (await here.act("wait", ids=posted["events"]))["deliveries"]
        assert (found[0]["state"], found[0]["attempts"]) == ("acked", 3)
        await asyncio.sleep(0.2)
        assert len(listener.got) == 3


async def test_an_event_is_given_up_after_the_last_retry() -> None:
    async with pretend() as here, Listener(here, acks=False) as listener:
        await here.act("delivery", ack_timeout=0.02, retry_delays=[0])
        answer = await here.say("ana", "#infra", "hello", wait=True, timeout=2, expect=504)
        assert (len(listener.got), answer["unacknowledged"][0]["state"]) == (2, "failed")
        assert await here.texts("#infra") == ["hello"]


async def test_a_cut_connection_hands_its_events_to_the_next_at_once_and_in_order() -> None:
    async with pretend() as here:
        async with Listener(here, acks=False) as deaf:
            for number in range(3):
                await here.say("ana", "#infra", str(number))
            await until(lambda: len(deaf.got) == 3)
        async with Listener(here) as next_one:
            await here.act("wait", timeout=1)
            assert [(event["text"], request.retry_attempt) for event, request in zip(next_one.events, next_one.got, strict=True)] == [
                ("0", 1),
                ("1", 1),
                ("2", 1),
            ]


async def test_a_connection_that_ends_later_does_not_repeat_what_another_one_has_got() -> None:
    async with pretend() as here, Listener(here, acks=False) as second, Listener(here, acks=False) as first:
        await here.act("delivery", ack_timeout=0.03, retry_delays=[0.1])
        await here.say("ana", "#infra", "hello")
        await until(lambda: first.got or second.got)
        await here.act("delivery", ack_timeout=5)
        await until(lambda: first.got and second.got)
        closed, left = (first, second) if first.got[0].retry_attempt == 0 else (second, first)
        await closed.client.disconnect()
        await asyncio.sleep(0.1)
        assert len(left.got) == 1


async def test_events_wait_while_nobody_is_connected_and_through_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "slack.sqlite"
    async with pretend(state=state) as here:
        first = await here.say("ana", "#infra", "@tacit remember")
        await here.act("react", as_="bo", channel="#infra", ts=first["ts"], emoji="brain")
        async with Listener(here):
            await here.act("wait")
        late = await here.say("ana", "#infra", "while nobody listens")
    async with pretend(state=state) as again, Listener(again) as listener:
        await again.act("wait", ids=late["events"])
        assert [event["text"] for event in listener.events] == ["while nobody listens"]
        messages = (await again.look("messages", channel="#infra"))["messages"]
        assert [(each["ts"], len(each.get("reactions", []))) for each in messages] == [(first["ts"], 1), (late["ts"], 0)]
        assert (await again.say("ana", "#infra", "later"))["ts"] > late["ts"]


async def test_clients_reconnect_when_asked_and_when_cut_off() -> None:
    async with pretend() as here, Listener(here) as listener:
        for how in ({}, {"drop": True}):
            await here.act("disconnect", **how)
            posted = await here.say("ana", "#infra", "still there?")
            await here.act("wait", ids=posted["events"], timeout=3)
        assert len({request.payload["event_id"] for request in listener.got}) == 2


async def test_held_and_doubled_deliveries() -> None:
    async with pretend() as here, Listener(here) as listener:
        await here.act("delivery", hold=True, duplicate=1)
        await here.say("ana", "#infra", "one")
        await asyncio.sleep(0.05)
        assert listener.got == []
        await here.act("delivery", hold=False)
        await here.say("ana", "#infra", "two", wait=True)
        await until(lambda: len(listener.got) == 3)
        assert [event["text"] for event in listener.events] == ["one", "one", "two"]


async def test_a_thousand_events_are_acknowledged_within_seconds(tmp_path: Path) -> None:
    async with pretend(state=tmp_path / "slack.sqlite") as here, bolt(here):
        for number in range(500):
            await here.say("ana", "#infra", f"@tacit {number}")
        found = (await here.act("wait", timeout=5))["deliveries"]
        assert all(each["attempts"] == 1 for each in found)
        assert (await here.look("deliveries"))["pending"] == 0
