"""Who may see what. Everything that shows an insight to anybody, or to the model on their behalf, comes through here.

The rule goes by place, never by sets of people: taught in a public channel → the workspace; in a private channel or group DM → that place;
in a DM → that teammate; by a guest or an external person → that very place and nowhere else; unconfirmed → that very place, and its
teacher's own DM. `may_see` is the whole rule.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeVar

from stores.insights import Evidence, Insight, as_said

Room = Literal["public", "private", "dm"]
Known = TypeVar("Known")
PAGE = 400  # insights that are looked at together
AT_ONCE = 8  # lookups that wait for Slack side by side
SOON = 0.002  # seconds after which a lookup was not among those that are remembered; the rest is then looked up side by side


class LookupFailed(Exception):
    """Slack did not say who is where, so nobody counts as a member. Try again later."""


@dataclass(frozen=True, slots=True)
class Person:
    """A teammate as Slack knows them. A guest or an external person is an `outsider`. `title` and `time_zone` are "" when not given."""

    id: str
    name: str
    outsider: bool = False
    admin: bool = False
    bot: bool = False
    title: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, group DM or DM as it stands now.

    `private_until`: seconds since the epoch when it was last seen to be private, 0 when it never was. What was taught in it up to then
    stays private even after it turned public. `shared`: people of another organisation are or may be in it.
    """

    id: str
    room: Room
    name: str = ""
    private_until: float = 0.0
    shared: bool = False


class Directory(Protocol):
    """What Slack says now about people and places. Answers may be minutes old, except after an event that changed them.

    Every method raises `LookupFailed` when Slack does not say.
    """

    async def person(self, teammate: str) -> Person: ...
    async def place(self, place: str) -> Place: ...
    async def rooms_of(self, teammate: str) -> frozenset[str]:
        """The private channels and group DMs that this teammate and Tacit are both in now."""
        ...

    async def has_outsiders(self, place: str) -> bool:
        """Whether a guest, an external person or another organisation is in this place now."""
        ...


@dataclass(frozen=True, slots=True)
class Readers:
    """Everybody who will read one reply, as far as the rule needs to know them.

    `closed`: an outsider reads it, so only that very place's own may be used. `rooms`: for a DM, the private places that the asker and
    Tacit are in now. `missing`: a lookup failed, so something may be left out.
    """

    asker: str
    place: str
    room: Room
    closed: bool = False
    rooms: frozenset[str] = frozenset()
    missing: bool = False


def audience_of(evidence: Evidence, source: Place | None) -> str:
    """The audience of one piece of evidence, given how its place stands now (`None`: unknown).

    "workspace", "teammate:U…", "place:C…" (a private place and its members' DMs), "only:C…" (replies in that very place; of what is
    unconfirmed its teacher's DM as well) or "nobody".
    """
    if evidence.taught == "dm":
        return f"teammate:{evidence.teammate}"
    if source is None or source.room == "dm":  # Nothing but "dm" can have been taught in a DM.
        return "nobody"
    if source.room == "public" and (evidence.taught == "private" or evidence.at <= source.private_until):
        return "nobody"  # A place turned public widens nothing.
    if evidence.taught in ("guest", "unconfirmed"):
        return f"only:{evidence.place}"
    return "workspace" if source.room == "public" else f"place:{evidence.place}"


def may_see(evidence: Evidence, source: Place | None, readers: Readers) -> bool:
    """Whether every one of these readers may see what this evidence supports. The one rule; `source` is the evidence's place now."""
    audience = audience_of(evidence, source)
    if audience == "nobody":
        return False
    if readers.closed:
        return evidence.place == readers.place
    own = readers.room == "dm" and evidence.teammate == readers.asker
    if audience.startswith("only:"):
        return evidence.place == readers.place or (own and evidence.taught == "unconfirmed")
    if audience == "workspace":
        return True
    if audience.startswith("teammate:"):
        return own
    return evidence.place == readers.place or (readers.room == "dm" and evidence.place in readers.rooms)


