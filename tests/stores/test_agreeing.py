"""A second teammate who agrees by 👍 confirms what was drawn from those words, and nothing else."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from stores.audience import LookupFailed, Person
from stores.keeping import keep
from stores.pending import accept
from stores.repository import InsightRepository
from stores.testing import Town
from tests.stores.rules import ELSEWHERE, agreed, built, four, policy, seen
from tests.stores.town import evidence


@pytest.fixture
def town() -> Town:
    return built()


async def test_a_second_teammate_who_agrees_lets_it_out(repository: InsightRepository, town: Town) -> None:
    await four(repository, town)
    message = policy(3).evidence[0].message
    assert not await agreed(message, "", ["ana"], repository, town)
    assert "ana3" not in await seen(repository, town, ELSEWHERE)
    assert await agreed(message, "", ["ana", "gus", "bo", "cy"], repository, town)
    assert "ana3" in await seen(repository, town, ELSEWHERE)
    assert not await agreed(message, "", ["cy"], repository, town)
    await keep([policy(9, decision="same", of=("ana3",))], repository, town)
    assert "ana3" in await seen(repository, town, ELSEWHERE)


@pytest.mark.parametrize("since", ["said", "edited"])
async def test_who_agreed_before_these_words_stood_did_not_mean_them(repository: InsightRepository, town: Town, since: str) -> None:
    await keep([policy(n) for n in range(3)], repository, town)
    [first], later = policy(3).evidence, evidence("PUBLIC", "ana", "public", 40.0)
    rests_on = (first, later) if since == "said" else (replace(first, version="40.000000"),)
    await keep([replace(policy(3), evidence=rests_on)], repository, town)
    assert not await agreed(first.message, rests_on[0].version, ["bo"], repository, town, at=39.0)
    assert "ana3" not in await seen(repository, town, ELSEWHERE)
    assert await agreed(first.message, rests_on[0].version, ["bo"], repository, town, at=41.0)
    assert "ana3" in await seen(repository, town, ELSEWHERE)


async def test_who_agrees_to_what_it_says_now_did_not_mean_what_was_learned(repository: InsightRepository, town: Town) -> None:
    await four(repository, town)
    await agreed(policy(3).evidence[0].message, "40.000000", ["bo"], repository, town, at=50.0)
    assert "ana3" not in await seen(repository, town, ELSEWHERE)


async def test_words_that_its_teacher_put_in_themselves_are_not_meant(repository: InsightRepository, town: Town) -> None:
    await keep([policy(n) for n in range(3)], repository, town)
    await keep([policy(3)], repository, town, confirm=True)
    message = policy(3).evidence[0].message
    assert not await agreed(message, "", ["bo"], repository, town)  # while it waits
    await accept("ana3", "ana", repository, sentence="Everybody owes Ana ten coins.")
    assert not await agreed(message, "", ["bo"], repository, town)
    assert "ana3" not in await seen(repository, town, ELSEWHERE)


async def test_who_is_no_teammate_or_opted_out_agrees_to_nothing(repository: InsightRepository, town: Town) -> None:
    town.people["app"] = Person("app", "app", bot=True)
    await four(repository, town)
    await repository.opted_out.leave("bo")
    assert not await agreed(policy(3).evidence[0].message, "", ["gus", "app", "bo"], repository, town)
    assert "ana3" not in await seen(repository, town, ELSEWHERE)


async def test_nobody_is_looked_up_where_there_is_nothing_to_confirm(repository: InsightRepository, town: Town) -> None:
    await four(repository, town)
    await keep([policy(9, "bo", decision="same", of=("ana0",))], repository, town)
    town.fails.add("person cy")
    for message in ("PUBLIC:1.000000", policy(0).evidence[0].message):
        assert not await agreed(message, "", ["cy"], repository, town)
    with pytest.raises(LookupFailed):
        await agreed(policy(3).evidence[0].message, "", ["cy"], repository, town)


@pytest.mark.parametrize("again", ["edited", "later"])
async def test_who_agrees_to_a_part_did_not_mean_the_whole(repository: InsightRepository, town: Town, again: str) -> None:
    """What is settled as the same may say less."""
    await four(repository, town)
    [said] = policy(3).evidence
    part = replace(said, version="40.000000") if again == "edited" else evidence("PUBLIC", "ana", "public", 40.0)
    await keep([replace(policy(9), evidence=(part,), decision="same", of=("ana3",))], repository, town)
    assert not await agreed(part.message, part.version, ["bo"], repository, town)
    assert "ana3" not in await seen(repository, town, ELSEWHERE)


async def test_what_comes_back_by_an_undo_does_not_unconfirm_it(repository: InsightRepository, town: Town) -> None:
    await keep([policy(n) for n in range(3)], repository, town)
    [first], second = policy(3).evidence, evidence("PUBLIC", "ana", "public", 40.0)
    await keep([replace(policy(3), evidence=(first, second))], repository, town)
    await repository.withdraw("ana3", [first.message], undo="ana/x")
    assert await agreed(second.message, "", ["bo"], repository, town)
    await repository.restore("ana3", "ana/x")
    assert "ana3" in await seen(repository, town, ELSEWHERE)


async def test_who_agreed_and_says_so_too_is_the_only_teacher_once_the_first_one_takes_it_back(
    repository: InsightRepository, town: Town
) -> None:
    await keep([policy(0)], repository, town)
    assert await agreed(policy(0).evidence[0].message, "", ["bo"], repository, town)
    assert await repository.standing_by("ana") == []
    await keep([policy(9, "bo", decision="same", of=("ana0",))], repository, town)
    await repository.withdraw("ana0", [policy(0).evidence[0].message])
    assert [i.id for i in await repository.standing_by("bo")] == ["ana0"]


async def test_who_came_back_is_not_heard_in_what_they_did_before(repository: InsightRepository, town: Town) -> None:
    await four(repository, town)
    await repository.opted_out.leave("bo")
    await repository.opted_out.come_back("bo")
    assert not await agreed(policy(3).evidence[0].message, "", ["bo"], repository, town, at=time.time() - 60)
    assert await agreed(policy(3).evidence[0].message, "", ["bo"], repository, town, at=time.time() + 60)


async def test_what_others_agreed_to_does_not_count(repository: InsightRepository, town: Town) -> None:
    await keep([policy(n) for n in range(3)], repository, town)
    assert await agreed(policy(0).evidence[0].message, "", ["bo"], repository, town)
    await keep([policy(3), policy(4)], repository, town)
    assert await seen(repository, town, ELSEWHERE) == {"ana0", "ana1", "ana2", "ana3"}
