"""Finding, checking and building the enabled stores. A bad one is named and left out; the others go on."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, get_args

from stores.audience import Directory
from stores.insights import Each, Kind, Owner
from stores.isolation import AtHome, Isolated, bridged
from stores.model import Model
from stores.modes import Modes
from stores.repository import InsightRepository
from stores.search import Search
from stores.store import Kit, LearningStore

log = logging.getLogger(__name__)

GROUP = "tacit.stores"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_DIRECT = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
MOST_KINDS, MOST_FIELDS = 20, 10  # of one store, of one kind: all of them stand in the prompt of each extraction

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
    """A store as `tacit stores` shows it. `where` is the module and class, `wanted` whether LEARNING_STORES names it, `why` the reason when
    it is broken."""

    name: str
    where: str
    state: State
    wanted: bool
    why: str = ""
    kinds: tuple[str, ...] = ()
    make: Callable[[Kit], LearningStore] | None = field(default=None, repr=False, compare=False)  # its class, unless it is broken


class BadStore(Exception):
    """A store breaks the protocol, so it is left out. The text says what is wrong with it and how to mend it."""


def installed(enabled: Sequence[str]) -> list[Installed]:
    """Every store that a package offers or LEARNING_STORES names, and whether it can be used. Loads their classes, builds none.

    An enabled one is named as its package offers it, or as `module:Class`, whatever offers that.
    """
    offered: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        offered.setdefault(point.name, []).append(point)
    names: dict[str, str] = {}
    kinds: dict[str, str] = {}
    wanted = [_look(name, offered.get(name, []), names, kinds) for name in enabled]
    return [*wanted, *(_offer(name, offered[name]) for name in sorted(offered) if name not in enabled)]


def load_stores(
    enabled: Sequence[str],
    workspace: str,
    repository: InsightRepository,
    directory: Directory,
    model: Model,
    finder: Search,
    modes: Modes | None = None,
) -> list[Loaded]:
    """Build the enabled stores for one workspace. Each that cannot be used is named in the log, with the reason, and left out."""
    home = asyncio.get_running_loop()
    loaded = []
    for found in installed(enabled):
        if found.state == "broken" and found.wanted:
            log.error("store.left_out", extra={"store": found.name, "reason": found.why})
        if found.state != "enabled" or found.make is None:
            continue
        ours = found.where.startswith("stores.")
        kit = Kit(workspace, found.name, repository, directory, model, finder, modes)
        try:
            loaded.append(build(found.name, found.make, kit if ours else _abroad(kit, home), ours=ours, kinds=found.kinds))
        except BadStore as e:
            log.error("store.left_out", extra={"store": found.name, "reason": str(e)})
    return loaded


def _abroad(kit: Kit, home: asyncio.AbstractEventLoop) -> Kit:
    """The kit of a store that runs on another loop."""
    ports = bridged(kit.repository, home), bridged(kit.directory, home), bridged(kit.model, home), bridged(kit.finder, home)
    return Kit(kit.workspace, kit.store, *ports, bridged(kit.modes, home) if kit.modes else None)


def build(name: str, make: Callable[[Kit], LearningStore], kit: Kit, *, ours: bool = False, kinds: Sequence[str] | None = None) -> Loaded:
    """One store from its class and kit. `ours`: it is shipped here, and runs on this loop; `kinds`: those that its class declares.

    Raises `BadStore`.
    """
    try:
        store = make(kit)
        declared = check(name, store)
    except BadStore:
        raise
    except (Exception, SystemExit) as e:
        raise BadStore(f"{name} could not be built: {type(e).__name__}: {e}") from e
    if kinds is not None and tuple(kinds) != tuple(k.name for k in declared):
        raise BadStore("it declares other kinds once it is built; declare them in the class")
    return Loaded(name, store, declared, AtHome(name) if ours else Isolated(name))


def check(name: str, store: object) -> tuple[Kind, ...]:
    """The kinds that a store (or its class) declares. Raises `BadStore` when it breaks the protocol."""
    if getattr(store, "name", None) != name:
        raise BadStore(f"its entry point is called {name!r}, so its `name` must be {name!r} too")
    check_name(name)
    missing = [m for m in ("recall", "process", "build_context") if not callable(getattr(store, m, None))]
    if missing:
        raise BadStore(f"it has no {', '.join(missing)}; a store has recall, process and build_context")
    return check_kinds(store)


def check_kinds(store: object) -> tuple[Kind, ...]:
    """The kinds that a store (or its class) declares. Raises `BadStore` when the extraction call cannot be given one of them."""
    kinds = _several("kinds", getattr(store, "kinds", ()), "a tuple of `Kind`s, with a comma also behind a single one", MOST_KINDS)
    for kind in kinds:
        _check_kind(kind)
    if len({k.name for k in kinds}) < len(kinds):
        raise BadStore("it declares one kind twice")
    return kinds


def check_name(name: object) -> str:
    """The same name, of a store, kind or field. Raises `BadStore` when it cannot be one."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise BadStore(f"{name!r} is no name: use lower-case letters, digits, - and _, 40 at most, a letter first")
    return name


