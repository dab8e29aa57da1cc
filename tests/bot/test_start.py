"""How `tacit` starts, waits, complains and ends: real processes, a pretend Slack."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.ports import HOST, free_port
from bot.sandbox.slack import SandboxSlack, Workspace
from tests.bot.processes import Ended, going, tacit
from tests.model_server import ModelServer
from tests.together import WORKSPACE

Environment = dict[str, str]


@pytest.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    async with SandboxSlack(Workspace.parse(WORKSPACE)) as slack:
        yield slack


@pytest.fixture
async def environment(slack: SandboxSlack, tmp_path: Path) -> Environment:
    """Settings with which the bot starts."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-sandbox-tacit",
        "SLACK_APP_TOKEN": "xapp-sandbox-tacit",
        "SLACK_API_URL": slack.api_url,
        "OPENAI_BASE_URL": f"http://{HOST}:{free_port()}/v1",
        "SQLITE_PATH": str(tmp_path / "tacit.sqlite"),
        "REDIS_URL": f"redis://{HOST}:{free_port()}/0",
    }


def _one_line(ended: Ended, *words: str) -> None:
    """It ended with status 1 and one sentence, besides the log, that holds these words."""
    assert ended.status == 1
    assert not ended.traceback, ended.complained
    last = ended.complained.strip().splitlines()[-1]
    assert not [word for word in words if word not in last], last
    assert "wrong-token" not in ended.complained


async def test_a_wrong_token_is_one_line(environment: Environment) -> None:
    environment = environment | {"BOT_PORT": "0"}
    wrong = environment | {"SLACK_BOT_TOKEN": "xoxb-wrong-token"}
    bot, worker, app = await asyncio.gather(
        tacit("bot", environment=wrong),
        tacit("worker", environment=wrong),
        tacit("bot", environment=environment | {"SLACK_APP_TOKEN": "xapp-wrong-token"}),
    )
    _one_line(bot, "Slack refuses SLACK_BOT_TOKEN (invalid_auth)", "OAuth & Permissions")
    _one_line(worker, "Slack refuses SLACK_BOT_TOKEN (invalid_auth)", "OAuth & Permissions")
    _one_line(app, "Slack refuses SLACK_APP_TOKEN (invalid_auth)", "connections:write")


async def test_a_taken_port_is_named_with_the_remedy(environment: Environment) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = await tacit("bot", environment=environment | {"BOT_PORT": port})
    _one_line(ended, f"{HOST}:{port}", "Address already in use", "Set BOT_PORT")


@pytest.mark.parametrize("name", ["bot", "worker"])
async def test_missing_settings_are_all_named(name: str) -> None:
    ended = await tacit(name, environment={"LOG_LEVEL": "INFO"})
    assert ended.status == 2
    assert [line.partition(":")[0] for line in ended.complained.splitlines()] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "OPENAI_API_KEY"]


async def test_wrong_settings_are_all_named(environment: Environment) -> None:
    wrong = {"SLACK_BOT_TOKEN": "xoxp-wrong-token", "REDIS_URL": "localhost", "BOT_PORT": "http", "LOG_LEVEL": "LOUD", "LEARN_AFTER": "-1"}
    ended = await tacit("bot", environment=environment | wrong)
    assert ended.status == 2
    assert {line.partition(":")[0] for line in ended.complained.splitlines()} == wrong.keys()
    assert "wrong-token" not in ended.complained


