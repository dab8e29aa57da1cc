"""What deploy/ promises agrees with the code."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings
from bot.slack.app import LEARN_THREAD
from bot.slack.scopes import NEEDED

DEPLOY = Path(__file__).parents[2] / "deploy"
EVENTS = """app_home_opened app_context_changed app_mention agent_session_stopped message.channels message.groups message.im message.mpim
reaction_added reaction_removed member_joined_channel member_left_channel channel_rename channel_archive channel_unarchive channel_deleted
channel_left channel_shared channel_unshared channel_id_changed channel_history_changed group_rename group_archive group_unarchive
group_deleted group_left group_history_changed user_change team_join app_uninstalled tokens_revoked"""


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "slack-manifest.yaml").read_text(encoding="utf-8")))


def test_the_manifest_asks_for_what_the_doctor_looks_for(manifest: dict[str, Any]) -> None:
    assert manifest["oauth_config"]["scopes"]["bot"] == sorted(NEEDED)


def test_the_manifest_subscribes_to_all_that_tacit_hears(manifest: dict[str, Any]) -> None:
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == sorted(EVENTS.split())


def test_the_manifest_keeps_slack_s_limits(manifest: dict[str, Any]) -> None:
    """https://docs.slack.dev/reference/app-manifest"""
    shown, agent = manifest["display_information"], manifest["features"]["agent_view"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(agent["agent_description"]) <= 300
    assert len(agent["suggested_prompts"]) <= 4
    for shortcut in manifest["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
        assert shortcut["callback_id"] == LEARN_THREAD
    assert manifest["settings"]["socket_mode_enabled"]
    assert manifest["settings"]["interactivity"]["is_enabled"]


def test_the_example_shows_every_setting_with_its_default() -> None:
    lines = re.findall(r"^(#?)([A-Z_]+)=(.*)$", (DEPLOY / "environment.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(name.lower() for _, name, _ in lines) == sorted(Settings.model_fields)
    for _, name, value in lines:
        default = Settings.model_fields[name.lower()].default
        shown = "" if default is None else str(default)
        assert value == shown or name == "MONGODB_URL", name


def test_compose_runs_both_processes_on_the_documented_servers() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert set(services) == {"bot", "worker", "mongodb", "redis"}
    assert [services[name]["command"] for name in ("bot", "worker")] == ["bot", "worker"]
    for name in ("bot", "worker"):
        assert {key.lower() for key in services[name]["environment"]} <= Settings.model_fields.keys()
