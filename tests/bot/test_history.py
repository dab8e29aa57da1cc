"""`/learnings history N`: how an insight came to be, and nothing in it that its caller may not see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.bot.audience_places import PLACES, acknowledged, listed, teach
from tests.together import Together, together


def settled_as(verdict: str) -> Any:
    return lambda request: {"verdicts": [{"draft": "d1", "verdict": verdict, "of": ["k1"]}]}


async def history(t: Together, who: str, number: int = 1) -> str:
    return str((await t.command(who, "#random", f"/learnings history {number}"))["text"])


async def say_again(t: Together, who: str, where: str, text: str) -> None:
    t.model.verdicts = settled_as("same")
    asked = await t.say(who, where, f"@tacit {text}")
    await t.reply(asked)
    await t.learn(asked)


async def test_each_version_with_who_said_it_said_it_again_and_corrected_it(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        await say_again(t, "bo", "#random", "Egress costs too much!")
        t.model.verdicts = settled_as("refines")
        await teach(t, "cy", "#infra", "Egress costs too much in Asia.")
        t.model.verdicts = settled_as("contradicts")
        await teach(t, "bo", "#infra", "Egress costs nothing any more.")
        shown = await listed(t, "cy")
        assert "in Asia" not in shown
        told = await history(t, "cy")
        lines = [re.sub(r"<[^|]*\|([^>]*?), \d+ \w+ \d{4}>", r"\1", line) for line in told.split("\n")]
        assert lines == [
            "*How number 1 came to be*",
            "*1.* “Egress costs too much.”",
            "goal · learned from @ana in #infra · said again by @bo in #random",
            "*2.* _more exact:_ “Egress costs too much in Asia.”",
            "goal · learned from @cy in #infra",
            "*3.* _corrected:_ “Egress costs nothing any more.”",
            "goal · learned from @bo in #infra",
        ]
        assert "/archives/" in told


async def test_versions_evidence_and_doubts_from_where_the_caller_is_not_are_left_out(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        t.model.verdicts = settled_as("contradicts")
        private = await teach(t, "ana", "legal", "Egress is why we sue Acme.")
        await teach(t, "ana", "#infra", "Egress costs nothing any more.")
        parts = await t.inside.workspaces.parts(t.team)
        newest = next(i for i in await t.insights() if "nothing" in i.sentence)
        await parts.repository.supersede(private.id, newest.id)
        await listed(t, "cy", "egress")
        told = await history(t, "cy")
        assert "too much" in told
        assert "Acme" not in told
        await listed(t, "bo", "egress")
        assert "Acme" in await history(t, "bo")


async def test_a_doubt_is_told_also_once_it_was_answered(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        t.model.reply = lambda request: "It costs too much [i1]."
        reply = await t.reply(await t.say("cy", "#random", "@tacit What about egress?"))
        await acknowledged(t, "react", **{"as": "cy", "channel": reply["channel"], "ts": reply["ts"], "emoji": "-1"})
        assert "called wrong by @cy in <" in await history(t, "bo")
        await say_again(t, "bo", "#infra", "Egress costs too much!")
        assert "that this is wrong" not in await listed(t, "bo")
        assert "called wrong by @cy in <" in await history(t, "bo")


async def test_without_a_number_it_says_which_and_other_words_are_searched_for(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "The history of the firm is in the vault.")
        assert "Say which one" in await listed(t, "cy", "history")
        assert "vault" in await listed(t, "cy", "history of the firm")
        assert "no number 9" in await listed(t, "cy", "history 9")
