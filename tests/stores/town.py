"""Insights that were said in the town of `stores.testing`, for tests of the rules of learning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stores.insights import Evidence, Insight, Taught


def evidence(place: str, teammate: str, taught: Taught, at: float = 10.0, terms: tuple[str, ...] = ()) -> Evidence:
    """A message that somebody wrote somewhere."""
    return Evidence(f"{place}:{at:.6f}", place, f"{at:.6f}", teammate, at, taught, terms=terms)


def insight(identity: str, *from_: Evidence, sentence: str = "Egress costs too much.", **more: object) -> Insight:
    """An insight of the first store."""
    made = Insight(identity, "T1", "team_knowledge", "fact", sentence, from_)
    return replace(made, **more)  # type: ignore[arg-type]  # whichever fields a test names


class Known:
    """What `look` needs of the repository."""

    def __init__(self, *insights: Insight) -> None:
        self._insights = {i.id: i for i in insights}

    async def get(self, ids: Sequence[str]) -> list[Insight]:
        return [self._insights[i] for i in ids if i in self._insights]
