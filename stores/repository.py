"""Where insights are kept: one workspace's, on top of any database that implements `Documents`.

A change of an insight is one conditional update of its document: it names the revision that it was computed from, and is computed again
when somebody else was faster. What nobody supports any more is found by nobody: an insight lives as long as its evidence.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from stores.documents import Change, Document, Documents
from stores.endings import Endings
from stores.insight_changes import doubting, giving, purging, replacing, restoring, supporting, trusting, undo_of, withdrawing
from stores.insight_documents import derived, document_of, insight_of, key
from stores.insights import OF_CONVERSATION, Evidence, Insight, Status
from stores.marks import Marks
from stores.opted_out import OptedOut
from stores.revisions import Revision, Revisions

LAST_ID = "\U0010ffff"  # behind every id


@dataclass(frozen=True, slots=True)
class Changed:
    """An insight as it is now; without `insight` it is not in force any more."""

    id: str
    revision: int
    insight: Insight | None


class InsightRepository:
    """One workspace's insights. What comes back holds all evidence: pass it through `stores.audience.look` before anybody sees it."""

    def __init__(self, workspace: str, documents: Documents) -> None:
        self.workspace = workspace
        self._documents = documents
        self._revisions = Revisions(documents)
        self.opted_out = OptedOut(documents)
        self.marks = Marks(documents)
        self.endings = Endings(documents)

    async def get(self, ids: Sequence[str], *, status: Status = "") -> list[Insight]:
        """Those of these insights that are in force, or that have this `status` instead, in the order asked for."""
        if not ids:
            return []
        found = {d["_id"]: d for d in await self._documents.find("insights", {"_id": {"$in": list(ids)}})}
        known = [insight_of(self.workspace, found[i]) for i in ids if i in found and found[i].get("evidence")]
        return [i for i in known if i.status == status]

    async def newest(self, *, skip: int = 0, limit: int = 0) -> list[Insight]:
        """The insights in force, states left out, those learned last first; without a limit, all."""
        return await self._find({"live": True, "state_of": {"$in": ["", None]}}, skip=skip, limit=limit)

    async def with_status(self, status: Status, *, skip: int = 0, limit: int = 0) -> list[Insight]:
        """The insights that are not in force because of this status, those learned last first."""
        return [i for i in await self._find({"status": status}, skip=skip, limit=limit) if i.evidence]

    async def set_status(self, identity: str, status: Status) -> Insight | None:
        """Put an insight in force (""), or out of it; the insight, None when it is gone. May be repeated."""
        await self.change(identity, giving(status))
        return next(iter(await self.get([identity], status=status)), None)

    async def used(self, ids: Sequence[str], at: float) -> None:
        """Count that a reply cited these insights."""
        for identity in dict.fromkeys(ids):
            await self._documents.update("insights", {"_id": identity}, {"$inc": {"uses": 1}, "$max": {"used_at": at}})

    async def states_of(self, *things: str) -> list[Insight]:
        """The present states of these teammates ("teammate:U…") and conversations ("conversation:PLACE:TS")."""
        return await self._find({"state_of": {"$in": sorted(set(things))}, "live": True})

    async def belonging_to(self, ids: Sequence[str], *, status: Status = "") -> list[Insight]:
        """The insights in force (with `status`: those that are not, because of it) that add to one of these: outcomes of decisions."""
        state: Document = {"status": status} if status else {"live": True}
        found = await self._find({"belongs_to": {"$in": sorted(set(ids))}} | state) if ids else []
        return [i for i in found if i.evidence]

    async def taught_in(self, place: str, *, store: str = "", skip: int = 0, limit: int = 0) -> list[Insight]:
        """The insights in force with evidence in this place, those learned last first. With `store`, only that store's."""
        return await self._find({"places": place, "live": True} | ({"store": store} if store else {}), skip=skip, limit=limit)

    async def about(self, teammate: str, *, store: str = "", skip: int = 0, limit: int = 0) -> list[Insight]:
        """The insights in force about this teammate, states left out, those learned last first. With `store`, only that store's."""
        where = {"about": teammate, "live": True, "state_of": {"$in": ["", None]}} | ({"store": store} if store else {})
        return await self._find(where, skip=skip, limit=limit)

    async def taught_by(self, teammate: str) -> list[Insight]:
        """Everything that rests on words of this teammate, whatever its status, those learned last first."""
        found = await self._find({"teachers": {"$in": [teammate, None]}})  # None: kept before teachers were noted
        return [i for i in found if any(e.teammate == teammate for e in i.evidence)]

    async def adopt(self, owners: Mapping[str, str]) -> None:
        """A kind's insights belong to the store that declares it now (kind → store), whichever declared it when they were kept."""
        for kind, store in owners.items():
            while strayed := await self._documents.find("insights", {"kind": kind, "store": {"$ne": store}}, limit=200):
                for document in strayed:
                    change: Change = {"$set": {"store": store, "changed_at": await self._revisions.stamp()}, "$inc": {"revision": 1}}
                    await self._documents.update("insights", {"_id": document["_id"]}, change)
                await self._revisions.tell()

    async def matching(self, words: Iterable[str], *, store: str = "", status: Status = "", skip: int = 0, limit: int = 0) -> list[Insight]:
        """The insights in force that have one of these stems in sentence, cues, things or source; those learned last first.

        With `store`, only that store's. With `status`, those that are not in force because of it.
        """
        where: Document = {"words": {"$in": sorted(set(words))}} | ({"status": status} if status else {"live": True})
        where |= {"store": store} if store else {}
        return await self._find(where, skip=skip, limit=limit)

    async def standing(self, *, store: str = "", skip: int = 0, limit: int = 0) -> list[Insight]:
        """The insights in force that matter to every choice, those learned last first. With `store`, only that store's."""
        return await self._find({"standing": True, "live": True} | ({"store": store} if store else {}), skip=skip, limit=limit)

    async def revision(self) -> Revision:
        """What `changed_since` can be asked about. One small read."""
        return await self._revisions.now()

    async def changed_since(self, at: float) -> list[Changed]:
        """What was changed later than `at`, in no order. Ask for a minute more: a change is written a little after its stamp."""
        return [self._changed(d) for d in await self._documents.find("insights", {"changed_at": {"$gt": at}})]

    async def page(self, after: str, limit: int, *, skip: int = 0) -> list[Changed]:
        """Everything that there is, in the order of ids: `limit` behind the first `skip` after this id."""
        where = {"_id": {"$gt": after, "$lt": LAST_ID}}
        return [self._changed(d) for d in await self._documents.find("insights", where, sort="_id", limit=limit, skip=skip)]

    async def supported_by(self, *messages: str) -> list[Insight]:
        """The insights that one of these messages is evidence for, whatever their status."""
        return await self._find({"messages": {"$in": sorted(messages)}})

    async def standing_by(self, teammate: str) -> list[Insight]:
        """The standing insights in force that rest on this teammate's word alone, and that nobody has agreed to."""
        found = await self._find({"standing": True, "live": True, "teachers": teammate})
        return [i for i in found if {e.teammate for e in i.evidence} == {teammate} and not i.agreed]

    async def older_than(self, newer: str) -> list[Insight]:
        """The insights that this one supersedes, whatever their status."""
        return [i for i in await self._find({"superseded_by": newer}) if i.evidence]

    async def keep(self, insight: Insight) -> Insight | None:
        """Keep an insight under its id. Keeping it again changes nothing; one that was forgotten stays so, and None comes back.

        Its messages' marks are stale afterwards, however long this took; who dies in between keeps again.
        """
        await self._documents.insert("insights", document_of(insight) | {"changed_at": await self._revisions.stamp()})
        await self._revisions.tell()
        await self.marks.learned_from(e.message for e in insight.evidence)
        return next(iter(await self.get([insight.id])), None)

    async def replace(self, insight: Insight) -> Insight | None:
        """Keep the present state of something under its id, instead of an older one. What a later message said stays. May be repeated.

        The state of a conversation goes on resting on all messages that it was made from, and is replaced also when what is new is an edit
        of an older one: whoever makes it has read the whole.
        """
        if await self._documents.insert("insights", document_of(insight) | {"changed_at": await self._revisions.stamp()}):
            await self._revisions.tell()
        else:
            await self.change(insight.id, replacing(insight))
        messages = [e.message for e in insight.evidence]
        await (self.marks.gathered_from(messages) if insight.gathered else self.marks.learned_from(messages))
        return next(iter(await self.get([insight.id])), None)

    async def support(self, identity: str, evidence: Sequence[Evidence]) -> Insight | None:
        """Add evidence to an insight; None when it is not in force. What is not there any more stays away. May be repeated."""
        insight = await self.change(identity, supporting(evidence))
        await self.marks.learned_from(e.message for e in evidence)
        await self.look_after(identity)
        return insight

    async def doubt(self, identity: str, doubt: Evidence) -> None:
        """Note that a teammate says of a reply of ours (`doubt.message`) that what it told is wrong. May be repeated."""
        await self.change(identity, doubting(doubt))

    async def trust(self, identity: str, message: str, teammate: str) -> None:
        """Take back that this teammate doubted an insight because of this reply. May be repeated."""
        await self.change(identity, trusting(message, teammate))

    async def supersede(self, identity: str, newer: str) -> None:
        """Hide an insight from everybody who may see the newer one."""
        stamp = {"changed_at": await self._revisions.stamp()}
        change: Change = {"$addToSet": {"superseded_by": newer}, "$inc": {"revision": 1}, "$set": stamp}
        await self._documents.update("insights", {"_id": identity}, change)
        await self._revisions.tell()

    async def withdraw(self, identity: str, messages: Iterable[str], *, undo: str = "") -> Insight | None:
        """Take these messages away as evidence of an insight; with the last one it goes. None when it is gone (or was).

        With `undo`, a name for this act, `restore` can bring them back for ten minutes; without, the words are gone at once. What was
        gathered from a whole conversation goes with any of its messages: nobody can tell whose words it holds.
        """
        await self.marks.stale(messages := list(messages))
        left = await self.change(identity, withdrawing(messages, undo))
        await self.look_after(identity)
        return left

    async def look_after(self, identity: str) -> None:
        """If it waits, whoever was asked about it is to read it as it is now, or no longer."""
        look: Change = {"$set": {"ask_at": time.time()}}
        await self._documents.update("insights", {"_id": identity, "status": "pending"}, look)

    async def withdraw_all(self, message: str) -> None:
        """Take this message away as evidence of everything, also of what could still be brought back: it is deleted."""
        undoable = {"purge_at": {"$gt": time.time()}, f"withdrawn.{key(message)}": {"$exists": True}}
        for identity in [d["_id"] for d in await self._documents.find("insights", undoable)]:
            await self.withdraw(identity, [message])
        for insight in await self.supported_by(message):  # last, for one may have been brought back meanwhile
            await self.withdraw(insight.id, [message])

    async def keep_gone(self, teammate: str) -> None:
        """What somebody else took back of this teammate's words is not brought back any more. May be repeated."""
        for document in await self._documents.find("insights", {"purge_at": {"$gt": time.time()}}):
            others = [w["evidence"] for w in document.get("withdrawn", {}).values() if not w["undo"].startswith(undo_of(teammate, ""))]
            if own := [e["message"] for e in others if e["teammate"] == teammate]:
                await self.withdraw(document["_id"], own)

    async def restore(self, identity: str, undo: str) -> Insight | None:
        """Bring back what `withdraw` took under the name `undo`, so that it may be learned from again; None when it is too late."""
        messages: list[str] = []
        await self.change(identity, restoring(undo, messages))
        await self.set_forgotten(messages, False)
        await self.marks.stale(messages)
        return next(iter(await self._find({"_id": identity})), None) if messages else None

    async def purge(self) -> int:
        """Delete the words of everything that was forgotten more than ten minutes ago, or that nobody decided about; how many insights
        that touched."""
        due = await self._documents.find("insights", {"purge_at": {"$lte": time.time()}}, limit=200)
        for document in due:
            await self.change(document["_id"], purging)
        return len(due)

    async def forgotten(self, messages: Sequence[str]) -> frozenset[str]:
        """Those of these messages from which a person had something forgotten: they are never learned from again."""
        found = await self._documents.find("marks", {"_id": {"$in": list(messages)}, "forgotten": True}) if messages else []
        return frozenset(d["_id"] for d in found)

    async def silent(self, evidence: Iterable[Evidence]) -> frozenset[str]:
        """The ids of those of these messages that must not be learned from, because their writers opted out."""
        return await self.opted_out.among(list(evidence))

    async def set_forgotten(self, messages: Iterable[str], forgotten: bool) -> None:
        """Note, or take back, that these messages are not to be learned from again; what was gathered from their conversation goes."""
        for message in messages:
            await self._documents.update("marks", {"_id": message}, {"$set": {"forgotten": forgotten}}, upsert=True)
            for insight in await self.supported_by(message) if forgotten else []:
                if insight.gathered:
                    await self.withdraw(insight.id, [message])

    async def refuse(self, messages: Iterable[str], traces: str) -> None:
        """Note that something, recognised by its traces, is not to be learned again from these messages. May be repeated."""
        for message in messages:
            await self._documents.update("marks", {"_id": message}, {"$addToSet": {"dropped": traces}}, upsert=True)

    async def refusals(self, messages: Sequence[str]) -> dict[str, list[str]]:
        """Message → the traces of what is not to be learned from it again."""
        found = await self._documents.find("marks", {"_id": {"$in": list(messages)}}) if messages else []
        return {d["_id"]: list(d.get("dropped", [])) for d in found}

    async def _find(self, where: Document, *, skip: int = 0, limit: int = 0) -> list[Insight]:
        found = await self._documents.find("insights", where, sort="-learned_at", skip=skip, limit=limit)
        return [insight_of(self.workspace, d) for d in found]

    async def change(self, identity: str, change: Callable[[Document], bool]) -> Insight | None:
        """Apply `change` to the document (False: leave it); the insight as it is then, None when it is not in force."""
        while True:
            found = await self._documents.find("insights", {"_id": identity})
            if not found:
                return None
            document = found[0]
            revision = document["revision"]
            if not change(document):
                return insight_of(self.workspace, document) if document["live"] else None
            where = {"_id": identity, "revision": revision}
            fields = derived(document) | {"changed_at": await self._revisions.stamp()}
            if await self._documents.update("insights", where, {"$set": fields, "$inc": {"revision": 1}}):
                if not document["evidence"]:
                    await self._documents.delete("vectors", {"_id": identity})
                    await self._untell(identity)
                await self._revisions.tell()
                return insight_of(self.workspace, document | fields) if fields["live"] else None

    async def _untell(self, identity: str) -> None:
        """Take away what was gathered from conversations in which a reply of ours told what is gone now: it may hold the words."""
        threads = {f"{OF_CONVERSATION}{d['thread']}" for d in await self._documents.find("questions", {"cited": identity})}
        for state in await self.states_of(*threads) if threads else []:
            await self.withdraw(state.id, [e.message for e in state.evidence][:1])  # it goes with any of them

    def _changed(self, d: Document) -> Changed:
        return Changed(d["_id"], int(d["revision"]), insight_of(self.workspace, d) if d.get("live") else None)
