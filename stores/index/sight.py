"""Which origins these readers may see, as their places stand now. The rule itself is `stores.audience.may_see`; here it is only asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stores.audience import Directory, Place, Readers, looked_up, may_see
from stores.index.entries import Origin, Said
from stores.insights import Evidence

SECONDS = 0.4  # that looking up places may take; what is not known by then counts as unknown
LATEST = 1e12


@dataclass(frozen=True, slots=True)
class Sight:
    """`places`: how each place that matters stands now, None for one that could not be looked up."""

    readers: Readers
    places: Mapping[str, Place | None]

    def sees(self, origin: Origin, at: float = LATEST) -> bool:
        """Whether all readers may see what was taught there at this time."""
        return could_see(origin, self.readers) and may_see(_evidence(origin, at), self.places.get(origin.place), self.readers)

    def turned(self, origin: Origin) -> bool:
        """Whether it depends on the time, because the place was private once."""
        place = self.places.get(origin.place)
        return place is not None and place.private_until > 0 and origin.taught != "dm"

    def unknown(self, origin: Origin) -> bool:
        """Whether a lookup failed on which it depends."""
        return origin.taught != "dm" and could_see(origin, self.readers) and self.places.get(origin.place) is None

    def seen(self, said: Iterable[Said]) -> tuple[bool, bool]:
        """Of an insight: whether some of its evidence may be seen, and whether all of it may."""
        some, every = False, True
        for origin, oldest, newest in said:
            some = some or self.sees(origin, newest)
            every = every and self.sees(origin, oldest)
        return some, some and every


def could_see(origin: Origin, readers: Readers) -> bool:
    """False where `may_see` says no however the place stands, so that it need not be looked up."""
    own = readers.room == "dm" and origin.teammate == readers.asker
    if readers.closed or origin.taught in ("guest", "unconfirmed"):
        return origin.place == readers.place or (own and not readers.closed and origin.taught == "unconfirmed")
    if origin.taught == "dm":
        return own
    return origin.taught == "public" or origin.place == readers.place or origin.place in readers.rooms


def deciding(origins: Iterable[Origin], readers: Readers) -> list[str]:
    """The places on which it depends what of these origins the readers may see."""
    return sorted({o.place for o in origins if o.taught != "dm" and could_see(o, readers)})


async def sight_of(deciding: Sequence[str], readers: Readers, directory: Directory) -> Sight:
    """Look up the places that decide. Never raises for a failed lookup."""
    return Sight(readers, await looked_up(deciding, directory.place, SECONDS))


def _evidence(origin: Origin, at: float) -> Evidence:
    return Evidence("", origin.place, "", origin.teammate, at, origin.taught)
