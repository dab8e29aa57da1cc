"""Random workspaces in which much happens, and a naive reading of who may see what in them.

`visible` is written from the prose of the design, from the bare facts of a `World`; it shares no line with the product.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from stores.audience import LookupFailed, Person, Place, Room
from stores.insights import Evidence, Insight

FULL, OUTSIDERS = ["U1", "U2", "U3", "U4"], ["U8", "U9"]
PLACES = [f"C{n}" for n in range(8)]
WORDS = ["egress", "release", "contract", "deploy", "budget"]


@dataclass
class World:
    """What happened, moment by moment. `rooms`: (moment, room) of each turn; `inside`: who is in a place now; `tacit`: whether we are."""

    chance: random.Random
    now: float = 0.0
    rooms: dict[str, list[tuple[float, Room]]] = field(default_factory=dict)
    inside: dict[str, set[str]] = field(default_factory=dict)
    tacit: dict[str, bool] = field(default_factory=dict)
    shared: dict[str, bool] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    insights: list[Insight] = field(default_factory=list)

    def __post_init__(self) -> None:
        for place in PLACES:
            self.rooms[place] = [(0.0, self.chance.choice(["public", "public", "private"]))]
            self.inside[place] = set(self.chance.sample(FULL, 2)) | (
                {self.chance.choice(OUTSIDERS)} if self.chance.random() < 0.2 else set()
            )
            self.tacit[place], self.shared[place] = True, self.chance.random() < 0.1

    def room(self, place: str) -> Room:
        return "dm" if place.startswith("D") else self.rooms[place][-1][1]

    def moment(self) -> None:
        """One thing happens: mostly somebody teaches something, sometimes a place or its members change."""
        self.now += 1.0
        place, what = self.chance.choice(PLACES), self.chance.random()
        if what < 0.12:
            self.rooms[place].append((self.now, "public" if self.room(place) == "private" else "private"))
        elif what < 0.3:
            self.inside[place] ^= {self.chance.choice([*FULL, *FULL, *OUTSIDERS])}
        elif what < 0.34:
            self.tacit[place] = not self.tacit[place]
        else:
            self.teach(place)

    def teach(self, place: str) -> None:
        inside = sorted(self.inside[place])
        in_dm = self.chance.random() < 0.2 or not inside
        teacher = self.chance.choice([*FULL, *OUTSIDERS] if in_dm else inside)
        place = f"D{teacher}" if in_dm else place
        stood: Any = "dm" if in_dm else "guest" if teacher in OUTSIDERS else self.room(place)
        evidence = Evidence(f"{place}:{self.now:.6f}", place, f"{self.now:.6f}", teacher, self.now, stood)
        if self.insights and self.chance.random() < 0.15:  # others said so too
            n = self.chance.randrange(len(self.insights))
            self.insights[n] = replace(self.insights[n], evidence=(*self.insights[n].evidence, evidence))
            return
        name = f"x{len(self.insights):03}"
        older = self.chance.choice(self.insights) if self.insights and self.chance.random() < 0.25 else None
        if older is not None:
            n = self.insights.index(older)
            self.insights[n] = replace(older, superseded_by=(*older.superseded_by, name))
        about = teacher if self.chance.random() < 0.1 else None
        sentence = f"Mark {name} about {' and '.join(self.chance.sample(WORDS, 2))}."
        standing = self.chance.random() < 0.3
        self.insights.append(
            Insight(
                name, "T1", "team_knowledge", "fact", sentence, (evidence,), about=about, standing=standing, learned_at=1000.0 + self.now
            )
        )


class Slack:
    """`stores.audience.Directory` of a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def person(self, teammate: str) -> Person:
        self._answers(f"person {teammate}")
        return Person(teammate, teammate, outsider=teammate in OUTSIDERS)

    async def place(self, place: str) -> Place:
        self._answers(f"place {place}")
        if place.startswith("D"):
            return Place(place, "dm")
        turns = self.world.rooms[place]
        ends = [later for (_, room), (later, _) in pairwise(turns) if room == "private"]
        until = self.world.now if turns[-1][1] == "private" else max(ends, default=0.0)
        return Place(place, turns[-1][1], place, until, self.world.shared[place])

    async def rooms_of(self, teammate: str) -> frozenset[str]:
        self._answers(f"rooms {teammate}")
        theirs = (p for p in PLACES if teammate in self.world.inside[p] and self.world.tacit[p])
        return frozenset(p for p in theirs if self.world.room(p) == "private")

    async def has_outsiders(self, place: str) -> bool:
        self._answers(f"members {place}")
        return self.world.shared[place] or bool(self.world.inside[place] & set(OUTSIDERS))

    def _answers(self, what: str) -> None:
        if what in self.world.dead:
            raise LookupFailed(what)


# The oracle.


def allowed(world: World, evidence: Evidence, place: str, asker: str) -> bool:
    """Whether a reply to `asker` in `place` (a DM's is D…) may rest on this evidence."""
    source, in_dm = evidence.place, place.startswith("D")
    if not source.startswith("D"):
        later = {room for moment, room in world.rooms[source] if moment >= evidence.at}
        then = [room for moment, room in world.rooms[source] if moment < evidence.at][-1]
        if world.room(source) == "public" and "private" in {then, *later}:
            return False  # one turned public widens nothing
    outsiders_read = asker in OUTSIDERS or (not in_dm and (world.shared[place] or any(p in OUTSIDERS for p in world.inside[place])))
    if outsiders_read or (evidence.teammate in OUTSIDERS and not source.startswith("D")):
        return source == place
    if source.startswith("D"):
        return in_dm and asker == evidence.teammate
    if world.room(source) == "public":
        return True
    return source == place or (in_dm and asker in world.inside[source] and world.tacit[source])


def visible(world: World, place: str, asker: str, *, failing: bool) -> set[str]:
    """The names of what may be shown. While lookups fail, what is superseded stands for whoever may not see the newer just now."""

    def shows(one: Insight) -> bool:
        return one.about in (None, asker) and any(allowed(world, e, place, asker) for e in one.evidence)

    by_name = {i.id: i for i in world.insights}
    return {i.id for i in world.insights if shows(i) and (failing or not any(shows(by_name[n]) for n in i.superseded_by))}
