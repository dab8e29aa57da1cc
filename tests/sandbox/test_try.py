"""`tacit try`, the real command with the real processes: up, once, and gone without a trace."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from bot.sandbox.ports import free_port
from bot.sandbox.reaper import lives

pytestmark = pytest.mark.usefixtures("redis_server")  # where there is none, none is embedded either

TACIT = [sys.executable, "-m", "bot.command"]
ROOT = Path(__file__).parents[2]
UNSET = ("LEARNING_STORES", "MONGODB_URL", "REDIS_URL", "SQLITE_PATH", "OPENAI_API_KEY", "OPENAI_BASE_URL")


def environment(port: int) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in UNSET}
    return {**inherited, "PORT": str(port), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


@contextmanager
def tried(folder: Path, port: int, *options: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*TACIT, "try", *options],
        cwd=folder,
        env=environment(port) | settings,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL) if process.poll() is None else None


def up_after(port: int, seconds: float = 30) -> float:
    """Seconds until /healthz answers 200."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                assert json.load(answer)["ok"]
                return time.monotonic() - began
        except (HTTPError, URLError):
            time.sleep(0.05)
    raise AssertionError("It did not come up.")


def sessions(parent: int) -> list[int]:
    """The children of a process, each of which leads a session."""
    stats = [(int(p.parent.name), p.read_text().rpartition(")")[2].split()) for p in Path("/proc").glob("[0-9]*/stat") if p.exists()]
    return [pid for pid, fields in stats if int(fields[1]) == parent]


@pytest.mark.skipif(sys.platform != "linux", reason="It looks into /proc; run it on Linux.")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_everything_comes_up_and_goes_again(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    with tried(tmp_path, port) as process:
        up_after(port)
        children = sessions(process.pid)
        assert len(children) == 4  # queue, bot, worker, reaper
        again = subprocess.run([*TACIT, "try"], cwd=tmp_path, env=environment(port), capture_output=True, text=True, timeout=20)
        assert again.returncode == 1
        assert f"running already in .tacit: http://127.0.0.1:{port}" in again.stdout
        began = time.monotonic()
        process.send_signal(number)
        printed, _ = process.communicate(timeout=15)
        assert process.returncode == 0
        assert time.monotonic() - began < 30
        assert f"Open http://127.0.0.1:{port} and try:" in printed
        assert not any(map(lives, children))
    with tried(tmp_path, port) as process:
        assert up_after(port) < 5 or os.environ.get("CI")  # a busy machine may take longer
        process.send_signal(number)
        process.wait(15)


def test_a_taken_port_is_named_and_the_next_one_used(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with tried(tmp_path, port) as process:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            assert next(lines) == f"Port {port} is taken; trying the next one.\n"
            used = next(found[1] for line in lines if (found := re.search(r"pretend Slack +http://127.0.0.1:(\d+)", line)))
            assert int(used) > port
            process.terminate()
            process.wait(15)


def test_a_wrong_port_is_refused_in_plain_words(tmp_path: Path) -> None:
    wrong = subprocess.run([*TACIT, "try"], cwd=tmp_path, env={**environment(0), "PORT": "x"}, capture_output=True, text=True, timeout=20)
    assert wrong.returncode == 2
    assert wrong.stdout.startswith("PORT is 'x'. PORT must be a number between 1 and 65535")


def test_help_is_quick_and_wrong_settings_are_plain_lines() -> None:
    began = time.monotonic()
    helped = subprocess.run([*TACIT, "--help"], capture_output=True, text=True, timeout=20, cwd=ROOT)
    assert time.monotonic() - began < 15
    assert all(f"\n  {name}" in helped.stdout for name in ("bot", "doctor", "play", "stores", "try", "worker"))
    wrong = subprocess.run(
        [*TACIT, "bot"], capture_output=True, text=True, timeout=20, cwd=ROOT, env={"PATH": os.environ["PATH"], "MODEL_TIMEOUT": "soon"}
    )
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("MODEL_TIMEOUT: ")
    assert "Traceback" not in wrong.stderr


TIDES = """
from stores import Kind, quote


class Tides:
    name = "tides"
    kinds = (Kind("tide", "when the water is high, and where"),)

    def __init__(self, kit):
        self.kit = kit

    async def recall(self, question):
        return await self.kit.search(question)

    async def process(self, conversation):
        return await self.kit.keep(conversation.drafts)

    def build_context(self, insights):
        return "\\n".join(map(quote, insights))
"""
STORE = {
    "tides:Seas": "tides:Seas: importing it raised AttributeError: module 'tides' has no attribute 'Seas'.",
    "seas:Tides": "seas:Tides: importing it raised ModuleNotFoundError: No module named 'seas'.",
    "seas": "seas: no installed package offers it; install its package, or take it out of LEARNING_STORES.",
    "decisions": "decisions: a store of this name is enabled already (stores.decisions:Decisions)",
}


@pytest.mark.parametrize("store", STORE)
def test_a_store_that_cannot_be_tried_is_named_before_anything_starts(tmp_path: Path, store: str) -> None:
    (tmp_path / "tides.py").write_text(TIDES, encoding="utf-8")
    command = [*TACIT, "try", "--store", "tides:Tides", "--store", store]
    wrong = subprocess.run(command, cwd=tmp_path, env=environment(free_port()), capture_output=True, text=True, timeout=60)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith(STORE[store])
    assert wrong.stdout == ""
    assert not (tmp_path / ".tacit").exists()


def test_a_store_of_this_folder_is_tried_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "tides.py").write_text(TIDES, encoding="utf-8")
    port = free_port()
    with tried(tmp_path, port, "--store", "tides:Tides") as process:
        up_after(port)
        said = call(
            port, "control/post", {"as": "ana", "in": "#infra", "text": "@tacit [tide] The quay in Husum floods in May.", "wait": True}
        )
        call(port, "control/react", {"as": "ana", "channel": said["channel"], "ts": said["ts"], "emoji": "white_check_mark", "wait": True})
        learned = until_learned(port)
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=20)
    assert ("tides", "tide", "The quay in Husum floods in May.") in [(one["store"], one["kind"], one["sentence"]) for one in learned]
    assert "Tried beside the enabled stores: tides (tides:Tides)." in printed
    assert 'as in "[tide] …"' in printed


def call(port: int, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the page's server answers."""
    data = json.dumps(body).encode() if body is not None else None
    with urlopen(Request(f"http://127.0.0.1:{port}/{path}", data, {"Content-Type": "application/json"})) as answer:
        return json.load(answer)


def until_learned(port: int, seconds: float = 30) -> list[dict[str, Any]]:
    """What the inspector shows as learned, as soon as there is something."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if found := call(port, "inspect/learned")["insights"]:
            return list(found)
        time.sleep(0.1)
    raise AssertionError("Nothing was learned.")
