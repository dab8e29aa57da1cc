"""A server that speaks MongoDB, for the tests: MONGODB_URL, a mongod on PATH, Docker, or FerretDB on PostgreSQL, in this order.

`python -m tests.servers.mongo` (`make mongo`) starts one by hand, prints its address and stops it on Ctrl-C.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import build, documentdb
from tests.servers.machine import Say, Unavailable, say_on_stderr
from tests.servers.process import answers, free_port, stand, start, stopping, wait_for

IMAGE = "mongo:8.0"
REMEDY = "Set MONGODB_URL, put mongod on PATH, start Docker, or run the tests as root on Debian 12 or newer."


def missing() -> list[str]:
    """What will be installed or built before the server can start; Unavailable, with the remedy, where none is to be had."""
    if os.environ.get("MONGODB_URL") or shutil.which("mongod"):
        return []
    if _docker_runs():
        return [] if _docker_has_image() else [f"the Docker image {IMAGE}"]
    if reason := build.impossible():
        raise Unavailable(f"No MongoDB here, and it cannot be installed: {reason}. {REMEDY}")
    return build.missing()


def prepare(say: Say) -> None:
    """Install and build what is missing. Takes about a minute the first time on a machine, nothing later."""
    wanted = missing()
    if os.environ.get("MONGODB_URL") or shutil.which("mongod"):
        return
    if not _docker_runs():
        build.build(say)
    elif wanted:
        say(f"Fetching {wanted[0]} ...")
        _docker("pull", "--quiet", IMAGE)


@contextmanager
def serve() -> Iterator[str]:
    """Yield the address of a server after preparing it; what MONGODB_URL names is used as it is and not stopped."""
    prepare(say_on_stderr)
    if os.environ.get("MONGODB_URL"):
        yield os.environ["MONGODB_URL"]
    elif mongod := shutil.which("mongod"):
        with _mongod(mongod) as address:
            yield address
    elif _docker_runs():
        with _container() as address:
            yield address
    else:
        with documentdb.run(say_on_stderr) as address:
            yield address


@contextmanager
def _mongod(executable: str) -> Iterator[str]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="tacit-mongo-") as folder, (Path(folder) / "log").open("wb") as log:
        data = Path(folder) / "data"
        data.mkdir()
        command = [executable, "--dbpath", str(data), "--port", str(port), "--bind_ip", "127.0.0.1"]
        with stopping(start(command, log)) as server:
            wait_for(lambda: answers(port), server, Path(log.name))
            yield f"mongodb://127.0.0.1:{port}/"


@contextmanager
def _container() -> Iterator[str]:
    """Run the official image; the container goes, with its data, when its `docker run` ends."""
    port = free_port()
    name = f"tacit-mongo-{os.getpid()}-{port}"
    command = ["docker", "run", "--rm", "--name", name, "-p", f"127.0.0.1:{port}:27017", "--tmpfs", "/data/db", IMAGE]
    with tempfile.NamedTemporaryFile(prefix="tacit-mongo-") as log, stopping(start(command, log)) as server:
        try:
            wait_for(lambda: b"Waiting for connections" in Path(log.name).read_bytes(), server, Path(log.name), seconds=60)
            yield f"mongodb://127.0.0.1:{port}/"
        finally:
            subprocess.run(["docker", "rm", "--force", name], capture_output=True)


def _docker_runs() -> bool:
    if shutil.which("docker") is None:
        return False
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=10).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _docker_has_image() -> bool:
    return subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True).returncode == 0


def _docker(*arguments: str) -> None:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise Unavailable(f"`docker {' '.join(arguments)}` failed: {done.stderr.strip()}. {REMEDY}")


if __name__ == "__main__":
    stand(serve)
