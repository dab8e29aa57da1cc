"""Whether messages that insights rest on still stand in Slack as they were learned from: Slack tells of no deletion by retention rules, and
an event may be lost. Checked beside the thinking of the model that uses them, and one by one in the background."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Collection, Iterable
from itertools import islice

from stores.audience import LookupFailed
from stores.documents import Database, Unavailable
from stores.insights import Insight, message_id
from workers.agreeing import agree
from workers.conversations import ConversationLedger
from workers.leases import Leases, new_owner
from workers.parts import Parts, Workspaces
from workers.transcripts import Hidden, ReadFailed, Seen

log = logging.getLogger(__name__)

CHECKED_FOR = 86_400.0  # seconds after which a message is checked again in the background
EVERY = 5.0  # seconds between two such checks in one workspace: a quarter of what Slack allows
PAUSE = 60.0  # seconds without any, after one that Slack did not answer
SECONDS = 3.0  # that one check may take

USED_FOR = 3_600.0  # seconds after which a message is checked again when what rests on it is used
USED = 4  # messages that are checked for one reply
WAIT = 0.3  # seconds that a reply, once it is written, waits for its checks


async def check(message: str, parts: Parts) -> None:
    """Look at one message: what rests on it goes with it when it is gone, its conversation is learned again when it was edited since, and
    a 👍 on it counts. May be repeated. Raises `ReadFailed` when Slack does not say just now."""
    resting = await parts.repository.supported_by(message)
    evidence = [e for i in resting for e in i.evidence if e.message == message]
    place, _, ts = message.rpartition(":")
    seen: Seen | None = Seen()
    with contextlib.suppress(Hidden):
        seen = await parts.transcripts.look(place, ts) if evidence else seen
        if seen is None:
            log.info("source.gone", extra={"source": message})
            await parts.repository.set_forgotten([message], True)  # first, so that a run that has read it already keeps nothing from it
            await parts.repository.withdraw_all(message)
            evidence = []
        elif any(e.version != seen.version for e in evidence):
            log.info("source.edited", extra={"source": message})
            await ConversationLedger(parts.documents).due_now(message_id(place, evidence[0].conversation), at=seen.version)
    await parts.repository.marks.checked(message, again=bool(evidence))
    with contextlib.suppress(LookupFailed):  # the next check may know
        await agree(message, seen or Seen(), parts)


async def check_sources(database: Database, workspaces: Workspaces) -> None:
    """Check the message that was checked longest ago, if that is long enough; one in `EVERY` seconds in each workspace, by whichever
    process. Nothing where there is something to learn: that comes first, unless it is paused."""
    now = time.time()
    learning = {workspace for workspace, _ in await database.sweep("conversations", {"due": {"$lte": now}}, limit=200)}
    oldest = await database.sweep("marks", {"checked_at": {"$lt": now - CHECKED_FOR}}, limit=20)
    for workspace, document in {w: d for w, d in reversed(oldest)}.items():
        parts, owner = await workspaces.parts(workspace), new_owner()
        if workspace in learning and not await parts.spending.paused():
            continue
        leases = Leases(parts.documents)
        if not await leases.claim("checking", owner, seconds=EVERY):
            continue
        try:
            async with asyncio.timeout(SECONDS):
                await check(str(document["_id"]), parts)
        except (ReadFailed, TimeoutError) as e:
            log.warning("check.failed", extra={"source": document["_id"], "reason": type(e).__name__})
            await leases.renew("checking", owner, seconds=PAUSE)


class Checks:
    """The checks for one reply, beside the model's thinking. What they withdraw is seen when the reply is looked at before it is posted."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tasks: set[asyncio.Task[None]] = set()
        self._left = USED

    def begin(self, insights: Iterable[Insight]) -> None:
        """Check what these rest on, as far as that was not done lately; the newest two messages of each."""
        messages = [e.message for i in insights for e in islice(reversed(i.evidence), 2)]
        self._tasks.add(asyncio.create_task(self._all(list(dict.fromkeys(messages)))))

    async def settled(self) -> None:
        """Wait a little for those that are under way."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=WAIT)

    def close(self) -> None:
        """Give up those that are under way still."""
        for task in self._tasks:
            task.cancel()

    async def _all(self, messages: Collection[str]) -> None:
        with contextlib.suppress(Unavailable):
            due = set(await self._parts.repository.marks.unchecked(messages, before=time.time() - USED_FOR))
            chosen = [m for m in messages if m in due][: self._left]
            self._left -= len(chosen)
            await asyncio.gather(*map(self._one, chosen))

    async def _one(self, message: str) -> None:
        try:
            await check(message, self._parts)
        except ReadFailed as e:
            log.warning("check.failed", extra={"source": message, "reason": type(e).__name__})