async def readers_of(directory: Directory, place: str, asker: str, *, alone: bool = False) -> Readers:
    """Who reads a reply that stands in `place`. `alone`: only its asker sees it (a slash command's answer), which counts as their DM.

    Never raises: what cannot be looked up closes the circle and sets `missing`. `place` of a DM may be "" when its id is not known.
    """
    try:
        person = await directory.person(asker)
        room: Room = "dm" if alone else (await directory.place(place)).room
        closed = person.outsider or (room != "dm" and await directory.has_outsiders(place))
        if room == "private" and not alone:
            return Readers(asker, place, "private", closed)
        if room == "public":
            return Readers(asker, place, "public", closed)
    except LookupFailed:
        return Readers(asker, place, "dm" if alone else "public", closed=True, missing=True)
    if closed:
        return Readers(asker, place, "dm", closed=True)
    try:
        return Readers(asker, place, "dm", rooms=await directory.rooms_of(asker))
    except LookupFailed:
        return Readers(asker, place, "dm", missing=True)


@dataclass(frozen=True, slots=True)
class View:
    """What of some insights these readers may see, and why the rest was withheld (insight id → reason)."""

    insights: tuple[Insight, ...]
    withheld: dict[str, str]
    missing: bool = False


class Newer(Protocol):
    """Where superseding insights are read from: the repository."""

    async def get(self, ids: Sequence[str]) -> list[Insight]: ...


async def look(insights: Sequence[Insight], readers: Readers, directory: Directory, repository: Newer) -> View:
    """The part of `insights` that `readers` may see, in the same order, each with only the evidence that they may see.

    Never raises for a failed lookup: what cannot be looked up is withheld, and `missing` says so.
    """
    newer = {n.id: n for n in await repository.get(sorted({i for one in insights for i in one.superseded_by}))}
    sources, missing = await _sources([*insights, *newer.values()], directory)
    shown: list[Insight] = []
    withheld: dict[str, str] = {}
    for insight in insights:
        seen = _seen(insight, sources, readers)
        if not _is_for(insight, readers):
            withheld[insight.id] = "it is about another teammate"
        elif not seen.evidence:
            withheld[insight.id] = "not everybody who reads this may see it"
        elif any(_is_for(n, readers) and _seen(n, sources, readers).evidence for i in insight.superseded_by if (n := newer.get(i))):
            withheld[insight.id] = "superseded by something newer"
        else:
            shown.append(_contested(seen, [newer[i] for i in insight.superseded_by if i in newer], sources, readers))
    return View(tuple(shown), withheld, missing or readers.missing)


async def look_back(insights: Sequence[Insight], readers: Readers, directory: Directory) -> View:
    """As `look`, to tell how something that they see came to be: what something newer hides is shown too, and doubts that were answered."""
    sources, missing = await _sources(insights, directory)
    seen = [
        replace(_seen(i, sources, readers), doubts=tuple(d for d in i.doubts if may_see(d, sources.get(d.place), readers)))
        for i in insights
        if _is_for(i, readers)
    ]
    return View(tuple(i for i in seen if i.evidence), {}, missing or readers.missing)


class Pages(Protocol):
    """Insights from the database in an order that stays: `limit` of them behind the first `skip`."""

    async def __call__(self, *, skip: int, limit: int) -> Sequence[Insight]: ...


async def first_seen(pages: Pages, most: int, readers: Readers, directory: Directory, repository: Newer) -> View:
    """The first `most` insights of `pages` that `readers` may see. As many as they may not see push none of these aside."""
    shown: dict[str, Insight] = {}
    withheld: dict[str, str] = {}
    missing, skip, more = readers.missing, 0, True
    while more and len(shown) < most:
        page = await pages(skip=skip, limit=PAGE)
        view = await look(page, readers, directory, repository)
        shown |= {i.id: i for i in view.insights}
        withheld |= view.withheld
        missing, skip, more = missing or view.missing, skip + PAGE, len(page) == PAGE
    return View(tuple(shown.values())[:most], withheld, missing)


