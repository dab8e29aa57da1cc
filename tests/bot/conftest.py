"""The product wired in one process, on each database."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.together import Together, together

Start = Callable[..., AbstractAsyncContextManager[Together]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test that runs on MongoDB ask for its server, as if it named the fixtures itself."""
    for item in items:
        engine = item.callspec.params.get("engine", "") if hasattr(item, "callspec") else ""
        if engine == "mongo" and isinstance(item, pytest.Function):
            item.fixturenames.extend(name for name in ("mongo_url", "mongo_database") if name not in item.fixturenames)


@pytest.fixture
def engine() -> str:
    """Parametrize it, with `indirect=True` left out, by "mongo" to run on MongoDB."""
    return "sqlite"


@pytest.fixture
def database(engine: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings of an empty database."""
    if engine == "sqlite":
        return {}
    url, name = request.getfixturevalue("mongo_url"), request.getfixturevalue("mongo_database")
    return {"MONGODB_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}


@pytest.fixture
def start(tmp_path: Path, database: dict[str, str]) -> Start:
    """`async with start() as t:`."""
    return partial(together, tmp_path, **database)
