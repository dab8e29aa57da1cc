"""How soon events are acknowledged at 100 a second, and that none is lost, while the questions among them are answered."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from tests.bench.figures import Figure, cpu_seconds, in_ms, resident
from tests.bench.stage import PATIENCE, PEOPLE, Json, Stage, Where

SECONDS = 12.0
THREADS = 10  # conversations that Tacit takes part in
# A fifth of a second: 20 events in 19 messages, for a mention arrives twice.
MIX = ["mention", "aside", "aside", "dm", "aside", "thread", "aside", "aside", "aside", "aside"]
MIX += ["thread", "aside", "aside", "aside", "aside", "thread", "aside", "aside", "aside"]
ROUNDS_A_SECOND = 5


async def over_socket_mode(where: Where) -> list[Figure]:
    """Acknowledgement over Socket Mode; also the bot's memory before and after."""
    return await _measured(where, "socket", over_http=False)


async def over_http(where: Where) -> list[Figure]:
    """Acknowledgement over signed HTTP requests."""
    return await _measured(where, "http", over_http=True)


async def _measured(where: Where, name: str, *, over_http: bool) -> list[Figure]:
    async with Stage.up(where, over_http=over_http) as stage:
        bot, seconds = await stage.bot(over_http=over_http)
        assert bot.pid
        begin, used = resident(bot.pid), cpu_seconds(bot.pid)
        load = Load(stage)
        await load.prepare()
        start = (await stage.look("state"))["next"]
        await load.run()
        events = await _events(stage, start)
        used = cpu_seconds(bot.pid) - used
        unanswered = await _unanswered(stage)
        took = [e["acked_at"] - e["queued_at"] for e in events if e["acked_at"]]
        span = max(e["queued_at"] for e in events) - min(e["queued_at"] for e in events)
        own = [
            Figure(f"{name}: events a second", len(events) / span, "", where.database),
            *in_ms(f"{name}: acknowledged", took, (0.5, 0.99, 1), where.database),
            Figure(f"{name}: events lost", sum(e["state"] != "acked" for e in events), "", where.database),
            Figure(f"{name}: events sent twice", sum(e["attempts"] > 1 for e in events), "", where.database),
            Figure(f"{name}: questions unanswered", unanswered, "", where.database),
            Figure(f"{name}: bot's processor", 100 * used / span, "%", where.database),
        ]
        if over_http:
            return own
        memory = [
            Figure("bot: memory at start", begin, "MiB", where.database),
            Figure("bot: memory after load", resident(bot.pid), "MiB", where.database),
        ]
        return [Figure("bot: ready after", seconds, "s", where.database), *own, *memory]


@dataclass
class Load:
    """What people write meanwhile."""

    stage: Stage
    threads: list[Json] = field(default_factory=list)
    _count: int = 0

    async def prepare(self) -> None:
        """Open the conversations that go on later."""
        for n in range(THREADS):
            self.threads.append(await self._say("mention", n))
        await self.stage.act("wait")

    async def run(self) -> None:
        """Write on schedule, however slow the answers are."""
        posts: list[asyncio.Task[Json]] = []
        start, pause = time.monotonic(), 1 / (ROUNDS_A_SECOND * len(MIX))
        for n in range(round(SECONDS / pause)):
            await asyncio.sleep(max(0.0, start + n * pause - time.monotonic()))
            posts.append(asyncio.create_task(self._say(MIX[n % len(MIX)], n)))
        await asyncio.gather(*posts)

    async def _say(self, what: str, n: int) -> Json:
        self._count += 1
        who, where = PEOPLE[n % len(PEOPLE)], f"#c{n % 5}"
        if what == "mention":
            return await self.stage.act("post", **{"as": who, "in": where, "text": f"@tacit Which region do we use for job {n}?"})
        if what == "dm":
            return await self.stage.act("post", **{"as": who, "in": "dm", "text": f"Who runs the release of week {n}?"})
        if what == "thread":
            root = self.threads[n % THREADS]
            text = f"And how about step {n}?" if n % 2 else f"@{PEOPLE[(n + 1) % len(PEOPLE)]} can you take step {n}?"
            return await self.stage.act("post", **{"as": who, "in": root["channel"], "thread_ts": root["ts"], "text": text})
        return await self.stage.act("post", **{"as": who, "in": where, "text": f"The build {n} is green, lunch is at noon."})


async def _events(stage: Stage, start: int) -> list[Json]:
    """All events since then, once nothing is under way any more."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = await stage.look("deliveries", since=start)
        if not found["pending"]:
            break
        await asyncio.sleep(0.2)
    return [d for d in found["deliveries"] if d["kind"] == "event"]


async def _unanswered(stage: Stage) -> int:
    """How many questions are still open when they have had time enough."""
    async with stage.database() as database:
        end = time.monotonic() + PATIENCE
        while (left := await database.workspace(stage.team).count("questions", {"state": {"$in": ["noted", "leased", "posting"]}})) > 0:
            if time.monotonic() > end:
                break
            await asyncio.sleep(0.2)
        return left
