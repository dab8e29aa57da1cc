"""What a reply told is corrected in its thread: in words, whatever they share with it, or by 👎."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.slack.asking_back import ASK
from bot.slack.events import Events
from tests.bot.audience_places import PLACES, acknowledged, ask, cites_all, listed, read, teach
from tests.model_server import draft
from tests.together import Together, together

Json = dict[str, Any]
RETRO = "The retro takes place on Tuesdays."


def contradicts_what_was_told(request: Json) -> Json:
    """A model that takes each draft for a contradiction of what the reply before it told, and of nothing else."""
    drafts = json.loads(request["messages"][-1]["content"])["drafts"]
    return {"verdicts": [{"draft": d["id"], "verdict": "contradicts", "of": d["answers"]} for d in drafts if d.get("answers")]}


async def told(t: Together, who: str = "bo", where: str = "#random") -> Json:
    """Somebody asks about the retro and is told everything that they may see. Their question."""
    t.model.reply = cites_all
    asked = await t.say(who, where, "When is the retro?" if where == "dm" else "@tacit When is the retro?")
    await t.reply(asked)
    return asked


async def thumbs(t: Together, who: str, asked: Json, what: str = "react", emoji: str = "👎") -> None:
    reply = await t.reply(asked)
    await acknowledged(t, what, **{"as": who, "channel": asked["channel"], "ts": reply["ts"], "emoji": emoji})


async def asked_back(t: Together, who: str) -> list[str]:
    """What this person alone was asked after a 👎."""
    found = (await t.look("messages"))["messages"]
    return [m["text"] for m in found if m.get("ephemeral_to") == t.users[who] and ASK in m["text"]]


async def test_a_correction_finds_what_the_reply_told_without_a_shared_word(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        first = await teach(t, "ana", "#infra", RETRO)
        asked = await told(t)
        t.model.verdicts = contradicts_what_was_told
        t.model.drafts = lambda request: {"drafts": [draft("The team looks back on Fridays now.", ["m2"], "fact")]}
        await t.settled(await t.say("bo", "#random", "No, that's wrong, it's Friday now.", thread_ts=asked["ts"]))
        old, new = sorted(await t.learn(asked), key=lambda i: i.newest)
        assert (old.id, old.superseded_by) == (first.id, (new.id,))
        reply, _ = await ask(t, "cy", "dm", "Is the retro on Tuesdays, or does the team look back on Fridays?")
        assert "Fridays" in reply
        assert "takes place on Tuesdays" not in reply
        assert "learned from @bo" in reply
        [extraction] = [r for r in t.model.requests if t.model.sort(r) == "drafts" and "Friday now" in str(r)]
        assert "Tacit" in [m["speaker"] for m in json.loads(extraction["messages"][-1]["content"])["messages"]]


async def test_a_correction_in_private_hides_what_was_told_from_those_alone_who_see_it(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", RETRO)
        asked = await told(t, "bo", "#legal")
        t.model.verdicts = contradicts_what_was_told
        t.model.drafts = lambda request: {"drafts": [draft("The retro is over.", ["m2"], "fact")]}
        await t.settled(await t.say("bo", "#legal", "No longer true.", thread_ts=asked["ts"]))
        await t.learn(asked)
        assert "Tuesdays" not in await listed(t, "bo")
        assert "Tuesdays" in await listed(t, "cy")
        assert "over" not in await listed(t, "cy")


async def test_what_a_reply_told_is_no_candidate_where_it_may_not_be_seen_any_more(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", RETRO)
        asked = await told(t)
        await t.settled(await t.say("bo", "#random", "That's wrong.", thread_ts=asked["ts"]))
        await acknowledged(t, "privacy", **{"in": "infra", "private": True})
        t.model.drafts = lambda request: {"drafts": [draft("Nobody meets any more.", ["m2"], "fact")]}
        before = len(t.model.requests)
        await t.learn(asked)
        assert "verdicts" not in [t.model.sort(r) for r in t.model.requests[before:]]


async def test_a_thumb_down_shows_who_doubts_and_asks_that_person_alone_once(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", RETRO)
        asked = await told(t)
        posted = len(await t.ours(asked))
        await thumbs(t, "bo", asked)
        reply, prompt = await ask(t, "cy", "#infra", "When is the retro?")
        assert "@bo says that this is wrong" in reply
        assert '"The retro takes place on Tuesdays.", doubted: ' in prompt
        assert "@bo says that this is wrong" in await listed(t, "cy")

        async def was_asked() -> bool:
            return bool(await asked_back(t, "bo"))

        await t.until(was_asked, "the question what is right")
        await thumbs(t, "bo", asked, "unreact")
        assert "wrong" not in await listed(t, "cy")
        await thumbs(t, "bo", asked, emoji="-1::skin-tone-3")
        assert "@bo says that this is wrong" in await listed(t, "cy")
        [question] = await asked_back(t, "bo")
        assert RETRO in question
        assert len(await t.ours(asked)) == posted


async def test_a_doubt_ends_when_somebody_says_the_same_again(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", RETRO)
        await thumbs(t, "bo", await told(t))
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "same", "of": ["k1"]}]}
        again = await t.say("cy", "#infra", f"@tacit {RETRO}")
        await t.reply(again)
        [insight] = await t.learn(again)
        assert len(insight.evidence) == 2
        assert "wrong" not in await listed(t, "cy")


async def test_a_thumb_down_takes_back_what_one_taught_oneself_and_its_removal_brings_it_back(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", RETRO)
        asked = await told(t, "ana")
        await thumbs(t, "ana", asked)
        assert await t.insights() == []
        assert "Tuesdays" not in await listed(t, "cy")
        await thumbs(t, "ana", asked, "unreact")
        assert [(i.sentence, i.doubts) for i in await t.insights()] == [(RETRO, ())]


async def test_a_doubt_in_private_is_seen_by_those_alone_who_see_that_place(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", RETRO)
        await thumbs(t, "bo", await told(t, "ana", "#legal"))
        assert "@bo says" in await listed(t, "ana")
        assert "@bo says" not in await listed(t, "cy")
        reply, prompt = await ask(t, "bo", "#random", "When is the retro?")
        assert "doubted" not in prompt.split("LEARNED")[-1]
        assert "says that" not in reply


async def test_a_guest_doubts_nothing(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "bo", "#help", RETRO)
        asked = await told(t, "bo", "#help")
        await thumbs(t, "gus", asked)
        assert [i.doubts for i in await t.insights()] == [()]


async def test_who_doubts_last_counts_whatever_slack_delivers_first(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", RETRO)
        asked = await told(t)
        reply = (await t.reply(asked))["ts"]
        slack = await t.inside.workspaces.of(t.team)
        item = {"type": "message", "channel": asked["channel"], "ts": reply}
        at = float(reply)
        events = [
            {"type": f"reaction_{what}", "reaction": "-1", "user": t.users["bo"], "item": item, "event_ts": f"{at + later:.6f}"}
            for what, later in (("removed", 2), ("added", 1), ("removed", 2))
        ]
        for n, event in enumerate(events):
            await Events(slack, 600).note(event, f"Ev{n}")
            assert [i.doubts for i in await t.insights()] == [()]
        for n in range(2):
            await Events(slack, 600).note(events[1] | {"event_ts": f"{at + 3:.6f}"}, f"Ew{n}")
            assert [len(i.doubts) for i in await t.insights()] == [1]


async def test_a_doubt_that_comes_while_the_model_thinks_is_shown(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", RETRO)
        asked = await told(t)
        t.model.delay, before = 0.3, len(t.model.requests)
        again = await t.say("cy", "#infra", "@tacit When is the retro?")

        async def thinking() -> bool:
            return len(t.model.requests) > before

        await t.until(thinking, "the model")
        await thumbs(t, "bo", asked)
        assert "@bo says that this is wrong" in read(await t.reply(again))
