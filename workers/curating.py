"""The daily look for insights that are not worth keeping in force, a slice at a time, by one process."""

from __future__ import annotations

import logging
import time

from stores.documents import Database, Documents
from stores.upkeep import DAY, Upkeep
from workers.parts import Workspaces

log = logging.getLogger(__name__)

SLICE = 200  # insights that one sweep looks at in a workspace
LEASE = 60.0  # seconds after which a slice is another process's, if the one that took it died
WHAT = "insights"


async def begin_upkeep(documents: Documents) -> None:
    """Have a workspace looked after from now on. May be repeated."""
    await documents.insert("upkeep", {"_id": WHAT, "due": time.time(), "after": ""})


async def curate(database: Database, workspaces: Workspaces) -> None:
    """Look at the next slice of each workspace whose day it is. Whoever moves `due` has the slice; done twice, it changes nothing more."""
    now = time.time()
    for workspace, document in await database.sweep("upkeep", {"due": {"$lte": now}}, limit=20):
        documents = database.workspace(workspace)
        mine = {"_id": WHAT, "due": document["due"]}
        if await documents.update("upkeep", mine, {"$set": {"due": now + LEASE}}) is None:
            continue
        parts = await workspaces.parts(workspace)
        upkeep = Upkeep(parts.repository, parts.machine.kinds)
        faded, after = await upkeep.faded(str(document.get("after") or ""), limit=SLICE)
        if archived := await upkeep.archive(faded):
            log.info("insights.archived", extra={"workspace": workspace, "archived": archived})
        next_ = {"after": after, "due": time.time() if after else now + DAY}
        await documents.update("upkeep", {"_id": WHAT, "due": now + LEASE}, {"$set": next_})
