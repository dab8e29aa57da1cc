"""`tacit doctor` finds what is wrong and names the remedy."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.doctor import Finding, examine
from bot.settings import load_settings
from stores.database import open_database
from stores.model import Usage
from tests.sandbox.pretend_slack import APP_TOKEN, BOT_TOKEN
from tests.slack.conftest import Team
from workers.spending import Spending


@pytest.fixture
async def model_url() -> AsyncIterator[str]:
    """A server that answers every chat with "yes"."""

    async def chat(request: web.Request) -> web.Response:
        message = {"role": "assistant", "content": "yes"}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return web.json_response({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})

    app = web.Application()
    app.add_routes([web.post("/v1/chat/completions", chat)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    await runner.cleanup()


async def _examined(team: Team, folder: Path, **changes: str) -> dict[str, Finding]:
    environment = {
        "SLACK_API_URL": team.slack.slack.api_url,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SQLITE_PATH": str(folder / "tacit.sqlite"),
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "LEARNING_STORES": "team_knowledge",
    }
    found = await examine(load_settings(environment | changes))
    assert all(finding.ok or finding.remedy for finding in found)
    return {finding.name: finding for finding in found}


async def test_all_is_well(team: Team, tmp_path: Path, redis_url: str, model_url: str) -> None:
    found = await _examined(team, tmp_path, REDIS_URL=redis_url, OPENAI_BASE_URL=model_url, MODEL_TIMEOUT="5")
    assert [finding for finding in found.values() if not finding.ok] == []
    assert "Slack bot token" in found
    assert "Slack scopes" in found
    assert "Slack app token" in found
    assert "Redis" in found
    assert "model gpt-6-luna" in found


async def test_what_learning_cost_today_and_that_it_is_paused(team: Team, tmp_path: Path) -> None:
    assert "LEARN_BUDGET" in (await _examined(team, tmp_path))["learning budget"].detail
    database = await open_database(None, tmp_path / "tacit.sqlite")
    await database.prepare()
    workspace = team.slack.slack.world.team_id
    await Spending(workspace, database.workspace(workspace)).add(Usage(2_000_000, 0))
    await database.close()
    found = await _examined(team, tmp_path, LEARN_BUDGET="2.50", EXTRACT_PRICE="1/2")
    assert found["learning budget"].detail == "2.00 of 2.5 US dollars are spent today"
    found = await _examined(team, tmp_path, LEARN_BUDGET="1", EXTRACT_PRICE="1/2")
    assert "paused until midnight UTC" in found["learning budget"].detail
    assert found["learning budget"].ok


async def test_a_missing_scope_is_named_with_what_it_is_for(team: Team, tmp_path: Path) -> None:
    team.slack.slack.world.scopes.remove("groups:read")
    scopes = (await _examined(team, tmp_path))["Slack scopes"]
    assert not scopes.ok
    assert "groups:read (to know who is in a private channel" in scopes.detail
    assert "slack-manifest.yaml" in scopes.remedy


async def test_wrong_tokens_are_told_apart(team: Team, tmp_path: Path) -> None:
    found = await _examined(team, tmp_path, SLACK_BOT_TOKEN="xoxb-wrong", SLACK_APP_TOKEN="xapp-wrong")
    assert "invalid_auth" in found["Slack bot token"].detail
    assert "OAuth & Permissions" in found["Slack bot token"].remedy
    assert "invalid_auth" in found["Slack app token"].detail
    assert "connections:write" in found["Slack app token"].remedy


async def test_what_is_away_is_named_by_its_setting(team: Team, tmp_path: Path) -> None:
    found = await _examined(
        team, tmp_path, SLACK_API_URL="http://127.0.0.1:9/api/", OPENAI_BASE_URL="http://127.0.0.1:9/v1", MODEL_TIMEOUT="2"
    )
    assert "SLACK_API_URL" in found["Slack bot token"].remedy
    assert "REDIS_URL" in found["Redis"].remedy
    assert "OPENAI_BASE_URL" in found["model gpt-6.1-sol"].remedy
    assert found["database"].ok


async def test_a_database_that_cannot_be_written_is_named(team: Team, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    found = await _examined(team, tmp_path, SQLITE_PATH=str(tmp_path / "file" / "tacit.sqlite"))
    assert not found["database"].ok
    assert "SQLITE_PATH" in found["database"].remedy


async def test_settings_that_are_missing_are_named(team: Team, tmp_path: Path) -> None:
    found = await _examined(team, tmp_path, SLACK_BOT_TOKEN="", SLACK_APP_TOKEN="")
    assert not found["settings"].ok
    assert "environment.example" in found["settings"].remedy


async def test_a_store_that_is_not_there_is_named(team: Team, tmp_path: Path) -> None:
    found = await _examined(team, tmp_path, LEARNING_STORES="team_knowledge,nothing")
    assert found["store team_knowledge"].ok
    assert not found["store nothing"].ok
    none = await _examined(team, tmp_path, LEARNING_STORES=",")
    assert not none["stores"].ok


async def test_events_over_http_are_said_to_be_untried(team: Team, tmp_path: Path) -> None:
    found = await _examined(team, tmp_path, SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="secret")
    assert "/slack/events" in found["Slack events"].detail


async def test_the_embedder_is_tried_and_named(team: Team, tmp_path: Path) -> None:
    none = (await _examined(team, tmp_path, EMBEDDINGS="none"))["embeddings"]
    assert none.ok
    away = (await _examined(team, tmp_path, EMBEDDINGS="openai", OPENAI_BASE_URL="http://127.0.0.1:9/v1", MODEL_TIMEOUT="2"))["embeddings"]
    assert not away.ok
    assert "EMBEDDINGS=none" in away.remedy
