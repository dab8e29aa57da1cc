"""One database per test, on each engine: what passes on one and not on the other breaks the contract of `stores.documents`."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from stores.documents import Database, Documents
from stores.sqlite.documents import open_sqlite
from tests.storage.address import opened

NEEDED = {"mongo": ["mongo_url", "mongo_database"]}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test that runs on MongoDB ask for its server, as if it named the fixtures itself."""
    for item in items:
        engine = item.callspec.params.get("engine", "") if hasattr(item, "callspec") else ""
        if isinstance(item, pytest.Function):
            item.fixturenames.extend(name for name in NEEDED.get(str(engine), []) if name not in item.fixturenames)


@pytest.fixture(params=["memory", "sqlite", "mongo"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def address(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What `tests.storage.address.opened` opens, in any process; "" for a database in this process's memory."""
    if engine == "memory":
        return ""
    if engine == "sqlite":
        return str(tmp_path / "tacit.db")
    url, name = request.getfixturevalue("mongo_url"), request.getfixturevalue("mongo_database")
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    """An empty, prepared database, closed after the test."""
    database = await (opened(address) if address else open_sqlite(":memory:"))
    await database.prepare()
    yield database
    await database.close()


@pytest.fixture
def documents(database: Database) -> Documents:
    """The documents of the workspace "W"."""
    return database.workspace("W")
