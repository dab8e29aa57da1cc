"""What `where`, `change` and a document may say (`stores.documents`), checked alike for both engines before anything reaches them.

Whatever is outside the language is a ValueError that names it. Values are strings, 64-bit integers, finite floats, booleans, None, and
lists and documents of these.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from stores.documents import INDEXES, Change, Document, Where

Scalar = str | int | float | bool | None

COMPARISONS = ("$lt", "$lte", "$gt", "$gte")
CHANGES = ("$set", "$setOnInsert", "$unset", "$inc", "$max", "$min", "$addToSet", "$pull")
MOST_VALUES = 10_000  # of one "$in"
MOST_LEVELS = 50
LATEST = 253_402_300_799.0  # the last second of the year 9999, which is where MongoDB's drivers end


class Condition(NamedTuple):
    """One thing that must hold: an operator of `where`, or "$eq" for a plain value and for "$in" with one value (servers take it so)."""

    path: str
    operator: str
    value: Any


def conditions(where: Where) -> list[Condition]:
    """Every condition of `where`, one by one; ValueError for anything outside the language."""
    return [condition for field, wanted in where.items() for condition in _of_field(path(field), wanted)]


def _of_field(field: str, wanted: Any) -> Iterator[Condition]:
    if not isinstance(wanted, Mapping):
        yield Condition(field, "$eq", _scalar(field, wanted))
        return
    if not wanted:
        raise ValueError(f"The condition on {field!r} is an empty document; give a plain value or an operator.")
    for operator, value in wanted.items():
        operand = _operand(field, operator, value)
        yield Condition(field, "$eq", operand[0]) if operator == "$in" and len(operand) == 1 else Condition(field, operator, operand)


def _operand(field: str, operator: str, value: Any) -> Any:
    if operator == "$in":
        return _several(field, value)
    if operator == "$ne":
        return _scalar(field, value)
    if operator == "$exists":
        return _boolean(field, value)
    if operator in COMPARISONS:
        return _ordered(field, operator, value)
    raise ValueError(f"The condition on {field!r} has {operator!r}, which is no operator of `where`; see stores.documents.")


def _several(field: str, value: Any) -> list[Scalar]:
    if not isinstance(value, list | tuple) or len(value) > MOST_VALUES:
        raise ValueError(f'"$in" on {field!r} needs a list of at most {MOST_VALUES} plain values.')
    return [_scalar(field, one) for one in value]


def _boolean(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f'"$exists" on {field!r} needs True or False.')
    return value


def _ordered(field: str, operator: str, value: Any) -> Scalar:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{operator!r} on {field!r} compares with a number or a string, not with {type(value).__name__}.")
    return _scalar(field, value)


def _scalar(field: str, value: Any) -> Scalar:
    if not isinstance(value, str) and isinstance(value, Mapping | list | tuple):
        raise ValueError(f"{field!r} needs a plain value here, not a {type(value).__name__}.")
    check_value(value, field)
    return value


def path(field: Any) -> str:
    """The same dotted path; ValueError when one of its names cannot be one."""
    names = field.split(".") if isinstance(field, str) else [""]
    if any(not name or name[0] == "$" or not name.isprintable() or '"' in name or "\\" in name for name in names):
        raise ValueError(f"{field!r} is no field: names are printable, not empty, without quotes, and do not start with '$'.")
    if field.startswith("_") and field != "_id":
        raise ValueError(f"{field!r} is no field: names that start with '_' belong to the engines.")
    return str(field)


def check_change(change: Change) -> None:
    """ValueError when `change` says nothing, says something outside the language, or says two things about one field."""
    fields: list[str] = []
    for operator, values in change.items():
        if operator not in CHANGES:
            raise ValueError(f"{operator!r} is no operator of `change`; see stores.documents.")
        for field, value in values.items():
            fields.append(path(field))
            _check_changed(operator, field, value)
    if not fields:
        raise ValueError("The change is empty.")
    _check_apart(fields)


def _check_changed(operator: str, field: str, value: Any) -> None:
    if field == "_id" or field.startswith("_id."):
        raise ValueError("The `_id` of a document cannot be changed.")
    if field == "expires":
        _check_expires(operator, value)
    if operator == "$inc" and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError(f'"$inc" on {field!r} needs a number.')
    if operator in ("$max", "$min"):
        _ordered(field, operator, value)
    elif operator == "$pull":
        _scalar(field, value)
    elif operator == "$addToSet":
        check_value(additions(value), field)
    elif operator != "$unset":
        check_value(value, field)


def additions(value: Any) -> list[Any]:
    """The values that "$addToSet" adds: those of {"$each": […]}, or the one."""
    if isinstance(value, Mapping) and "$each" in value:
        if len(value) > 1 or not isinstance(value["$each"], list | tuple):
            raise ValueError('"$each" needs a list, and nothing beside it.')
        return list(value["$each"])
    return [value]


def _check_expires(operator: str, value: Any) -> None:
    if operator not in ("$set", "$setOnInsert", "$unset", "$max", "$min"):
        raise ValueError(f"{operator!r} cannot change `expires`; set it.")
    if operator != "$unset":
        _check_time(value)


def _check_time(value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST:
        raise ValueError("`expires` is a number of seconds since the epoch, or None.")


def _check_apart(fields: list[str]) -> None:
    for one, other in pairwise(sorted(f"{field}." for field in fields)):
        if other.startswith(one):
            raise ValueError(f"The change says two things about {other[:-1]!r}.")


def check_document(document: Document) -> None:
    """ValueError unless the document has a string `_id` and holds only what both engines give back unchanged."""
    check_id(document.get("_id"))
    for field in document:
        path(field)
    _check_time(document.get("expires"))
    check_value(document, "document")


def check_id(value: Any) -> str:
    """The same `_id`; ValueError unless it is a string that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"`_id` needs to be a string that is not empty, not {type(value).__name__}.")
    return value


