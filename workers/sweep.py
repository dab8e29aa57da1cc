"""The sweep: the database says what is due; this rings for it, puts the 🧠 marks right, hides what is over, and deletes the words of what
was forgotten."""

from __future__ import annotations

import logging
import time

from stores.documents import Database
from stores.insights import Insight
from stores.keeping import take_effect
from stores.repository import InsightRepository
from workers.conversations import ring
from workers.doorbell import Doorbell, QueueAway
from workers.parts import Workspaces
from workers.spending import NO_CEILING, Budget, Spending
from workers.transcripts import ReadFailed

log = logging.getLogger(__name__)

MOST = 200  # of each sort in one sweep; the rest waits for the next, a second later
MARKS_SECONDS = 3.0
SETTLED_AFTER = 1.0  # seconds after a change until a mark is put right, so that the change itself is through


async def ring_due(database: Database, doorbell: Doorbell, budget: Budget = NO_CEILING) -> int:
    """Ring for every due conversation that nobody works on, whatever Redis remembers. How many those were.

    Those of a workspace whose day's budget is spent stay due, and are rung for once it may go on.
    """
    now = time.time()
    due = await database.sweep("conversations", {"due": {"$lte": now}}, limit=MOST)
    paused = {w for w in {w for w, _ in due} if await Spending(w, database.workspace(w), budget).paused()}
    rung = 0
    for workspace, document in due:
        if workspace in paused or (document.get("run") or {}).get("lease", 0.0) > now:
            continue
        try:
            await doorbell.ring(workspace, document["_id"], *ring(document))
        except QueueAway as e:
            log.debug("queue.away", extra={"reason": str(e)})  # the process says once that Redis is away
            break
        rung += 1
    return rung


async def settle_marks(database: Database, workspaces: Workspaces, *, seconds: float = MARKS_SECONDS) -> None:
    """Put 🧠 on the messages that something in force was learned from, and take it from those of which nothing is left.

    Begins no further mark after `seconds`: a slow Slack must not keep the next sweep from ringing.
    """
    before, end = time.time() - SETTLED_AFTER, time.monotonic() + seconds
    for workspace, document in await database.sweep("marks", {"stale_at": {"$lt": before}}, limit=MOST):
        if time.monotonic() > end:
            return
        parts = await workspaces.parts(workspace)
        place, _, ts = str(document["_id"]).rpartition(":")
        try:
            known = await parts.repository.supported_by(document["_id"])
            learned = any(_marks(i) for i in known)
            await parts.transcripts.mark(place, ts, learned=learned)
            await parts.repository.marks.settle(document["_id"], before)
        except ReadFailed as e:
            log.warning("mark.failed", extra={"marked": document["_id"], "reason": str(e)})


def _marks(insight: Insight) -> bool:
    """A title for a thread is not learned from each message, and what waits for a person's word not yet."""
    return insight.status != "pending" and not insight.gathered


async def end_what_is_over(database: Database) -> None:
    """Hide what is over since the day came from which on something newer holds."""
    now = time.time()
    for workspace in {w for w, _ in await database.sweep("endings", {"at": {"$lte": now}}, limit=MOST)}:
        await take_effect(InsightRepository(workspace, database.workspace(workspace)), now)


async def purge_forgotten(database: Database) -> None:
    """Delete the words of what was forgotten more than ten minutes ago, whether Slack answers or not."""
    for workspace in {w for w, _ in await database.sweep("insights", {"purge_at": {"$lte": time.time()}}, limit=MOST)}:
        await InsightRepository(workspace, database.workspace(workspace)).purge()