async def test_the_bot_waits_for_its_database_and_ends_when_told_to(environment: Environment, tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    (tmp_path / "not").write_text("a file where a folder belongs")
    async with going("bot", environment | {"SQLITE_PATH": str(folder / "tacit.sqlite")}, free_port()) as bot:
        assert await bot.becomes("/healthz", 200) == {"alive": True}
        answer = await bot.becomes("/readyz", 503)
        assert "database" in str(answer["wrong"])
        (tmp_path / "not").unlink()
        folder.mkdir(parents=True)
        assert await bot.becomes("/readyz", 200) == {"ready": True, "wrong": {}}
        ended, seconds = await bot.terminated()
    assert (ended.status, ended.traceback) == (0, False), ended.complained
    assert seconds < 20
    assert "database.away" in ended.complained


async def test_the_bot_waits_for_slack(environment: Environment) -> None:
    port = free_port()
    async with going("bot", environment | {"SLACK_API_URL": f"http://{HOST}:{port}/api/"}, free_port()) as bot:
        await bot.becomes("/healthz", 200)
        await _spoke(bot.process.stderr)
        assert "Slack does not answer" in str((await bot.becomes("/readyz", 503))["wrong"])
        async with SandboxSlack(Workspace.parse(WORKSPACE), port=port):
            await bot.becomes("/readyz", 200)
            ended, _ = await bot.terminated()
    assert (ended.status, ended.traceback) == (0, False), ended.complained


async def test_it_ends_when_told_to_while_something_is_away(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    no_database = {"SQLITE_PATH": str(tmp_path / "file" / "tacit.sqlite")}
    no_slack = {"SLACK_API_URL": f"http://{HOST}:{free_port()}/api/"}

    async def start_and_stop(name: str, missing: Environment) -> None:
        async with going(name, environment | missing) as process:
            await _spoke(process.process.stderr)
            ended, seconds = await process.terminated()
        assert (ended.status, ended.traceback) == (0, False), ended.complained
        assert seconds < 20

    await asyncio.gather(start_and_stop("bot", no_database), start_and_stop("worker", no_database), start_and_stop("worker", no_slack))


async def _spoke(log: asyncio.StreamReader | None) -> None:
    """The process has logged something, so it has set up what it does at the end."""
    assert log is not None
    await asyncio.wait_for(log.readline(), 10)


async def test_the_worker_learns_and_ends_when_told_to(environment: Environment, redis_url: str) -> None:
    from redis.asyncio import Redis

    async with going("worker", environment | {"REDIS_URL": redis_url}) as worker, Redis.from_url(redis_url) as redis:
        async with asyncio.timeout(10):
            while not await redis.scard("rq:workers"):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        ended, seconds = await worker.terminated()
    assert (ended.status, ended.traceback) == (0, False), ended.complained
    assert seconds < 20


async def test_stores_lists_what_is_enabled_and_what_is_broken(environment: Environment) -> None:
    fine = await tacit("stores", environment=environment)
    assert fine.status == 0
    assert ["team_knowledge", "enabled", "stores.team_knowledge:TeamKnowledge"] in [line.split() for line in fine.said.splitlines()]
    assert all(line.split()[1] in ("enabled", "installed") for line in fine.said.splitlines())
    broken = await tacit("stores", environment=environment | {"LEARNING_STORES": "team_knowledge,gone"})
    assert broken.status == 1
    assert "gone" in broken.said
    assert "no installed package offers it" in broken.said


async def test_the_doctor_finds_nothing_wrong(environment: Environment, redis_url: str) -> None:
    model = ModelServer()
    await model.start()
    try:
        ended = await tacit("doctor", environment=environment | {"REDIS_URL": redis_url, "OPENAI_BASE_URL": model.url})
    finally:
        await model.stop()
    assert "WRONG" not in ended.said
    assert (ended.status, ended.complained) == (0, "")


async def test_the_doctor_names_what_is_wrong_and_what_to_do(environment: Environment) -> None:
    ended = await tacit("doctor", environment=environment | {"SLACK_APP_TOKEN": "xapp-wrong-token", "MODEL_TIMEOUT": "3"})
    assert (ended.status, ended.traceback) == (1, False)
    wrong = [line.split()[1].rstrip(":") for line in ended.said.splitlines() if line.startswith("WRONG")]
    assert wrong == ["Slack", "Redis", "model", "model"]
    assert "connections:write" in ended.said
    assert "REDIS_URL" in ended.said
    assert "OPENAI_BASE_URL" in ended.said
    assert "wrong-token" not in ended.said


async def test_each_subcommand_explains_itself() -> None:
    names = ("try", "play", "bot", "worker", "stores", "doctor")
    every, *each = await asyncio.gather(tacit("--help"), *(tacit(name, "--help") for name in names))
    assert all(ended.status == 0 for ended in (every, *each))
    for name, ended in zip(names, each, strict=True):
        assert f"  {name} " in every.said
        assert len(ended.said.split()) > 20
    unknown = await tacit("teach")
    assert unknown.status == 2
    assert "teach" in unknown.complained
