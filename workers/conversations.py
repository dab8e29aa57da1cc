"""The learning ledger: which conversations Tacit takes part in, which are due, what was learned from them so far. Ids and times only.

A conversation is due → leased → drafted → kept → learned. Each step is one conditional update of its one document:

    place, root, talks, since ("" for the whole thread), messages and people (ids of those noted),
    moved (newest Slack time noted), due (when it is finished, None for never), quiet (when it will be without hurry),
    hurry (Slack time of what asked to learn at once, None for nothing)
    learned {message key: version}, through, runs (how many are done), left (whether news was left), error (why the last attempt failed)
    owed {store: {message key: version}}: what was learned while that store was disabled
    run {through, attempt, owner, lease, drafts, seen, settled, settled_at, store, absent}   while one is under way; the drafts go with it
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from stores.documents import Document, Documents
from stores.insights import Draft, Evidence, message_id
from workers.leases import LEASE

RETRY_AFTER = (5.0, 30.0, 120.0, 600.0)  # seconds between failed attempts; the last one for all further
OWED_AFTER = (300.0, 3_600.0)  # seconds until it is looked whether a store is there again: as long as it has been owed, within these

Owed = Mapping[str, Mapping[str, str]]


class Settled(NamedTuple):
    """How a run's drafts were settled: the ids of the known insights that were found, and when these were looked for, in seconds since the
    epoch."""

    known: frozenset[str]
    at: float


@dataclass(frozen=True, slots=True)
class Run:
    """A claimed run. `name` is the same each time it is repeated; `drafts` is None until the model has proposed some."""

    conversation: str
    name: str
    place: str
    root: str
    since: str
    through: str
    attempt: int
    owner: str
    learned: Mapping[str, str]
    drafts: tuple[Draft, ...] | None
    settled: Settled | None  # None when the drafts were not settled yet
    seen: Mapping[str, str]  # message id → version, of those that the drafts were made from
    store: str  # the one that the drafts are for, as it missed these messages; "" for all stores
    absent: frozenset[str]  # the stores that were disabled when the drafts were made
    owed: Owed
    idle: bool  # nothing is due but what stores missed


class ConversationLedger:
    """One workspace's conversations."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def join(self, place: str, root: str, *, since: str, talks: bool = True) -> str:
        """Note that Tacit takes part in a thread, from the message `since` on ("" for the whole of it). May be repeated. Its id.

        `talks`: Tacit was spoken to, so that what is said there later concerns it too; otherwise the thread was only marked to be learned.
        """
        identity = message_id(place, root)
        fresh: Document = {
            "place": place,
            "root": root,
            "due": None,
            "moved": "",
            "through": "",
            "runs": 0,
            "messages": [],
            "people": [],
            "learned": {},
        }
        change = {"$setOnInsert": fresh, "$min": {"since": since}}  # the earliest: Slack may deliver a later mention first
        if talks:
            change["$set"] = {"talks": True}
        await self._documents.update("conversations", {"_id": identity}, change, upsert=True)
        return identity

    async def talks(self, place: str, root: str) -> bool:
        """Whether Tacit was spoken to in this thread."""
        return bool(await self._documents.find("conversations", {"_id": message_id(place, root), "talks": True}, limit=1))

    async def with_message(self, place: str, ts: str) -> str | None:
        """The conversation that a noted message stands in, when Tacit takes part in it."""
        found = await self._documents.find("conversations", {"messages": message_id(place, ts)}, limit=1)
        return str(found[0]["_id"]) if found else None

    async def moved(self, identity: str, at: str, *, due: float, message: str = "", person: str = "") -> None:
        """Note news: a message, an edit or a mark of Slack time `at`. It is due at `due`, unless it was to be learned at once anyway."""
        noted = {"messages": message} if message else {}
        change: dict[str, Document] = {"$max": {"moved": at, "quiet": due}}
        if noted or person:
            change["$addToSet"] = noted | ({"people": person} if person else {})
        if await self._documents.update("conversations", {"_id": identity}, change) is None:
            return
        await self._documents.update("conversations", {"_id": identity, "hurry": None}, {"$max": {"due": due}})  # None is less than any

    async def noted(self, identity: str, message: str, *, person: str = "") -> None:
        """Note a message that moves nothing, such as a reply of ours, so that a reaction to it finds the conversation; and who wrote it."""
        noted = {"messages": message} | ({"people": person} if person else {})
        await self._documents.update("conversations", {"_id": identity}, {"$addToSet": noted})

    async def due_now(self, identity: str, *, at: str = "") -> tuple[str, int] | None:
        """Finish a conversation at once, because of something of Slack time `at`. What to ring with: through and attempt."""
        change: dict[str, Document] = {"$set": {"due": time.time()}} | ({"$max": {"moved": at, "hurry": at}} if at else {})
        document = await self._documents.update("conversations", {"_id": identity}, change)
        return ring(document) if document else None

    async def takes_part(self, identity: str, person: str) -> bool:
        """Whether this teammate wrote something in the conversation."""
        return bool(await self._documents.find("conversations", {"_id": identity, "people": person}, limit=1))

    async def claim(self, identity: str, owner: str) -> Run | None:
        """Lease a due conversation: go on with its unfinished run, or begin one. None when it is not due or somebody works on it."""
        now = time.time()
        found = await self._documents.find("conversations", {"_id": identity, "due": {"$lte": now}})
        if not found:
            return None
        run = found[0].get("run") or {"through": found[0]["moved"], "attempt": 0, "lease": 0.0}
        claimed = run | {"attempt": run["attempt"] + 1, "owner": owner, "lease": now + LEASE}
        where = {"_id": identity, "due": {"$lte": now}, "run.attempt": run["attempt"] or None}
        if run["lease"] > now:
            return None
        document = await self._documents.update("conversations", where, {"$set": {"run": claimed}})
        return _run(document) if document else None

    async def renew(self, run: Run) -> bool:
        """Hold on to a run. False when somebody else has it by now."""
        return await self._set(run, {"run.lease": time.time() + LEASE})

    async def reads(self, run: Run, messages: Iterable[str]) -> None:
        """Note which messages a run learns from, so that an edit or a deletion finds the conversation."""
        await self._documents.update("conversations", {"_id": run.conversation}, {"$addToSet": {"messages": {"$each": sorted(messages)}}})

    async def drafted(self, run: Run, drafts: Sequence[Draft], seen: Mapping[str, str], *, settled: Settled | None) -> bool:
        """Store the drafts with the run, so that a repetition uses the same. False when somebody else has the run by now."""
        stored: Document = {"run.drafts": [_plain(asdict(d)) for d in drafts], "run.seen": [[m, v] for m, v in seen.items()]}
        stored |= {"run.settled": sorted(settled.known) if settled else None, "run.settled_at": settled.at if settled else None}
        return await self._set(run, stored | {"run.store": run.store, "run.absent": sorted(run.absent)})

    async def learned(self, run: Run, seen: Mapping[str, str], *, left: bool, owed: Owed | None = None) -> bool:
        """The run is done. `left`: there was more than one run can take, so that the next is due at once. `owed`: what stores missed; as
        before unless given."""
        owed = run.owed if owed is None else owed
        done: Document = {f"learned.{key(m)}": version for m, version in seen.items()} | {"through": run.through, "error": None}
        done |= {"left": left, "owed": {store: dict(missed) for store, missed in owed.items()}}
        while True:
            found = await self._documents.find("conversations", self._mine(run))
            if not found:
                return False
            moved, hurry = found[0]["moved"], found[0].get("hurry")
            now = left or bool(hurry and hurry > run.through)
            due = time.time() if now else found[0].get("quiet") if moved > run.through else _look_again(run) if owed else None
            change = {"$set": done | {"due": due, "hurry": hurry if now else None}, "$unset": {"run": ""}, "$inc": {"runs": 1}}
            if await self._documents.update("conversations", self._mine(run) | {"moved": moved, "hurry": hurry}, change) is not None:
                return True

    async def failed(self, run: Run, reason: str) -> None:
        """Give the run back; it is due again after a while. `reason` is a constant word for the log and the inspector."""
        wait = RETRY_AFTER[min(run.attempt, len(RETRY_AFTER)) - 1]
        await self._set(run, {"run.lease": 0.0, "due": time.time() + wait, "error": reason})

    async def put_off(self, run: Run) -> None:
        """Give a run back that is for stores which are disabled here: it is due again later, and that was no attempt."""
        change: dict[str, Document] = {"$set": {"due": _look_again(run)}, "$unset": {"run": ""}}
        await self._documents.update("conversations", self._mine(run), change)

    async def release(self, run: Run) -> None:
        """Give the run back unfinished; whoever claims it next goes on with it at once."""
        await self._set(run, {"run.lease": 0.0})

    async def _set(self, run: Run, values: Document) -> bool:
        return await self._documents.update("conversations", self._mine(run), {"$set": values}) is not None

    def _mine(self, run: Run) -> Document:
        return {"_id": run.conversation, "run.owner": run.owner, "run.attempt": run.attempt}


