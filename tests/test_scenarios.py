"""Every shipped scenario, played by the real command on SQLite and on MongoDB, several at a time, each on a system of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pymongo import MongoClient

pytestmark = pytest.mark.usefixtures("redis_server")  # where there is none, none is embedded either

ROOT = Path(__file__).parents[1]
SLOW = ("kill:", "wipe:", "model:")  # they wait for leases and limits, so they begin first
JOBS = "5"  # plays mostly wait
UNSET = ("MONGODB_URL", "REDIS_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "MODEL_TIMEOUT")

SCENARIOS = sorted(
    (ROOT / "bot" / "sandbox" / "scenarios").glob("*.yaml"),
    key=lambda path: (not any(step in path.read_text() for step in SLOW), path.name),
)

Outcomes = dict[str, str]


def play(*options: str) -> Outcomes:
    """Scenario file → what was printed about it, for all of them."""
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    command = [sys.executable, "-m", "bot.command", "play", "--jobs", JOBS, *options, *(str(path.relative_to(ROOT)) for path in SCENARIOS)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900)
    plays = re.split(r"\n(?=\S[^\n]*  \(bot/sandbox/scenarios/\w+\.yaml, on )", f"\n{done.stdout}")[1:]
    return {path.name: next((each for each in plays if f"/{path.name}, on " in each), done.stdout + done.stderr) for path in SCENARIOS}


@pytest.fixture(scope="session")
def on_sqlite() -> Outcomes:
    return play()


@pytest.fixture(scope="session")
def on_mongodb(mongo_url: str) -> Outcomes:
    return play("--mongodb-url", mongo_url)


@pytest.fixture(scope="session")
def play_databases(mongo_url: str, on_mongodb: Outcomes) -> list[str]:
    """What is left of the plays on the server."""
    with MongoClient[dict[str, object]](mongo_url) as client:
        return [name for name in client.list_database_names() if name.startswith("tacit_play_")]


@pytest.mark.parametrize("scenario", [path.name for path in SCENARIOS])
def test_on_sqlite(on_sqlite: Outcomes, scenario: str) -> None:
    assert "\npassed  " in on_sqlite[scenario], on_sqlite[scenario]


@pytest.mark.parametrize("scenario", [path.name for path in SCENARIOS])
def test_on_mongodb(on_mongodb: Outcomes, scenario: str) -> None:
    assert "\npassed  " in on_mongodb[scenario], on_mongodb[scenario]


def test_a_play_leaves_no_database_behind(play_databases: list[str]) -> None:
    assert play_databases == []
