"""What a deleted message supported is gone, and cannot be brought back; on both engines."""

from __future__ import annotations

from stores.documents import Database
from stores.repository import InsightRepository
from tests.stores.town import evidence, insight


async def test_a_deleted_message_is_withdrawn_also_from_what_could_be_undone(database: Database) -> None:
    repository = InsightRepository("W", database.workspace("W"))
    message, other = evidence("C1", "ana", "public", 10.5), evidence("C1", "bo", "public", 20.5)
    for name, of in (("forgotten", [message]), ("live", [message]), ("shared", [message, other])):
        await repository.keep(insight(name, *of))
    await repository.withdraw("forgotten", [message.message], undo="one")
    await repository.withdraw("shared", [other.message], undo="two")
    await repository.withdraw_all(message.message)
    assert await repository.newest() == []
    assert await repository.restore("forgotten", "one") is None
    brought = await repository.restore("shared", "two")
    assert brought is not None
    assert [e.teammate for e in brought.evidence] == ["bo"]


async def test_undo_lets_only_what_it_brings_back_be_learned_from_again(database: Database) -> None:
    repository = InsightRepository("W", database.workspace("W"))
    mine, theirs = evidence("C1", "ana", "public", 10.5), evidence("C1", "bo", "public", 20.5)
    await repository.keep(insight("one", mine, theirs))
    await repository.set_forgotten([mine.message, theirs.message], True)
    await repository.withdraw("one", [mine.message], undo="u")
    assert await repository.restore("one", "wrong") is None
    assert await repository.restore("one", "u") is not None
    assert await repository.forgotten([mine.message, theirs.message]) == {theirs.message}