def check_value(value: Any, field: str, level: int = 0) -> None:
    """ValueError for anything that one of the engines could not give back as it was. `field` is named in the message."""
    if value is None or isinstance(value, str | bool):
        return
    if level > MOST_LEVELS:
        raise ValueError(f"{field!r} is nested deeper than {MOST_LEVELS} levels.")
    if isinstance(value, int | float):
        _check_number(value, field)
    elif isinstance(value, list | tuple):
        for item in value:
            check_value(item, field, level + 1)
    elif isinstance(value, Mapping):
        _check_nested(value, field, level)
    else:
        raise ValueError(f"{field!r} holds a {type(value).__name__}, which cannot be stored.")


def _check_number(value: float, field: str) -> None:
    if not (math.isfinite(value) if isinstance(value, float) else -(2**63) <= value < 2**63):
        raise ValueError(f"{field!r} holds {value!r}, which is no finite float and no 64-bit integer.")


def _check_nested(value: Mapping[Any, Any], field: str, level: int) -> None:
    for name, item in value.items():
        if not isinstance(name, str) or not name or name[0] == "$" or "." in name or "\0" in name:
            raise ValueError(f"{field!r} holds the name {name!r}; names are strings, not empty, without '.', and do not start with '$'.")
        check_value(item, field, level + 1)


def check_collection(collection: str) -> str:
    """The same name; ValueError when `stores.documents.INDEXES` does not list it."""
    if collection not in INDEXES:
        raise ValueError(f"{collection!r} is no collection; list it in stores.documents.INDEXES.")
    return collection


def check_workspace(workspace: str) -> str:
    """The same workspace; ValueError when it is empty or holds a slash, which parts the workspace from the `_id` in MongoDB."""
    if not isinstance(workspace, str) or not workspace or "/" in workspace:
        raise ValueError(f"{workspace!r} is no workspace.")
    return workspace
