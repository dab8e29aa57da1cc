"""The chat of a play, printed with times as it happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from bot.sandbox.play.control import Control, Json, Refused
from bot.sandbox.play.words import said, sources

WAIT = 5  # seconds of one long poll
SHOWN = 60  # characters of a message that something else is about

Print = Callable[[str], None]


class Chat:
    """Follows what is said. `note` puts in what cannot be seen in the chat."""

    def __init__(self, control: Control, show: Print) -> None:
        self._control, self._show = control, show
        self._began = time.time()
        self._next = 0
        self._texts: dict[str, str] = {}
        self._reading = asyncio.Lock()

    def note(self, text: str) -> None:
        """Print something that happens beside the chat."""
        self._line(time.time(), "", f"* {text}")

    async def follow(self) -> None:
        """Print what is said until cancelled."""
        self._next = (await self._control.look("state"))["next"]
        while True:
            await self._read(WAIT)

    async def catch_up(self) -> None:
        """Print what was said up to now."""
        await self._read(0)

    async def _read(self, wait: int) -> None:
        try:
            found = await self._control.look("changes", since=self._next, wait=wait)
        except (Refused, aiohttp.ClientError, TimeoutError):
            return await asyncio.sleep(0.1)
        async with self._reading:
            for item in found["items"]:
                if item["seq"] > self._next:
                    self._next = item["seq"]
                    await self._print(item)

    async def _print(self, item: Json) -> None:
        lines = SHOWS[item["type"]](self, item) if item["type"] in SHOWS else []
        place = await self._control.place(item["channel"]) if lines and isinstance(item.get("channel"), str) else ""
        for number, line in enumerate(lines):
            self._line(item["at"], place if not number else "", line)

    def _line(self, at: float, place: str, text: str) -> None:
        self._show(f"{max(at - self._began, 0):7.2f}  {place:9}  {text}")

    def _message(self, item: Json) -> list[str]:
        message = item["message"]
        self._texts[message["ts"]] = self._text(message)
        arrow = "↳ " if message.get("thread_ts") not in (None, message["ts"]) else ""
        return self._shown(message, f"{arrow}{self._control.name(message['user'])}: ")

    def _ephemeral(self, item: Json) -> list[str]:
        message = item["message"]
        return self._shown(message, f"{self._control.name(message['user'])} (to {self._control.name(item['ephemeral_to'])} alone): ")

    def _changed(self, item: Json) -> list[str]:
        message, previous = item["message"], item.get("previous") or {}
        if message.get("subtype") == "tombstone":  # what is left of a message with replies
            return self._deleted({"ts": message["ts"]})
        if self._text(message) == self._text(previous) and sources(message, self._names) == sources(previous, self._names):
            return []
        return self._shown(message, f"{self._control.name(message['user'])} edits: ")

    def _shown(self, message: Json, head: str) -> list[str]:
        text = self._text(message)
        first, *more = (head + text).splitlines() or [head]
        more += [f"| {line}" for line in sources(message, self._names) if line not in text]
        return [first, *(f"    {line}" for line in more)]

    def _deleted(self, item: Json) -> list[str]:
        return [f"deleted: {self._about(item['ts'])}"]

    def _reaction(self, item: Json) -> list[str]:
        verb = "takes back" if item["type"] == "unreaction" else "puts"
        return [f"{self._control.name(item['user'])} {verb} :{item['emoji']}: on {self._about(item['ts'])}"]

    def _membership(self, item: Json) -> list[str]:
        return [f"{self._control.name(item['user'])} {'joins' if item['joined'] else 'leaves'}"]

    def _about(self, ts: str) -> str:
        text = " ".join(self._texts.get(ts, "a message").split())
        return f"“{text[:SHOWN]}…”" if len(text) > SHOWN else f"“{text}”"

    def _text(self, message: Json) -> str:
        return said(str(message.get("text") or ""), self._names)

    @property
    def _names(self) -> dict[str, str]:
        return self._control.names


SHOWS: dict[str, Callable[[Chat, Json], list[Any]]] = {
    "message": Chat._message,
    "ephemeral": Chat._ephemeral,
    "changed": Chat._changed,
    "deleted": Chat._deleted,
    "reaction": Chat._reaction,
    "unreaction": Chat._reaction,
    "membership": Chat._membership,
}
