"""How much one worker learns, and what it asks of the model, with a model that answers at once."""

from __future__ import annotations

import asyncio
import json
import time

from stores.context import tokens
from stores.documents import Documents
from tests.bench.figures import Figure, resident
from tests.bench.stage import PATIENCE, PEOPLE, Json, Stage, Where
from tests.scripted_model import draft
from workers.conversations import ConversationLedger

CONVERSATIONS, MESSAGES = 20, 20
DRAFTS = 3  # of each conversation
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
        await _learned(documents)
        took = time.monotonic() - start
        requests = stage.model.requests
        prompts = sum(tokens(json.dumps(r["messages"], ensure_ascii=False)) for r in requests)
        return [
            Figure("learning: conversations a minute", 60 * CONVERSATIONS / took, "", where.database),
            Figure("learning: calls a conversation", len(requests) / CONVERSATIONS, "", where.database),
            Figure("learning: prompt tokens a conversation", prompts / CONVERSATIONS, "", where.database),
            Figure("worker: memory at start", begin, "MiB", where.database),
            Figure("worker: memory after load", resident(worker.pid), "MiB", where.database),
        ]


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


async def _learned(documents: Documents) -> None:
    end = time.monotonic() + 2 * PATIENCE
    while await documents.count("conversations", {"runs": {"$gte": 1}}) < CONVERSATIONS:
        if time.monotonic() > end:
            raise RuntimeError("not all conversations were learned")
        await asyncio.sleep(0.05)
