"""What learning costs is counted, and at the ceiling it pauses: nothing is lost, and it goes on the next day or with a higher ceiling."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from stores.model import ModelFailed, Said, Turn, Usage
from stores.sqlite.documents import open_sqlite
from tests.workers.school import School
from workers.spending import Budget, Counted, Spending
from workers.sweep import ring_due

CENT = Budget(ceiling=0.01, prompt_price=1.0, completion_price=4.0)


@pytest.fixture
async def school() -> AsyncIterator[School]:
    database = await open_sqlite(":memory:")
    yield School(database)
    await database.close()


class Bell:
    def __init__(self) -> None:
        self.rung = 0

    async def ring(self, *names: object) -> None:
        self.rung += 1


class Priced:
    """A model that says, or does not say, what it cost."""

    def __init__(self, usage: Usage = Usage(), failure: ModelFailed | None = None) -> None:  # noqa: B008 - frozen
        self._usage, self._failure = usage, failure

    async def answer(self, prompt: Sequence[Said], tools: Any = ()) -> Turn:
        return Turn("So.", usage=self._usage)

    async def extract(self, prompt: Sequence[Said], shape: Any, *, wrong: Any = None) -> Any:
        if self._failure:
            raise self._failure
        return shape.model_validate({"drafts": []}), self._usage

    async def hint(self, prompt: Sequence[Said], *, most: int) -> str:
        return ""


async def test_calls_are_counted_in_dollars_also_at_the_same_time(school: School) -> None:
    spending = Spending(school.workspace, school.documents, CENT)
    await asyncio.gather(*(spending.add(Usage(100, 10)) for _ in range(20)))
    assert await spending.today() == pytest.approx((2000 * 1 + 200 * 4) / 1e6)
    assert (await school.documents.find("spending", {}))[0]["calls"] == 20


async def test_at_the_ceiling_nothing_begins_and_everything_stays_due(school: School, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    school.budget, bell = CENT, Bell()
    await school.say("100.000000", "Releases go out on Tuesdays.")
    await Spending(school.workspace, school.documents, CENT).add(Usage(10_000, 0))
    assert not await school.learn()
    assert not await school.learn()
    assert await ring_due(school.database, bell, CENT) == 0
    assert (school.model.read, await school.sentences()) == ([], [])
    assert [vars(r)["workspace"] for r in caplog.records if r.message == "learning.paused"] == [school.workspace]
    assert await ring_due(school.database, bell, replace(CENT, ceiling=0.02)) == 1
    school.budget = replace(CENT, ceiling=0.02)
    assert await school.learn()
    assert await school.sentences() == ["Releases go out on Tuesdays."]


async def test_what_was_spent_on_another_day_does_not_count(school: School) -> None:
    school.budget = CENT
    await Spending(school.workspace, school.documents, CENT).add(Usage(10_000, 0))
    [day] = await school.documents.find("spending", {})
    await school.documents.delete("spending", {})
    await school.documents.insert("spending", day | {"_id": "2026-01-01"})
    await school.say("100.000000", "Releases go out on Tuesdays.")
    assert await school.learn()


async def test_a_run_under_way_is_finished(school: School) -> None:
    school.budget = CENT
    await school.say("100.000000", "Releases go out on Tuesdays.")
    school.model.meanwhile = lambda: Spending(school.workspace, school.documents, CENT).add(Usage(10_000, 0))
    assert await school.learn()
    assert await school.sentences() == ["Releases go out on Tuesdays."]


async def test_learning_is_counted_where_the_server_says_nothing_by_length(school: School) -> None:
    await school.say("100.000000", "Releases go out on Tuesdays.")
    assert await school.learn()
    [day] = await school.documents.find("spending", {})
    assert day["calls"] == 1
    assert 300 < day["prompt_tokens"] < 3000
    assert 10 < day["completion_tokens"] < 200


async def test_what_is_counted(school: School) -> None:
    from stores.extraction import Drafts

    async def spent(model: Priced, *, answers: bool = False) -> list[tuple[int, int]]:
        await school.documents.delete("spending", {})
        counted = Counted(model, Spending(school.workspace, school.documents), all=answers)
        await counted.answer([Said("user", "Why?")])
        with contextlib.suppress(ModelFailed):
            await counted.extract([Said("user", "x" * 400)], Drafts)
        return [(d["prompt_tokens"], d["completion_tokens"]) for d in await school.documents.find("spending", {})]

    failed = ModelFailed("It did not answer in the form that was asked for.")
    assert await spent(Priced(failure=failed)) == []
    failed.usage = Usage(500, 50)
    assert await spent(Priced(failure=failed)) == [(500, 50)]
    assert await spent(Priced(Usage(700, 70))) == [(700, 70)]
    assert await spent(Priced(Usage(700, 70)), answers=True) == [(1400, 140)]
    assert await spent(Priced()) == [(100, 4)]
