"""The index finds what a search does that looks at every insight; and what readers may not see moves nothing for them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from stores import ranking
from stores.audience import Directory, Readers, look, may_see
from stores.index.entries import Origin, entry_of, key, texts_of
from stores.index.index import REMEMBERED, HybridIndex
from stores.index.mask import view_of
from stores.index.scoring import Fit, Proposals
from stores.index.sight import could_see, sight_of
from stores.insights import Evidence, Insight, Taught
from stores.search import Part
from stores.terms import terms
from stores.testing import Town
from tests.stores.index.team import Hashed, everybody, insight, question, town
from tests.stores.town import Known

EMBEDDER = Hashed()


async def indexed(insights: Sequence[Insight]) -> HybridIndex:
    index = HybridIndex("hashed", EMBEDDER.dimensions)
    for one in insights:
        await put(index, one)
    return index


async def put(index: HybridIndex, one: Insight, revision: int = 0) -> None:
    index.upsert(entry_of(one, revision), await vectors(one))


async def vectors(one: Insight) -> tuple[np.ndarray, np.ndarray | None]:  # type: ignore[type-arg]
    sentence, cues = texts_of(one)
    return (await EMBEDDER.embed([sentence]))[0], (await EMBEDDER.embed([cues]))[0] if cues else None


async def proposed(index: HybridIndex, text: str, readers: Readers, directory: Directory, limit: int = 10) -> Proposals:
    view = view_of(index, await sight_of(index.deciding(readers), readers, directory))
    wanted = {key(stem): weight for stem, weight in ranking.wanted(text).items()}
    return Fit(index, view, wanted, (await EMBEDDER.embed([text]))[0]).propose([Part(limit)])[0]


async def naive(insights: Sequence[Insight], text: str, readers: Readers, directory: Directory) -> dict[str, float]:
    """The scores of all that these readers may see, best first: worked out from what `look` lets through, stem by stem."""
    every = {i.id: i for i in insights}
    seen = (await look(insights, readers, directory, Known(*insights))).insights
    held = [ranking.stems_of(_whole(i, every[i.id])) for i in seen]
    lengths = np.array([sum(ranking.stems_of(_once(_whole(i, every[i.id]))).values()) for i in seen], np.float32)
    wanted, rarities = ranking.wanted(text), []
    sums = np.zeros(len(seen), np.float32)
    for stem, weight in wanted.items():
        worth = np.array([stems.get(stem, 0) for stems in held], np.float32)
        rarities.append(float(ranking.rarity(int((worth > 0).sum()), len(seen))))
        sums += weight * rarities[-1] * ranking.impact(worth, lengths, float(lengths.mean()) if len(seen) else 0.0)
    question = (await EMBEDDER.embed([text]))[0]
    both = [[v for v in await vectors(i) if v is not None] for i in seen]
    aimed = ranking.aim(question, np.mean([v[0] for v in both], axis=0), len(seen)) if seen else question
    cosines = np.array([max(float(v @ aimed) for v in each) for each in both], np.float32)
    scores = ranking.fuse(ranking.share(sums, wanted.values(), rarities), cosines)
    best = np.argsort(-scores, kind="stable")
    talks = np.array([_conversation(every[seen[n].id]) for n in best], np.int64)
    raised = ranking.with_company(scores[best], talks)
    return {seen[n].id: float(score) for n, score in zip(best, raised, strict=True)}


def _whole(seen: Insight, insight: Insight) -> Insight:
    """As it is searched: without its source when not all of that may be seen."""
    return seen if seen.evidence == insight.evidence else replace(seen, evidence=())


def _once(insight: Insight) -> Insight:
    return replace(insight, sentence=" ".join(dict.fromkeys(terms(insight.sentence))))


def _conversation(insight: Insight) -> int:
    return hash((insight.evidence[0].place, insight.evidence[0].conversation)) & 0xFFFFFFFF


async def test_it_finds_what_a_look_at_everything_finds() -> None:
    chance, directory = random.Random(1), town()
    held: dict[str, Insight] = {}
    index = HybridIndex("hashed", EMBEDDER.dimensions)
    for step in range(400):
        if held and chance.random() < 0.3:
            gone = chance.choice(sorted(held))
            del held[gone]
            assert index.remove(gone)
        one = insight(chance.randrange(250), chance)
        if held and chance.random() < 0.1:
            one = replace(one, superseded_by=(chance.choice(sorted(held)),))
        held[one.id] = one
        await put(index, one)
        if step % 90 == 40:
            index.merge()
        if step % 40 == 39:
            await compare(index, list(held.values()), directory, chance)


async def compare(index: HybridIndex, held: Sequence[Insight], directory: Town, chance: random.Random) -> None:
    for readers in await everybody(directory):
        text = question(chance)
        wanted = await naive(held, text, readers, directory)
        found = await proposed(index, text, readers, directory, limit=400)
        assert found.scores.keys() <= wanted.keys()
        for identity, numbers in found.scores.items():
            assert numbers["score"] == pytest.approx(wanted[identity], abs=0.02)
        best = sorted(wanted.values(), reverse=True)[:5]
        assert [n["score"] for n in found.scores.values()][: len(best)] == pytest.approx(best[: len(found.scores)], abs=0.02)


@pytest.mark.parametrize("turned", [False, True])
async def test_what_readers_may_not_see_moves_nothing(turned: bool) -> None:
    chance, directory = random.Random(2), town()
    if turned:
        directory.turn("C2", "private", 1050.0)
        directory.turn("C2", "public", 1060.0)
    insights = [insight(n, chance) for n in range(150)]
    asked = [(readers, question(chance)) for readers in await everybody(directory) for _ in range(4)]
    index = await indexed(insights)
    before = [await proposed(index, text, readers, directory) for readers, text in asked]
    for readers in {readers: None for readers, _ in asked}:
        fuller = await crowded(insights, readers, directory, chance)
        for (other, text), found in zip(asked, before, strict=True):
            if other == readers:
                after = await proposed(fuller, text, readers, directory)
                assert list(after.scores.items()) == list(found.scores.items())


async def crowded(insights: Sequence[Insight], readers: Readers, directory: Town, chance: random.Random) -> HybridIndex:
    """The same insights among a thousand that these readers may not see, some of which were removed again and whose rows were reused."""
    more = [insight(n, chance, run="hidden") for n in range(1600)]
    seen = {i.id for i in (await look(more, readers, directory, Known())).insights}
    hidden = [i for i in more if i.id not in seen][:1000]
    index = await indexed(hidden[:700])
    for one in hidden[:200]:
        index.remove(one.id)
    index.merge()
    for one in [*insights, *hidden[700:]]:
        await put(index, one)
    return index


async def test_what_is_withheld_is_named_with_its_reason() -> None:
    directory = town()
    chance = random.Random(3)
    private = insight(1, chance, evidence=(Evidence("P2:1.0", "P2", "1", "ana", 1.0, "private"),), about=None, sentence="egress costs")
    other = insight(2, chance, evidence=(Evidence("C1:1.0", "C1", "1", "ana", 1.0, "public"),), about="ana", sentence="egress costs")
    old = replace(other, id="old", about=None, superseded_by=("new",))
    new = replace(other, id="new", about=None)
    index = await indexed([private, other, old, new])
    readers = (await everybody(directory))[1]
    found = await proposed(index, "egress", readers, directory)
    assert list(found.scores) == ["new"]
    assert found.withheld == {
        private.id: "not everybody who reads this may see it",
        other.id: "it is about another teammate",
        "old": "superseded by something newer",
    }


async def test_what_was_worked_out_for_readers_holds_until_a_place_or_an_insight_changes() -> None:
    directory, chance = town(), random.Random(4)
    taught = (Evidence("C1:1.0", "C1", "1", "ana", 1.0, "public"),)
    one = insight(1, chance, evidence=taught, about=None, sentence="egress costs", standing=False)
    index = await indexed([one])
    bo = (await everybody(directory))[1]

    async def found() -> list[str]:
        return list((await proposed(index, "egress", bo, directory)).scores)

    assert await found() == [one.id] == await found()
    directory.turn("C1", "private", 5.0)
    assert await found() == []
    directory.turn("C1", "public", 6.0)
    assert await found() == []  # it was said while the place was private, or before
    two = replace(one, id="two", evidence=(replace(taught[0], at=7.0),))
    await put(index, two)
    assert await found() == ["two"]
    directory.fails.add("place C1")
    assert await found() == []
    directory.fails.clear()
    await put(index, replace(one, id="three", evidence=(replace(taught[0], at=8.0),), superseded_by=("two",)))
    assert await found() == ["two"]
    index.remove("two")
    assert await found() == ["three"]


async def test_what_is_remembered_of_readers_takes_little() -> None:
    directory, chance = town(), random.Random(5)
    index = await indexed([insight(n, chance) for n in range(300)])
    for n in range(200):
        readers = replace((await everybody(directory))[1], asker=f"u{n}")
        view_of(index, await sight_of(index.deciding(readers), readers, directory))
    assert len(index.views) <= REMEMBERED


async def test_a_place_that_cannot_be_looked_up_hides_and_says_so() -> None:
    directory = town()
    index = await indexed(
        [insight(1, random.Random(1), evidence=(Evidence("C1:1.0", "C1", "1", "ana", 1.0, "public"),), sentence="egress")]
    )
    readers = (await everybody(directory))[1]
    directory.fails.add("place C1")
    found = await proposed(index, "egress", readers, directory)
    assert (found.scores, found.unsure) == ({}, True)
    assert not (await proposed(index, "jupiter", readers, directory)).unsure


async def test_the_short_cut_never_hides_what_the_rule_shows() -> None:
    directory = town()
    rooms: tuple[Taught, ...] = ("public", "private", "dm", "guest", "unconfirmed")
    for readers in await everybody(directory):
        for place in ("C1", "C3", "P1", "P2", "Dana"):
            for taught in rooms:
                origin = Origin(place, taught, "ana" if taught in ("dm", "unconfirmed") else "")
                shown = may_see(Evidence("", place, "", "ana", 1.0, taught), await directory.place(place), readers)
                assert could_see(origin, readers) or not shown
