"""How the stores share the context."""

from __future__ import annotations

from stores.context import CONTEXT_TOKENS
from stores.insights import Insight
from stores.sharing import FRAME, cost_of, share
from tests.stores.town import evidence, insight

SAID = evidence("PUBLIC", "ana", "public")


def recalled(store: str, count: int, *, standing: bool = False, length: int = 100) -> list[Insight]:
    return [insight(f"{store}{n}", SAID, sentence="x" * length, store=store, standing=standing) for n in range(count)]


def test_the_best_of_each_store_has_a_place_however_much_another_recalls() -> None:
    shared = share([recalled("loud", 48), recalled("quiet", 1), recalled("last", 3)])
    assert [own[0].id for own, _ in shared] == ["loud0", "quiet0", "last0"]
    assert len(shared[2].insights) == 3
    assert sum(cost_of(i) for own, _ in shared for i in own) + 3 * FRAME == sum(each.tokens for each in shared) <= CONTEXT_TOKENS


def test_what_stands_comes_before_what_merely_fits_but_not_without_end() -> None:
    shared = share([recalled("fits", 20), [*recalled("both", 1), *recalled("stands", 20, standing=True)]])
    standing = [i for i in shared[1].insights if i.standing]
    assert 4 <= len(standing) <= 8
    assert len(shared[0].insights) > 2


def test_a_long_one_leaves_room_for_shorter_ones() -> None:
    long, short = recalled("long", 1, length=300 * 4), recalled("short", 3)
    assert [len(own) for own, _ in share([[*short[:1], *long, *short[1:]]], 200)] == [3]


def test_nothing_recalled_is_nothing_shared() -> None:
    assert [own for own, _ in share([[], []])] == [[], []]
