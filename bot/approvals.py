"""What waits for a person's word, whatever shows it: who may decide about it, and the ledger of who was asked. Ids, never words."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.learnings import Refused, is_admin
from stores.audience import Readers, look, readers_of
from stores.documents import Documents
from stores.insight_documents import PENDING
from stores.insights import Insight
from stores.pending import waits
from workers.parts import Parts

MOST_TEACHERS = 3  # of one insight who are asked

How = Literal["kept", "dropped", "gone"]


@dataclass(frozen=True, slots=True)
class Card:
    """A question that was put to somebody, or is being put. `ts` is "" for one that Slack keeps no trace of. `shows`: as which it was put
    last, by a digest of what it rested on then. `ids`: all insights that this message asks about, in order."""

    teammate: str
    state: Literal["begun", "open", "closed", "impossible"]
    place: str = ""
    ts: str = ""
    shows: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """How far the asking about an insight has come. `how` is None while it waits; then `by` says who decided, "" for nobody."""

    id: str
    cards: tuple[Card, ...] = ()
    how: How | None = None
    by: str = ""


class ApprovalLedger:
    """One workspace's. Every step may be repeated."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def of(self, identity: str) -> Approval:
        """What is noted of an insight; nothing, before anybody was asked."""
        found = await self._documents.find("approvals", {"_id": identity}, limit=1)
        if not found:
            return Approval(identity)
        kept = sorted(found[0].get("cards", {}).items())
        cards = tuple(Card(teammate, **card | {"ids": tuple(card.get("ids", ()))}) for teammate, card in kept)
        return Approval(identity, cards, found[0].get("how"), found[0].get("by", ""))

    async def note(self, identity: str, card: Card) -> None:
        """The card of one teammate is now so."""
        kept = {"state": card.state, "place": card.place, "ts": card.ts, "shows": card.shows, "ids": list(card.ids)}
        await self._set(identity, {f"cards.{card.teammate}": kept})

    async def decided(self, identity: str, how: How, by: str) -> None:
        """Somebody decided, whose own card shows it already; the others' are to be put right soon."""
        await self._set(identity, {"how": how, "by": by})
        await self.look_again(identity, time.time())

    async def look_again(self, identity: str, at: float | None, *, since: float | None = None) -> None:
        """When this is to be looked after next; None for never. Sooner, where somebody asked for that `since`."""
        asked = {"ask_at": {"$lte": since}} if since is not None else {}
        await self._documents.update("insights", {"_id": identity} | asked, {"$set": {"ask_at": at}})

    async def waits_until(self, identity: str, end: float) -> None:
        """When this is gone unless somebody decides about it."""
        await self._documents.update("insights", {"_id": identity, "status": "pending"}, {"$set": {"purge_at": end}})

    async def _set(self, identity: str, values: dict[str, object]) -> None:
        change = {"$set": values | {"expires": time.time() + 2 * PENDING}}
        await self._documents.update("approvals", {"_id": identity}, change, upsert=True)


async def deciding(
    identity: str, person: str, place: str, parts: Parts, approvers: Sequence[str], *, teachers: bool = True
) -> Insight | None:
    """What waits under this name, as this person may see it in `place` or alone; None when it does not wait any more.

    Raises `Refused` when it is not theirs to decide: it takes one of its teachers (unless `teachers` is false) or an approver, and whoever
    may not see it may not decide about it.
    """
    waiting = await waits(identity, parts.repository)
    if waiting is None:
        return None
    if not ((teachers and person in {e.teammate for e in waiting.evidence}) or await is_approver(person, parts, approvers)):
        raise Refused("Only who taught this, or an approver, can decide about it.")
    for readers in await looks(person, place, parts):
        if seen := await seen_by(waiting, readers, parts):
            return seen
    unknown = "I cannot look up just now whether you may see this. Please try again in a minute."
    raise Refused(unknown if readers.missing else "This is not yours to see any more.")


async def looks(person: str, place: str, parts: Parts) -> list[Readers]:
    """The person alone, as in their DM; and where they press it in a channel, everybody there: an outsider sees that place's own."""
    if place.startswith("D"):
        return [await readers_of(parts.directory, place, person, alone=True)]
    return [await readers_of(parts.directory, "", person, alone=True), await readers_of(parts.directory, place, person)]


async def is_approver(person: str, parts: Parts, approvers: Sequence[str]) -> bool:
    """Whether this teammate is named in APPROVERS; where nobody is, whether they are a workspace admin."""
    return person in approvers if approvers else await is_admin(person, parts.directory)


async def seen_by(waiting: Insight, readers: Readers, parts: Parts) -> Insight | None:
    """The insight with the evidence that these readers may see; None when there is none."""
    view = await look([waiting], readers, parts.directory, parts.repository)
    return view.insights[0] if view.insights else None


def teachers_of(waiting: Insight) -> list[str]:
    """Whose words it rests on, those who said it first."""
    return list(dict.fromkeys(e.teammate for e in waiting.evidence))[:MOST_TEACHERS]
