"""The arguments of a Web API call: a query, a form or JSON, read the same way."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from .errors import ApiError


class Args:
    """Arguments by name; a missing one that is required is Slack's invalid_arguments."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = dict(given)

    @classmethod
    async def read(cls, request: web.Request) -> "Args":
        """Read them from wherever the client put them. Raises ApiError invalid_json."""
        given: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            try:
                body = json.loads(await request.text() or "{}")
            except ValueError:
                raise ApiError("invalid_json") from None
            if not isinstance(body, dict):
                raise ApiError("json_not_object")
            return cls(given | body)
        return cls(given | dict(await request.post()))

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default it is required."""
        value = self.given.get(name)
        if value is None or value == "":
            if default is None:
                raise _missing(name)
            return default
        return value if isinstance(value, str) else str(value)

    def flag(self, name: str) -> bool:
        """Return a yes or no, no by default."""
        return str(self.given.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, default: int, most: int) -> int:
        """Return a number from 1 to `most`. Raises ApiError invalid_limit."""
        try:
            value = int(self.given.get(name) or default)
        except ValueError:
            raise ApiError("invalid_limit") from None
        if not 1 <= value <= most:
            raise ApiError("invalid_limit")
        return value

    def structure(self, name: str, error: str) -> Any:
        """Return a list or mapping, given as such or as JSON text; None where it is missing. Raises ApiError `error`."""
        value = self.given.get(name)
        if value in (None, ""):
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise ApiError(error) from None
        return value


def _missing(name: str) -> ApiError:
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] missing required field: {name}"]})


def page(items: list[Any], args: Args, *, default: int = 100, most: int = 1000) -> tuple[list[Any], str]:
    """Return one page of the items and the cursor of the next, "" at the end. Raises ApiError invalid_cursor, invalid_limit."""
    start, limit = _start(args.text("cursor", "")), args.number("limit", default, most)
    if start > len(items):
        raise ApiError("invalid_cursor")
    more = start + limit < len(items)
    return items[start : start + limit], base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word != "next":
            raise ValueError(word)
        return int(number)
    except ValueError:
        raise ApiError("invalid_cursor") from None
