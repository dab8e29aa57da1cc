"""The storage port on MongoDB, through motor. The only file that knows motor, so that its successor needs a change here alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from bson.errors import InvalidDocument
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError

from stores.documents import INDEXES, SWEPT, Change, Database, Document, Documents, Unavailable, Where
from stores.language import check_change, check_collection, check_document, check_id, check_workspace
from stores.mongo.form import DATE, ID, WORKSPACE, change_of, expired, filter_of, given, order, stored

SELECT_SECONDS = 2.0  # how long to look for a server
ANSWER_SECONDS = 10.0  # how long one may take to answer
UNFIT = frozenset({2, 9, 14, 28, 40, 52, 57, 10334, 17419, 17420})  # MongoDB's codes for a change that the document's shape does not allow

Client = AsyncIOMotorClient[Document]
Collection = AsyncIOMotorCollection[Document]
Clock = Callable[[], float]


async def open_mongo(url: str, *, clock: Clock = time.time) -> Database:
    """Connect, bound to the running event loop. The database is the one that the address names, or "tacit".

    `clock` says what has expired. Raises `Unavailable` when no server answers within `SELECT_SECONDS`.
    """
    client, database = _client(url)
    opened = MongoDatabase(client, database, clock)
    try:
        await opened.ping()
    except BaseException:
        await opened.close()
        raise
    return opened


def _client(url: str) -> tuple[Client, AsyncIOMotorDatabase[Document]]:
    try:
        client: Client = AsyncIOMotorClient(
            url,
            io_loop=asyncio.get_running_loop(),
            appname="tacit",
            serverSelectionTimeoutMS=int(SELECT_SECONDS * 1000),
            connectTimeoutMS=int(SELECT_SECONDS * 1000),
            socketTimeoutMS=int(ANSWER_SECONDS * 1000),
            waitQueueTimeoutMS=int(ANSWER_SECONDS * 1000),
        )
        concern = WriteConcern(w="majority", j=True, wtimeout=int(ANSWER_SECONDS * 1000))
        return client, client.get_default_database("tacit", write_concern=concern)
    except (PyMongoError, ValueError) as reason:
        raise _unavailable(reason) from reason


class MongoDatabase:
    """A `Database` on a server. Its calls come from the event loop that opened it."""

    def __init__(self, client: Client, database: AsyncIOMotorDatabase[Document], clock: Clock) -> None:
        self._client = client
        self._database = database
        self._clock = clock

    def workspace(self, workspace: str) -> Documents:
        return MongoDocuments(self._database, self._clock, check_workspace(workspace))

    async def sweep(self, collection: str, where: Where, *, limit: int) -> Sequence[tuple[str, Document]]:
        asked = filter_of(None, where, self._clock())
        with _reasons():
            cursor = self._database[check_collection(collection)].find(asked, sort=order(next(iter(where), "")), limit=limit)
            return [(kept[WORKSPACE], given(kept)) for kept in await cursor.to_list(None)]

    async def prepare(self) -> None:
        with _reasons():
            for collection, indexes in INDEXES.items():
                documents = self._database[collection]
                await documents.create_index(DATE, expireAfterSeconds=0)
                for fields in indexes:
                    await documents.create_index([(name, 1) for name in (WORKSPACE, *fields, ID)])
                for field in SWEPT.get(collection, ()):
                    await documents.create_index([(field, 1), (ID, 1)])

    async def ping(self) -> None:
        with _reasons():
            await self._database.command("ping")

    async def close(self) -> None:
        with ThreadPoolExecutor(1) as thread:  # it says goodbye to the server and waits for it, up to ANSWER_SECONDS: not on the loop
            await asyncio.get_running_loop().run_in_executor(thread, self._client.close)


class MongoDocuments:
    """A workspace's `Documents`. Each write is one operation on one document; nothing is read first and written back."""

    def __init__(self, database: AsyncIOMotorDatabase[Document], clock: Clock, workspace: str) -> None:
        self._database = database
        self._clock = clock
        self._workspace = workspace

    async def insert(self, collection: str, document: Document) -> bool:
        check_document(document)
        documents = self._collection(collection)
        with _reasons():
            if await _inserted(documents, stored(self._workspace, document)):
                return True
            if not await self._remove_expired(documents, document[ID]):
                return False
            return await _inserted(documents, stored(self._workspace, document))

    async def find(self, collection: str, where: Where, *, sort: str = "", limit: int = 0, skip: int = 0) -> list[Document]:
        asked = self._filter(where)
        with _reasons():
            cursor = self._collection(collection).find(asked, sort=order(sort), limit=limit, skip=skip)
            return [given(kept) for kept in await cursor.to_list(None)]

    async def update(self, collection: str, where: Where, change: Change, *, upsert: bool = False) -> Document | None:
        check_change(change)
        asked, documents = self._filter(where), self._collection(collection)
        if upsert:
            check_id(where.get(ID))
        with _reasons():
            try:
                return await _updated(documents, asked, change, upsert=upsert)
            except DuplicateKeyError:
                return await self._taken(documents, asked, where, change)

    async def _taken(self, documents: Collection, asked: Where, where: Where, change: Change) -> Document | None:
        """The upsert found the `_id` taken: by one that somebody made meanwhile, by one that has expired, or by one that does not fit."""
        if await self._remove_expired(documents, where[ID]):
            try:
                return await _updated(documents, asked, change, upsert=True)
            except DuplicateKeyError:
                pass
        return await _updated(documents, asked, change, upsert=False)

    async def delete(self, collection: str, where: Where) -> int:
        asked = self._filter(where)
        with _reasons():
            return (await self._collection(collection).delete_many(asked)).deleted_count

    async def count(self, collection: str, where: Where) -> int:
        asked = self._filter(where)
        with _reasons():
            return await self._collection(collection).count_documents(asked)

    def _collection(self, collection: str) -> Collection:
        return self._database[check_collection(collection)]

    def _filter(self, where: Where) -> dict[str, Any]:
        return filter_of(self._workspace, where, self._clock())

    async def _remove_expired(self, documents: Collection, id: str) -> bool:
        return (await documents.delete_one(expired(self._workspace, id, self._clock()))).deleted_count > 0


async def _inserted(documents: Collection, kept: Document) -> bool:
    try:
        await documents.insert_one(kept)
    except DuplicateKeyError:
        return False
    return True


async def _updated(documents: Collection, asked: Where, change: Change, *, upsert: bool) -> Document | None:
    after = ReturnDocument.AFTER
    try:
        kept = await documents.find_one_and_update(asked, change_of(change), upsert=upsert, return_document=after)
    except OperationFailure as reason:
        if "duplicate key value" in str(reason):  # FerretDB passes on PostgreSQL's words, without MongoDB's code
            raise DuplicateKeyError(str(reason)) from reason
        raise
    return None if kept is None else given(kept)


@contextmanager
def _reasons() -> Iterator[None]:
    """Whatever keeps the server from answering, as `Unavailable` with the reason."""
    try:
        yield
    except DuplicateKeyError:
        raise
    except OperationFailure as reason:
        if reason.code in UNFIT:
            raise ValueError(f"MongoDB refuses the operation: {reason}") from reason
        raise _unavailable(reason) from reason
    except InvalidDocument as reason:
        raise ValueError(f"MongoDB cannot take the document: {reason}") from reason
    except PyMongoError as reason:
        raise _unavailable(reason) from reason


def _unavailable(reason: Exception) -> Unavailable:
    said = str(reason).split(", Timeout:")[0]
    return Unavailable(f"MongoDB did not answer: {said}. Check MONGODB_URL and the server with `tacit doctor`, then try again.")
