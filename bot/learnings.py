"""What a teammate may see of what Tacit learned, and taking it back: the logic behind `/learnings` and `@tacit learnings`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Literal

from stores.audience import Directory, LookupFailed, Readers, View, first_seen, look, look_back
from stores.documents import Document
from stores.insight_changes import UNDO, undo_of
from stores.insights import Insight
from workers.parts import Parts

VERSIONS = 30  # in one history
PAGE = 10  # insights in one answer
FOUND = 50  # insights that a search shows at most
REMEMBERED = 86_400.0  # seconds for which "forget N" means the list shown last
TOO_LATE = "That is too late: ten minutes after forgetting, the words are deleted. Just tell me again."


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. `first` is the position of its first insight, counted from 1."""

    insights: tuple[Insight, ...]
    first: int
    page: int
    more: bool
    words: str
    missing: bool
    of: Literal["all", "own", "waiting"] = "all"  # all, what is held about the caller, or what waits for their word


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken back. `stays`: others said it too where the caller may look, so they still see it. `undo` brings it back for ten
    minutes."""

    insight: Insight
    stays: bool
    undo: str


class Refused(Exception):
    """A sentence that says why it cannot be done and what to do instead."""


class Learnings:
    """One workspace's insights, for one caller at a time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def page(self, readers: Readers, *, words: str = "", page: int = 1) -> Listing:
        """A page of what these readers may see: newest first, or what fits the words, best first. It is remembered for "forget N"."""
        skip = (max(page, 1) - 1) * PAGE
        found, missing = await self._found(words, readers) if words else await self._newest(readers, skip + PAGE + 1)
        await self._remember(readers.asker, found[: skip + PAGE])
        shown = tuple(found[skip : skip + PAGE])
        return Listing(shown, skip + 1, max(page, 1), len(found) > skip + PAGE, words, missing)

    async def own(self, readers: Readers, page: int = 1) -> Listing:
        """A page of what is held about the caller: who they are, then how they like things and what they are at, the newest first."""
        repository, me = self._parts.repository, readers.asker
        kinds = {name for name, owned in self._parts.machine.kinds.items() if owned.kind.about}
        said = [i for i in await repository.taught_by(me) if i.kind in kinds and not i.status]  # in public it is about nobody
        held = [*await repository.states_of(f"teammate:{me}"), *await repository.about(me), *said]
        view = await self._seen(list({i.id: i for i in held}.values()), readers)
        skip = (max(page, 1) - 1) * PAGE
        await self._remember(me, view.insights[: skip + PAGE])
        more = len(view.insights) > skip + PAGE
        return Listing(view.insights[skip : skip + PAGE], skip + 1, max(page, 1), more, "", view.missing, of="own")

    async def forget_all(self, caller: str, act: str) -> tuple[int, str]:
        """Take back all that the caller taught, wherever that was: of how many insights, and the name by which it can be undone. `act`
        names this one: repeated, it is one, and undone at once."""
        await self._parts.repository.keep_gone(caller)  # an admin could bring it back
        taught = await self._parts.repository.taught_by(caller)
        undo = undo_of(caller, act)
        kept: Document = {
            "$addToSet": {"ids": {"$each": [i.id for i in taught if not i.gathered]}},
            "$set": {"expires": time.time() + UNDO},
        }
        await self._parts.documents.update("lists", {"_id": undo}, kept, upsert=True)  # first: it may end here
        for insight in taught:
            messages = [e.message for e in insight.evidence if e.teammate == caller]
            await self._parts.repository.set_forgotten(messages, True)
            await self._parts.repository.withdraw(insight.id, messages, undo=undo)
        return len(await self._remembered(undo) or []), undo

    async def undo_all(self, caller: str, undo: str) -> int:
        """Bring back what `forget_all` took; how many insights. Raises `Refused` when it is too late."""
        ids = await self._remembered(undo) or [] if undo.startswith(undo_of(caller, "")) else []
        back = [i for i in ids if await self._parts.repository.restore(i, undo) is not None]
        if not back:
            raise Refused(TOO_LATE)
        return len(back)

    async def forget(self, readers: Readers, position: int) -> Forgotten:
        """Take back the caller's own evidence of an insight; a workspace admin takes all of it. Raises `Refused`."""
        return await self.take_back(await self._at(readers, position), readers)

    async def changeable(self, identity: str, readers: Readers) -> Insight:
        """The insight, as these readers see it, if the caller may take it back. Raises `Refused`."""
        view = await self._seen(await self._parts.repository.get([identity]), readers)
        if not view.insights:
            raise Refused("It is gone by now, or is not yours to see any more.")
        await self._own(view.insights[0], readers)
        return view.insights[0]

    async def take_back(self, shown: Insight, readers: Readers) -> Forgotten:
        """As `forget`, of an insight that these readers see. Raises `Refused`."""
        messages = await self._own(shown, readers)
        undo = undo_of(readers.asker, token_hex(8))
        await self._parts.repository.set_forgotten(messages, True)
        left = await self._parts.repository.withdraw(shown.id, messages, undo=undo)
        stays = left is not None and bool((await self._seen([left], readers)).insights)
        return Forgotten(shown, stays, undo)

    async def history(self, readers: Readers, position: int) -> View:
        """An insight of the list shown last and what it superseded, as far as these readers may see it; what was said first comes first.
        Raises `Refused`."""
        repository, shown = self._parts.repository, await self._at(readers, position)
        versions, waiting = {i.id: i for i in await repository.get([shown.id])}, [shown.id]
        while waiting and len(versions) < VERSIONS:
            older = [i for i in await repository.older_than(waiting.pop()) if i.id not in versions and i.status != "pending"]
            versions |= {i.id: i for i in older}
            waiting += [i.id for i in older]
        oldest = sorted(versions.values(), key=lambda i: (min(e.at for e in i.evidence), i.learned_at))
        return await look_back(oldest, readers, self._parts.directory)

    async def undo(self, identity: str, undo: str) -> Insight:
        """Bring back what `forget` took. Raises `Refused` when it is too late."""
        insight = await self._parts.repository.restore(identity, undo)
        if insight is None:
            raise Refused(TOO_LATE)
        return insight

    async def _own(self, shown: Insight, readers: Readers) -> list[str]:
        """The messages that the caller may take away as evidence. Raises `Refused` when there are none."""
        whole = next(iter(await self._parts.repository.get([shown.id])), shown)
        messages = [e.message for e in whole.evidence if await self._may_take(readers.asker, e.teammate)]
        if not messages:
            raise Refused("You can take back what you taught yourself; only a workspace admin can take back what others taught.")
        return messages

    async def _at(self, readers: Readers, position: int) -> Insight:
        ids = await self._remembered(readers.asker)
        if ids is None:
            newest, _ = await self._newest(readers, position)
            ids = [i.id for i in newest]
        if not 1 <= position <= len(ids):
            raise Refused(f"There is no number {position} in your list. `/learnings` shows it.")
        known = await self._parts.repository.get([ids[position - 1]])
        view = await self._seen(known, readers)
        if not view.insights:
            raise Refused(f"Number {position} of the list you saw is gone by now. `/learnings` shows what there is.")
        return view.insights[0]

    async def _seen(self, insights: Sequence[Insight], readers: Readers) -> View:
        return await look(insights, readers, self._parts.directory, self._parts.repository)

    async def _may_take(self, caller: str, teacher: str) -> bool:
        return teacher == caller or await is_admin(caller, self._parts.directory)

    async def _found(self, words: str, readers: Readers) -> tuple[list[Insight], bool]:
        found = await self._parts.finder.search(words, readers, limit=FOUND)
        return [i for i in found.sure if not i.state_of], found.missing

    async def _newest(self, readers: Readers, wanted: int) -> tuple[list[Insight], bool]:
        repository = self._parts.repository
        view = await first_seen(repository.newest, wanted, readers, self._parts.directory, repository)
        return list(view.insights), view.missing

    async def _remember(self, caller: str, insights: Sequence[Insight]) -> None:
        kept = {"ids": [i.id for i in insights], "expires": time.time() + REMEMBERED}
        await self._parts.documents.update("lists", {"_id": caller}, {"$set": kept}, upsert=True)

    async def _remembered(self, caller: str) -> list[str] | None:
        found = await self._parts.documents.find("lists", {"_id": caller}, limit=1)
        return list(found[0]["ids"]) if found else None


async def is_admin(teammate: str, directory: Directory) -> bool:
    """Whether this teammate is a workspace admin; not, when it cannot be looked up."""
    try:
        return (await directory.person(teammate)).admin
    except LookupFailed:
        return False
