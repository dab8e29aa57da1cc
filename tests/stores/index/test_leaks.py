"""People join and leave, places turn, insights come and go: whatever is found, every reader of the reply may see."""

from __future__ import annotations

import os
import random

import pytest

from stores.audience import look, readers_of
from stores.documents import Database
from stores.index.indexes import Indexes
from stores.insights import Evidence
from stores.repository import InsightRepository
from stores.search import KeywordSearch
from stores.testing import Town
from tests.stores.index.team import PRIVATE, PUBLIC, Hashed, everybody, insight, question, town

PROBES = int(os.environ.get("TACIT_PROBES", "250"))  # on each database; 2,500 were made on each when this was written
PEOPLE = ("ana", "bo", "cy", "gus")


@pytest.mark.parametrize("engine", ["sqlite", "mongo"], indirect=True)
async def test_nothing_is_found_that_somebody_may_not_see(database: Database) -> None:
    chance, directory = random.Random(20), town()
    documents = database.workspace("W")
    repository, indexes = InsightRepository("W", documents), Indexes(Hashed())
    search = indexes.search(repository, documents, directory)
    held, found = 0, 0
    for probe in range(PROBES):
        if probe % 5 == 0:
            await repository.keep(insight(held, chance))
            held += 1
        if probe % 3 == 0:
            await change(directory, repository, chance, 1000.0 + held)
        places = [*PUBLIC, *PRIVATE, *(f"D{p}" for p in PEOPLE)]
        place = chance.choice(places)
        asker = place[1:] if place[0] == "D" else chance.choice(PEOPLE)
        readers = await readers_of(directory, place, asker)
        here = place if probe % 4 == 1 else ""
        shown = (await search.search(question(chance), readers, limit=8, standing=probe % 7 == 0, here=here)).insights
        assert all(here in ("", *(e.place for e in i.evidence)) for i in shown)
        allowed = {i.id: i for i in (await look(await repository.newest(), readers, directory, repository)).insights}
        assert all(allowed[i.id].evidence == i.evidence for i in shown)
        found += len(shown)
    assert found > PROBES
    indexes.close()


@pytest.mark.parametrize("engine", ["sqlite", "mongo"], indirect=True)
async def test_what_was_taught_here_is_the_same_with_an_index_and_without(database: Database) -> None:
    chance, directory = random.Random(21), town()
    documents = database.workspace("W")
    repository, indexes = InsightRepository("W", documents), Indexes(Hashed())
    search, plain = indexes.search(repository, documents, directory), KeywordSearch(repository, directory)
    for number in range(80):
        await repository.keep(insight(number, chance, store=chance.choice(("project_context", "team_knowledge"))))
    found = 0
    for _ in range(3):
        for place in (*PUBLIC, "P1", "P2", "Dana"):
            for readers in await everybody(directory):
                how = {"limit": 6, "store": "project_context", "here": place}
                indexed = await search.search("Where is it?", readers, **how)
                await indexes.settled()
                assert indexed.insights == (await plain.search("", readers, **how)).insights
                found += len(indexed.insights)
        other = InsightRepository("W", documents)  # of another process, say
        for one in chance.sample(await other.newest(), 10):
            await other.withdraw(one.id, [e.message for e in one.evidence])
        directory.turn(chance.choice(PUBLIC), "private", 1040.0)
    assert found > 100
    indexes.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_what_readers_may_not_see_of_here_brings_nothing_up(database: Database) -> None:
    directory, documents = town(), database.workspace("W")
    repository, indexes = InsightRepository("W", documents), Indexes(Hashed())
    search, plain = indexes.search(repository, documents, directory), KeywordSearch(repository, directory)
    in_c1, in_c2 = (Evidence(f"{place}:1.0", place, "1", "ana", 1.0, "public") for place in ("C1", "C2"))
    one = insight(1, random.Random(1), evidence=(in_c1, in_c2), about=None)
    await repository.keep(one)
    for turned, found in ((False, [one.id]), (True, [])):
        if turned:
            directory.turn("C1", "private", 5.0)
            directory.turn("C1", "public", 6.0)
        readers = await readers_of(directory, "C1", "bo")
        await search.search("x", readers, limit=1)
        await indexes.settled()
        for finder in (search, plain):
            assert [i.id for i in (await finder.search("x", readers, limit=5, here="C1")).insights] == found
            assert [i.id for i in (await finder.search("x", readers, limit=5, here="C2")).insights] == [one.id]
    indexes.close()


async def change(directory: Town, repository: InsightRepository, chance: random.Random, now: float) -> None:
    """Something happens in the workspace."""
    act = chance.choice(("join", "leave", "turn", "share", "fail", "heal", "withdraw", "supersede"))
    place = chance.choice((*PUBLIC, *PRIVATE))
    known = await repository.newest()
    if act == "join":
        directory.members[place].add(chance.choice(PEOPLE))
    elif act == "leave":
        directory.members[place].discard(chance.choice(PEOPLE))
    elif act == "turn":
        directory.turn(place, chance.choice(("public", "private")), now)
    elif act == "fail":
        directory.fails.add(f"place {place}")
    elif act == "heal":
        directory.fails.clear()
    elif act == "withdraw" and len(known) > 10:
        gone = chance.choice(known)
        await repository.withdraw(gone.id, [gone.evidence[0].message])
    elif act == "supersede" and len(known) > 10:
        older, newer = chance.sample(known, 2)
        await repository.supersede(older.id, newer.id)
