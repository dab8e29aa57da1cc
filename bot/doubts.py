"""Somebody says that a reply is wrong: they doubt from then on what it cited, and what they taught of that themselves is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.questions import Judged, QuestionLedger
from stores.audience import LookupFailed, look, readers_of
from stores.insight_changes import undo_of
from stores.insights import Evidence, Insight, message_id
from workers.parts import Parts


@dataclass(frozen=True, slots=True)
class Doubted:
    """What followed: insights that the teammate doubts now, and those of which their own words were taken back."""

    reply: Judged
    doubted: tuple[Insight, ...] = ()
    taken_back: tuple[Insight, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubts:
    """One workspace's doubts."""

    parts: Parts

    async def judge(self, place: str, ts: str, teammate: str, at: str, *, wrong: bool) -> Doubted | None:
        """A teammate said at this Slack time that a reply of ours is wrong (or took that back). None when it is none of ours, or the
        teammate is no full member. In force when it returns, may be repeated. Raises `LookupFailed` when Slack does not say who they are.
        """
        ledger = QuestionLedger(self.parts.documents)
        if not await ledger.replied(place, ts):
            return None
        person = await self.parts.directory.person(teammate)
        if person.outsider or person.bot or (judged := await ledger.judged(place, ts, teammate, at, wrong=wrong)) is None:
            return None
        if not judged.wrong:
            await self._taken_back(judged, message_id(place, ts), teammate)
            return Doubted(judged)
        return await self._doubt(judged, place, ts, teammate, float(at))

    async def _doubt(self, judged: Judged, place: str, ts: str, teammate: str, at: float) -> Doubted:
        """The doubt is seen where it was said, by the rule for insights; what somebody taught, they may take back for everybody."""
        room = (await self.parts.directory.place(place)).room
        doubt = Evidence(message_id(place, ts), place, judged.root, teammate, at, room)
        doubted, taken_back = [], []
        for insight in await self._seen(judged, place, teammate):
            own = [e.message for e in insight.evidence if e.teammate == teammate and e.at < at]
            if own:
                await self._take_back(insight.id, own, _undo(doubt.message, teammate))
                taken_back.append(insight)
            if len(own) < len(insight.evidence):
                await self.parts.repository.doubt(insight.id, doubt)
                doubted.append(replace(insight, doubts=(doubt,)))
        return Doubted(judged, tuple(doubted), tuple(taken_back))

    async def _seen(self, judged: Judged, place: str, teammate: str) -> Sequence[Insight]:
        """What the reply cited that this teammate may see there. What only tells where something was talked about is not doubted."""
        parts = self.parts
        readers = await readers_of(parts.directory, place, teammate)
        if readers.missing:
            raise LookupFailed("who may see the reply is not known just now")
        cited = [i for i in await parts.repository.get(judged.cited) if not i.gathered]
        return (await look(cited, readers, parts.directory, parts.repository)).insights

    async def _take_back(self, identity: str, messages: Sequence[str], undo: str) -> None:
        await self.parts.repository.set_forgotten(messages, True)
        await self.parts.repository.withdraw(identity, messages, undo=undo)

    async def _taken_back(self, judged: Judged, reply: str, teammate: str) -> None:
        for identity in judged.cited:
            await self.parts.repository.restore(identity, _undo(reply, teammate))
            await self.parts.repository.trust(identity, reply, teammate)


def _undo(reply: str, teammate: str) -> str:
    return undo_of(teammate, f"doubt:{reply}")
