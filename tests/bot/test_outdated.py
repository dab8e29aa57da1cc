"""What is said newer replaces what those who take part know from elsewhere, for those who see the newer; and tells nobody anything."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.bot.audience_places import PLACES, acknowledged, ask, cites_all, listed, read, teach
from tests.model_server import draft
from tests.together import Together, together

Json = dict[str, Any]
OLDER, NEWER = "Egress partners meet in Lisbon on Tuesdays.", "Egress partners meet in Lisbon on Fridays now."


def contradicts_all(request: Json) -> Json:
    """A model for which nothing known holds beside what is new."""
    body = json.loads(request["messages"][-1]["content"])
    return {"verdicts": [{"draft": d["id"], "verdict": "contradicts", "of": [k["id"] for k in body["known"]]} for d in body["drafts"]]}


def same_as_all(request: Json) -> Json:
    """A model that has heard it all before."""
    body = json.loads(request["messages"][-1]["content"])
    return {"verdicts": [{"draft": d["id"], "verdict": "same", "of": [k["id"] for k in body["known"]]} for d in body["drafts"]]}


async def taught(t: Together, who: str, where: str, text: str) -> list[str]:
    """Somebody teaches something; what settling was shown meanwhile, call by call."""
    before, t.model.verdicts = len(t.model.requests), contradicts_all
    await teach(t, who, where, text)
    return [r["messages"][-1]["content"] for r in t.model.requests[before:] if t.model.sort(r) == "verdicts"]


async def test_what_is_said_newer_in_public_replaces_what_its_teacher_knew_in_private(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "ana", "legal", OLDER)
        await taught(t, "bo", "#infra", NEWER)
        for who in ("ana", "bo", "cy"):
            assert "Fridays" in await listed(t, who)
            assert "Tuesdays" not in await listed(t, who)


async def test_it_is_there_again_when_the_newer_one_is_deleted(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "ana", "legal", OLDER)
        asked = await t.say("bo", "#infra", f"@tacit {NEWER}")
        await t.reply(asked)
        t.model.verdicts = contradicts_all
        await t.learn(asked)
        await acknowledged(t, "delete", **{"as": "bo", "channel": asked["channel"], "ts": asked["ts"]})
        assert "Tuesdays" in await listed(t, "ana")
        assert "Tuesdays" not in await listed(t, "cy")


async def test_what_nobody_who_takes_part_knows_stands_beside_it(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "ana", "legal", OLDER)
        assert await taught(t, "cy", "#infra", NEWER) == []
        assert "Tuesdays" in await listed(t, "bo")
        assert "Fridays" in await listed(t, "bo")


async def test_what_somebody_who_takes_part_knows_is_replaced_as_well(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "ana", "dm", OLDER)
        asked = await t.say("cy", "#infra", f"@tacit {NEWER}")
        await t.reply(asked)
        await t.reply(await t.say("ana", "#infra", "@tacit Nice?", thread_ts=asked["ts"]))
        t.model.verdicts = contradicts_all
        await t.learn(asked)
        assert "Tuesdays" not in await listed(t, "ana")


async def test_one_call_holds_what_those_who_take_part_know_beside_and_nothing_of_another(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        for who, where, what in (
            ("ana", "dm", "of ours meet in Porto."),
            ("ana", "legal", "meet at court in Vigo."),
            ("cy", "dm", "of theirs meet in Madrid."),
            ("bo", "dm", "who ski meet in Braga."),
            ("bo", "#infra", "pay in euros."),
        ):
            await teach(t, who, where, f"Egress partners {what}")
        t.model.drafts = lambda request: {"drafts": [draft(NEWER, ["m1"], "fact"), draft("Egress partners meet in Rome.", ["m2"], "fact")]}
        asked = await t.say("ana", "#infra", "@tacit See above.")
        await t.reply(asked)
        await t.reply(await t.say("cy", "#infra", "@tacit So it is.", thread_ts=asked["ts"]))
        before = len(t.model.requests)
        await t.learn(asked)
        sorts = [t.model.sort(r) for r in t.model.requests[before:]]
        shown = t.model.requests[-1]["messages"][-1]["content"]
        assert sorts == ["drafts", "verdicts"]
        assert [w for w in ("euros", "Porto", "Vigo", "Madrid", "Braga") if w in shown] == ["euros", "Porto", "Vigo", "Madrid"]


async def test_a_teammate_s_word_among_outsiders_replaces_what_was_taught_elsewhere(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "ana", "#infra", OLDER)
        await taught(t, "bo", "#help", NEWER)
        for who in ("ana", "cy"):
            assert "Fridays" in await listed(t, who)
            assert "Tuesdays" not in await listed(t, who)
        assert "Tuesdays" not in await listed(t, "gus")


async def test_what_is_said_again_among_outsiders_is_kept_for_them_alone(tmp_path: Path) -> None:
    """Those who are there have it, whoever reads along; nobody else has it twice; and the words of elsewhere are not told there."""
    async with together(tmp_path, PLACES) as t:
        await taught(t, "ana", "#infra", OLDER)
        for _ in range(2):
            t.model.verdicts = same_as_all
            asked = await t.say("bo", "#help", "@tacit On Tuesdays it is Lisbon where the egress partners meet.")
            await t.reply(asked)
            await t.learn(asked)
        told = await listed(t, "ana")
        assert [OLDER in told, "On Tuesdays it is" in told] == [True, False]
        _, shown = await ask(t, "gus", "#help", "Where do the egress partners meet?")
        assert [OLDER in shown, shown.count("On Tuesdays it is")] == [False, 1]


async def test_a_guest_s_words_stand_to_nothing_that_is_not_theirs_to_see_whatever_the_model_says(tmp_path: Path) -> None:
    """It reads both at once: what the guest said, and what the teammate who answered them knows from elsewhere."""
    async with together(tmp_path, PLACES) as t:
        await taught(t, "ana", "#infra", OLDER)
        asked = await t.say("gus", "#help", "@tacit Egress partners bring their own cake.")
        await t.reply(asked)
        await t.reply(await t.say("bo", "#help", f"@tacit {NEWER}", thread_ts=asked["ts"]))
        t.model.verdicts = lambda request: {"verdicts": [v for v in contradicts_all(request)["verdicts"] if v["draft"] == "d1"]}
        before = len(t.model.requests)
        await t.learn(asked)
        shown = [r["messages"][-1]["content"] for r in t.model.requests[before:]]
        assert [("cake" in each, "Tuesdays" in each) for each in shown] == [(True, False), (True, True)]
        told = await listed(t, "ana")
        assert ["Tuesdays" in told, "Fridays" in told, "cake" in told] == [True, True, False]
        assert [i.superseded_by for i in await t.insights() if "Tuesdays" in i.sentence] == [()]


async def test_a_guest_s_words_outdate_nothing_of_a_teammate_s(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "bo", "dm", OLDER)
        assert await taught(t, "gus", "#help", NEWER) == []
        assert "Tuesdays" in await listed(t, "bo")


async def test_what_merely_says_the_same_is_kept_for_everybody(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "ana", "legal", OLDER)
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "same", "of": ["k1"]}]}
        await teach(t, "bo", "#infra", OLDER)
        assert "Tuesdays" in await listed(t, "cy")


async def test_a_preference_told_in_public_replaces_the_one_told_in_private(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        for where, text in (("dm", "Ana likes brief replies."), ("#infra", "Ana wants all the detail from now on.")):
            t.model.drafts = lambda request, text=text: {"drafts": [draft(text, ["m1"], "preference")]}  # type: ignore[misc]
            await taught(t, "ana", where, text)
        assert "all the detail" in await listed(t, "ana")
        assert "brief" not in await listed(t, "ana")


def _day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%d")


async def announced(t: Together, text: str, starts: str) -> None:
    """Something is said in #infra that holds from a day on, and contradicts what is known."""
    t.model.drafts = lambda request: {"drafts": [draft(text, ["m1"], "policy", fields=[{"name": "from", "value": starts}])]}
    await taught(t, "ana", "#infra", text)


