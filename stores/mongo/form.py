"""How a document stands in MongoDB, and `where` and `change` in that form.

`_id` is `WORKSPACE/ID`, so that an upsert by `_id` cannot leave its workspace; `_workspace` is in every filter; `_expires` is `expires` as
a date, for the index that removes what has expired. Callers see neither.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from stores.documents import Change, Document, Where
from stores.language import additions, conditions, path

ID = "_id"
WORKSPACE = "_workspace"
DATE = "_expires"


def stored(workspace: str, document: Document) -> Document:
    """The document as it is kept. The caller's stays as it is."""
    kept = {**document, ID: f"{workspace}/{document[ID]}", WORKSPACE: workspace}
    if document.get("expires") is not None:
        kept[DATE] = _date(document["expires"])
    return kept


def given(kept: Document) -> Document:
    """The caller's document again."""
    document = {name: value for name, value in kept.items() if name not in (WORKSPACE, DATE)}
    document[ID] = kept[ID].removeprefix(f"{kept[WORKSPACE]}/")
    return document


def filter_of(workspace: str | None, where: Where, now: float) -> dict[str, Any]:
    """The filter for one workspace (None: for all of them), without what has expired at `now`. ValueError as in `stores.language`."""
    asked: dict[str, Any] = {} if workspace is None else {WORKSPACE: workspace}
    for field, operator, value in conditions(where):
        wanted = _full_id(workspace, value) if field == ID else value
        asked.setdefault(field, {})[operator] = wanted
    return {**asked, "$nor": [{"expires": {"$lte": now}}]}


def expired(workspace: str, id: str, now: float) -> dict[str, Any]:
    """The filter for a document that has expired and still stands in the way of a new one."""
    return {WORKSPACE: workspace, ID: f"{workspace}/{id}", "expires": {"$lte": now}}


def change_of(change: Change) -> dict[str, dict[str, Any]]:
    """The change with the date of expiry beside `expires`. The change was checked by `stores.language`."""
    changes = {operator: dict(values) for operator, values in change.items() if values}
    for operator, values in changes.items():
        if "expires" in values:
            _mirror(changes[operator], operator)
    if "$addToSet" in changes:
        changes["$addToSet"] = {field: {"$each": additions(value)} for field, value in changes["$addToSet"].items()}
    return changes


def _mirror(values: dict[str, Any], operator: str) -> None:
    expires = values["expires"]
    values[DATE] = None if expires is None or operator == "$unset" else _date(expires)


def _full_id(workspace: str | None, value: Any) -> Any:
    if isinstance(value, list):
        return [_full_id(workspace, one) for one in value]
    return f"{workspace}/{value}" if isinstance(value, str) and workspace is not None else value


def _date(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def order(sort: str) -> list[tuple[str, int]] | None:
    """The order: by the field, and equal ones by `_id`."""
    if not sort:
        return None
    way = -1 if sort.startswith("-") else 1
    field = path(sort.removeprefix("-"))
    return [(ID, way)] if field == ID else [(field, way), (ID, way)]
