"""What one teammate alone keeps stating stays in its channel until a second one says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stores.audience import Readers, look
from stores.documents import Documents
from stores.index.indexes import Indexes
from stores.insights import Draft, Taught
from stores.keeping import keep
from stores.pending import accept
from stores.repository import InsightRepository
from stores.testing import Town
from tests.stores.rules import ELSEWHERE, THERE, agreed, built, four, policy, seen
from tests.stores.town import evidence, insight


@pytest.fixture
def town() -> Town:
    return built()


async def test_the_fourth_stays_in_its_channel(repository: InsightRepository, town: Town) -> None:
    await four(repository, town)
    assert await seen(repository, town, THERE) == {"ana0", "ana1", "ana2", "ana3"}
    assert await seen(repository, town, ELSEWHERE) == {"ana0", "ana1", "ana2"}


async def test_keeping_them_again_changes_nothing(repository: InsightRepository, town: Town) -> None:
    await four(repository, town)
    await four(repository, town)
    assert await seen(repository, town, ELSEWHERE) == {"ana0", "ana1", "ana2"}


async def test_a_second_teammate_s_word_in_that_channel_lets_it_out(repository: InsightRepository, town: Town) -> None:
    await four(repository, town)
    await keep([policy(9, "bo", decision="same", of=("ana3",))], repository, town)
    assert "ana3" in await seen(repository, town, ELSEWHERE)
    [confirmed] = await repository.get(["ana3"])
    assert [(e.teammate, e.taught) for e in confirmed.evidence] == [("ana", "public"), ("bo", "public")]


async def test_its_teacher_s_own_edit_or_a_second_draft_of_the_same_message_lets_nothing_out(
    repository: InsightRepository, town: Town
) -> None:
    await four(repository, town)
    [said] = policy(3).evidence
    for again in (said, replace(said, version="60.000000")):
        await keep([replace(policy(9), evidence=(again,), decision="same", of=("ana3",))], repository, town)
        assert "ana3" not in await seen(repository, town, ELSEWHERE)
    await keep([policy(9, "bo", decision="same", of=("ana3",))], repository, town)
    assert "ana3" in await seen(repository, town, ELSEWHERE)


@pytest.mark.parametrize(
    ("by", "place", "taught"),
    [("ana", "PUBLIC", "public"), ("gus", "PUBLIC", "guest"), ("bo", "OTHER", "public"), ("bo", "LEGAL", "private"), ("bo", "Dbo", "dm")],
)
async def test_nothing_else_does(repository: InsightRepository, town: Town, by: str, place: str, taught: Taught) -> None:
    await four(repository, town)
    await keep([policy(9, by, place, taught, decision="same", of=("ana3",))], repository, town)
    assert "ana3" not in await seen(repository, town, ELSEWHERE)
    [still] = await repository.get(["ana3"])
    assert {e.taught for e in still.evidence} == {"unconfirmed"}


async def test_a_fact_that_contradicts_a_rule_leaves_room_for_no_other(repository: InsightRepository, town: Town) -> None:
    await keep([policy(n) for n in range(3)], repository, town)
    said = evidence("PUBLIC", "ana", "public", 30.0)
    await keep([Draft("f", "team_knowledge", "fact", "It is over.", (said,), decision="contradicts", of=("ana0",))], repository, town)
    await keep([policy(3)], repository, town)
    assert await seen(repository, town, ELSEWHERE) == {"ana1", "ana2", "f"}


@pytest.mark.parametrize(("by", "heard"), [("ana", False), ("cy", True)])
async def test_words_typed_on_a_card_are_their_teacher_s_alone(repository: InsightRepository, town: Town, by: str, heard: bool) -> None:
    """Though a second teammate has said what they replace; an approver's words are confirmed by whoever taught it."""
    await keep([policy(n) for n in range(3)], repository, town)
    await keep([policy(3), policy(9, "bo", decision="same", of=("ana3",))], repository, town, confirm=True)
    await keep([policy(9, "bo", decision="same", of=("ana3",))], repository, town, confirm=True)
    kept = await accept("ana3", by, repository, sentence="Everybody owes Ana ten coins.")
    assert kept is not None
    assert ("ana3" in await seen(repository, town, ELSEWHERE)) is heard
    await keep([policy(12, "bo", decision="same", of=("ana3",))], repository, town)
    assert "ana3" in await seen(repository, town, ELSEWHERE)


