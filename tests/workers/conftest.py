"""A crew of worker processes, killed after the test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.servers.line import Line
from tests.workers.crew import Crew


@pytest.fixture
def crew(redis_url: str, tmp_path: Path) -> Iterator[Crew]:
    """Nobody yet; `await crew.start()`."""
    crew = Crew(redis_url, tmp_path)
    yield crew
    crew.dismiss()


@pytest.fixture
async def line(redis_url: str) -> AsyncIterator[Line]:
    """An open line to an empty Redis."""
    line = Line(redis_url)
    await line.open()
    yield line
    await line.cut()
