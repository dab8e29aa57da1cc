"""What is announced for a later day, and what becomes of it until then and on that day."""

from __future__ import annotations

import time

import pytest

from stores.audience import Readers, look
from stores.drafting import Owned
from stores.insights import Draft, Kind
from stores.keeping import insight_from, keep, take_effect
from stores.pending import accept
from stores.repository import InsightRepository
from stores.testing import Town
from stores.upkeep import Upkeep
from tests.stores.town import evidence, insight

DAY = 86_400.0
NOW = time.time()


@pytest.fixture
async def town() -> Town:
    town = Town()
    town.build("PUBLIC", "public", "ana")
    return town


def draft(identity: str, ago: float, *of: str, days: float = 0.0, by: str = "ana", decision: str = "contradicts") -> Draft:
    """Said so many seconds ago; it holds in so many days."""
    said = (evidence("PUBLIC", by, "public", NOW - ago),)
    begins = NOW + days * DAY if days else 0.0
    return Draft(identity, "team_knowledge", "fact", f"{identity}.", said, decision=decision, of=of, holds_from=begins)  # type: ignore[arg-type]


@pytest.fixture
async def told(repository: InsightRepository, town: Town) -> Draft:
    """An old rule, and that from the next day on there is a new one."""
    await repository.keep(insight("old", evidence("PUBLIC", "ana", "public", NOW - 100)))
    announced = draft("new", 50, "old", days=1)
    await keep([announced], repository, town)
    return announced


async def seen(repository: InsightRepository, town: Town, days: float = 0.0) -> list[str]:
    """What is seen once so many days have passed."""
    await take_effect(repository, NOW + days * DAY)
    view = await look(await repository.newest(), Readers("bo", "PUBLIC", "public"), town, repository)
    return sorted(i.id for i in view.insights)


async def test_both_stand_until_its_day(repository: InsightRepository, town: Town, told: Draft) -> None:
    assert await seen(repository, town) == ["new", "old"]
    assert await seen(repository, town, 2) == ["new"]
    assert await seen(repository, town, 3) == ["new"]


async def test_a_run_repeated_once_the_old_was_said_again_turns_nothing(repository: InsightRepository, town: Town, told: Draft) -> None:
    await repository.support("old", [evidence("PUBLIC", "bo", "public", NOW - 10)])
    await keep([told], repository, town)
    assert await seen(repository, town) == ["new", "old"]
    assert await seen(repository, town, 2) == ["new"]


async def test_what_was_said_again_before_the_announcement_was_learned_goes_on_its_day(repository: InsightRepository, town: Town) -> None:
    await repository.keep(insight("old", evidence("PUBLIC", "ana", "public", NOW - 10)))
    await keep([draft("new", 50, "old", days=1)], repository, town)
    assert await seen(repository, town) == ["new", "old"]
    assert await seen(repository, town, 2) == ["new"]


async def test_postponed(repository: InsightRepository, town: Town, told: Draft) -> None:
    await keep([draft("postponed", 10, "old", "new", days=9)], repository, town)
    assert await seen(repository, town, 2) == ["old", "postponed"]
    assert await seen(repository, town, 10) == ["postponed"]


async def test_brought_forward(repository: InsightRepository, town: Town) -> None:
    await repository.keep(insight("old", evidence("PUBLIC", "ana", "public", NOW - 100)))
    await keep([draft("new", 50, "old", days=9)], repository, town)
    await keep([draft("sooner", 10, "new", days=1)], repository, town)
    assert await seen(repository, town, 2) == ["sooner"]


async def test_corrected_for_the_same_day(repository: InsightRepository, town: Town, told: Draft) -> None:
    await keep([draft("right", 10, "new", days=1)], repository, town)
    assert await seen(repository, town) == ["old", "right"]
    assert await seen(repository, town, 2) == ["right"]


async def test_called_off(repository: InsightRepository, town: Town, told: Draft) -> None:
    await keep([draft("called off", 10, "new")], repository, town)
    assert await seen(repository, town, 2) == ["called off", "old"]


async def test_two_steps_announced_at_once(repository: InsightRepository, town: Town, told: Draft) -> None:
    await keep([draft("second", 50, "old", "new", days=9)], repository, town)
    assert await seen(repository, town, 2) == ["new", "second"]
    assert await seen(repository, town, 10) == ["second"]


async def test_made_more_exact_and_then_taken_back(repository: InsightRepository, town: Town, told: Draft) -> None:
    await keep([draft("exact", 10, "new", days=1, decision="refines")], repository, town)
    await repository.withdraw("new", [told.evidence[0].message])
    assert await seen(repository, town, 2) == ["exact"]


async def test_undone_across_its_day(repository: InsightRepository, town: Town, told: Draft) -> None:
    await repository.withdraw("new", [told.evidence[0].message], undo="ana/1")
    assert await seen(repository, town, 2) == ["old"]
    assert await repository.restore("new", "ana/1")
    assert await seen(repository, town, 2) == ["new"]


async def test_archived_on_its_day_and_said_again(repository: InsightRepository, town: Town, told: Draft) -> None:
    await repository.set_status("new", "archived")
    assert await seen(repository, town, 2) == ["old"]
    await keep([draft("again", 0, "new", decision="same")], repository, town)
    assert await seen(repository, town, 2) == ["new"]


async def test_it_is_not_archived_before_its_day(repository: InsightRepository, told: Draft) -> None:
    upkeep = Upkeep(repository, {"fact": Owned("team_knowledge", Kind("fact", "", lasts=1))})
    await upkeep.archive((await upkeep.faded(""))[0])
    assert await repository.get(["new"])


async def test_accepted_after_its_day(repository: InsightRepository, town: Town) -> None:
    await repository.keep(insight("old", evidence("PUBLIC", "ana", "public", NOW - 100)))
    await keep([draft("new", 50, "old", days=1)], repository, town, confirm=True)
    assert await seen(repository, town, 2) == ["old"]
    [waiting] = await repository.with_status("pending")
    await accept(waiting.id, "bo", repository)
    assert await seen(repository, town, 2) == [waiting.id]


async def test_said_again_by_another_before_its_day(repository: InsightRepository, town: Town, told: Draft) -> None:
    await keep([draft("again", 5, "new", by="bo", decision="same")], repository, town)
    assert await seen(repository, town) == ["new", "old"]
    assert await seen(repository, town, 2) == ["new"]


async def test_killed_before_it_was_noted(repository: InsightRepository, town: Town) -> None:
    await repository.keep(insight("old", evidence("PUBLIC", "ana", "public", NOW - 100)))
    announced = draft("new", 50, "old", days=1)
    await repository.keep(insight_from(announced, "T1"))
    await keep([announced], repository, town)
    assert await seen(repository, town, 2) == ["new"]
