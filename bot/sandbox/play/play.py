"""One play under way: its system, what was said last, what is known so far. The steps work on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.compose import TURNS
from bot.sandbox.offline_model import OfflineModel
from bot.sandbox.play.chat import Chat
from bot.sandbox.play.control import Control, Json, Refused
from bot.sandbox.play.ledgers import Kept, Ledgers
from bot.sandbox.play.slow_model import SlowModel
from bot.sandbox.system import System
from stores.insights import message_id

POLL = 0.1  # seconds
PATIENCE = 30.0  # seconds for an answer, besides the model's
LEARNING = 120.0  # seconds for a run of learning, besides the model's
OFFLINE_CALL = 2.0  # seconds that the offline model may take, besides its delay

T = TypeVar("T")
Snapshot = dict[tuple[str, str], str]


class Differed(Exception):
    """What happened is not what the scenario says. The text says what was expected and what was there."""


@dataclass(frozen=True)
class Said:
    """The last message that a teammate wrote."""

    channel: str
    ts: str
    root: str

    @property
    def conversation(self) -> str:
        return message_id(self.channel, self.root)


@dataclass(frozen=True)
class Asked:
    """What Tacit is to answer: a message (`ts`), or a command or click (`delivery`) of `user`. `before`: what of ours stood there."""

    user: str
    channel: str
    before: Snapshot
    ts: str = ""
    delivery: str = ""


@dataclass
class Play:
    """The state that steps share."""

    system: System
    control: Control
    ledgers: Ledgers
    chat: Chat
    model_timeout: float
    model: SlowModel | OfflineModel
    said: Said | None = None
    asked: Asked | None = None
    clicked: Asked | None = None  # since the last say or command
    said_just_now: bool = False  # whether the step before was a `say`
    posted: list[str] = field(default_factory=list)  # events of everything that people did
    unacknowledged: list[str] = field(default_factory=list)  # those of acts done while the bot was down
    known: dict[str, Kept] = field(default_factory=dict)  # up to the previous group of `learned`
    group: dict[str, Kept] | None = None  # what the group of `learned` steps under way judges
    finished: bool = False  # whether the step before was a `finish` that waited

    @property
    def bot_runs(self) -> bool:
        return self.system.children["bot"].wanted

    @property
    def patience(self) -> float:
        """How long an answer may take: 30 s, and the time limit of each call of the model that may be needed."""
        call = min(self.model_timeout, self.model.delay + OFFLINE_CALL) if self.system.plan.offline else self.model_timeout
        return PATIENCE + TURNS * call

    async def acknowledged(self, path: str, **body: object) -> Json:
        """Do something and wait until its events are acknowledged; while the bot is down that waits for `restart: bot`."""
        try:
            done = await self.control.act(path, **body, wait=self.bot_runs)
        except Refused as refused:
            raise Differed(str(refused)) from None
        self.posted += done.get("events", [])
        if not self.bot_runs:
            self.unacknowledged += done.get("events", [])
        return done

    async def all_answered(self) -> None:
        """Wait until everything that people did is acknowledged and no question waits for its reply."""
        await self.all_acknowledged(self.posted)
        await self.until(self._nothing_unanswered, self.patience, "There are still questions without a reply")

    async def all_acknowledged(self, events: list[str]) -> None:
        """Wait until these events are acknowledged."""
        if not events:
            return
        try:
            await self.control.act("wait", ids=events, timeout=self.patience)
        except Refused as refused:
            raise Differed(f"Not everything was acknowledged within {self.patience:.0f} s. {refused}") from None

    async def snapshot(self) -> Snapshot:
        """What of ours stands where."""
        return {(each["channel"], each["ts"]): content(each) for each in await self.control.ours()}

    async def until(self, look: Callable[[], Awaitable[T]], seconds: float, otherwise: str) -> T:
        """Look until something is there, and return it. Raises `Differed` when the time is up."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    if found := await look():
                        return found
                    await asyncio.sleep(POLL)
        except TimeoutError:
            raise Differed(f"{otherwise} after {seconds:.0f} s.") from None

    async def _nothing_unanswered(self) -> bool:
        return not await self.ledgers.unanswered()


def content(message: Json) -> str:
    """What makes a message another one when it is changed."""
    return json.dumps([message.get("text"), message.get("blocks")], sort_keys=True)
