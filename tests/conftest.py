"""What every test may ask for: databases, a queue and a browser, started only when a selected test needs them.

A server that cannot be had skips the tests that need it, saying why and what to do; with CI=true it fails them.
"""

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from tests.servers import chromium, loopback, mongo, redis
from tests.servers.machine import Say, Unavailable
from tests.servers.process import attached

if TYPE_CHECKING:
    from playwright.async_api import Browser

SERVERS: dict[str, ModuleType] = {"mongo_url": mongo, "redis_server": redis, "chromium_path": chromium}
UNAVAILABLE = pytest.StashKey[dict[str, str]]()

loopback.guard()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Install and build what the selected tests need, before the first of them runs, and say so."""
    unavailable = session.config.stash[UNAVAILABLE] = {}
    if session.config.option.collectonly:
        return
    needed = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    plans: dict[str, list[str]] = {}
    for name in needed & SERVERS.keys():
        try:
            plans[name] = SERVERS[name].missing()
        except Unavailable as reason:
            unavailable[name] = str(reason)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    say: Say = reporter.write_line if reporter else lambda line: None
    if wanted := [part for name in sorted(plans) for part in plans[name]]:
        say(f"The tests need, and this installs once: {'; '.join(wanted)}.")
    for name in sorted(plans):
        try:
            SERVERS[name].prepare(say)
        except Unavailable as reason:
            unavailable[name] = str(reason)


def _require(name: str, config: pytest.Config) -> None:
    """Skip the test that needs this server if it cannot be had; with CI=true fail it."""
    if reason := config.stash[UNAVAILABLE].get(name):
        (pytest.fail if os.environ.get("CI", "").lower() in ("true", "1") else pytest.skip)(reason)


@pytest.fixture(autouse=True)
def _nothing_beyond_this_machine() -> Iterator[None]:
    """Fail a test that tried to reach another machine, even if it swallowed the error."""
    loopback.attempts.clear()
    yield
    if loopback.attempts:
        pytest.fail(f"This test tried to reach {', '.join(sorted(set(loopback.attempts)))}: tests reach nothing beyond this machine.")


@pytest.fixture(scope="session")
def mongo_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that speaks MongoDB, one for the whole run. Take a database from `mongo_database`."""
    _require("mongo_url", request.config)
    with _started(mongo, "MONGODB_URL") as url:
        yield url


@pytest.fixture
def mongo_database(mongo_url: str) -> Iterator[str]:
    """The name of a database on `mongo_url` that does not exist yet and is dropped after the test."""
    from pymongo import MongoClient

    name = f"tacit_test_{secrets.token_hex(6)}"
    yield name
    client: MongoClient[dict[str, object]]
    with MongoClient(mongo_url) as client:
        client.drop_database(name)


@pytest.fixture(scope="session")
def redis_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a Redis-compatible server, one for the whole run. Tests take `redis_url`, which is empty."""
    _require("redis_server", request.config)
    from redis import Redis

    with _started(redis, "REDIS_URL") as url:
        with Redis.from_url(url) as client:
            if client.dbsize():
                pytest.fail("The database that REDIS_URL names is not empty, and the tests would empty it: name another.")
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of an empty Redis-compatible database."""
    from redis import Redis

    with Redis.from_url(redis_server) as client:
        client.flushdb()
    return redis_server


@pytest.fixture(scope="session")
def chromium_path(request: pytest.FixtureRequest) -> str:
    """The path of Chromium's executable."""
    _require("chromium_path", request.config)
    return chromium.path()


@pytest.fixture
async def browser(chromium_path: str) -> "AsyncIterator[Browser]":
    """A headless Chromium, driven by playwright's async API, that reaches this machine alone."""
    async with chromium.launch(chromium_path) as started:
        yield started


@contextmanager
def _started(server: ModuleType, setting: str) -> Iterator[str]:
    """The address that the environment sets, or that of a server of our own, tied to this process."""
    if os.environ.get(setting):
        yield os.environ[setting]
        return
    with attached(server.__name__) as address:
        yield address