def ring(document: Document) -> tuple[str, int]:
    """What names the next attempt at a run, no two alike: the run's through with its number (what one run leaves, another one of the same
    through takes), and the attempt."""
    run = document.get("run") or {"through": document["moved"], "attempt": 0}
    return f"{run['through']}+{document['runs']}", int(run["attempt"]) + 1


def key(message: str) -> str:
    """A message's id as a field's name, which may hold no dot."""
    return message.replace(".", "_")


def _look_again(run: Run) -> float:
    """When it is looked again whether the stores are there that something is owed to."""
    soonest, latest = OWED_AFTER
    return time.time() + min(max(time.time() - float(run.through or 0), soonest), latest)


def _run(document: Document) -> Run:
    run = document["run"]
    drafts = run.get("drafts")
    idle = drafts is None and not document.get("left") and document["moved"] <= document.get("through", "")
    return Run(
        conversation=document["_id"],
        name=f"{document['_id']}/{run['through']}/{document['runs']}",
        place=document["place"],
        root=document["root"],
        since=document["since"],
        through=run["through"],
        attempt=run["attempt"],
        owner=run["owner"],
        learned=document["learned"],
        drafts=tuple(_draft(d) for d in drafts) if drafts is not None else None,
        settled=Settled(frozenset(run["settled"]), run.get("settled_at") or 0.0) if run.get("settled") is not None else None,
        seen=dict(run.get("seen", [])),
        store=run.get("store", ""),
        absent=frozenset(run.get("absent", ())),
        owed=document.get("owed") or {},
        idle=idle,
    )


def _plain(value: object) -> object:
    """Tuples as lists, as a database has them."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def _draft(d: Document) -> Draft:
    evidence = tuple(Evidence(**e | {"terms": tuple(e["terms"])}) for e in d["evidence"])
    texts = {name: tuple(d.get(name, ())) for name in ("cues", "things", "of", "outdates", "repeats")}
    return Draft(**d | {"evidence": evidence} | texts)
