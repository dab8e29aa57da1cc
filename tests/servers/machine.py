"""What this machine has, what the tests may install on it, and where they keep what they built."""

import fcntl
import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Say = Callable[[str], None]


class Unavailable(Exception):
    """A server cannot be had on this machine; the message says why, and what to do about it."""


def say_on_stderr(line: str) -> None:
    """Show one line of progress to the person who started the command."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def cache() -> Path:
    """The folder of what is built once: TACIT_CACHE, else ~/.cache/tacit. It may be deleted whenever no test runs."""
    folder = Path(os.environ.get("TACIT_CACHE") or "~/.cache/tacit").expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def locked(name: str, say: Say) -> Iterator[int]:
    """Hold a lock of the cache, waiting for another holder if need be. A child that inherits the descriptor prolongs it."""
    with (cache() / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Waiting for another build or start of {name} on this machine ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def may_install() -> bool:
    """Packages are installed only as root on a machine with apt-get."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def mirror() -> str | None:
    """The address of Debian's packages that this machine's own apt sources name, or None on another system."""
    sources = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for path in sources:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        for line in path.read_text(errors="replace").splitlines():
            found = re.search(r"\b\w+:/\S*?/debian/?(?=\s|$)", line.partition("#")[0])
            if found:
                return found.group().rstrip("/")
    return None


def install(packages: list[str], say: Say) -> None:
    """Install Debian packages with apt-get; Unavailable with its last words if that fails. Call it only where may_install()."""
    _update()
    say(f"Installing {', '.join(packages)} ...")
    _apt("install", "--yes", "--no-install-recommends", *packages)


@functools.cache
def _update() -> None:
    _apt("update")


def _apt(*arguments: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *arguments]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise Unavailable(f"`apt-get {' '.join(arguments)}` failed: {tail(done.stderr or done.stdout)}. Run it by hand to see why.")


def tail(text: str, lines: int = 8) -> str:
    """The end of a log, for an error message."""
    return "\n".join(text.strip().splitlines()[-lines:])
