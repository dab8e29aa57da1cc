"""Nobody sees what they may not see: the audience rule in the running product."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.audience_places import PLACES, acknowledged, ask, cites_all, forget_lookups, listed, teach
from tests.together import Together, together

MISSING = "something may be missing"


async def helps(t: Together, who: str, where: str, words: str) -> bool:
    """Whether an insight with these words reaches somebody there. What the model is shown, the reply says and the list holds agree."""
    reply, prompt = await ask(t, who, where)
    assert (words in prompt) == (words in reply), (reply, prompt)
    if where == "dm":
        assert (words in await listed(t, who)) == (words in prompt)
    return words in prompt


async def test_a_dm_stays_private(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "dm", "Egress will make me quit.")
        assert await helps(t, "ana", "dm", "quit")
        for who, where in (("bo", "dm"), ("ana", "#infra"), ("ana", "legal"), ("ana", "trio"), ("bo", "#infra")):
            assert not await helps(t, who, where, "quit"), (who, where)


@pytest.mark.parametrize("room", ["legal", "trio"])
async def test_a_private_place_keeps_its_own(room: str, tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", room, "Egress is why we sue Acme.")
        for who, where in (("bo", room), ("bo", "dm"), ("ana", "dm")):
            assert await helps(t, who, where, "sue Acme"), (who, where)
        for who, where in (("cy", "dm"), ("bo", "board"), ("ana", "#infra"), ("gus", "dm"), ("bo", "#help")):
            assert not await helps(t, who, where, "sue Acme"), (who, where)
        reply, _ = await ask(t, "cy", "dm", f"What is {room} about, egress?")
        assert "#legal" not in reply


async def test_who_leaves_a_private_channel_loses_it_at_once_and_who_joins_has_it(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "legal", "Egress is why we sue Acme.")
        assert await helps(t, "bo", "dm", "sue Acme")
        assert not await helps(t, "cy", "dm", "sue Acme")
        await acknowledged(t, "leave", **{"as": "bo", "in": "legal"})
        assert not await helps(t, "bo", "dm", "sue Acme")
        await acknowledged(t, "join", **{"as": "cy", "in": "legal"})
        assert await helps(t, "cy", "dm", "sue Acme")
        await acknowledged(t, "leave", **{"as": "ana", "in": "legal"})
        assert not await helps(t, "ana", "dm", "sue Acme")  # also for who taught it


async def test_tacit_removed_from_a_private_channel_tells_nothing_of_it(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "legal", "Egress is why we sue Acme.")
        assert await helps(t, "bo", "dm", "sue Acme")
        await acknowledged(t, "leave", **{"as": "tacit", "in": "legal"})
        assert not await helps(t, "bo", "dm", "sue Acme")


async def test_a_channel_turned_private_narrows_and_turned_public_again_widens_nothing(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        assert await helps(t, "cy", "#random", "too much")
        await acknowledged(t, "privacy", **{"in": "infra", "private": True})
        assert await helps(t, "cy", "infra", "too much")
        assert await helps(t, "cy", "dm", "too much")
        assert not await helps(t, "cy", "#random", "too much")
        await acknowledged(t, "leave", **{"as": "cy", "in": "infra"})
        assert not await helps(t, "cy", "dm", "too much")
        await acknowledged(t, "privacy", **{"in": "infra", "private": False})
        for who, where in (("cy", "dm"), ("ana", "dm"), ("bo", "#random"), ("bo", "infra")):
            assert not await helps(t, who, where, "too much"), (who, where)
        await teach(t, "ana", "#infra", "Egress is measured per region.")
        assert await helps(t, "cy", "dm", "per region")


async def test_a_private_channel_turned_public_widens_nothing(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "legal", "Egress is why we sue Acme.")
        await acknowledged(t, "privacy", **{"in": "legal", "private": False})
        for who, where in (("cy", "dm"), ("bo", "dm"), ("ana", "legal"), ("bo", "#infra")):
            assert not await helps(t, who, where, "sue Acme"), (who, where)


async def test_what_was_said_while_a_channel_was_private_is_not_learned_once_it_is_public(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        asked = await t.say("ana", "legal", "@tacit Egress is why we sue Acme.")
        await t.reply(asked)
        await acknowledged(t, "privacy", **{"in": "legal", "private": False})
        later = await t.say("ana", "legal", "@tacit Egress has a new owner.", thread_ts=asked["ts"])
        await t.reply(later)
        assert [i.sentence for i in await t.learn(later)] == ["Egress has a new owner."]
        drafted = next(r for r in t.model.requests if t.model.sort(r) == "drafts")
        assert "sue Acme" not in str(drafted)


async def test_a_guest_closes_the_room(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        await teach(t, "bo", "#help", "Egress forms are on the desk.")
        assert not await helps(t, "gus", "#help", "too much")
        assert not await helps(t, "bo", "#help", "too much")
        assert await helps(t, "gus", "#help", "on the desk")
        assert not await helps(t, "gus", "dm", "on the desk")
        assert await helps(t, "bo", "#random", "too much")
        await acknowledged(t, "join", **{"as": "gus", "in": "random"})
        assert not await helps(t, "bo", "#random", "too much")
        assert await helps(t, "bo", "#infra", "too much")
        await acknowledged(t, "leave", **{"as": "gus", "in": "random"})
        assert await helps(t, "bo", "#random", "too much")


async def test_a_teammate_who_becomes_a_guest_closes_their_rooms(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        assert await helps(t, "cy", "#random", "too much")
        await acknowledged(t, "teammate", name="cy", guest=True)
        assert not await helps(t, "cy", "dm", "too much")
        assert not await helps(t, "bo", "#random", "too much")


async def test_what_a_guest_teaches_stays_in_its_place(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "gus", "#help", "Egress keys hang behind the door.")
        assert await helps(t, "bo", "#help", "behind the door")
        for who, where in (("bo", "dm"), ("gus", "dm"), ("bo", "#infra")):
            assert not await helps(t, who, where, "behind the door"), (who, where)


async def test_what_a_guest_and_a_teammate_say_together_stays_in_its_place(tmp_path: Path) -> None:
    """One sentence rests on both, so nobody can tell whose words it holds."""
    async with together(tmp_path, PLACES) as t:
        t.model.drafts = lambda request: {
            "drafts": [
                {
                    "kind": "fact",
                    "sentence": "Egress keys hang behind the door.",
                    "cues": [],
                    "things": [],
                    "evidence": ["m1", "m2"],
                    "fields": [],
                }
            ]
        }
        asked = await t.say("gus", "#help", "@tacit The egress keys hang behind the door.")
        await t.reply(asked)
        await t.reply(await t.say("bo", "#help", "@tacit Right, those keys.", thread_ts=asked["ts"]))
        [insight] = await t.learn(asked)
        assert {e.teammate for e in insight.evidence} == {t.users["gus"], t.users["bo"]}
        assert await helps(t, "bo", "#help", "behind the door")
        assert not await helps(t, "bo", "dm", "behind the door")


async def test_a_channel_shared_with_another_organisation_is_closed(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        await teach(t, "eve", "#bridge", "Egress partners meet on Fridays.")
        assert not await helps(t, "eve", "#bridge", "too much")
        assert not await helps(t, "ana", "#bridge", "too much")
        assert await helps(t, "ana", "#bridge", "on Fridays")
        assert not await helps(t, "ana", "dm", "on Fridays")
        await acknowledged(t, "share", **{"in": "random", "team": "Rival"})
        assert not await helps(t, "bo", "#random", "too much")
        await acknowledged(t, "share", **{"in": "random", "team": None})
        assert await helps(t, "bo", "#random", "too much")


@pytest.mark.parametrize(
    ("method", "where"),
    [
        ("users.info", "#infra"),
        ("users.info", "dm"),
        ("conversations.info", "#random"),
        ("conversations.info", "dm"),
        ("conversations.members", "#random"),
        ("users.conversations", "dm"),
    ],
)
async def test_a_failing_lookup_leaks_nothing_and_is_told(method: str, where: str, tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        await teach(t, "ana", "legal", "Egress is why we sue Acme.")
        for error in ("internal_error", "missing_scope"):
            await forget_lookups(t)
            await t.control("fail", method=method, error=error, times=50)
            reply, prompt = await ask(t, "bo", where)
            assert "sue Acme" not in prompt
            assert MISSING in reply
            await t.control("heal")
        assert await helps(t, "bo", where, "too much")


async def test_a_lookup_that_fails_while_a_list_is_made_is_told(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "legal", "Egress is why we sue Acme.")
        await t.control("fail", method="users.conversations", error="internal_error", times=50)
        shown = await listed(t, "bo")
        assert "sue Acme" not in shown
        assert MISSING in shown


async def test_a_guest_who_joins_while_the_model_thinks_reads_nothing_of_the_workspace(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        t.model.reply, t.model.delay = cites_all, 0.3
        before = len(t.model.requests)
        asked = await t.say("bo", "#random", "@tacit What about egress?")

        async def thinking() -> bool:
            return len(t.model.requests) > before

        await t.until(thinking, "the model")
        await acknowledged(t, "join", **{"as": "gus", "in": "random"})
        reply = await t.reply(asked)
        assert "I know nothing" in reply["text"]
        assert "ana" not in reply["text"]


@pytest.mark.parametrize("what", ["delete", "leave", "privacy"])
async def test_what_is_taken_away_while_the_model_thinks_is_not_told(what: str, tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        place = "legal" if what == "leave" else "#infra"
        taught = await teach(t, "ana", place, "Egress costs too much.")
        t.model.reply, t.model.delay = cites_all, 0.3
        before = len(t.model.requests)
        asked = (
            await t.say("bo", "dm", "What about egress?")
            if what != "privacy"
            else await t.say("bo", "#random", "@tacit What about egress?")
        )

        async def thinking() -> bool:
            return len(t.model.requests) > before

        await t.until(thinking, "the model")
        if what == "delete":
            channel, _, ts = taught.evidence[0].message.partition(":")
            await acknowledged(t, "delete", channel=channel, ts=ts)
        elif what == "leave":
            await acknowledged(t, "leave", **{"as": "bo", "in": "legal"})
        else:
            await acknowledged(t, "privacy", **{"in": "infra", "private": True})
        reply = await t.reply(asked)
        assert "I know nothing" in reply["text"]
        record = await t.settled(asked)
        assert record["cited"] == []


async def test_a_worker_forgets_who_is_where_as_the_bot_does(tmp_path: Path) -> None:
    """It remembers on its own, and learns what changed from the bot's events alone."""
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        await teach(t, "ana", "#random", "Egress is measured per region.")
        assert len(_settled(t)) == 1
        await acknowledged(t, "join", **{"as": "gus", "in": "random"})
        await teach(t, "gus", "#random", "Egress is metered.")
        _, there = _settled(t)
        assert ("too much" in there, "per region" in there) == (False, True)


def _settled(t: Together) -> list[str]:
    """What the model was shown to settle, call by call."""
    return [str(r["messages"][-1]) for r in t.model.requests if t.model.sort(r) == "verdicts"]


async def test_an_archived_place_keeps_its_audience(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "legal", "Egress is why we sue Acme.")
        await teach(t, "ana", "#infra", "Egress costs too much.")
        for place in ("legal", "infra"):
            await acknowledged(t, "archive", **{"in": place, "archived": True})
        assert await helps(t, "cy", "#random", "too much")
        assert await helps(t, "bo", "dm", "sue Acme")
        assert not await helps(t, "cy", "dm", "sue Acme")


async def test_a_place_that_slack_does_not_know_any_more_is_nobody_s(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        await acknowledged(t, "remove", **{"in": "infra"})
        assert not await helps(t, "ana", "dm", "too much")
        assert not await helps(t, "bo", "#random", "too much")


async def test_a_guest_whose_dm_cannot_be_found_is_told_that_something_may_be_missing(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await t.control("fail", method="conversations.open", error="internal_error", times=50)
        assert MISSING in await listed(t, "gus")
