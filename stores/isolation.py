"""A third party's store runs in a thread and event loop of its own, so that one which blocks, crashes or never returns harms nobody else.

The stores that are shipped here run on the product's own loop: crossing to another and back costs 0.2 ms a call.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar, cast

from stores.insights import Insight
from stores.watchdog import Watchdog

Result = TypeVar("Result")
Target = TypeVar("Target")


class StoreFailed(Exception):
    """A store raised, took longer than its budget, still blocks in an earlier call, or is disabled for that. The text says which."""


class StoresDisabled(StoreFailed):
    """Nothing failed, but these stores had no turn: they are not called until the next start. `kept`: what the others kept."""

    def __init__(self, stores: Iterable[str], kept: Sequence[Insight]) -> None:
        self.stores, self.kept = frozenset(stores), tuple(kept)
        super().__init__(f"disabled until the next start: {', '.join(sorted(self.stores))}")


class Isolated:
    """One store's thread. `run` may be called at any time from the product's loop; `close` gives a blocked thread up."""

    def __init__(self, store: str, watchdog: Watchdog | None = None) -> None:
        self._store = store
        self._watchdog = watchdog or Watchdog(store)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name=f"store-{store}", daemon=True)
        self._thread.start()

    @property
    def disabled(self) -> bool:
        """Whether the store blocked too long or too often, so that it is not called until the next start."""
        return self._watchdog.disabled

    async def run(self, method: Callable[..., Any], *arguments: Any, seconds: float, called: str) -> Any:
        """The result of a method, sync or async. Raises `StoreFailed`, and never takes longer than `seconds`. `called`: its name."""
        if objection := self._watchdog.objection():
            raise StoreFailed(objection)
        alone = contextvars.Context()  # what is being read for the question is no business of theirs
        future = alone.run(asyncio.run_coroutine_threadsafe, _call(method, arguments), self._loop)
        try:
            result = await asyncio.wait_for(asyncio.wrap_future(future), seconds)
        except TimeoutError:
            self._watchdog.overran(called)
            self._loop.call_soon_threadsafe(self._watchdog.responded)
            raise StoreFailed(f"{self._store} took longer than {seconds:g} s") from None
        except asyncio.CancelledError:
            raise
        except BaseException as e:
            self._watchdog.came_back()
            raise StoreFailed(f"{self._store} raised {type(e).__name__}") from e
        self._watchdog.came_back()
        return result

    def close(self) -> None:
        """Stop the thread. One that is blocked is left behind; as a daemon it ends with the process."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=1)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            _finish(self._loop)


class AtHome:
    """A shipped store: it may fail or be slow like any other, and is trusted not to block."""

    disabled = False

    def __init__(self, store: str) -> None:
        self._store = store

    async def run(self, method: Callable[..., Any], *arguments: Any, seconds: float, called: str) -> Any:
        """The result of a method, sync or async. Raises `StoreFailed`. `called`: its name."""
        try:
            async with asyncio.timeout(seconds):
                return await _call(method, arguments)
        except TimeoutError:
            raise StoreFailed(f"{self._store} took longer than {seconds:g} s") from None
        except Exception as e:
            raise StoreFailed(f"{self._store} raised {type(e).__name__}") from e

    def close(self) -> None:
        """There is nothing to stop."""


async def _call(method: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        result = method(*arguments)
        return await result if inspect.isawaitable(result) else result
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) is None or task.cancelling():
            raise
        raise RuntimeError("it cancelled itself") from None  # which would be taken for the end of the reply
    except (SystemExit, KeyboardInterrupt) as e:  # would end the thread
        raise RuntimeError(f"it tried to end the process ({type(e).__name__})") from e


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.close()


class Bridge(Generic[Target]):
    """Makes the async methods of an object that lives on the product's loop callable from a store's loop."""

    def __init__(self, target: Target, home: asyncio.AbstractEventLoop) -> None:
        self._target = target
        self._home = home

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def across(*arguments: Any, **named: Any) -> Any:
            work = cast("Awaitable[Any]", found(*arguments, **named))
            future: Future[Any] = asyncio.run_coroutine_threadsafe(_await(work), self._home)
            return await asyncio.wrap_future(future)

        return across


async def _await(work: Awaitable[Any]) -> Any:
    return await work


def bridged(target: Target, home: asyncio.AbstractEventLoop) -> Target:
    """`target` for use from another loop: its async methods run on `home`, everything else is as it was."""
    return cast("Target", Bridge(target, home))
