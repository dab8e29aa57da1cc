"""Random workspaces against a naive reading of the rule: nothing that shows an insight shows one to somebody who may not see it.

A failure names the seed; `TACIT_SEED=… pytest` plays it again.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.compose import compose
from bot.learnings import Learnings
from stores.audience import Readers, readers_of
from stores.conversations import Conversation, Message, Question
from stores.insights import Draft, Evidence, Insight
from stores.loading import build
from stores.machine import LearningMachine
from stores.model import Said, ToolCall, Turn
from stores.modes import Modes
from stores.repository import InsightRepository
from stores.search import KeywordSearch
from stores.sqlite.documents import open_sqlite
from stores.store import Kit
from stores.team_knowledge import TeamKnowledge
from tests.bot.worlds import FULL, OUTSIDERS, PLACES, WORDS, Slack, World, allowed, visible
from workers.parts import Parts
from workers.spending import Spending

SEED = int(os.environ.get("TACIT_SEED") or random.SystemRandom().randrange(10**9))
WORLDS, READERS, INSIGHTS = 10, 6, 40


class Searches:
    """A model that searches and then repeats all it was shown."""

    def __init__(self) -> None:
        self.prompts: list[Sequence[Said]] = []

    async def answer(self, prompt: Sequence[Said], tools: Sequence[object] = ()) -> Turn:
        self.prompts.append(prompt)
        last = prompt[-1]
        return Turn("All of it.") if last.role == "tool" else Turn("", (ToolCall("1", "search_insights", {"words": "release budget"}),))


@dataclass
class Product:
    world: World
    parts: Parts

    async def readers(self, place: str, asker: str) -> Readers:
        return await readers_of(self.parts.directory, place, asker, alone=place.startswith("D") and self.world.chance.random() < 0.5)

    async def listed(self, readers: Readers) -> list[str]:
        got: list[str] = []
        for n in range(1, 10):
            listing = await Learnings(self.parts).page(readers, page=n)
            got += [i.id for i in listing.insights]
            if not listing.more:
                break
        return got

    async def searched(self, readers: Readers) -> list[str]:
        return [i.id for i in (await Learnings(self.parts).page(readers, words="egress contract")).insights]

    async def found(self, readers: Readers) -> list[str]:
        return [i.id for i in (await self.parts.finder.search("deploy budget", readers, limit=30)).insights]

    async def recalled(self, readers: Readers) -> tuple[list[str], str]:
        found = await self.parts.machine.recall(self.question(readers))
        return [i.id for i in found.insights.values()], found.context

    async def told(self, readers: Readers) -> tuple[list[str], str]:
        """What the answering model is shown, its tool included."""
        model, asked = Searches(), Message(readers.place, "1.000100", readers.asker, "Ana", "Which deploy?")
        made = await compose(self.question(readers), [asked], self.parts.machine, model, _nothing, unsure=False)  # type: ignore[arg-type]
        return [i.id for i in made.insights.values()], "\n".join(said.content for prompt in model.prompts for said in prompt)

    async def settled_against(self, readers: Readers) -> list[str]:
        drafts = [Draft(f"d{n}", "team_knowledge", "fact", f"About {word}.", ()) for n, word in enumerate(WORDS)]
        conversation = Conversation("T1", "C0:1", "C0", "run", (), frozenset(), readers)
        return [i.id for found in (await self.parts.machine.known.resembling(drafts, conversation)).values() for i in found]

    def question(self, readers: Readers) -> Question:
        return Question("T1", "C0:1", readers.asker, readers.place, "What about egress and the release?", readers)


async def _nothing() -> None:
    """What `learn_now` does here."""


async def product(world: World, documents: Any) -> Product:
    repository, slack = InsightRepository("T1", documents), Slack(world)
    for one in world.insights:
        await repository.keep(one)
    return Product(world, await parts(repository, slack, documents))


async def parts(repository: Any, slack: Any, documents: Any) -> Parts:
    finder = KeywordSearch(repository, slack)
    store = build("team_knowledge", TeamKnowledge, Kit("T1", "team_knowledge", repository, slack, None, finder))  # type: ignore[arg-type]
    machine = LearningMachine([store], repository, slack, finder, seconds=60)
    return Parts("T1", documents, repository, slack, finder, machine, None, None, Spending("T1", documents), Modes(documents))  # type: ignore[arg-type]


async def test_nobody_gets_what_they_may_not_see() -> None:
    chance, probes = random.Random(SEED), 0
    for _ in range(WORLDS):
        world = World(random.Random(chance.random()))
        while len(world.insights) < INSIGHTS:
            world.moment()
        database = await open_sqlite(":memory:")
        made = await product(world, database.workspace("T1"))
        for _ in range(READERS):
            probes += await _probe(made, failing=world.chance.random() < 0.2)
        made.parts.machine.close()
        await database.close()
    assert probes >= 2000, probes


async def _probe(made: Product, *, failing: bool) -> int:
    """Everything that one reader gets, beside what they may; how many times something could have leaked."""
    world, chance = made.world, made.world.chance
    asker = chance.choice([*FULL, *OUTSIDERS])
    place = chance.choice([f"D{asker}", chance.choice(PLACES)])
    may, names = visible(world, place, asker, failing=failing), {i.id for i in world.insights}
    lookups = [f"place {p}" for p in PLACES] + [f"members {place}", f"person {asker}", f"rooms {asker}"]
    world.dead = set(chance.sample(lookups, 2)) if failing else set()
    readers = await made.readers(place, asker)
    listed = await made.listed(readers)
    recalled, context = await made.recalled(readers)
    told, prompt = await made.told(readers)
    lists = [listed, await made.searched(readers), await made.found(readers), recalled, told, await made.settled_against(readers)]
    where = f"TACIT_SEED={SEED}: {asker} in {place}"
    for got in lists:
        assert set(got) <= may, where
    for text in (context, prompt):
        assert {name for name in names if name in text} <= may, where
    if not failing:
        assert set(listed) == may, where
        assert listed == sorted(listed, reverse=True), where
    for one in (await Learnings(made.parts).page(readers)).insights:
        assert all(allowed(world, e, place, asker) for e in one.evidence), where
    return (len(lists) + 2) * len(names)


class Memory:
    """The part of the repository that reads, with as many insights as a test needs."""

    def __init__(self, insights: Sequence[Insight]) -> None:
        self._insights = sorted(insights, key=lambda i: -i.learned_at)

    async def get(self, ids: Sequence[str]) -> list[Insight]:
        by_id = {i.id: i for i in self._insights}
        return [by_id[i] for i in ids if i in by_id]

    async def newest(self, *, skip: int = 0, limit: int = 0) -> list[Insight]:
        return self._insights[skip : skip + limit if limit else None]

    async def matching(self, words: Any, *, store: str = "", status: str = "", skip: int = 0, limit: int = 0) -> list[Insight]:
        return [] if status else await self.newest(skip=skip, limit=limit)

    async def standing(self, *, store: str = "", skip: int = 0, limit: int = 0) -> list[Insight]:
        return [i for i in self._insights if i.standing][skip : skip + limit if limit else None]


async def _gets(insights: Sequence[Insight], world: World) -> dict[str, Any]:
    """Everything that U1 gets in a public channel."""
    database = await open_sqlite(":memory:")
    made = Product(world, await parts(Memory(insights), Slack(world), database.workspace("T1")))
    readers = await readers_of(made.parts.directory, "C0", "U1")
    looks = [made.listed, made.searched, made.found, made.recalled, made.told, made.settled_against]
    try:
        return {look.__name__: await look(readers) for look in looks}
    finally:
        made.parts.machine.close()
        await database.close()


async def test_what_a_reader_may_not_see_moves_nothing_that_they_get() -> None:
    chance = random.Random(SEED)
    world = World(chance)
    for place in PLACES:
        world.rooms[place], world.inside[place], world.shared[place] = [(0.0, "public")], {"U1", "U2"}, False
    world.rooms["C1"], world.inside["C1"] = [(0.0, "private")], {"U2"}

    def some(many: int, name: str, place: str, stood: Any) -> list[Insight]:
        def one(n: int) -> Insight:
            at = chance.random() * 1000
            said = f"{name}{n:03} about {' and '.join(chance.sample(WORDS, 2))}."
            evidence = Evidence(f"{place}:{at:.6f}", place, "1.0", "U2", at, stood)
            return Insight(f"{name}{n:03}", "T1", "team_knowledge", "fact", said, (evidence,), standing=n % 2 == 0, learned_at=at)

        return [one(n) for n in range(many)]

    for known in (3, 450):
        seen = some(known, "seen", "C2", "public")
        hidden = some(200, "hidden", "C1", "private") + some(100, "own", "DU2", "dm")
        assert await _gets([*seen, *hidden], world) == await _gets(seen, world), f"TACIT_SEED={SEED}, {known} known"


async def test_a_thousand_hidden_ones_are_not_there_for_a_reader() -> None:
    world = World(random.Random(1))
    world.rooms["C0"], world.rooms["C1"] = [(0.0, "public")], [(0.0, "private")]
    world.inside["C1"] = {"U2"}
    evidence = Evidence("C1:1.0", "C1", "1.0", "U2", 1.0, "private")
    hidden = [Insight(f"x{n}", "T1", "team_knowledge", "fact", "Egress.", (evidence,), learned_at=n) for n in range(1000)]
    got = await _gets(hidden, world)
    assert not any(got[look] for look in ("listed", "searched", "found", "settled_against"))
