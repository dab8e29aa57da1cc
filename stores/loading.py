"""Finding, checking and building the enabled stores. A bad one is named and left out; the others go on."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Literal

from stores.audience import Directory
from stores.insights import Kind
from stores.isolation import AtHome, Isolated, bridged
from stores.model import Model
from stores.repository import InsightRepository
from stores.search import Search
from stores.store import Kit, LearningStore

log = logging.getLogger(__name__)

GROUP = "tacit.stores"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")

State = Literal["enabled", "installed", "broken"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A store that is built, and where it runs."""

    name: str
    store: LearningStore
    kinds: tuple[Kind, ...]
    thread: Isolated | AtHome


@dataclass(frozen=True, slots=True)
class Installed:
    """A store as `tacit stores` shows it. `where` is the package and class, `why` the reason when it is broken."""

    name: str
    where: str
    state: State
    why: str = ""
    kinds: tuple[str, ...] = ()


class BadStore(Exception):
    """A store breaks the protocol, so it is left out. The text says what is wrong with it and how to mend it."""


def installed(enabled: Sequence[str]) -> list[Installed]:
    """Every store that a package offers or LEARNING_STORES names, and whether it can be used. Loads their classes, builds none."""
    offered: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        offered.setdefault(point.name, []).append(point)
    taken: dict[str, str] = {}
    order = [*enabled, *sorted(name for name in offered if name not in enabled)]
    return [_look(name, offered.get(name, []), name in enabled, taken) for name in order]


def load_stores(
    enabled: Sequence[str], workspace: str, repository: InsightRepository, directory: Directory, model: Model, finder: Search
) -> list[Loaded]:
    """Build the enabled stores for one workspace. Each that cannot be used is named in the log, with the reason, and left out."""
    home = asyncio.get_running_loop()
    loaded = []
    points = {point.name: point for point in entry_points(group=GROUP)}
    for found in installed(enabled):
        if found.state == "broken" and found.name in enabled:
            log.error("store.left_out", extra={"store": found.name, "reason": found.why})
        if found.state != "enabled":
            continue
        ours = points[found.name].module.partition(".")[0] == "stores"
        kit = Kit(workspace, found.name, repository, directory, model, finder)
        try:
            loaded.append(build(found.name, points[found.name].load(), kit if ours else _abroad(kit, home), ours=ours))
        except BadStore as e:
            log.error("store.left_out", extra={"store": found.name, "reason": str(e)})
    return loaded


def _abroad(kit: Kit, home: asyncio.AbstractEventLoop) -> Kit:
    """The kit of a store that runs on another loop."""
    ports = bridged(kit.repository, home), bridged(kit.directory, home), bridged(kit.model, home), bridged(kit.finder, home)
    return Kit(kit.workspace, kit.store, *ports)


def build(name: str, make: Callable[[Kit], LearningStore], kit: Kit, *, ours: bool = False) -> Loaded:
    """One store from its class and kit. `ours`: it is shipped here, and runs on this loop. Raises `BadStore`."""
    try:
        store = make(kit)
        return Loaded(name, store, check(name, store), AtHome(name) if ours else Isolated(name))
    except BadStore:
        raise
    except (Exception, SystemExit) as e:
        raise BadStore(f"{name} could not be built: {type(e).__name__}: {e}") from e


def check(name: str, store: object) -> tuple[Kind, ...]:
    """The kinds that a store (or its class) declares. Raises `BadStore` when it breaks the protocol."""
    if getattr(store, "name", None) != name:
        raise BadStore(f"its entry point is called {name!r}, so its `name` must be {name!r} too")
    missing = [m for m in ("recall", "process", "build_context") if not callable(getattr(store, m, None))]
    if missing:
        raise BadStore(f"it has no {', '.join(missing)}; a store has recall, process and build_context")
    kinds = tuple(getattr(store, "kinds", ()))
    for kind in kinds:
        _check_kind(kind)
    if len({k.name for k in kinds}) < len(kinds):
        raise BadStore("it declares one kind twice")
    return kinds


def _check_kind(kind: object) -> None:
    if not isinstance(kind, Kind):
        raise BadStore(f"kinds must be `Kind`s, not {type(kind).__name__}")
    for word in (kind.name, *kind.fields):
        if not _NAME.fullmatch(word):
            raise BadStore(f"{word!r} is no name: use lower-case letters, digits, - and _, 40 at most")
    if not kind.guidance.strip() or "\n" in kind.guidance or len(kind.guidance) > 300:
        raise BadStore(f"kind {kind.name!r} needs one line of guidance, 300 characters at most")


def _look(name: str, points: Sequence[EntryPoint], enabled: bool, taken: dict[str, str]) -> Installed:
    where = ", ".join(point.value for point in points)
    try:
        if not points:
            raise BadStore("no installed package offers it; install its package, or take it out of LEARNING_STORES")
        if len(points) > 1:
            raise BadStore("two packages offer a store of this name; uninstall one of them")
        kinds = [k.name for k in check(name, points[0].load())]
        twice = [f"{k!r} belongs to {taken[k]}" for k in kinds if k in taken] if enabled else []
        if twice:
            raise BadStore(f"each kind belongs to one store, but {', '.join(twice)}")
    except BadStore as e:
        return Installed(name, where, "broken", str(e))
    except (Exception, SystemExit) as e:  # a foreign package's import may raise anything
        return Installed(name, where, "broken", f"importing it raised {type(e).__name__}: {e}")
    if enabled:
        taken.update(dict.fromkeys(kinds, name))
    return Installed(name, where, "enabled" if enabled else "installed", kinds=tuple(kinds))
