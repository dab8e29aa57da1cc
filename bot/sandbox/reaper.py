"""The reaper: ends what a supervisor started when the supervisor is gone, in whatever way it went.

It runs as a process and a session of its own, and uses nothing but the standard library, so that it starts in milliseconds. Its standard
input is a pipe that the supervisor alone holds open: "+PID" and "-PID" say which sessions to watch. When the input ends, each
session still watched gets SIGTERM, and PATIENCE seconds later SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 3.0  # seconds


def members(session: int) -> dict[int, int]:
    """The processes of a session, each with its process group, which may be one of its own. Linux only; elsewhere empty."""
    found = {int(entry.name): _group_and_session(entry) for entry in Path("/proc").glob("[0-9]*")}
    return {pid: where[0] for pid, where in found.items() if where and where[1] == session}


def signal_session(session: int, number: signal.Signals) -> None:
    """Send a signal to the session leader's group and to every other process of its session: once to each, for twice may mean more."""
    others = [pid for pid, group in members(session).items() if group != session]
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(session, number)
    for pid in others:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def lives(session: int) -> bool:
    """Whether anything of this session still runs."""
    if sys.platform == "linux":
        return bool(members(session))
    try:
        os.killpg(session, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _group_and_session(entry: Path) -> tuple[int, int] | None:
    """Those of a process in /proc, None for one that is gone or a zombie (man 5 proc, /proc/PID/stat, fields 3, 5 and 6)."""
    try:
        state, _parent, group, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
    except (OSError, ValueError):
        return None
    return None if state == "Z" else (int(group), int(session))


def _watch() -> set[int]:
    """The sessions that are left when the supervisor is gone."""
    watched: set[int] = set()
    for line in sys.stdin:
        (watched.add if line[0] == "+" else watched.discard)(int(line[1:]))
    return watched


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    left = _watch()
    deadline = time.monotonic() + PATIENCE
    for session in left:
        signal_session(session, signal.SIGTERM)
    while any(map(lives, left)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for session in left:
        signal_session(session, signal.SIGKILL)


if __name__ == "__main__":
    main()
