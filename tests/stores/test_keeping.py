"""Carrying out what settling decided, also a second time."""

from __future__ import annotations

from stores.insights import Draft, Insight
from stores.keeping import keep
from stores.repository import InsightRepository
from stores.sqlite.documents import open_sqlite
from tests.stores.town import Town, evidence, insight


def draft(identity: str, at: float, **more: object) -> Draft:
    return Draft(identity, "team_knowledge", "fact", f"{identity}.", (evidence("PUBLIC", "ana", "public", at),), **more)  # type: ignore[arg-type]


async def test_a_contradiction_carried_out_again_is_not_turned_round() -> None:
    """A run may be repeated after a crash, and somebody may have repeated the older statement in between."""
    database, town = await open_sqlite(":memory:"), Town()
    town.build("PUBLIC", "public", "ana")
    repository = InsightRepository("T1", database.workspace("T1"))
    await repository.keep(insight("older", evidence("PUBLIC", "ana", "public", 10.0)))
    newer = draft("newer", 20.0, decision="contradicts", of=("older",))
    await keep([newer], repository, town)
    await repository.support("older", [evidence("PUBLIC", "bo", "public", 30.0)])
    await keep([newer], repository, town)
    links = {i.id: i.superseded_by for i in await repository.newest()}
    assert links == {"older": ("newer",), "newer": ()}
    await database.close()


async def test_the_same_said_elsewhere_adds_no_evidence() -> None:
    database, town = await open_sqlite(":memory:"), Town()
    town.build("PUBLIC", "public", "ana")
    town.build("LEGAL", "private", "ana")
    repository = InsightRepository("T1", database.workspace("T1"))
    await repository.keep(insight("public", evidence("PUBLIC", "ana", "public")))
    for place, taught in (("LEGAL", "private"), ("Dana", "dm"), ("PUBLIC", "guest")):
        same = Draft("d", "s", "fact", "So.", (evidence(place, "ana", taught, 20.0),), decision="same", of=("public",))  # type: ignore[arg-type]
        await keep([same], repository, town)
    [known] = await repository.newest()
    assert isinstance(known, Insight)
    assert len(known.evidence) == 1
    await database.close()
