"""What a store's methods gave, as the product takes it."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from stores.insights import Insight


async def result(given: Any) -> Any:
    """Whatever a method gives: it may be a plain function."""
    return await given if isinstance(given, Awaitable) or inspect.isawaitable(given) else given


async def seconds(method: Callable[..., Any], *arguments: Any) -> float:
    """How long a method takes, whether it is a plain function or not."""
    began = time.perf_counter()
    await result(method(*arguments))
    return time.perf_counter() - began


def insights_of(given: Any) -> list[Insight]:
    """What the product takes of what a store returns."""
    return [i for i in given if isinstance(i, Insight)] if isinstance(given, Iterable) else []


def known(insights: Iterable[Insight]) -> list[tuple[str, str, list[str]]]:
    """What is known, comparable: by id, in words, and where from."""
    return sorted((i.id, i.sentence, sorted(e.message for e in i.evidence)) for i in insights)
