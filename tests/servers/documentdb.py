"""Runs FerretDB on PostgreSQL with DocumentDB: a fresh, temporary database server per run, on free ports of 127.0.0.1."""

import fcntl
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.servers import build
from tests.servers.machine import Say, locked, tail
from tests.servers.process import first_line, free_port, start, stopping, wait_for

SECONDS_TO_START = 30


@contextmanager
def run(say: Say) -> Iterator[str]:
    """Yield the address of a server with nothing in it; it and its data are gone after the block. Starts in about half a second."""
    with ExitStack() as stack:
        with locked(build.LOCK, say):
            folder = stack.enter_context(_claimed(build.root() / "pg"))
        port = stack.enter_context(_postgres(folder))
        yield stack.enter_context(_ferretdb(folder, port))


@contextmanager
def _claimed(runs: Path) -> Iterator[Path]:
    """A folder of our own inside the file system, marked by a lock; those of killed runs are swept first."""
    for left in runs.glob("run-*"):
        if not _in_use(left):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=runs))
    folder.chmod(0o755)
    try:
        with (folder / "owner").open("w") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_use(folder: Path) -> bool:
    try:
        with (folder / "owner").open("w") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


@contextmanager
def _postgres(folder: Path) -> Iterator[int]:
    """Run PostgreSQL on a copy of the template; yields its port."""
    system, inside = build.root(), f"/pg/{folder.name}/data"
    subprocess.run(["cp", "-a", "--reflink=auto", f"{system}{build.TEMPLATE}", str(folder / "data")], check=True)
    port = free_port()
    server = [*build.as_postgres(system), f"{build.BINARIES}/postgres", "-D", inside, "-p", str(port), "-c", "listen_addresses=127.0.0.1"]
    ready = ["chroot", str(system), f"{build.BINARIES}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    with (folder / "postgres.log").open("wb") as log, stopping(start(server, log), by=signal.SIGQUIT) as postgres:
        wait_for(lambda: subprocess.run(ready).returncode == 0, postgres, Path(log.name), SECONDS_TO_START)
        yield port


@contextmanager
def _ferretdb(folder: Path, port: int) -> Iterator[str]:
    """Run FerretDB before PostgreSQL; yields the address that it prints."""
    command = [str(build.gateway()), f"postgres://postgres@127.0.0.1:{port}/postgres", str(folder)]
    log = folder / "ferretdb.log"
    with log.open("wb") as output:
        child = start(command, output, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with stopping(child) as ferretdb:
            address = first_line(ferretdb, SECONDS_TO_START)
            if not address:
                raise RuntimeError(f"FerretDB did not start:\n{tail(log.read_text(errors='replace'))}")
            yield address
