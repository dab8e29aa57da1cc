"""Which origins these readers may see, as their places stand now. The rule itself is `stores.audience.may_see`; here it is only asked."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from stores.audience import Directory, LookupFailed, Place, Readers, may_see
from stores.index.entries import Origin, Said
from stores.insights import Evidence

AT_ONCE = 8
SECONDS = 0.4  # that looking up places may take; what is not known by then counts as unknown
SOON = 0.002  # seconds after which a lookup was not among those that are remembered; the rest is then looked up side by side
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
    if readers.closed or origin.taught == "guest":
        return origin.place == readers.place
    if origin.taught == "dm":
        return readers.room == "dm" and origin.teammate == readers.asker
    return origin.taught == "public" or origin.place == readers.place or origin.place in readers.rooms


async def sight_of(origins: Iterable[Origin], readers: Readers, directory: Directory) -> Sight:
    """Look up every place on which it depends what these readers may see. Never raises for a failed lookup."""
    wanted = sorted({o.place for o in origins if o.taught != "dm" and could_see(o, readers)})
    places: dict[str, Place | None] = dict.fromkeys(wanted)
    waiting = iter(wanted)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SECONDS):
            await _walk(waiting, directory, places, most=SOON)
    walks = [asyncio.create_task(_walk(waiting, directory, places)) for _ in range(AT_ONCE)] if None in places.values() else []
    try:
        done = (await asyncio.wait(walks, timeout=SECONDS))[0] if walks else set()
    finally:
        for walk in walks:
            walk.cancel()
    for walk in done:
        walk.result()  # what is no failed lookup is raised
    return Sight(readers, places)


async def _walk(waiting: Iterator[str], directory: Directory, places: dict[str, Place | None], most: float = SECONDS) -> None:
    """Look up one place after the other, up to the first that takes longer than `most` seconds: what is known already takes none."""
    for place in waiting:
        start = time.monotonic()
        with contextlib.suppress(LookupFailed):
            places[place] = await directory.place(place)
        if time.monotonic() - start > most:
            return


def _evidence(origin: Origin, at: float) -> Evidence:
    return Evidence("", origin.place, "", origin.teammate, at, origin.taught)