def audiences(insight: Insight, sources: dict[str, Place | None]) -> frozenset[str]:
    """The audiences of an insight's evidence. "Same" is decided only between insights for which this is equal."""
    return frozenset(audience_of(e, sources.get(e.place)) for e in insight.evidence)


async def sources_of(insights: Iterable[Insight], directory: Directory) -> dict[str, Place | None]:
    """How the places of these insights stand now; `None` for one that could not be looked up."""
    return (await _sources(insights, directory))[0]


def _is_for(insight: Insight, readers: Readers) -> bool:
    return insight.about in (None, readers.asker)


def _seen(insight: Insight, sources: dict[str, Place | None], readers: Readers) -> Insight:
    evidence = tuple(e for e in insight.evidence if may_see(e, sources.get(e.place), readers))
    seen = insight if evidence == insight.evidence else replace(insight, evidence=evidence)
    return replace(seen, doubts=_open_doubts(seen, sources, readers)) if seen.doubts else seen


def _open_doubts(insight: Insight, sources: dict[str, Place | None], readers: Readers) -> tuple[Evidence, ...]:
    """The doubts that these readers may see, by the same rule as evidence, and that nobody has answered by saying it again."""
    return tuple(d for d in insight.doubts if d.at > insight.newest and may_see(d, sources.get(d.place), readers))


def _contested(insight: Insight, newer: Sequence[Insight], sources: dict[str, Place | None], readers: Readers) -> Insight:
    """As one that is doubted, where a teammate said otherwise in public and nobody has confirmed that: they see only that, and by whom."""
    others = [n for n in newer if n.unconfirmed and not (n.superseded_by or n.decided == "refines")]
    said = [as_said(n.evidence)[-1] for n in others if n.newest > insight.newest]
    heard = [d for d in said if may_see(d, sources.get(d.place), readers)]
    return replace(insight, doubts=(*insight.doubts, *heard)) if heard else insight


async def _sources(insights: Iterable[Insight], directory: Directory) -> tuple[dict[str, Place | None], bool]:
    sources: dict[str, Place | None] = dict.fromkeys(
        sorted({e.place for i in insights for e in (*i.evidence, *i.doubts) if e.taught != "dm"})
    )
    waiting = iter([*sources])
    await _look_up(waiting, directory.place, sources, most=SOON)
    for failed in await asyncio.gather(*(_look_up(iter([i]), directory.place, sources) for i in waiting), return_exceptions=True):
        if failed is not None:
            raise failed
    return sources, None in sources.values()


async def looked_up(wanted: Sequence[str], ask: Callable[[str], Awaitable[Known]], seconds: float) -> dict[str, Known | None]:
    """What a directory says of each of these; None where that failed, or took longer than so many seconds, or twice as many."""
    known: dict[str, Known | None] = dict.fromkeys(wanted)
    waiting = iter(wanted)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await _look_up(waiting, ask, known, most=SOON)
    walks = [asyncio.create_task(_look_up(waiting, ask, known)) for _ in range(AT_ONCE)] if None in known.values() else []
    try:
        done = (await asyncio.wait(walks, timeout=seconds))[0] if walks else set()
    finally:
        for walk in walks:
            walk.cancel()
    for walk in done:
        walk.result()  # what is no failed lookup is raised
    return known


async def _look_up(
    waiting: Iterator[str], ask: Callable[[str], Awaitable[Known]], known: dict[str, Known | None], most: float = math.inf
) -> None:
    """Put one answer after the other into `known`, but none that fails, up to the first that takes longer than `most` seconds.

    What the directory remembers takes none: looked up so, a hundred places cost 0.1 ms, and side by side 2 ms.
    """
    start = time.monotonic()
    for one in waiting:
        try:  # noqa: SIM105 suppress would cost as much as the answer
            known[one] = await ask(one)
        except LookupFailed:
            pass
        now = time.monotonic()
        if now - start > most:
            return
        start = now
