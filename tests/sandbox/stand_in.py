"""Stand-ins for bot, worker and whoever starts them, for the tests of the supervisor. `python -m tests.sandbox.stand_in ROLE …`.

Bot and worker each start a child in a process group of its own, and ignore it: what ends them must end it too.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from aiohttp import web
from redis import Redis
from rq import Queue, SimpleWorker

from bot.sandbox.keeping_up import keep_up
from bot.sandbox.slack import Workspace
from bot.sandbox.system import Plan, System

COMMANDS = {name: (sys.executable, "-m", "tests.sandbox.stand_in", name) for name in ("bot", "worker")}
WORKSPACE = Workspace.parse({"teammates": {"ana": {}}, "channels": {"infra": {"members": ["ana"]}}})


def plan(folder: Path) -> Plan:
    """A system with stand-ins in place of the product; nobody calls its model."""
    return Plan(folder, WORKSPACE, {**os.environ, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, commands=COMMANDS)


def _grandchild() -> None:
    subprocess.Popen(["sleep", "600"], process_group=0)


async def _bot() -> None:
    async def ready(_: web.Request) -> web.Response:
        return web.Response(text="ready")

    _grandchild()
    app = web.Application()
    app.add_routes([web.get("/readyz", ready)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["BOT_PORT"])).start()
    await asyncio.Event().wait()


def _worker() -> None:
    _grandchild()
    redis = Redis.from_url(os.environ["REDIS_URL"])
    SimpleWorker([Queue("stand-in", connection=redis)], connection=redis).work()


async def _supervise(folder: Path) -> None:
    """Print the address and the sessions once all is up; then keep it up until killed."""
    async with System(plan(folder)) as system:
        await system.up()
        sys.stdout.write(" ".join([system.slack.url, *(str(child.pid) for child in system.children.values())]) + "\n")
        sys.stdout.flush()
        await keep_up(system.children.values(), lambda line: None)


if __name__ == "__main__":
    if sys.argv[1] == "bot":
        asyncio.run(_bot())
    elif sys.argv[1] == "worker":
        _worker()
    else:
        asyncio.run(_supervise(Path(sys.argv[2])))