def _check_kind(kind: object) -> None:
    if not isinstance(kind, Kind):
        raise BadStore(f"kinds must be `Kind`s, not {type(kind).__name__}")
    check_name(kind.name)
    for word in _several(f"fields of kind {kind.name!r}", kind.fields, 'a tuple of names, such as ("due",)', MOST_FIELDS):
        check_name(word)
    guidance = kind.guidance
    if not isinstance(guidance, str) or not guidance.strip() or not guidance.isprintable() or len(guidance) > 300:
        raise BadStore(f"kind {kind.name!r} needs one line of guidance, 300 characters at most")
    if not isinstance(kind.lasts, int) or kind.lasts < 1:
        raise BadStore(f"`lasts` of kind {kind.name!r} is a number of days, at least 1, not {kind.lasts!r}")
    for option, given, allowed in (("about", kind.about, get_args(Owner)), ("one_per", kind.one_per, get_args(Each))):
        if given not in allowed:
            raise BadStore(f"`{option}` of kind {kind.name!r} is one of {', '.join(map(repr, allowed))}, not {given!r}")


def _several(what: str, given: Any, wanted: str, most: int) -> tuple[Any, ...]:
    if not isinstance(given, tuple | list):
        raise BadStore(f"its {what} must be {wanted}")
    if len(given) > most:
        raise BadStore(f"its {what} are too many for one prompt: {most} at most")
    return tuple(given)


def _look(named: str, points: Sequence[EntryPoint], names: dict[str, str], taken: dict[str, str]) -> Installed:
    """An enabled store. `names` and `taken` hold the stores that were enabled before it, and their kinds."""
    found = _direct(named) if ":" in named else _offer(named, points)
    why = found.why
    if not why and found.name in names:
        why = f"a store of this name is enabled already ({names[found.name]}); take one of them out of LEARNING_STORES"
    twice = [f"{kind!r} belongs to {taken[kind]}" for kind in found.kinds if kind in taken]
    if not why and twice:
        why = f"each kind belongs to one store, but {', '.join(twice)}; rename it, or take one of the stores out of LEARNING_STORES"
    if why:
        return Installed(found.name, found.where, "broken", True, why)
    names[found.name] = found.where
    taken.update(dict.fromkeys(found.kinds, found.name))
    return replace(found, state="enabled", wanted=True)


def _direct(named: str) -> Installed:
    """A store that is named by its module and class."""
    if not _DIRECT.fullmatch(named):
        return Installed(named, "", "broken", True, "a store that no package offers is named as module:Class")
    return _offer("", [EntryPoint("", named, GROUP)])


def _offer(name: str, points: Sequence[EntryPoint]) -> Installed:
    """A store as its package offers it; without a name, by that of its class."""
    where = ", ".join(point.value for point in points)
    try:
        if not points:
            raise BadStore("no installed package offers it; install its package, or take it out of LEARNING_STORES")
        if len(points) > 1:
            raise BadStore("two packages offer a store of this name; uninstall one of them")
        make = points[0].load()
        name = name or check_name(getattr(make, "name", None))
        kinds = check(name, make)
    except BadStore as e:
        return Installed(name or where, where, "broken", False, str(e))
    except (Exception, SystemExit) as e:  # a foreign package's import may raise anything
        return Installed(name or where, where, "broken", False, f"importing it raised {type(e).__name__}: {e}")
    return Installed(name, where, "installed", False, kinds=tuple(k.name for k in kinds), make=make)
