"""`where` as SQL.

A document is a row `d` of its collection's table. Each value of an indexed field, and each item when it holds a list, is a row of the
collection's `_fields` table. There as here booleans are blobs, so that True is not 1 and each type compares with its own kind only:
SQLite orders numbers, then text, then blobs.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from stores.documents import INDEXES, Where
from stores.language import Condition, conditions, path

Sql = tuple[str, list[Any]]

WALKED = {"insights": "learned_at"}
"""Fields that hold no lists, and of which the last few are asked for among many."""

_SIGNS = {"$lt": "<", "$lte": "<=", "$gt": ">", "$gte": ">="}
_ITEM = """CASE type WHEN 'true' THEN x'01' WHEN 'false' THEN x'00' WHEN 'array' THEN NULL WHEN 'object' THEN NULL ELSE value END"""


def indexed(collection: str) -> frozenset[str]:
    """The fields that have rows in the collection's `_fields` table."""
    return frozenset(field for fields in INDEXES[collection] for field in fields)


def select(collection: str, workspace: str | None, where: Where, now: float) -> Sql:
    """`FROM … WHERE …` for the documents of a workspace (None: of all) that have not expired at `now`."""
    found = [_condition(collection, workspace, condition) for condition in conditions(where)]
    clauses = ["(d.expires IS NULL OR d.expires > ?)", *(sql for sql, _ in found)]
    values: list[Any] = [now, *(value for _, values in found for value in values)]
    if workspace is not None:
        clauses.append(f"{_plus(found)}d.workspace = ?")
        values.append(workspace)
    return f'FROM "{collection}" AS d WHERE {" AND ".join(clauses)}', values


class Walk(NamedTuple):
    """`query`: the same and its order, along the rows of a field of `WALKED`, so that nothing else is read or sorted; documents without the
    field, which come last, are not among those. It pays where none of `narrow`, the rows that a condition leads to, are few."""

    query: Sql
    narrow: list[Sql]


def walk(collection: str, workspace: str, where: Where, now: float, sort: str) -> Walk | None:
    """A walk; None for another order."""
    if sort != f"-{WALKED.get(collection)}":
        return None
    found = [_condition(collection, workspace, condition, "s.row") for condition in conditions(where)]
    clauses = ["s.field = ?", "s.workspace = ?", *(sql for sql, _ in found), "(d.expires IS NULL OR d.expires > ?)"]
    values = [sort[1:], workspace, *(value for _, values in found for value in values), now]
    joined = f'"{collection}_fields" AS s CROSS JOIN "{collection}" AS d ON d.row = s.row'
    query = f"FROM {joined} WHERE {' AND '.join(clauses)} ORDER BY s.value DESC, d.id DESC", values
    return Walk(query, [(sql[len("s.row IN (") : -1], own) for sql, own in found if sql.startswith("s.row IN (")])


def _plus(found: list[Sql]) -> str:
    """A "+" keeps SQLite from walking the whole workspace where the rows of a field lead straight to the few documents."""
    by_id = any(sql.startswith("d.id IN") for sql, _ in found)
    return "+" if not by_id and any(sql.startswith("d.row IN") for sql, _ in found) else ""


def order(sort: str) -> Sql:
    """`ORDER BY …`: None first, then numbers, then strings; equal ones by `_id`."""
    if not sort:
        return "ORDER BY d.row", []
    way = "DESC" if sort.startswith("-") else "ASC"
    if sort.removeprefix("-") == "_id":
        return f"ORDER BY d.id {way}", []
    return f"ORDER BY json_extract(d.doc, ?) {way}, d.id {way}", [json_path(path(sort.removeprefix("-")))]


def json_path(field: str) -> str:
    """SQLite's way to write a dotted path."""
    return "$" + "".join(f'."{name}"' for name in field.split("."))


def stored(value: Any) -> Any:
    """A plain value as a `_fields` row holds it."""
    return bytes([value]) if isinstance(value, bool) else value


def _condition(collection: str, workspace: str | None, condition: Condition, row: str = "d.row") -> Sql:
    field, operator, value = condition
    if operator == "$exists":
        return f"json_type(d.doc, ?) IS {'NOT ' if value else ''}NULL", [json_path(field)]
    if operator == "$ne":
        sql, values = _anywhere(field, "$in", [value])
        return f"NOT {sql}", values
    if operator == "$eq":
        operator, value = "$in", [value]
    if field == "_id" and operator == "$in":
        ids = [one for one in value if isinstance(one, str)]
        return f"d.id IN ({_marks(ids)})", ids
    if field == "_id" and operator in _SIGNS and isinstance(value, str):
        return f"d.id {_SIGNS[operator]} ?", [value]
    if field in indexed(collection) and not (operator == "$in" and None in value):
        return _by_rows(collection, workspace, Condition(field, operator, value), row)
    return _anywhere(field, operator, value)


def _by_rows(collection: str, workspace: str | None, condition: Condition, row: str) -> Sql:
    sql, values = _test("value", condition.operator, condition.value, exact=True)
    wall = "" if workspace is None else " AND workspace = ?"
    walled = [] if workspace is None else [workspace]
    rows = f'SELECT row FROM "{collection}_fields" WHERE field = ? AND {sql}{wall}'
    return f"{row} IN ({rows})", [condition.path, *values, *walled]


def _anywhere(field: str, operator: str, value: Any) -> Sql:
    """The condition on the document's JSON. `json_each` gives a list's items one by one, and any other value as its only item."""
    where = json_path(field)
    sql, values = _test("item", operator, value, exact=False)
    items = f"SELECT type, {_ITEM} AS item FROM json_each(d.doc, ?) WHERE json_type(d.doc, ?) <> 'object'"
    found = f"EXISTS (SELECT 1 FROM ({items}) WHERE {sql})"
    if operator == "$in" and None in value:
        return f"({found} OR json_type(d.doc, ?) IS NULL)", [where, where, *values, where]
    return found, [where, where, *values]


def _test(name: str, operator: str, value: Any, *, exact: bool) -> Sql:
    if operator == "$in":
        plain = [one for one in value if one is not None]
        null = " OR type = 'null'" if len(plain) < len(value) else ""
        return f"({name} IN ({_marks(plain, exact=exact)}){null})", _bound(plain, exact=exact)
    kind = f"{name} >= '' AND {name} < x''" if isinstance(value, str) else f"{name} < ''"
    return f"({name} {_SIGNS[operator]} {_marks([value], exact=exact)} AND {kind})", _bound([value], exact=exact)


def _marks(values: list[Any], *, exact: bool = True) -> str:
    """Question marks. A float that is compared with JSON is read from JSON too: SQLite reads the last digit its own way."""
    return ", ".join("?" if exact or not isinstance(value, float) else "json_extract(?, '$')" for value in values)


def _bound(values: list[Any], *, exact: bool) -> list[Any]:
    return [stored(value) if exact or not isinstance(value, float) else json.dumps(value) for value in values]
