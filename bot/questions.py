"""The question ledger: acknowledged means exactly one reply, whatever dies. Ids and times only; the words are read again from Slack.

A question goes noted → leased → posting → answered. Who works on it holds its thread's lease (`thread_lease`), so that one process answers
one thread's questions in order. Each step after the first is one conditional update that names the `owner` of that lease: whoever lost it,
by being stopped for a while say, changes nothing any more. A document:

    place, ts, root, thread (PLACE:ROOT), asker, way ("mention", "dm", "thread"), state, owner, tries, after (not before this time)
    reply (ts of ours), failed (the reply says that something went wrong; Retry answers again, in that same message)
    recalled, cited (insight ids), withheld {insight id: reason}, missing   the record of the reply
    explained {insight id: {why, scores {name: number}}}                    and why each was shown or left out
    wrong, right {teammate: Slack time}   when somebody last said that the reply is wrong, and took that back
    told_wrong {teammate: true}           who was asked then what is right
    in_vain (the model searched, and the reply rests on nothing)
    helped {teammate: Slack time}         who wrote to people next, where the reply was in vain or said that something went wrong
    look_at (since when somebody says that it is wrong, or helped, and nobody looked yet what could be better)
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from stores.documents import Change, Document, Documents
from stores.explaining import Why
from stores.insights import message_id
from workers.leases import LeaseLost

Way = Literal["mention", "dm", "thread"]
"""How a question reached us: by a mention, in a DM, or as a later message in a thread that we answered in."""

OPEN = ("noted", "leased", "posting")
TRIES = 5  # after so many failed tries the asker is told
WAITS = (1.0, 5.0, 15.0, 30.0)  # seconds between tries


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the ledger knows it."""

    id: str
    place: str
    ts: str
    root: str
    asker: str
    way: Way
    tries: int
    reply: str | None  # the message that a retried question's answer goes into
    failed: bool  # what was about to be posted, when somebody last was, said that something went wrong
    owner: str  # who answers it now
    taken_over: bool  # from somebody who may have posted a reply, and may yet


@dataclass(frozen=True, slots=True)
class Record:
    """What a reply rests on, for the inspector and for later replies in the same thread."""

    recalled: Sequence[str] = ()
    cited: Sequence[str] = ()
    withheld: Mapping[str, str] | None = None
    missing: bool = False
    explained: Mapping[str, Why] | None = None
    in_vain: bool = False  # it was searched for something that it could rest on, and nothing was found


@dataclass(frozen=True, slots=True)
class Judged:
    """A reply that somebody said is wrong, or not wrong after all."""

    question: str
    root: str
    cited: tuple[str, ...]
    wrong: bool


@dataclass(frozen=True, slots=True)
class Wrong:
    """A reply that is held to be wrong, and by whom; or in whose place others helped."""

    question: str
    place: str
    root: str
    by: frozenset[str]


