"""A directory in memory: people, places and who is in them, changed at will, each lookup able to fail."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from stores.audience import LookupFailed, Person, Place, Room

PEOPLE = {
    "ana": Person("ana", "Ana"),
    "bo": Person("bo", "Bo", admin=True),
    "cy": Person("cy", "Cy"),
    "gus": Person("gus", "Gus", outsider=True),
    "eve": Person("eve", "Eve", outsider=True),
}


@dataclass
class Town:
    """`stores.audience.Directory`. A place whose id begins with "D" is a DM.

    `fails` names the lookups that Slack does not answer, such as "place C1" or "rooms ana".
    """

    people: dict[str, Person] = field(default_factory=lambda: dict(PEOPLE))
    places: dict[str, Place] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    without_tacit: set[str] = field(default_factory=set)
    fails: set[str] = field(default_factory=set)

    def build(self, place: str, room: Room, *members: str, shared: bool = False) -> None:
        self.places[place] = Place(place, room, place.lower(), shared=shared)
        self.members[place] = set(members)

    def turn(self, place: str, room: Room, at: float) -> None:
        """Turn a place private or public at this time."""
        stood = self.places[place]
        until = at if "private" in (room, stood.room) else stood.private_until
        self.places[place] = replace(stood, room=room, private_until=max(until, stood.private_until))

    async def person(self, teammate: str) -> Person:
        self._answers("person", teammate)
        return self.people[teammate]

    async def place(self, place: str) -> Place:
        self._answers("place", place)
        return Place(place, "dm") if place.startswith("D") else self.places[place]

    async def rooms_of(self, teammate: str) -> frozenset[str]:
        self._answers("rooms", teammate)
        private = {i for i, place in self.places.items() if place.room == "private"} - self.without_tacit
        return frozenset(i for i in private if teammate in self.members[i])

    async def has_outsiders(self, place: str) -> bool:
        self._answers("members", place)
        return self.places[place].shared or any(self.people[m].outsider for m in self.members[place])

    def _answers(self, what: str, which: str) -> None:
        if f"{what} {which}" in self.fails:
            raise LookupFailed(f"{what} {which}")