async def test_what_is_announced_replaces_the_older_once_its_day_has_come(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "bo", "#infra", OLDER)
        await announced(t, f"From {_day(9)} egress partners meet on Fridays.", _day(9))
        assert {"Tuesdays" in (told := await listed(t, "cy")), "Fridays" in told} == {True}
        _, shown = await ask(t, "cy", "#infra", "When do the egress partners meet?")
        assert f'policy, {_day(0)}, from {_day(9)}: "From {_day(9)} egress' in shown
        await t.documents.update("endings", {"at": {"$exists": True}}, {"$set": {"at": time.time()}})

        async def over() -> bool:
            return "Tuesdays" not in await listed(t, "cy")

        await t.until(over, "the end of the older")
        assert "Fridays" in await listed(t, "cy")
        assert await t.documents.count("endings", {}) == 0


async def test_what_is_announced_and_taken_back_ends_nothing(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "bo", "#infra", OLDER)
        await announced(t, f"From {_day(9)} egress partners meet on Fridays.", _day(9))
        newer = next(i for i in await t.insights() if "Fridays" in i.sentence)
        await acknowledged(
            t, "delete", **{"as": "ana", "channel": newer.evidence[0].place, "ts": newer.evidence[0].message.partition(":")[2]}
        )
        await t.documents.update("endings", {"at": {"$exists": True}}, {"$set": {"at": time.time()}})

        async def looked_at() -> bool:
            return await t.documents.count("endings", {}) == 0

        await t.until(looked_at, "the sweep")
        assert "Tuesdays" in await listed(t, "cy")