async def test_typed_words_bring_nothing_back_of_what_others_forgot(repository: InsightRepository, town: Town) -> None:
    await keep([policy(n) for n in range(3)], repository, town)
    for by in ("ana", "bo"):
        await keep([policy(3 if by == "ana" else 9, by, decision="same", of=("ana3",))], repository, town, confirm=True)
    [waiting] = await repository.with_status("pending")
    await keep([policy(9, "bo", decision="same", of=(waiting.id,))], repository, town, confirm=True)
    await repository.withdraw(waiting.id, [policy(9, "bo").evidence[0].message], undo="bo/x")
    await accept(waiting.id, "ana", repository, sentence="Everybody owes Ana ten coins.")
    await repository.restore(waiting.id, "bo/x")
    assert waiting.id not in await seen(repository, town, ELSEWHERE)


@pytest.mark.parametrize("how", ["says so", "agrees"])
async def test_what_they_replaced_does_not_count_once_that_is_confirmed(repository: InsightRepository, town: Town, how: str) -> None:
    await keep([policy(n) for n in range(3)], repository, town)
    await keep([policy(3, decision="contradicts", of=("ana0",))], repository, town)
    if how == "agrees":
        assert await agreed(policy(3).evidence[0].message, "", ["bo"], repository, town)
    else:
        await keep([policy(9, "bo", decision="same", of=("ana3",))], repository, town)
    await keep([policy(4), policy(5)], repository, town)
    assert await seen(repository, town, ELSEWHERE) == {"ana1", "ana2", "ana3", "ana4"}


async def test_what_another_one_kept_does_not_count(repository: InsightRepository, town: Town) -> None:
    await keep([policy(n) for n in range(3)], repository, town, confirm=True)
    for n in range(3):
        await accept(f"ana{n}", "bo", repository)
    await keep([policy(3)], repository, town)
    assert "ana3" in await seen(repository, town, ELSEWHERE)


async def test_what_others_confirmed_does_not_count(repository: InsightRepository, town: Town) -> None:
    await keep([policy(n) for n in range(3)], repository, town)
    await keep([policy(9, "bo", decision="same", of=("ana0",))], repository, town)
    await keep([policy(3)], repository, town)
    assert "ana3" in await seen(repository, town, ELSEWHERE)


async def test_what_is_not_standing_or_not_public_is_not_meant(repository: InsightRepository, town: Town) -> None:
    await four(repository, town)
    fact = Draft("fact", "team_knowledge", "fact", "So.", (evidence("PUBLIC", "ana", "public", 99.0),))
    await keep([fact, policy(8, place="LEGAL", taught="private"), policy(7, place="Dana", taught="dm")], repository, town)
    kept = {i.id: {e.taught for e in i.evidence} for i in await repository.get(["fact", "ana8", "ana7"])}
    assert kept == {"fact": {"public"}, "ana8": {"private"}, "ana7": {"dm"}}


async def test_what_two_said_at_once_is_confirmed(repository: InsightRepository, town: Town) -> None:
    await four(repository, town)
    both = (evidence("PUBLIC", "ana", "public", 50.0), evidence("PUBLIC", "bo", "public", 51.0))
    await keep([Draft("both", "team_knowledge", "policy", "Both say so.", both, standing=True)], repository, town)
    assert "both" in await seen(repository, town, ELSEWHERE)


