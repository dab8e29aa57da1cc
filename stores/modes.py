"""How each store learns: by itself, by the answering model's own decision, or only what a person confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from stores.documents import Documents

Mode = Literal["always", "agentic", "confirm"]
MODES: tuple[Mode, ...] = get_args(Mode)
NONE_SAID: Mapping[str, Mode] = MappingProxyType({})


def mode_named(word: str) -> Mode:
    """The mode of this name. Raises `ValueError` that names those there are."""
    for mode in MODES:
        if mode == word.strip().lower():
            return mode
    raise ValueError(f"there is no mode {word!r}; there are {', '.join(MODES)}")


def read_modes(text: str) -> dict[str, Mode]:
    """From "decisions:confirm,user_memory:agentic" to store → mode. Raises `ValueError` that names what is wrong."""
    found: dict[str, Mode] = {}
    for part in (each.strip() for each in text.split(",")):
        store, colon, mode = part.partition(":")
        if part and not (store.strip() and colon):
            raise ValueError(f"{part!r} is not STORE:MODE")
        if part and store.strip() in found:
            raise ValueError(f"names {store.strip()} twice")
        if part:
            found[store.strip()] = mode_named(mode)
    return found


class Modes:
    """One workspace's modes. What was set there goes before `defaults`; without either, a store learns always."""

    def __init__(self, documents: Documents, defaults: Mapping[str, Mode] = NONE_SAID) -> None:
        self._documents, self._defaults = documents, defaults

    async def of(self, store: str) -> Mode:
        """How this store learns now. One small read of the database."""
        return (await self.all()).get(store, "always")

    async def all(self) -> dict[str, Mode]:
        """Store → mode, for those that do not simply learn always or were set here."""
        set_here = {d["_id"]: mode_named(d["mode"]) for d in await self._documents.find("modes", {})}
        return {**self._defaults, **set_here}

    async def set(self, store: str, mode: Mode) -> None:
        """From now on this store learns that way in this workspace. What waits or was learned before stays as it is."""
        await self._documents.update("modes", {"_id": store}, {"$set": {"mode": mode}}, upsert=True)
