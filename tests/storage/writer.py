"""A process that writes COUNT times: `keep` upserts documents, `add` increases a number, `stream` inserts and tells; `prepare` does not."""

import asyncio
import sys

from stores.documents import Database, Documents
from tests.storage.address import opened


async def keep(documents: Documents, who: str, count: int) -> None:
    """Upsert `count` documents that every writer keeps, and `count` of its own."""
    for number in range(count):
        for name in (f"all-{number}", f"{who}-{number}"):
            await documents.update("insights", {"_id": name}, {"$addToSet": {"words": who}, "$inc": {"kept": 1}}, upsert=True)


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
        await {"keep": keep, "add": add, "stream": stream}[do](database.workspace("W"), who, int(count))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
