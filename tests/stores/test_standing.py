"""Standing insights: all of them in an order that stays while they fit; beyond that the ones that matter most to this question."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from stores.audience import Readers
from stores.context import STANDING_TOKENS, quote, tokens
from stores.conversations import Question
from stores.documents import Documents
from stores.insights import Insight
from stores.loading import build
from stores.machine import LearningMachine
from stores.repository import InsightRepository
from stores.search import KeywordSearch
from stores.sqlite.documents import open_sqlite
from stores.standing import fitting, worths
from stores.store import Kit
from stores.team_knowledge import TeamKnowledge
from stores.testing import Town
from tests.stores.town import evidence, insight

READERS = Readers("bo", "PUBLIC", "public")


@dataclass
class Team:
    documents: Documents
    repository: InsightRepository
    town: Town

    def kit(self) -> Kit:
        finder = KeywordSearch(self.repository, self.town)
        return Kit("T1", "team_knowledge", self.repository, self.town, None, finder)  # type: ignore[arg-type]  # no model is asked

    async def goal(self, n: int, sentence: str, place: str = "PUBLIC", by: str = "ana", **more: Any) -> Insight:
        at = 1_000_000.0 + n
        made = insight(f"g{n:03}", evidence(place, by, "private" if place == "LEGAL" else "public", at), sentence=sentence, kind="goal")
        made = replace(made, standing=True, learned_at=at, **more)
        await self.repository.keep(made)
        return made

    async def standing(self, text: str = "Datadog or Grafana?", **more: Any) -> list[str]:
        return [i.id for i in await self.kit().standing(Question("T1", "q", "bo", "PUBLIC", text, READERS, **more))]


@pytest.fixture
async def team() -> AsyncIterator[Team]:
    database = await open_sqlite(":memory:")
    documents, town = database.workspace("T1"), Town()
    for place in ("PUBLIC", "OTHER"):
        town.build(place, "public", "ana", "bo", "cy")
    town.build("LEGAL", "private", "ana")
    yield Team(documents, InsightRepository("T1", documents), town)
    await database.close()


async def test_all_that_fit_are_given_with_every_question_in_the_same_order(team: Team) -> None:
    for n in (3, 1, 2):
        await team.goal(n, f"The team wants number {n}.")
    orders = [await team.standing(text) for text in ("Datadog or Grafana?", "number 2?", "", "wants 3")]
    assert orders == [["g001", "g002", "g003"]] * 4


async def test_beyond_the_budget_those_that_fit_the_question_or_its_expansion_are_chosen(team: Team) -> None:
    for n in range(200):
        await team.goal(n, f"Office supplies of sort {n} are ordered by the front desk on Mondays.")
    await team.goal(-2, "Egress traffic has to shrink by half.")
    await team.goal(-1, "Contracts with vendors need two signatures.")
    chosen = await team.standing("How do we sign contracts?", expansion="egress, traffic")
    assert {"g-02", "g-01"} <= set(chosen)
    assert chosen == sorted(chosen, key=lambda i: int(i[1:]))  # the order stays, whatever was chosen
    assert "g-02" not in await team.standing("Where is lunch?")
    assert "g199" in await team.standing("Where is lunch?")  # nothing fits: the latest
    known = {i.id: i for i in await team.repository.newest()}
    assert sum(tokens(quote(known[i])) + 2 for i in chosen) <= STANDING_TOKENS


async def test_what_these_readers_may_not_see_takes_no_place(team: Team) -> None:
    await team.goal(0, "The lab opens at eight.")
    for n in range(1, 500):
        await team.goal(n, f"Egress case {n} is to be settled in secret.", "LEGAL")
    assert await team.standing("egress case") == ["g000"]


async def test_the_same_channel_more_teammates_and_a_later_day_are_preferred() -> None:
    day = 86_400.0
    here, there = evidence("HERE", "ana", "public", 900 * day), evidence("THERE", "ana", "public", 900 * day)
    old, twice = evidence("THERE", "ana", "public", day), evidence("THERE", "cy", "public", 900 * day + 1)
    plain = insight("plain", there)
    assert _best(plain, insight("here", here)) == "here"
    assert _best(plain, insight("twice", there, twice)) == "twice"
    assert _best(plain, insight("old", old)) == "plain"
    assert _best(plain, insight("fits", old), scores={"fits": 2.0}) == "fits"
    assert _best(plain, insight("here", here), scores={"plain": float(-1), "here": -1.0}) == "here"


def test_a_long_one_leaves_room_for_shorter_ones() -> None:
    from_ = evidence("HERE", "ana", "public")
    every = [insight("long", from_, sentence="word " * 60), insight("short", from_, sentence="Short.")]
    assert [i.id for i in fitting(every, 40, {"long": 2.0, "short": 1.0})] == ["short"]


async def test_their_lines_come_first_and_stay_the_same(team: Team) -> None:
    """So that the provider's prompt cache knows them."""
    for n in range(3):
        await team.goal(n, f"The team wants number {n}.")
    fact = insight("f", evidence("PUBLIC", "bo", "public", 5.0), sentence="Grafana runs on port 3000.")
    await team.repository.keep(fact)
    loaded = build("team_knowledge", TeamKnowledge, team.kit())
    machine = LearningMachine([loaded], team.repository, team.town, team.kit().finder)
    try:
        blocks = []
        for text in ("number 2 and Grafana?", "Anything on Grafana?", "What of number 1?"):
            found = await machine.recall(Question("T1", "q", "bo", "PUBLIC", text, READERS))
            blocks.append(found.context.splitlines())
    finally:
        machine.close()
    assert [block[:4] for block in blocks] == [blocks[0][:4]] * 3
    assert [line[2:6] for line in blocks[0][1:]] == ["[i1]", "[i2]", "[i3]", "[i4]"]


async def test_many_that_fit_the_question_leave_standing_ones_their_place(team: Team) -> None:
    await team.goal(0, "The team wants to spend less.")
    for n in range(20):
        sentence = f"Grafana {n} " + "is described at great length here " * 8
        await team.repository.keep(insight(f"f{n}", evidence("PUBLIC", "bo", "public", 5.0), sentence=sentence))
    loaded = build("team_knowledge", TeamKnowledge, team.kit())
    machine = LearningMachine([loaded], team.repository, team.town, team.kit().finder)
    try:
        found = await machine.recall(Question("T1", "q", "bo", "PUBLIC", "Grafana?", READERS))
        assert "g000" in {i.id for i in found.insights.values()}
        explained = await machine.explain(Question("T1", "q", "bo", "PUBLIC", "Grafana?", READERS), found)
    finally:
        machine.close()
    reasons = {why.reason for why in explained.why.values()}
    assert reasons == {
        "shown: it fits the question",
        "shown: it bears on every choice",
        "left out: the context was full",
        "left out: others fit better",
    }
    assert len(explained.why) <= 64
    assert all(set(why.scores) <= {"score", "keywords", "expansion"} for why in explained.why.values())


def _best(*insights: Insight, scores: dict[str, float] | None = None) -> str:
    worth = worths(insights, scores or {}, "HERE")
    return max(worth, key=lambda i: worth[i])
