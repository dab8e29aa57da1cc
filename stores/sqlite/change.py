"""`change` carried out on a document in memory, as MongoDB would carry it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stores.documents import Change, Document, Where
from stores.language import additions, conditions

_MISSING = object()


def new_document(where: Where) -> Document:
    """What an upsert starts from: the equalities of `where`."""
    document: Document = {}
    for field, operator, value in conditions(where):
        if operator == "$eq":
            holder, name = _reach(document, field)
            holder[name] = value
    return document


def changed(document: Document, change: Change, *, inserting: bool = False) -> Document:
    """A changed copy; the document itself stays as it is. ValueError when its shape does not allow the change.

    "$setOnInsert" counts only when `inserting`. The change was checked by `stores.language`.
    """
    result: Document = _own(document)
    for operator, values in change.items():
        if operator == "$setOnInsert" and not inserting:
            continue
        for field, value in values.items():
            _OPERATORS[operator](result, field, value)
    return result


def _own(value: Any) -> Any:
    """A copy that shares nothing, with lists for tuples, as the database will give it back."""
    if isinstance(value, Mapping):
        return {name: _own(item) for name, item in value.items()}
    return [_own(item) for item in value] if isinstance(value, list | tuple) else value


def _reach(document: Document, field: str) -> tuple[Document, str]:
    """The nested document that holds the last name of a path, made where it is missing."""
    *outer, name = field.split(".")
    for step in outer:
        document = document.setdefault(step, {})
        if not isinstance(document, dict):
            raise ValueError(f"{field!r} cannot be changed: {step!r} is no document.")
    return document, name


def _set(document: Document, field: str, value: Any) -> None:
    holder, name = _reach(document, field)
    holder[name] = _own(value)


def _unset(document: Document, field: str, _: Any) -> None:
    *outer, name = field.split(".")
    for step in outer:
        inner = document.get(step)
        if not isinstance(inner, dict):
            return
        document = inner
    document.pop(name, None)


def _increase(document: Document, field: str, value: Any) -> None:
    holder, name = _reach(document, field)
    present = holder.get(name, 0)
    if isinstance(present, bool) or not isinstance(present, int | float):
        raise ValueError(f"{field!r} cannot be increased: it is no number.")
    holder[name] = present + value


def _keep_if(better: Callable[[Any, Any], bool]) -> Callable[[Document, str, Any], None]:
    def keep(document: Document, field: str, value: Any) -> None:
        holder, name = _reach(document, field)
        present = holder.get(name, _MISSING)
        if present is _MISSING or better(_order(value), _order(present)):
            holder[name] = value

    return keep


def _order(value: Any) -> tuple[int, Any]:
    """Where a value stands in MongoDB's order of types: None, numbers, strings, documents, lists, booleans."""
    if value is None:
        return (0, 0)
    if isinstance(value, bool):
        return (5, value)
    if isinstance(value, int | float):
        return (1, value)
    return (2, value.encode()) if isinstance(value, str) else (3 if isinstance(value, dict) else 4, 0)


def _list(document: Document, field: str) -> list[Any]:
    holder, name = _reach(document, field)
    items = holder.setdefault(name, [])
    if not isinstance(items, list):
        raise ValueError(f"{field!r} cannot be changed: it is no list.")
    return items


def _add(document: Document, field: str, value: Any) -> None:
    items = _list(document, field)
    for addition in additions(value):
        if not any(same(item, addition) for item in items):
            items.append(_own(addition))


def _pull(document: Document, field: str, value: Any) -> None:
    probe: Any = document
    for step in field.split("."):
        probe = probe.get(step, _MISSING) if isinstance(probe, dict) else _MISSING
    if probe is not _MISSING:
        items = _list(document, field)
        items[:] = [item for item in items if not same(item, value)]


def same(one: Any, other: Any) -> bool:
    """Equal as MongoDB means it: 1 is 1.0 and is not True; the order of a document's names counts."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    return bool(one == other)


_OPERATORS: dict[str, Callable[[Document, str, Any], None]] = {
    "$set": _set,
    "$setOnInsert": _set,
    "$unset": _unset,
    "$inc": _increase,
    "$max": _keep_if(lambda value, present: value > present),
    "$min": _keep_if(lambda value, present: value < present),
    "$addToSet": _add,
    "$pull": _pull,
}
