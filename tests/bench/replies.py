"""What a reply takes beside the model: from the question in Slack to the reply in Slack, with a model that answers at once."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter

from tests.bench.figures import Figure, in_ms
from tests.bench.seed import seed
from tests.bench.stage import PATIENCE, PEOPLE, Json, Stage, Where

KNOWN = 100  # insights
WARM, ASKED = 6, 60
HANDLE = re.compile(r"\[i[0-9]+\]")


async def replies(where: Where) -> list[Figure]:
    """Questions one after the other: mentions, in DMs, in threads."""
    async with Stage.up(where) as stage:
        stage.model.reply = _cite
        async with stage.database() as database:
            words = await seed(database, stage.team, KNOWN, place=(await _channel(stage)))
        await stage.bot()
        took: list[float] = []
        before = 0
        thread: Json = {}
        for n in range(WARM + ASKED):
            if n == WARM:
                before = (await stage.look("state"))["next"]
            text = f"Which {words[n % len(words)]} do we use for {words[(n * 7) % len(words)]}?"
            who = PEOPLE[n % len(PEOPLE)]
            if n % 3 == 0:
                asked = thread = await stage.act("post", **{"as": who, "in": "#c1", "text": f"@tacit {text}"})
            elif n % 3 == 1:
                asked = await stage.act("post", **{"as": who, "in": "dm", "text": text})
            else:
                asked = await stage.act("post", **{"as": who, "in": "#c1", "text": f"@tacit {text}", "thread_ts": thread["ts"]})
            took.append(await _replied(stage, asked) - float(asked["ts"]))
        calls = (await stage.look("calls", since=before))["calls"]
        asked_of = Counter(call["method"] for call in calls)
        return [
            *in_ms("reply: overhead", took[WARM:], (0.5, 0.95), where.database),
            Figure("reply: calls of Slack", sum(asked_of.values()) / ASKED, "", where.database),
            Figure("reply: of which Slack took", 1000 * sum(call["seconds"] for call in calls) / ASKED, "ms", where.database),
        ]


def _cite(request: Json) -> str:
    handles = HANDLE.findall(str(request["messages"][-1]["content"]) + str(request["messages"][1]["content"]))
    return f"That one {handles[0]}." if handles else "I do not know."


async def _channel(stage: Stage) -> str:
    return next(str(c["id"]) for c in (await stage.look("state"))["channels"] if c["name"] == "c0")


async def _replied(stage: Stage, asked: Json) -> float:
    """When the reply was posted, by Slack's clock."""
    root = asked.get("thread_ts") or asked["ts"]
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = (await stage.look("messages", channel=asked["channel"], thread_ts=root))["messages"]
        if late := [m for m in found if m.get("user_name") == "tacit" and m["ts"] > asked["ts"]]:
            return float(late[0]["ts"])
        await asyncio.sleep(0.01)
    raise RuntimeError("a question was not answered")
