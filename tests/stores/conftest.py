"""A workspace's insights in a database of their own, in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from stores.documents import Documents
from stores.repository import InsightRepository
from stores.sqlite.documents import open_sqlite


@pytest.fixture
async def documents() -> AsyncIterator[Documents]:
    database = await open_sqlite(":memory:")
    yield database.workspace("T1")
    await database.close()


@pytest.fixture
def repository(documents: Documents) -> InsightRepository:
    return InsightRepository("T1", documents)
