"""A process that writes COUNT times: `keep` upserts documents, `learn` keeps insights, `add` increases a number, `stream` inserts and
tells; `prepare` does not."""

import asyncio
import sys

from stores.documents import Database, Documents
from stores.insights import Evidence, Insight
from stores.repository import InsightRepository
from tests.storage.address import opened


async def keep(documents: Documents, who: str, count: int) -> None:
    """Upsert `count` documents that every writer keeps, and `count` of its own."""
    for number in range(count):
        for name in (f"all-{number}", f"{who}-{number}"):
            await documents.update("insights", {"_id": name}, {"$addToSet": {"words": who}, "$inc": {"kept": 1}}, upsert=True)


async def learn(documents: Documents, who: str, count: int) -> None:
    """Keep `count` insights at the same time: half of them its own, half of them those that every writer supports."""
    repository = InsightRepository("W", documents)

    async def one(name: str) -> None:
        evidence = Evidence(f"C1:{name}-{who}", "C1", "1.0", who, 1.0, "public")
        if await repository.keep(Insight(name, "W", "team_knowledge", "fact", f"This is {name}.", (evidence,))):
            await repository.support(name, [evidence])

    await asyncio.gather(*(one(f"{whose}-{n}") for whose in ("all", who) for n in range(count // 2)))


async def add(documents: Documents, who: str, count: int) -> None:
    one = {"$inc": {"number": 1}}
    await asyncio.gather(*(documents.update("spent", {"_id": "sum"}, one, upsert=True) for _ in range(count)))


async def stream(documents: Documents, who: str, count: int) -> None:
    """Insert and, once it is acknowledged, print each number."""
    for number in range(count):
        assert await documents.insert("insights", {"_id": f"{who}-{number}", "words": [f"n{number}"]})
        print(number, flush=True)  # noqa: T201  # the test reads it


async def main(do: str, address: str, who: str, count: str) -> None:
    database: Database = await opened(address)
    await database.prepare()
    if do != "prepare":
        await {"keep": keep, "learn": learn, "add": add, "stream": stream}[do](database.workspace("W"), who, int(count))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
