"""A database of its own for each play on MongoDB."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


@asynccontextmanager
async def fresh_database(mongodb_url: str | None) -> AsyncIterator[str | None]:
    """The address of a database that does not exist yet on this server, dropped afterwards; None for None."""
    if mongodb_url is None:
        yield None
        return
    name = f"tacit_play_{secrets.token_hex(6)}"
    try:
        yield named(mongodb_url, name)
    finally:
        await _drop(mongodb_url, name)


def named(mongodb_url: str, name: str) -> str:
    """The same server and the same rights, another database. (Without `authSource` MongoDB authenticates against the one in the path.)"""
    parts = urlsplit(mongodb_url)
    query = parts.query
    if "@" in parts.netloc and "authsource=" not in query.lower():
        query = "&".join(filter(None, [query, f"authSource={parts.path.strip('/') or 'admin'}"]))
    return urlunsplit(parts._replace(path=f"/{name}", query=query))


async def _drop(mongodb_url: str, name: str) -> None:
    from pymongo import (
        AsyncMongoClient,
    )  # The product's door to MongoDB, stores.mongo, has no way to drop a whole database, and needs none.

    async with AsyncMongoClient[dict[str, object]](mongodb_url, serverSelectionTimeoutMS=5000) as client:
        await client.drop_database(name)