async def test_what_was_announced_and_is_put_right_before_its_day_is_replaced_at_once(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "bo", "#infra", OLDER)
        await announced(t, f"From {_day(9)} egress partners meet on Fridays.", _day(9))
        await announced(t, f"From {_day(9)} egress partners meet on Sundays, not on Fridays.", _day(9))
        told = await listed(t, "cy")
        assert ["Tuesdays" in told, "on Fridays.”" in told or "meet on Fridays." in told, "Sundays" in told] == [True, False, True]


@pytest.mark.parametrize("starts", ["2019-01-01", "2999-01-01", "Monday", ""])
async def test_a_day_that_is_past_or_none_is_no_later_day(tmp_path: Path, starts: str) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "bo", "#infra", OLDER)
        await announced(t, "Egress partners meet on Fridays.", starts)
        assert "Tuesdays" not in await listed(t, "cy")


AGAIN, PASSPORTS = "On Tuesdays it is Lisbon where the egress partners meet.", "Egress partners who meet in Lisbon bring passports."


async def said_again_in_help(t: Together) -> None:
    t.model.verdicts = same_as_all
    asked = await t.say("bo", "#help", f"@tacit {AGAIN}")
    await t.reply(asked)
    await t.learn(asked)


async def test_what_a_teammate_adds_to_what_they_said_again_among_outsiders_is_the_workspace_s(tmp_path: Path) -> None:
    """No outsider has said a word, though Tacit's reply there cites what is shown there alone."""
    async with together(tmp_path, PLACES) as t:
        await taught(t, "ana", "#infra", OLDER)
        await said_again_in_help(t)
        t.model.verdicts = lambda request: {"verdicts": []}
        t.model.reply = cites_all
        asked = await t.say("bo", "#help", "@tacit Where do the egress partners meet?")
        assert "Lisbon" in read(await t.reply(asked))
        await t.say("bo", "#help", "Right, and they bring passports.", thread_ts=asked["ts"])
        t.model.drafts = lambda request: {"drafts": [draft(PASSPORTS, [_new(request)[-1]], "fact")]}
        await t.learn(asked)
        assert "passports" in await listed(t, "cy")


def _new(request: Json) -> list[str]:
    return [m["id"] for m in json.loads(request["messages"][-1]["content"])["messages"] if m["id"]]


async def test_what_was_said_again_among_outsiders_is_everybody_s_once_the_first_is_deleted(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        asked = await t.say("ana", "#infra", f"@tacit {OLDER}")
        await t.reply(asked)
        await t.learn(asked)
        await said_again_in_help(t)
        await acknowledged(t, "delete", **{"as": "ana", "channel": asked["channel"], "ts": asked["ts"]})
        assert "Lisbon" in await listed(t, "cy")


async def test_history_tells_of_what_was_outdated_only_those_who_may_see_that(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await taught(t, "ana", "legal", OLDER)
        await taught(t, "bo", "#infra", NEWER)
        for who, knows in (("cy", False), ("ana", True)):
            await listed(t, who)
            told = read(await t.command(who, "#random", "/learnings history 1"))
            assert ["Fridays" in told, "Tuesdays" in told] == [True, knows]


async def test_what_nobody_has_confirmed_yet_puts_in_doubt_elsewhere_what_it_contradicts(tmp_path: Path) -> None:
    """Ana's fourth goal stays in #infra; in #random the older one is told, with who says otherwise."""
    async with together(tmp_path, PLACES) as t:
        await teach(t, "bo", "#random", OLDER)
        for goal in ("The lab opens earlier.", "Parcels travel by train.", "Invoices are paid within a week."):
            await teach(t, "ana", "#infra", goal)
        await taught(t, "ana", "#infra", NEWER)
        reply, prompt = await ask(t, "cy", "#random", "When do egress partners meet?")
        assert f'"{OLDER}", doubted: ' in prompt
        assert NEWER not in prompt
        assert "@ana says that this is wrong" in reply
        there, prompt = await ask(t, "cy", "#infra", "When do egress partners meet?")
        assert [OLDER in prompt, NEWER in prompt, "doubted: " in prompt] == [False, True, False]
        assert "wrong" not in there
