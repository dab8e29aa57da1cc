"""Child processes that never outlive whoever started them, not even when that one is killed.

A server stands in a process of its own (`python -m tests.servers.mongo`), which cleans up after it. The test run starts
that process with `attached`, holding its standard input: when the run ends in whatever way, the input ends, and so does the server.
"""

import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any

from tests.servers.machine import Unavailable, tail

ROOT = Path(__file__).parents[2]
_C_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(command: list[str], log: IO[Any] | int | None = None, **options: Any) -> subprocess.Popen[bytes]:
    """Start a child that the kernel ends when we die (on Linux; elsewhere only an orderly end of ours ends it)."""
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", log)
    return subprocess.Popen(command, stderr=log, preexec_fn=_end_with_parent, **options)  # one thread only: forking is safe


def _end_with_parent() -> None:
    if _C_LIBRARY is not None:
        _C_LIBRARY.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def stopping(
    child: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM, patience: float = 10
) -> Iterator[subprocess.Popen[bytes]]:
    """Stop the child at the end: by the signal, and after `patience` seconds by force."""
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(by)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()


def wait_for(ready: Callable[[], bool], child: subprocess.Popen[bytes], log: Path, seconds: float = 30) -> None:
    """Wait until the child is ready; RuntimeError with the end of its log when it ends first or takes longer."""
    deadline = time.monotonic() + seconds
    while not ready():
        if child.poll() is not None or time.monotonic() > deadline:
            state = f"ended with status {child.returncode}" if child.returncode is not None else f"was not ready in {seconds:.0f} s"
            raise RuntimeError(f"{child.args!r} {state}:\n{tail(log.read_text(errors='replace'))}")
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Does anything accept connections on this port of 127.0.0.1?"""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def first_line(child: subprocess.Popen[bytes], seconds: float) -> str:
    """The first line that the child prints; empty if it ends first or says nothing for so long."""
    assert child.stdout is not None
    spoke, _, _ = select.select([child.stdout], [], [], seconds)
    return child.stdout.readline().decode().strip() if spoke else ""


def stand(server: Callable[[], AbstractContextManager[str]]) -> None:
    """Be the process of one server: start it, print its address, and stop it on Ctrl-C, SIGTERM or, if attached, the end of our starter."""
    attached = "--attached" in sys.argv[1:]
    starter = os.getppid()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _leave)
    try:
        with server() as address:
            sys.stdout.write(address + "\n")
            sys.stdout.flush()
            while not (attached and _abandoned(starter)):
                if not attached:
                    signal.pause()
    except Unavailable as reason:
        sys.exit(str(reason))


def _leave(signum: int, _frame: object) -> None:
    for other in (signal.SIGINT, signal.SIGTERM):
        signal.signal(other, signal.SIG_IGN)
    sys.exit(0)


def _abandoned(starter: int) -> bool:
    ended, _, _ = select.select([sys.stdin], [], [], 0.5)
    return bool(ended) or os.getppid() != starter


@contextmanager
def attached(module: str, seconds: float = 60) -> Iterator[str]:
    """Start a server's module as a process tied to this one; yields its address and stops it, with all its children, at the end."""
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, "-m", module, "--attached"]
        child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True)
        with stopping(child, patience=20):
            address = first_line(child, seconds)
            if not address:
                log.seek(0)
                raise RuntimeError(f"`python -m {module}` did not start:\n{tail(log.read().decode(errors='replace'), 20)}")
            yield address
