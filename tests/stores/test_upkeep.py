"""What fades is archived: unused, unconfirmed, and older than its kind lasts. It is not in force then, and not gone either."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from stores.audience import Readers
from stores.documents import Documents
from stores.drafting import Owned
from stores.insights import Insight, Kind
from stores.keeping import keep
from stores.repository import InsightRepository
from stores.search import KeywordSearch
from stores.testing import Town
from stores.upkeep import DAY, LEAST, Upkeep, judged
from tests.stores.test_keeping import draft
from tests.stores.town import evidence, insight

KINDS: Mapping[str, Owned] = {
    "fact": Owned("s", Kind("fact", "A fact.")),
    "policy": Owned("s", Kind("policy", "A rule.", standing=True, lasts=1000)),
    "current-work": Owned("s", Kind("current-work", "What one is at.", lasts=30)),
}
NOW = time.time()


@pytest.fixture
def town() -> Town:
    town = Town()
    town.build("PUBLIC", "public", "ana", "bo")
    return town


async def kept(repository: InsightRepository, identity: str, *, days: float, by: tuple[str, ...] = ("ana",), **more: Any) -> Insight:
    """An insight that was said and learned so many days ago."""
    at = time.time() - days * DAY
    said = [evidence("PUBLIC", who, "public", at + n) for n, who in enumerate(by)]
    found = await repository.keep(replace(insight(identity, *said), kind="fact", learned_at=at, **more))
    assert found
    return found


async def faded(repository: InsightRepository) -> list[str]:
    return sorted(one.insight.id for one in (await Upkeep(repository, KINDS).faded(""))[0])


@pytest.mark.parametrize(
    ("days", "by", "standing", "uses", "lasts", "fades"),
    [
        (0, 1, False, 0, 365, False),
        (700, 1, False, 0, 365, False),
        (740, 1, False, 0, 365, True),
        (740, 1, True, 0, 365, False),  # what stands
        (740, 2, False, 0, 365, False),  # what a second teammate confirmed
        (740, 1, False, 1, 365, False),  # what was of use
        (4000, 4, True, 100, 365, True),  # nothing lasts for ever
        (61, 1, False, 0, 30, True),
        (740, 1, False, 0, 1000, False),
    ],
)
def test_what_fades(days: float, by: int, standing: bool, uses: int, lasts: int, fades: bool) -> None:
    said = [evidence("PUBLIC", f"U{n}", "public", NOW - days * DAY) for n in range(by)]
    one = replace(insight("one", *said), standing=standing, uses=uses, learned_at=NOW - days * DAY)
    assert (judged(one, lasts, NOW).worth < LEAST) is fades


@pytest.mark.parametrize("sign", ["newest", "learned_at", "used_at"])
def test_any_sign_of_life_makes_it_young_again(sign: str) -> None:
    said = evidence("PUBLIC", "ana", "public", NOW if sign == "newest" else 10.0)
    one = replace(insight("one", said), learned_at=10.0) if sign == "newest" else replace(insight("one", said), **{sign: NOW})  # type: ignore[arg-type]
    assert judged(one, 30, NOW).worth == 1


async def test_by_kind_and_not_what_is_replaced_hidden_or_part_of_another(repository: InsightRepository) -> None:
    await kept(repository, "fact", days=800)
    await kept(repository, "young", days=100)
    await repository.keep(replace(await kept(repository, "x", days=1), id="work", kind="current-work", learned_at=NOW - 90 * DAY))
    await kept(repository, "role", days=800, state_of="teammate:ana")
    await kept(repository, "outcome", days=800, belongs_to="fact")
    await kept(repository, "older", days=800, superseded_by=("young",))
    await kept(repository, "title", days=800, state_of="conversation:PUBLIC:1.0")
    assert await faded(repository) == ["fact", "title"]


async def test_it_is_looked_at_in_slices(repository: InsightRepository) -> None:
    for n in range(5):
        await kept(repository, f"i{n}", days=800)
    upkeep, after, found = Upkeep(repository, KINDS), "", list[str]()
    for _ in range(3):
        page, after = await upkeep.faded(after, limit=2)
        found += [one.insight.id for one in page]
    assert (found, after) == (["i0", "i1", "i2", "i3", "i4"], "")


async def test_archived_is_not_in_force_and_not_gone(repository: InsightRepository, town: Town) -> None:
    await kept(repository, "one", days=800)
    upkeep = Upkeep(repository, KINDS)
    page, _ = await upkeep.faded("")
    assert await upkeep.archive(page) == 1
    assert await upkeep.archive(page) == 0
    assert await repository.newest() == await repository.get(["one"]) == []
    assert [i.id for i in await repository.with_status("archived")] == ["one"]
    back = await upkeep.bring_back("one")
    assert back
    assert [i.id for i in await repository.newest()] == ["one"]
    assert await faded(repository) == []
    assert await upkeep.bring_back("one") is None
    assert await upkeep.bring_back("unknown") is None


async def test_what_is_said_again_in_between_is_not_archived(repository: InsightRepository) -> None:
    await kept(repository, "one", days=800)
    upkeep = Upkeep(repository, KINDS)
    page, _ = await upkeep.faded("")
    await repository.support("one", [evidence("PUBLIC", "bo", "public", time.time())])
    assert await upkeep.archive(page) == 0


async def test_said_again_it_is_one_insight_and_in_force(repository: InsightRepository, town: Town) -> None:
    await kept(repository, "one", days=800)
    upkeep = Upkeep(repository, KINDS)
    await upkeep.archive((await upkeep.faded(""))[0])
    found = await KeywordSearch(repository, town, status="archived").search("egress cost", Readers("bo", "PUBLIC", "public"), limit=5)
    assert [i.id for i in found.insights] == ["one"]
    again = replace(draft("new", time.time(), decision="same", of=("one",)))
    for _ in range(2):
        [back] = await keep([again], repository, town)
        assert (back.id, back.status, len(back.evidence)) == ("one", "", 2)
    assert [i.id for i in await repository.newest()] == ["one"]


async def test_what_is_archived_elsewhere_does_not_count_as_known_here(repository: InsightRepository, town: Town) -> None:
    """Said again in a private channel, where nobody hears of what was archived."""
    town.build("LEGAL", "private", "ana", "bo")
    await kept(repository, "one", days=800)
    await repository.set_status("one", "archived")
    same = replace(draft("new", 20.0, decision="same", of=("one",)), evidence=(evidence("LEGAL", "bo", "private", 20.0),))
    assert [i.id for i in await keep([same], repository, town)] == ["new"]
    assert [i.id for i in await repository.with_status("archived")] == ["one"]


async def test_the_words_of_a_deleted_message_leave_the_archive_too(repository: InsightRepository, documents: Documents) -> None:
    one = await kept(repository, "one", days=800)
    await repository.set_status("one", "archived")
    await repository.withdraw_all(one.evidence[0].message)
    assert await repository.with_status("archived") == []
    assert (await documents.find("insights", {"_id": "one"}))[0]["sentence"] == ""


async def test_an_archived_state_is_in_force_again_once_it_is_replaced(repository: InsightRepository) -> None:
    title = await kept(repository, "title", days=800, state_of="conversation:PUBLIC:1.0")
    await repository.set_status("title", "archived")
    await repository.replace(replace(title, sentence="Egress again.", evidence=(evidence("PUBLIC", "bo", "public", NOW),)))
    assert [i.sentence for i in await repository.states_of("conversation:PUBLIC:1.0")] == ["Egress again."]


async def test_what_hides_something_older_stays_lest_that_comes_back(repository: InsightRepository) -> None:
    await kept(repository, "older", days=900, superseded_by=("newer",))
    await kept(repository, "newer", days=800)
    upkeep = Upkeep(repository, KINDS)
    found, _ = await upkeep.faded("")
    assert await upkeep.archive(found) == 0
    assert [i.id for i in await repository.get(["newer"])] == ["newer"]


async def test_where_people_confirm_what_was_archived_comes_back_by_their_word_alone(repository: InsightRepository, town: Town) -> None:
    before = await kept(repository, "fades", days=800)
    await repository.set_status(before.id, "archived")
    again = replace(draft("again", time.time(), decision="same", of=(before.id,)), sentence=before.sentence)
    assert await keep([again], repository, town, confirm=True) == []
    assert await repository.get([before.id]) == []
    assert [i.sentence for i in await repository.with_status("pending")] == [before.sentence]