async def test_who_corrects_themselves_states_no_more_than_before(repository: InsightRepository, town: Town) -> None:
    await keep([policy(n) for n in range(3)], repository, town)
    await keep([policy(3, decision="contradicts", of=("ana0",))], repository, town)
    await keep([policy(4, decision="refines", of=("ana3",))], repository, town)
    assert await seen(repository, town, ELSEWHERE) == {"ana1", "ana2", "ana4"}
    await keep([policy(5)], repository, town)
    assert "ana5" not in await seen(repository, town, ELSEWHERE)


async def test_what_they_corrected_where_few_heard_it_still_counts(repository: InsightRepository, town: Town) -> None:
    await keep([policy(n) for n in range(3)], repository, town)
    await keep([policy(3, place="LEGAL", taught="private", decision="contradicts", of=("ana0",))], repository, town)
    await keep([policy(4)], repository, town)
    assert await seen(repository, town, ELSEWHERE) == {"ana0", "ana1", "ana2"}


async def test_it_hides_what_it_contradicts_in_its_channel_alone(repository: InsightRepository, town: Town) -> None:
    await keep([policy(1, "bo")], repository, town)
    await keep([policy(n) for n in range(3)], repository, town)
    await keep([policy(5, decision="contradicts", of=("bo1",))], repository, town)
    assert {"bo1", "ana5"} & await seen(repository, town, THERE) == {"ana5"}
    assert {"bo1", "ana5"} & await seen(repository, town, ELSEWHERE) == {"bo1"}


async def doubted(repository: InsightRepository, town: Town, readers: Readers) -> list[tuple[str, str, str]]:
    """What these readers see in doubt, by whom, and how that was taught."""
    view = await look(await repository.newest(), readers, town, repository)
    return [(i.id, d.teammate, d.taught) for i in view.insights for d in i.doubts]


async def test_what_it_contradicts_is_in_doubt_elsewhere(repository: InsightRepository, town: Town) -> None:
    await keep([policy(1, "bo")], repository, town)
    await keep([policy(n) for n in range(3)], repository, town)
    await keep([policy(5, decision="contradicts", of=("bo1",))], repository, town)
    assert await doubted(repository, town, ELSEWHERE) == [("bo1", "ana", "public")]
    assert await doubted(repository, town, THERE) == []
    await keep([policy(9, "bo", decision="same", of=("ana5",))], repository, town)
    assert "ana5" in await seen(repository, town, ELSEWHERE)
    assert await doubted(repository, town, ELSEWHERE) == []


async def test_it_is_not_in_doubt_once_it_is_said_again_or_the_other_is_taken_back(repository: InsightRepository, town: Town) -> None:
    await keep([policy(1, "bo"), policy(2, "bo")], repository, town)
    await keep([policy(n) for n in range(3)], repository, town)
    newer = policy(5, decision="contradicts", of=("bo1", "bo2"))
    await keep([newer], repository, town)
    assert [i for i, *_ in await doubted(repository, town, ELSEWHERE)] == ["bo2", "bo1"]
    await keep([policy(9, "bo", place="OTHER", decision="same", of=("bo1",))], repository, town)
    assert [i for i, *_ in await doubted(repository, town, ELSEWHERE)] == ["bo2"]
    await repository.withdraw("ana5", [newer.evidence[0].message])
    assert await doubted(repository, town, ELSEWHERE) == []


async def test_it_is_not_in_doubt_once_the_other_is_contradicted_itself(repository: InsightRepository, town: Town) -> None:
    await keep([policy(1, "bo")], repository, town)
    await keep([policy(n) for n in range(3)], repository, town)
    await keep([policy(5, decision="contradicts", of=("bo1",))], repository, town)
    await keep([policy(9, "bo", place="OTHER", decision="contradicts", of=("ana5",))], repository, town)
    assert {"bo1", "bo9"} <= await seen(repository, town, ELSEWHERE)
    assert await doubted(repository, town, ELSEWHERE) == []


