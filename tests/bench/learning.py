"""How much one worker learns, and what it asks of a model that answers at once; and whether learning again adds anything."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

from stores.context import tokens
from stores.documents import Documents
from stores.insights import Insight
from stores.repository import InsightRepository
from tests.bench.figures import Figure, resident
from tests.bench.stage import PATIENCE, PEOPLE, Json, Stage, Where
from tests.model_server import draft
from workers.conversations import ConversationLedger

CONVERSATIONS, MESSAGES = 20, 20
DRAFTS = 5  # of each conversation
TOPICS = ("egress costs", "the billing export", "nightly backups", "the staging cluster", "customer invoices")


async def learning(where: Where) -> list[Figure]:
    """Conversations of twenty messages, all of them due at once."""
    async with Stage.up(where) as stage, stage.database() as database:
        stage.model.drafts = _drafts
        documents = database.workspace(stage.team)
        identities = [await _conversation(stage, documents, n) for n in range(CONVERSATIONS)]
        worker = stage.worker()
        assert worker.pid
        await asyncio.sleep(3)  # it has swept in vain and listens
        begin = resident(worker.pid)
        ledger = ConversationLedger(documents)
        start = time.monotonic()
        for identity in identities:
            await ledger.due_now(identity)
        await _learned(documents, 1)
        took = time.monotonic() - start
        requests, memory = list(stage.model.requests), resident(worker.pid)
        growth = await _growth(stage, documents, identities)
        prompts = [tokens(_asked(r)) for r in requests]
        own = sum(map(_own_text, requests))
        return [
            Figure("learning: conversations a minute", 60 * CONVERSATIONS / took, "", where.database),
            Figure("learning: calls a conversation", len(requests) / CONVERSATIONS, "", where.database),
            Figure("learning: prompt tokens a conversation", sum(prompts) / CONVERSATIONS, "", where.database),
            Figure("learning: of these beyond its own text", (sum(prompts) - own) / CONVERSATIONS, "", where.database),
            Figure("learning: insights and evidence more after the third time", growth, "", where.database),
            Figure("worker: memory at start", begin, "MiB", where.database),
            Figure("worker: memory after load", memory, "MiB", where.database),
        ]


def _asked(request: Json) -> str:
    """All that the model reads: the messages, and the form of the answer."""
    return json.dumps([request["messages"], request.get("response_format")], ensure_ascii=False)


def _own_text(request: Json) -> int:
    """Tokens of the conversation's own words."""
    return sum(tokens(m["text"]) for m in json.loads(request["messages"][-1]["content"]).get("messages", []))


async def _growth(stage: Stage, documents: Documents, identities: Sequence[str]) -> int:
    """How many insights and how much evidence there is more once each conversation was learned twice again from the beginning."""
    repository, ledger = InsightRepository(stage.team, documents), ConversationLedger(documents)
    before = _extent(await repository.newest())
    stage.model.verdicts = _the_same
    for time_over in (2, 3):
        for identity in identities:
            await documents.update("conversations", {"_id": identity}, {"$set": {"learned": {}}})
            await ledger.due_now(identity)
        await _learned(documents, time_over)
    return _extent(await repository.newest()) - before


def _extent(insights: Sequence[Insight]) -> int:
    return len(insights) + sum(len(i.evidence) for i in insights)


def _the_same(request: Json) -> Json:
    """Verdicts of a model that knows the same sentence again."""
    said = json.loads(request["messages"][-1]["content"])
    known = {k["sentence"]: k["id"] for k in said["known"]}
    return {
        "verdicts": [{"draft": d["id"], "verdict": "same", "of": [known[d["sentence"]]]} for d in said["drafts"] if d["sentence"] in known]
    }


async def _conversation(stage: Stage, documents: Documents, n: int) -> str:
    """A thread that is noted as the bot would note it, with nobody answering."""
    root: Json = {}
    ledger = ConversationLedger(documents)
    identity = ""
    for m in range(MESSAGES):
        text = f"About {TOPICS[n % len(TOPICS)]} of team {n}: step {m} goes through the review that we agreed on, as far as I remember."
        more = {"thread_ts": root["ts"]} if root else {}
        said = await stage.act("post", **{"as": PEOPLE[m % len(PEOPLE)], "in": f"#c{n % 5}", "text": text} | more)
        root = root or said
        identity = await ledger.join(said["channel"], root["ts"], since=root["ts"])
        await ledger.moved(identity, said["ts"], due=time.time() + 1e6, message=f"{said['channel']}:{said['ts']}")
    return identity


def _drafts(request: Json) -> Json:
    new = [m for m in json.loads(request["messages"][-1]["content"])["messages"] if m["id"]]
    return {"drafts": [draft(m["text"], [m["id"]]) for m in new[:DRAFTS]]}


async def _learned(documents: Documents, times: int) -> None:
    end = time.monotonic() + 2 * PATIENCE
    while await documents.count("conversations", {"runs": {"$gte": times}}) < CONVERSATIONS:
        if time.monotonic() > end:
            raise RuntimeError("not all conversations were learned")
        await asyncio.sleep(0.05)
