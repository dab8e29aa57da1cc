"""Every server that the tests lean on does what they lean on it for."""

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import DuplicateKeyError
from redis.asyncio import Redis

from tests.servers import loopback
from tests.servers.line import Line

if TYPE_CHECKING:
    from playwright.async_api import Browser


@pytest.fixture
async def database(mongo_url: str, mongo_database: str) -> AsyncIterator[Any]:
    client: Any = AsyncIOMotorClient(mongo_url)
    yield client[mongo_database]
    client.close()


async def test_mongodb_refuses_the_same_id_twice(database: Any) -> None:
    assert (await database.command("ping"))["ok"] == 1
    await database.things.insert_one({"_id": "one"})
    with pytest.raises(DuplicateKeyError):
        await database.things.insert_one({"_id": "one"})


async def test_mongodb_gives_each_test_an_empty_database(database: Any) -> None:
    assert await database.list_collection_names() == []


async def test_one_of_100_concurrent_claims_wins(database: Any) -> None:
    await database.things.insert_one({"_id": "one", "owner": None})

    async def claim(owner: int) -> int:
        done = await database.things.update_one({"_id": "one", "owner": None}, {"$set": {"owner": owner}})
        return int(done.modified_count)

    assert sum(await asyncio.gather(*map(claim, range(100)))) == 1


async def test_one_of_100_concurrent_inserts_wins(database: Any) -> None:
    async def claim(owner: int) -> bool:
        try:
            await database.claims.insert_one({"_id": "one", "owner": owner})
        except DuplicateKeyError:
            return False
        return True

    assert sum(await asyncio.gather(*map(claim, range(100)))) == 1


@pytest.mark.parametrize("turn", [1, 2])
async def test_redis_keeps_a_value_and_starts_empty(redis_url: str, turn: int) -> None:
    async with Redis.from_url(redis_url) as client:
        assert await client.get("turn") is None
        await client.set("turn", turn)
        assert await client.get("turn") == str(turn).encode()


async def test_chromium_opens_a_page(browser: "Browser") -> None:
    page = await browser.new_page()
    await page.goto("data:text/html,<title>Tacit learns</title>")
    assert await page.title() == "Tacit learns"


def test_nothing_beyond_this_machine_is_reached() -> None:
    with socket.socket() as outside, pytest.raises(loopback.OutsideReached, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(loopback.OutsideReached, match=r"example\.org"):
        socket.getaddrinfo("example.org", 80)
    assert loopback.attempts == ["192.0.2.1:80", "example.org"]
    loopback.attempts.clear()


@pytest.mark.parametrize("turns", range(5))
async def test_whoever_is_let_in_while_the_line_is_cut_is_closed(redis_server: str, turns: int) -> None:
    """At whatever turn of the loop it comes: a connection that nobody closed would fail this test."""
    line = Line(redis_server)
    await line.open()
    at = urlsplit(line.url)
    with socket.create_connection((at.hostname, at.port), 1) as knocking:
        for _ in range(turns):
            await asyncio.sleep(0)
        await line.cut()
        with contextlib.suppress(ConnectionResetError):
            assert not await asyncio.to_thread(knocking.recv, 1)
    gc.collect()