async def test_what_it_only_refines_or_what_a_guest_says_against_it_is_not_in_doubt(repository: InsightRepository, town: Town) -> None:
    await keep([policy(1, "bo")], repository, town)
    await keep([policy(n) for n in range(3)], repository, town)
    await keep(
        [policy(5, decision="refines", of=("bo1",)), policy(6, "gus", taught="guest", decision="contradicts", of=("bo1",))],
        repository,
        town,
    )
    assert "bo1" in await seen(repository, town, ELSEWHERE)
    assert await doubted(repository, town, ELSEWHERE) == []


async def test_a_private_rule_of_one_s_own_is_in_doubt_when_what_replaces_it_is_not_confirmed(
    repository: InsightRepository, town: Town
) -> None:
    await keep([policy(1, place="LEGAL", taught="private")], repository, town)
    await keep([policy(n, "ana") for n in (2, 3, 4)], repository, town)
    await keep([policy(5, decision="contradicts", of=("ana1",))], repository, town)
    legal, outside = Readers("bo", "LEGAL", "private"), ELSEWHERE
    assert await doubted(repository, town, legal) == [("ana1", "ana", "public")]
    assert "ana1" not in await seen(repository, town, outside)


@pytest.mark.parametrize(("by", "taught"), [("ana", "unconfirmed"), ("bo", "public")])
async def test_what_waited_counts_when_it_is_kept(repository: InsightRepository, town: Town, by: str, taught: Taught) -> None:
    """Its teacher cannot get round the rule by having all of it wait; another one's Keep confirms it."""
    await keep([policy(n) for n in range(4)], repository, town, confirm=True)
    for number in range(3):
        await accept(f"ana{number}", "ana", repository)
    kept = await accept("ana3", by, repository)
    assert kept is not None
    assert {e.taught for e in kept.evidence} == {taught}


async def test_a_correction_of_one_s_own_that_waited_is_heard_everywhere(repository: InsightRepository, town: Town) -> None:
    await keep([policy(n) for n in range(3)], repository, town)
    await keep([policy(3, decision="contradicts", of=("ana0",))], repository, town, confirm=True)
    await accept("ana3", "ana", repository)
    assert await seen(repository, town, ELSEWHERE) == {"ana1", "ana2", "ana3"}


async def test_the_index_follows(repository: InsightRepository, documents: Documents, town: Town) -> None:
    indexes = Indexes(None)
    finder = indexes.search(repository, documents, town)
    said = evidence("PUBLIC", "ana", "unconfirmed")
    await repository.keep(insight("one", said, sentence="Egress is limited by policy.", standing=True, kind="policy"))
    await finder.search("egress policy", THERE, limit=5)
    await indexes.settled()

    async def found(readers: Readers) -> list[str]:
        return [i.id for i in (await finder.search("egress policy", readers, limit=5)).insights]

    assert (await found(THERE), await found(ELSEWHERE)) == (["one"], [])
    await repository.support("one", [evidence("PUBLIC", "bo", "public", 20.0)])
    assert (await found(THERE), await found(ELSEWHERE)) == (["one"], ["one"])
    indexes.close()


async def test_who_corrects_themselves_is_heard_also_while_a_fourth_waits(repository: InsightRepository, town: Town) -> None:
    await four(repository, town)
    await keep([policy(5, decision="contradicts", of=("ana0",)), policy(6, decision="refines", of=("ana3",))], repository, town)
    assert await seen(repository, town, ELSEWHERE) == {"ana1", "ana2", "ana5"}


async def test_a_fact_that_two_said_rests_on_both_whatever_one_of_them_types(repository: InsightRepository, town: Town) -> None:
    facts = [Draft(by, "team_knowledge", "fact", "So.", (evidence("PUBLIC", by, "public", n),)) for n, by in ((30.0, "ana"), (31.0, "bo"))]
    await keep([facts[0], replace(facts[1], decision="same", of=("ana",))], repository, town, confirm=True)
    kept = await accept("ana", "ana", repository, sentence="So it is.")
    assert kept is not None
    assert [e.teammate for e in kept.evidence] == ["ana", "bo"]
