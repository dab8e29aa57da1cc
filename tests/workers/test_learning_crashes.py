"""A run that ends at any of its calls, in any way, is repeated: the same insights as without, none twice, and nothing left behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from stores.documents import Database
from stores.sqlite.documents import open_sqlite
from tests.storage.address import opened
from tests.workers.school import Fault, School
from workers.sweep import SETTLED_AFTER, settle_marks

WAYS = ("fails", "killed after", "cancelled")
KNOWN = ("Releases go out on Tuesdays.", "The lab opens at eight.", "Contracts go to Marta.", "Backups run at night.")


@pytest.fixture
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    if request.param == "mongo":
        url, name = request.getfixturevalue("mongo_url"), request.getfixturevalue("mongo_database")
        database = await opened(urlsplit(url)._replace(path=f"/{name}").geturl())
    else:
        database = await open_sqlite(":memory:")
    await database.prepare()
    yield database
    await database.close()


def settled(drafted: str, known: str) -> str:
    if drafted == known:
        return "same"
    return "contradicts" if drafted.split()[0] == known.split()[0] else "new"


async def lesson(database: Database, workspace: str) -> School:
    """A thread that confirms, corrects, adds, edits and deletes what is known from it and from another one."""
    school = School(database, workspace)
    school.model.verdict = settled
    for n, sentence in enumerate(KNOWN[:2]):
        await school.say(f"{n + 10}.000000", sentence, root="10.000000")
    assert await school.learn("10.000000")
    for n, sentence in enumerate(KNOWN[2:]):
        await school.say(f"{n + 100}.000000", sentence)
    assert await school.learn()
    await school.say("100.000000", "Invoices go to Jo.", edited="102.000000")
    await school.say("103.000000", "Releases go out on Tuesdays.", by="bo")
    await school.say("104.000000", "The lab opens at nine.")
    await school.say("105.000000", "Parking is free.")
    return school


@pytest.mark.parametrize(("database", "step"), [("sqlite", 1), ("mongo", 9)], indirect=["database"])
async def test_a_run_that_ends_anywhere_is_repeated(database: Database, step: int) -> None:
    school = await lesson(database, "whole")
    whole = Fault()
    assert await school.learn(fault=whole)
    expected, read = await school.told(), school.model.read
    assert [said for said, _, _ in expected] == [  # type: ignore[misc]
        "The lab opens at eight.",
        "Invoices go to Jo.",
        "Backups run at night.",
        "Releases go out on Tuesdays.",
        "The lab opens at nine.",
        "Parking is free.",
    ]
    assert whole.calls > 20
    for way in WAYS:
        for at in range(1, whole.calls + 1, step if way == "killed after" else 2 * step):
            school = await lesson(database, f"{way.replace(' ', '-')}-{at}")
            where = f"{way} at call {at}"
            await school.learn(fault=Fault(way, at))
            await school.restart()
            await school.learn()
            assert await school.told() == expected, where
            left = await school.conversation()
            assert (left.get("run"), left["due"], left["error"]) == (None, None, None), where
            assert len(school.model.read) <= len(read) + 1, where
            assert await marked(school) == {m for _, evidence, _ in expected for m, _ in evidence}, where  # type: ignore[misc]


async def marked(school: School) -> set[str]:
    """Where 🧠 stands once all marks are settled."""
    before = {m["_id"] for m in await school.documents.find("marks", {})}
    for message in before:
        await school.documents.update("marks", {"_id": message, "stale_at": {"$exists": True}}, {"$set": {"stale_at": SETTLED_AFTER}})

    class One:
        async def parts(self, workspace: str) -> object:
            return parts

        async def sweep(self, *arguments: object, **named: object) -> object:
            return [(w, d) for w, d in await school.database.sweep(*arguments, **named) if w == school.workspace]  # type: ignore[arg-type]

    async with school.process() as parts:
        await settle_marks(One(), One())  # type: ignore[arg-type]
    return school.threads.marked
