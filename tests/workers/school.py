"""Learning without Slack, Redis or a model: threads in memory, a model that proposes what was said, processes that die at a chosen call."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from stores.conversations import Message
from stores.documents import Database, Documents, Unavailable
from stores.insights import Insight, message_id
from stores.loading import load_stores
from stores.machine import LearningMachine
from stores.model import Said, Turn, Usage
from stores.modes import Modes
from stores.repository import InsightRepository
from stores.search import KeywordSearch
from stores.testing import Town
from workers.conversations import ConversationLedger
from workers.learn import learn
from workers.parts import Parts
from workers.spending import NO_CEILING, Budget, Counted, Spending
from workers.transcripts import Seen, ThreadGone

PLACE, ROOT = "C1", "100.000000"


class Fault:
    """What befalls one process at its `at`th call to the outside. `how`: "fails", "killed before", "killed after", "cancelled", or
    "meanwhile": then `meanwhile` is awaited first, and nothing else befalls it."""

    def __init__(self, how: str = "", at: int = 0) -> None:
        self.how, self.at, self.calls, self.dead = how, at, 0, False
        self.task: asyncio.Task[Any] | None = None
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def around(self, call: Callable[[], Awaitable[Any]]) -> Any:
        if self.dead:
            raise Unavailable("this process is dead")
        self.calls += 1
        if self.calls == self.at and self.how == "meanwhile" and self.meanwhile:
            await self.meanwhile()
        if self.calls != self.at or self.how == "meanwhile":
            return await call()
        if self.how == "cancelled" and self.task:
            self.task.cancel()
        self.dead = self.how.startswith("killed")
        if self.how in ("killed after", "cancelled"):
            await call()
        if self.how == "cancelled":
            return await asyncio.sleep(3600)
        raise Unavailable("scripted")


class Faulty:
    """An outside edge, every call of which the fault may befall."""

    def __init__(self, edge: Any, fault: Fault) -> None:
        self._edge, self._fault = edge, fault

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._edge, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            return await self._fault.around(lambda: method(*arguments, **named))

        return call


class Threads:
    """`Transcripts` in memory."""

    def __init__(self) -> None:
        self.said: dict[str, list[Message]] = {}
        self.marked: set[str] = set()
        self.thumbs: dict[str, list[str]] = {}  # message → who has put 👍 on it

    async def thread(self, place: str, root: str) -> Sequence[Message]:
        found = self.said.get(message_id(place, root), [])
        if not found:
            raise ThreadGone("thread_not_found")
        return list(found)

    async def look(self, place: str, ts: str) -> Seen | None:
        every = {m.id: m for said in self.said.values() for m in said}
        found = every.get(message_id(place, ts))
        return Seen(found.version, tuple(self.thumbs.get(found.id, ()))) if found else None

    async def mark(self, place: str, ts: str, *, learned: bool) -> None:
        (self.marked.add if learned else self.marked.discard)(message_id(place, ts))


class Pupil:
    """`Model`: every new message becomes one draft, as said. `meanwhile` is awaited while it reads; `verdict` settles."""

    def __init__(self) -> None:
        self.read: list[list[str]] = []  # the new messages of each extraction
        self.asked: list[dict[str, Any]] = []  # all that it was told in each
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.verdict: Callable[[str, str], str] = lambda drafted, known: "same" if drafted == known else "new"
        self.propose: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = lambda new: [_proposal(m["text"], m["id"]) for m in new]

    async def answer(self, prompt: Sequence[Said], tools: Any = ()) -> Turn:
        raise AssertionError("nobody asks for this here")

    async def extract(self, prompt: Sequence[Said], shape: Any, *, wrong: Any = None) -> Any:
        body = json.loads(prompt[-1].content)
        if "drafts" in body:
            return shape.model_validate({"verdicts": self._verdicts(body)}), Usage()
        new = [m for m in body["messages"] if m["id"]]
        self.read.append([m["text"] for m in new])
        self.asked.append(body)
        if self.meanwhile is not None:
            await self.meanwhile()
        return shape.model_validate({"drafts": self.propose(new)}), Usage()

    async def hint(self, prompt: Sequence[Said], *, most: int) -> str:
        raise AssertionError("nobody asks for this here")

    def _verdicts(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        found = []
        for drafted in body["drafts"]:
            for known in body["known"]:
                verdict = self.verdict(drafted["sentence"], known["sentence"])
                if verdict != "new":
                    found.append({"draft": drafted["id"], "verdict": verdict, "of": [known["id"]]})
        return found


def _proposal(sentence: str, *evidence: str) -> dict[str, Any]:
    return {"kind": "fact", "sentence": sentence[:300], "cues": [], "things": [], "evidence": list(evidence), "fields": []}


class School:
    """One workspace's learning."""

    def __init__(self, database: Database, workspace: str = "T1") -> None:
        self.database, self.workspace = database, workspace
        self.documents: Documents = database.workspace(workspace)
        self.threads, self.model, self.town = Threads(), Pupil(), Town()
        self.town.build(PLACE, "public", "ana", "bo")
        self.budget: Budget = NO_CEILING
        self.stores = ["team_knowledge"]
        self.repository = InsightRepository(workspace, self.documents)
        self.ledger = ConversationLedger(self.documents)

    async def say(self, ts: str, text: str, *, root: str = ROOT, by: str = "ana", edited: str = "", learn_after: float = 0.0) -> None:
        """Somebody writes, or edits what they wrote, in a thread that concerns Tacit."""
        said = self.threads.said.setdefault(message_id(PLACE, root), [])
        said[:] = sorted([m for m in said if m.ts != ts] + [Message(PLACE, ts, by, by, text, edited)], key=lambda m: m.at)
        conversation = await self.ledger.join(PLACE, root, since="")
        at = edited or ts
        await self.ledger.moved(conversation, at, due=float(at) + learn_after, message=message_id(PLACE, ts), person=by)

    async def delete(self, ts: str, *, root: str = ROOT) -> None:
        """Somebody deletes a message; what an event of it does."""
        said = self.threads.said[message_id(PLACE, root)]
        said[:] = [m for m in said if m.ts != ts]
        await self.repository.set_forgotten([message_id(PLACE, ts)], True)
        for insight in await self.repository.supported_by(message_id(PLACE, ts)):
            await self.repository.withdraw(insight.id, [message_id(PLACE, ts)])

    @asynccontextmanager
    async def process(self, fault: Fault | None = None) -> AsyncIterator[Parts]:
        """A worker's parts, until it ends or dies."""
        fault = fault or Fault()
        documents: Any = Faulty(self.documents, fault)
        model: Any = Faulty(self.model, fault)
        threads: Any = Faulty(self.threads, fault)
        repository = InsightRepository(self.workspace, documents)
        finder = KeywordSearch(repository, self.town)
        stores = load_stores(self.stores, self.workspace, repository, self.town, model, finder)
        machine = LearningMachine(stores, repository, self.town, finder)
        spending = Spending(self.workspace, documents, self.budget)
        try:
            yield Parts(
                self.workspace,
                documents,
                repository,
                self.town,
                finder,
                machine,
                Counted(model, spending),
                threads,
                spending,
                Modes(documents),
            )
        finally:
            machine.close()

    async def learn(self, root: str = ROOT, *, fault: Fault | None = None, **more: Any) -> bool:
        """One job of a worker process, which may die of it."""
        async with self.process(fault) as parts:
            task = asyncio.create_task(learn(message_id(PLACE, root), parts, **{"seconds": 5} | more))
            if fault:
                fault.task = task
            try:
                return await task
            except (Unavailable, asyncio.CancelledError):
                return False

    async def restart(self, root: str = ROOT) -> None:
        """Time goes by: all leases have run out, and what failed is due again."""
        for lease in await self.documents.find("leases", {}):
            await self.documents.update("leases", {"_id": lease["_id"]}, {"$set": {"until": 0.0}})
        now = {"$set": {"run.lease": 0.0, "due": time.time() - 1}}
        await self.documents.update("conversations", {"_id": message_id(PLACE, root), "run": {"$exists": True}}, now)

    async def conversation(self, root: str = ROOT) -> dict[str, Any]:
        return (await self.documents.find("conversations", {"_id": message_id(PLACE, root)}))[0]

    async def known(self) -> list[Insight]:
        """Everything in force, oldest evidence first."""
        return sorted(await self.repository.newest(limit=5000), key=lambda i: (i.newest, i.sentence))

    async def sentences(self) -> list[str]:
        return [i.sentence for i in await self.known()]

    async def told(self) -> list[object]:
        """All that is known, in a form that two workspaces can be compared by."""
        every = {i.id: replace(i, id="") for i in await self.known()}
        return [
            (i.sentence, [(e.message, e.version) for e in i.evidence], [every[n].sentence for n in i.superseded_by]) for i in every.values()
        ]
