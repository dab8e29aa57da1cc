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
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from bot.sandbox.ports import free_port
from bot.sandbox.reaper import lives

pytestmark = pytest.mark.usefixtures("redis_server")  # where there is none, none is embedded either

TACIT = [sys.executable, "-m", "bot.command"]
ROOT = Path(__file__).parents[2]
UNSET = ("MONGODB_URL", "REDIS_URL", "SQLITE_PATH", "OPENAI_API_KEY", "OPENAI_BASE_URL")


def environment(port: int) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in UNSET}
    return {**inherited, "PORT": str(port), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


@contextmanager
def tried(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*TACIT, "try"], cwd=folder, env=environment(port), stdout=subprocess.PIPE, text=True, start_new_session=True
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
        assert time.monotonic() - began < 10
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
    assert time.monotonic() - began < 2
    assert all(f"\n  {name}" in helped.stdout for name in ("bot", "doctor", "play", "stores", "try", "worker"))
    wrong = subprocess.run(
        [*TACIT, "bot"], capture_output=True, text=True, timeout=20, cwd=ROOT, env={"PATH": os.environ["PATH"], "MODEL_TIMEOUT": "soon"}
    )
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("MODEL_TIMEOUT: ")
    assert "Traceback" not in wrong.stderr