class QuestionLedger:
    """One workspace's questions. `posting`, `answered` and `put_off` raise `LeaseLost` when the question is somebody else's by now."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def note(self, place: str, ts: str, root: str, asker: str, way: Way) -> bool:
        """Note a question durably, once, however often Slack delivers it. False when it is known already."""
        return await self._documents.insert(
            "questions",
            {
                "_id": message_id(place, ts),
                "place": place,
                "ts": ts,
                "root": root,
                "thread": message_id(place, root),
                "asker": asker,
                "way": way,
                "state": "noted",
                "tries": 0,
                "after": 0.0,
                "reply": None,
                "failed": False,
                "noted_at": time.time(),
            },
        )

    async def unknown(self, messages: Sequence[str]) -> list[str]:
        """Those of these messages that are not noted."""
        found = await self._documents.find("questions", {"_id": {"$in": list(messages)}}) if messages else []
        return [m for m in messages if m not in {d["_id"] for d in found}]

    async def next(self, place: str, root: str, owner: str) -> Asked | None:
        """The oldest open question of a thread, `owner`'s from now on. Call it only while holding the thread's lease."""
        where = {"thread": message_id(place, root), "state": {"$in": list(OPEN)}}
        found = await self._documents.find("questions", where, sort="ts", limit=1)
        if not found or found[0]["after"] > time.time():
            return None
        where = {"_id": found[0]["_id"], "state": found[0]["state"]}
        document = await self._documents.update("questions", where, {"$set": {"state": "leased", "owner": owner}})
        return _asked(document, taken_over=found[0]["state"] != "noted") if document else None

    async def posting(self, question: Asked, record: Record, *, failed: bool = False) -> None:
        """The reply is about to be posted; it will rest on this. `failed`: it says that something went wrong."""
        kept = {"recalled": list(record.recalled), "cited": list(record.cited), "withheld": dict(record.withheld or {})}
        kept["explained"] = {i: {"why": why.reason, "scores": dict(why.scores)} for i, why in (record.explained or {}).items()}
        await self._set(question, {"state": "posting", "missing": record.missing, "in_vain": record.in_vain, "failed": failed} | kept)

    async def answered(self, question: Asked, reply: str | None, *, failed: bool = False) -> None:
        """The question is done: by our message `reply`, or by none where none is called for."""
        await self._set(question, {"state": "answered", "reply": reply, "failed": failed, "answered_at": time.time()})

    async def put_off(self, question: Asked) -> None:
        """A try failed; another one comes after a while."""
        wait = WAITS[min(question.tries, len(WAITS) - 1)]
        await self._set(question, {"state": "noted", "after": time.time() + wait, "tries": question.tries + 1})

    async def retry(self, identity: str) -> Asked | None:
        """Open a question again whose reply said that something went wrong. None when it did not, or is open already."""
        where = {"_id": identity, "failed": True, "state": "answered"}
        change = {"$set": {"state": "noted", "failed": False, "tries": 0, "after": 0.0}}
        document = await self._documents.update("questions", where, change)
        return _asked(document, taken_over=False) if document else None

    async def cited(self, questions: Sequence[str]) -> dict[str, list[str]]:
        """For each of these questions that has a reply: the insights which that reply cited."""
        found = await self._documents.find("questions", {"_id": {"$in": list(questions)}}) if questions else []
        return {d["_id"]: list(d.get("cited") or []) for d in found}

    async def replied(self, place: str, ts: str) -> bool:
        """Whether this message is a reply of ours to a question."""
        return bool(await self._documents.find("questions", {"reply": ts, "place": place}, limit=1))

    async def judged(self, place: str, ts: str, teammate: str, at: str, *, wrong: bool) -> Judged | None:
        """Note that a teammate said at this Slack time that our reply is wrong, or took that back; how it stands now, whichever was noted
        first. May be repeated. None when the message is no reply of ours."""
        change = {"$max": {f"{'wrong' if wrong else 'right'}.{teammate}": at}}
        document = await self._documents.update("questions", {"reply": ts, "place": place}, change)
        if document is None:
            return None
        look = {"$set": {"look_at": time.time()}} if _against(document) else {"$unset": {"look_at": ""}}
        await self._documents.update("questions", {"_id": document["_id"]}, look)
        return Judged(document["_id"], document["root"], tuple(document.get("cited") or ()), teammate in _holding_wrong(document))

    async def helped(self, question: Asked) -> None:
        """Somebody wrote this to people. Where our last reply in the thread, to somebody else, was in vain or failed, that counts as help.
        May be repeated."""
        before = [d for d in await self._replied_in(question.place, question.root) if float(d["reply"]) < float(question.ts)]
        last = before[-1] if before else None
        if last is None or last["asker"] == question.asker or not (last["failed"] or last.get("in_vain")):
            return
        first = {"_id": last["_id"], f"helped.{question.asker}": None}
        change: Change = {"$set": {f"helped.{question.asker}": question.ts, "look_at": time.time()}}
        await self._documents.update("questions", first, change)

    async def held_wrong(self, most: int) -> list[Wrong]:
        """Replies that are held to be wrong, or in whose place others helped, and that nobody looked at since, those marked first."""
        found = await self._documents.find("questions", {"look_at": {"$gt": 0}}, sort="look_at", limit=most)
        return [Wrong(d["_id"], d["place"], d["root"], _against(d)) for d in found]

    async def speaks_against(self, place: str, root: str, message: str) -> bool:
        """Whether our reply to this message, or our last one before it in its thread, is held to be wrong, or others helped instead."""
        at = float(message.rpartition(":")[2])
        replied = await self._replied_in(place, root)
        before = [d for d in replied if float(d["reply"]) < at][-1:]
        return any(_against(d) for d in [*before, *(d for d in replied if d["_id"] == message)])

    async def spoken_against(self, messages: Sequence[str]) -> frozenset[str]:
        """Those of these messages that are questions whose reply is held to be wrong, or in whose place others helped."""
        found = await self._documents.find("questions", {"_id": {"$in": list(messages)}}) if messages else []
        return frozenset(d["_id"] for d in found if d["reply"] and _against(d))

    async def looked_at(self, questions: Sequence[str]) -> None:
        """Somebody has looked what these replies could have done better."""
        for question in questions:
            await self._documents.update("questions", {"_id": question}, {"$unset": {"look_at": ""}})

    async def asks_back(self, question: str, teammate: str) -> bool:
        """Whether this teammate, who says that the reply is wrong, is to be asked what is right: once."""
        where = {"_id": question, f"told_wrong.{teammate}": None}
        return await self._documents.update("questions", where, {"$set": {f"told_wrong.{teammate}": True}}) is not None

    async def introduces(self, question: Asked) -> bool:
        """Whether this question's reply is the first one in its channel; says so again for the same question, and for another one when
        that question ended without a reply."""
        line = f"introduced:{question.place}"
        if await self._documents.insert("places", {"_id": line, "question": question.id}):
            return True
        first = (await self._documents.find("places", {"_id": line}))[0]["question"]
        if first == question.id:
            return True
        if not await self._documents.find("questions", {"_id": first, "state": "answered", "reply": None}):
            return False
        mine = {"$set": {"question": question.id}}
        return await self._documents.update("places", {"_id": line, "question": first}, mine) is not None

    async def _replied_in(self, place: str, root: str) -> list[Document]:
        """The questions of a thread that have a reply of ours, those answered first."""
        found = await self._documents.find("questions", {"thread": message_id(place, root)})
        return sorted((d for d in found if d["reply"]), key=lambda d: float(d["reply"]))

    async def _set(self, question: Asked, values: Document) -> None:
        mine = {"_id": question.id, "owner": question.owner, "state": {"$in": ["leased", "posting"]}}
        if await self._documents.update("questions", mine, {"$set": values}) is None:
            raise LeaseLost


def _holding_wrong(document: Document) -> frozenset[str]:
    right = document.get("right") or {}
    return frozenset(teammate for teammate, at in (document.get("wrong") or {}).items() if at > right.get(teammate, ""))


def _against(document: Document) -> frozenset[str]:
    """Who holds the reply to be wrong, or helped in its place."""
    return _holding_wrong(document) | frozenset(document.get("helped") or {})


def thread_lease(place: str, root: str) -> str:
    """The name of the lease under which a thread's questions are answered."""
    return f"thread:{message_id(place, root)}"


def _asked(d: Document, *, taken_over: bool) -> Asked:
    return Asked(
        id=d["_id"],
        place=d["place"],
        ts=d["ts"],
        root=d["root"],
        asker=d["asker"],
        way=d["way"],
        tries=d["tries"],
        reply=d["reply"],
        failed=d["failed"],
        owner=d.get("owner", ""),
        taken_over=taken_over,
    )
