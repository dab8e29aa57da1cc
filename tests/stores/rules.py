"""One teammate's rules, for tests of how many of them go to the whole workspace."""

from __future__ import annotations

from collections.abc import Sequence

from stores.audience import Readers, look
from stores.insights import Draft, Taught
from stores.keeping import keep
from stores.repository import InsightRepository
from stores.testing import Town
from stores.trust import confirm, may_agree, one_word
from tests.stores.town import evidence

THERE, ELSEWHERE = Readers("cy", "PUBLIC", "public"), Readers("cy", "OTHER", "public")


def built() -> Town:
    town = Town()
    town.build("PUBLIC", "public", "ana", "bo", "cy", "gus")
    town.build("OTHER", "public", "ana", "bo", "cy")
    town.build("LEGAL", "private", "ana", "bo")
    return town


def policy(number: int, by: str = "ana", place: str = "PUBLIC", taught: Taught = "public", **more: object) -> Draft:
    said = evidence(place, by, taught, 10.0 + number)
    return Draft(f"{by}{number}", "team_knowledge", "policy", f"Policy {number} holds.", (said,), standing=True, **more)  # type: ignore[arg-type]


async def seen(repository: InsightRepository, town: Town, readers: Readers) -> set[str]:
    return {i.id for i in (await look(await repository.newest(), readers, town, repository)).insights}


async def four(repository: InsightRepository, town: Town) -> None:
    await keep([policy(n) for n in range(4)], repository, town)


async def agreed(message: str, version: str, people: Sequence[str], repository: InsightRepository, town: Town, *, at: float = 50.0) -> bool:
    """Each of them puts 👍 on the message at this time; whether anything was confirmed by that."""
    meant = await one_word(message, repository, at)
    for teammate in people if meant else ():
        if await may_agree(teammate, meant, at, repository, town):
            await confirm(meant, message, version, repository)
    return any(i.agreed for i in await repository.get([i.id for i in meant]))
