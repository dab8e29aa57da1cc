"""The storage port: small documents, claimed and changed one at a time. SQLite and MongoDB implement it alike.

Every repository and ledger is written once on top of this. The language of `where` and `change` is the part of MongoDB's own that both
engines do atomically on a single document:

    where   {"field": value}, {"field": {"$in": […]}}, "$ne", "$lt", "$lte", "$gt", "$gte", "$exists"; all must hold.
            A field may be a dotted path. On a list, a condition holds when it holds for one of its items ("$ne" and "$exists: false":
            for none). {"field": None} also matches a missing field, as in MongoDB. "$lt" and the like never match a missing field.
    change  "$set", "$setOnInsert", "$unset", "$inc", "$max", "$min", "$addToSet" (also {"$each": […]}), "$pull" (a value).

A path goes through nested documents, not through lists. Values in `where`, and that of "$pull", are strings, numbers, booleans and None;
documents and lists are refused. **What comes from outside must be checked to be a string before it goes into `where`**: the document
{"$ne": None}, say, would be read as an operator. Whatever lies outside this language, or does not fit a document's shape (an "$inc" of a
string), is a ValueError on both engines, and nothing is changed. Names that start with "_" belong to the engines, except `_id`.

Times are seconds since the epoch. A document whose `expires` lies in the past is gone for every call, as if it had been deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Document = dict[str, Any]
Where = Mapping[str, Any]
Change = Mapping[str, Mapping[str, Any]]

INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    # collection → the fields that are searched, after the workspace. `_id` is always unique within a workspace.
    "insights": (
        *(("learned_at",), ("words",), ("messages",), ("superseded_by",), ("purge_at",), ("standing",), ("changed_at",)),
        *(("kind",), ("about",), ("state_of",), ("belongs_to",), ("places",), ("status",), ("teachers",), ("ask_at",)),
    ),
    "conversations": (("due",), ("messages",)),
    "questions": (("state",), ("thread",), ("reply",), ("look_at",), ("cited",)),
    "events": (),
    "places": (),
    "leases": (),
    "marks": (("stale_at",), ("checked_at",)),
    "revisions": (),
    "instructions": (("n",),),
    "vectors": (),
    "lists": (),
    "opted_out": (),
    "spending": (),
    "upkeep": (("due",),),
    "endings": (("at",), ("newer",)),
    "modes": (),
    "approvals": (),
}

SWEPT: dict[str, tuple[str, ...]] = {
    # collection → the fields that the sweep looks for across workspaces; one of them comes first in its `where`.
    "insights": ("purge_at", "ask_at"),
    "conversations": ("due",),
    "questions": ("state", "look_at"),
    "marks": ("stale_at", "checked_at"),
    "upkeep": ("due",),
    "endings": ("at",),
}


class Unavailable(Exception):
    """The database did not answer. Nothing was acknowledged; check its address with `tacit doctor`, then try again."""


class Documents(Protocol):
    """One workspace's documents. No call can reach another workspace's. Every method raises `Unavailable` while the database is away."""

    async def insert(self, collection: str, document: Document) -> bool:
        """Store a new document; False, and nothing changed, when its `_id` is taken. Durable when it returns."""
        ...

    async def find(self, collection: str, where: Where, *, sort: str = "", limit: int = 0, skip: int = 0) -> list[Document]:
        """The documents for which `where` holds. `sort`: a field, with "-" in front for descending. `limit` 0: all."""
        ...

    async def update(self, collection: str, where: Where, change: Change, *, upsert: bool = False) -> Document | None:
        """Change one document for which `where` holds, atomically, and return it as it is then; None when there is none.

        With `upsert`, `where` must hold an `_id` (a plain value); a missing document is made from the equalities of `where` (also an
        "$in" of one value) and `change`. When the rest of `where` does not hold for an existing document, nothing happens and None
        comes back.
        """
        ...

    async def delete(self, collection: str, where: Where) -> int:
        """Delete every document for which `where` holds and say how many those were."""
        ...

    async def count(self, collection: str, where: Where) -> int: ...


class Database(Protocol):
    """An open database: its workspaces, and the one look across them, the sweep for what is due."""

    def workspace(self, workspace: str) -> Documents: ...

    async def sweep(self, collection: str, where: Where, *, limit: int) -> Sequence[tuple[str, Document]]:
        """(workspace, document) of every workspace for which `where` holds, lowest first by the first field of `where`.

        For what is due, and for nothing else.
        """
        ...

    async def prepare(self) -> None:
        """Create tables and indexes; may be called at every start, by several processes at once."""
        ...

    async def ping(self) -> None:
        """Raise `Unavailable` with the reason when the database is away."""
        ...

    async def close(self) -> None: ...
