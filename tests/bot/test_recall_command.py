"""`tacit recall` tells what would come to mind and why, as the product sees it, and no more than the readers may see."""

from __future__ import annotations

import asyncio

import pytest
from click.testing import CliRunner, Result

from bot.command import main
from tests.bot.audience_places import teach
from tests.bot.conftest import Start
from tests.together import Together

ASKED = "What about egress?"


async def recalled(t: Together, who: str, where: str, text: str = ASKED, **settings: str) -> Result:
    """The command run as a person would, for somebody somewhere."""
    place = where if where[0] in "CDG" else (await t.say("bo", where, "Hello."))["channel"]
    arguments = ["recall", "--workspace", t.team, "--as", t.users.get(who, who), "--in", place, text]
    return await asyncio.to_thread(CliRunner().invoke, main, arguments, env=t.settings | settings)


async def test_each_candidate_has_its_scores_and_a_reason(start: Start) -> None:
    async with start() as t:
        goal = await teach(t, "ana", "#infra", "We cut egress costs.")
        t.model.expansion = lambda request: "network, traffic"
        done = await recalled(t, "bo", "#random")
        assert done.exit_code == 0, done.output
        assert "a public channel: what everybody in the workspace may see" in done.output
        assert "Expansion  network, traffic" in done.output
        line = next(line for line in done.output.splitlines() if goal.id in line)
        assert "shown: it fits the question" in line
        assert "score" in line
        assert "[i1] goal, " in done.output
        assert "Context for the model, about" in done.output
        assert "> [i1]" in done.output


async def test_what_is_withheld_is_named_by_its_id_alone(start: Start) -> None:
    async with start() as t:
        secret = await teach(t, "ana", "#legal", "Egress is why we sue Initech.")
        done = await recalled(t, "cy", "#random")
        assert "Initech" not in done.output
        assert f"{secret.id}  not everybody who reads this may see it" in done.output
        assert "(nothing)" in done.output
        assert "Initech" in (await recalled(t, "ana", "#legal")).output


async def test_a_guest_is_told_of_nothing_elsewhere(start: Start) -> None:
    async with start() as t:
        await teach(t, "ana", "#infra", "We cut egress costs.")
        done = await recalled(t, "gus", "#help")
        assert "only what was taught in that very place" in done.output
        assert "cut egress" not in done.output


@pytest.mark.parametrize(
    "text", ["", " ", "egress", "the of and", "🤷", "```\ncode()\n```", "egress " * 7_000, "Είναι η έξοδος ακριβή;", "\ud800 egress"]
)
async def test_odd_questions_have_a_defined_result(start: Start, text: str) -> None:
    async with start(EXPANSION="off") as t:
        await teach(t, "ana", "#infra", "We cut egress costs.")
        done = await recalled(t, "bo", "#random", text)
        assert done.exit_code == 0, done.output
        assert "We cut egress costs." in done.output  # a goal bears on every choice


async def test_nobody_knows_this_person_or_place(start: Start) -> None:
    async with start() as t:
        await teach(t, "ana", "#infra", "We cut egress costs.")
        for who, where in (("UNOBODY", "#random"), ("bo", "C0NOWHERE")):
            done = await recalled(t, who, where)
            assert done.exit_code == 0, done.output
            assert "We cut egress costs." not in done.output


async def test_another_workspace_or_wrong_settings_end_in_a_line(start: Start) -> None:
    async with start() as t:
        t.team, here = "T0OTHER", t.team
        done = await recalled(t, "bo", "C1")
        assert (done.exit_code, "is for workspace " + here in done.output) == (1, True)
        done = await recalled(t, "bo", "C1", SLACK_BOT_TOKEN="")
        assert (done.exit_code, "SLACK_BOT_TOKEN" in done.output) == (2, True)


async def test_the_record_of_a_reply_explains_it(start: Start) -> None:
    async with start() as t:
        goal = await teach(t, "ana", "#infra", "We cut egress costs.")
        secret = await teach(t, "ana", "#legal", "Egress is why we sue Initech.")
        record = await t.settled(await t.say("bo", "#random", f"@tacit {ASKED}"))
        assert set(record["explained"]) == {goal.id}
        assert record["explained"][goal.id]["why"] == "shown: it fits the question"
        assert record["explained"][goal.id]["scores"]["score"] > 0
        assert record["withheld"] == {secret.id: "not everybody who reads this may see it"}
        assert "Initech" not in str(record)
