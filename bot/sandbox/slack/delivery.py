"""What is on its way to the app: events, commands, clicks; sent, acknowledged, sent again.

Slack's rules (https://docs.slack.dev/apis/events-api/#retries): an event not acknowledged within 3 seconds is sent again, a few times, at
growing intervals; a command or a click is sent once. Unlike Slack, events wait without end while no one is connected, and survive a restart
of this program.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from .feed import Feed
from .journal import Journal, Json

KEPT = 20_000
QUEUED = 10_000
LISTED = ("seq", "id", "kind", "type", "state", "attempts", "queued_at", "sent_at", "acked_at", "answer", "error")


@dataclass
class Delivery:
    """One payload for the app and what became of it."""

    seq: int
    id: str
    kind: str  # event, command, action or shortcut
    type: str  # what is in it: message, app_mention, …, or the command's or action's name
    payload: Json
    state: str = "queued"  # queued, sent, acked, failed or dropped
    attempts: int = 0
    reason: str = ""  # why it is sent again, in Slack's words
    queued_at: float = field(default_factory=time.time)
    sent_at: float | None = None
    acked_at: float | None = None
    answer: Json | None = None
    error: str = ""
    done: asyncio.Event = field(default_factory=asyncio.Event)
    timer: asyncio.TimerHandle | None = None
    finished: Callable[["Delivery"], None] | None = None

    @property
    def over(self) -> bool:
        """Say whether nothing more will happen to it."""
        return self.state in ("acked", "failed", "dropped")

    def listed(self) -> Json:
        """Return what the control API shows."""
        return {key: getattr(self, key) for key in LISTED}


@dataclass
class Schedule:
    """How long an acknowledgement may take, and after which pauses an event is sent again (seconds)."""

    ack_timeout: float = 3.0
    retry_delays: list[float] = field(default_factory=lambda: [0.0, 5.0, 10.0, 30.0, 60.0])
    hold: bool = False
    duplicate: int = 0


class Transport(Protocol):
    """A way to the app: Socket Mode or HTTP."""

    timeout_reason: str  # what Slack calls an acknowledgement that did not come in time

    @property
    def open(self) -> bool:
        """Say whether something can be sent now."""

    async def send(self, delivery: Delivery) -> None:
        """Send it once; `acknowledged` or `lost` is called on the deliveries later. Returns quickly."""


class Deliveries:
    """The queue, its timers and its history."""

    def __init__(self, journal: Journal, feed: Feed) -> None:
        self._journal, self._feed = journal, feed
        self.schedule = Schedule()
        self._queue: deque[Delivery] = deque()
        self._history: OrderedDict[int, Delivery] = OrderedDict()
        self._by_id: dict[str, Delivery] = {}
        self._wake = asyncio.Event()
        for kept in journal.load("delivery"):
            self._enter(Delivery(feed.next(), kept["id"], "event", kept["type"], kept["payload"], attempts=kept["attempts"]))

    def add(self, id: str, kind: str, type: str, payload: Json, finished: Callable[[Delivery], None] | None = None) -> Delivery:
        """Queue a payload; `finished` is called when it is acknowledged or given up."""
        delivery = Delivery(self._feed.next(), id, kind, type, payload, finished=finished)
        self._enter(delivery)
        if kind == "event":
            self._journal.put("delivery", id, {"id": id, "type": type, "payload": payload, "attempts": 0})
        else:
            self._later(delivery, self.schedule.ack_timeout, lambda: self.give_up(delivery, "dispatch_failed"))
        return delivery

    def _enter(self, delivery: Delivery) -> None:
        self._history[delivery.seq] = self._by_id[delivery.id] = delivery
        self._queue.append(delivery)
        self._trim()
        self._tell(delivery)
        self._wake.set()

    def _trim(self) -> None:
        if len(self._queue) > QUEUED:
            self._end(self._queue.popleft(), "dropped", "too many events are waiting")
        while len(self._history) > KEPT:
            old = self._history.popitem(last=False)[1]
            if self._by_id.get(old.id) is old:
                del self._by_id[old.id]

    async def pump(self, transport: Transport) -> None:
        """Send what is queued, in order, whenever the transport is open. Runs until it is cancelled."""
        while True:
            while self._queue and transport.open and not self.schedule.hold:
                await self._send(transport, self._queue.popleft())
            self._wake.clear()
            await self._wake.wait()

    def wake(self) -> None:
        """Look again: a connection has opened, or a setting has changed."""
        self._wake.set()

    async def _send(self, transport: Transport, delivery: Delivery) -> None:
        if delivery.over:
            return
        delivery.state, delivery.sent_at = "sent", time.time()
        delivery.attempts += 1
        attempt, reason = delivery.attempts, transport.timeout_reason
        self._later(delivery, self.schedule.ack_timeout, lambda: self.lost(delivery, attempt, reason))
        copies = 2 if self.schedule.duplicate > 0 and delivery.kind == "event" else 1
        self.schedule.duplicate -= copies - 1
        self._tell(delivery)
        for _ in range(copies):
            await transport.send(delivery)

    def acknowledged(self, delivery: Delivery, answer: Json | None = None) -> None:
        """Note the app's acknowledgement, of whichever attempt; a second one changes nothing."""
        if not delivery.over:
            delivery.acked_at, delivery.answer = time.time(), answer
            self._end(delivery, "acked")

    def lost(self, delivery: Delivery, attempt: int, reason: str, *, at_once: bool = False) -> None:
        """Note that this attempt came to nothing: an event is sent again on schedule (or at once), all else is given up.

        Nothing happens where another attempt has been made since, or where this one is known to be lost already.
        """
        if delivery.over or delivery.state == "queued" or attempt != delivery.attempts:
            return
        if delivery.kind != "event":
            return self.give_up(delivery, "operation_timeout")
        delays, number = self.schedule.retry_delays, delivery.attempts - 1
        if number >= len(delays) and not at_once:
            return self.give_up(delivery, reason)
        delivery.state, delivery.reason = "queued", reason
        self._tell(delivery)
        self._later(delivery, 0 if at_once else delays[number], lambda: self._again(delivery))

    def _again(self, delivery: Delivery) -> None:
        if not delivery.over:
            self._queue.appendleft(delivery)
            self._wake.set()

    def give_up(self, delivery: Delivery, error: str) -> None:
        """End a delivery that the app did not acknowledge."""
        if not delivery.over:
            self._end(delivery, "failed", error)

    def _end(self, delivery: Delivery, state: str, error: str = "") -> None:
        delivery.state, delivery.error = state, error
        self._later(delivery, None, None)
        delivery.done.set()
        if delivery.kind == "event":
            self._journal.drop("delivery", delivery.id)
        self._tell(delivery)
        if delivery.finished:
            delivery.finished(delivery)

    def _later(self, delivery: Delivery, seconds: float | None, act: Callable[[], None] | None) -> None:
        """Set the delivery's one timer, in place of the one before."""
        if delivery.timer:
            delivery.timer.cancel()
        delivery.timer = None
        if seconds is not None and act is not None:
            delivery.timer = asyncio.get_running_loop().call_later(seconds, act)

    def _tell(self, delivery: Delivery) -> None:
        self._feed.add("delivery", id=delivery.id, kind=delivery.kind, state=delivery.state)

    def stop(self) -> None:
        """Stop all timers: nothing is sent again."""
        for delivery in self._history.values():
            self._later(delivery, None, None)

    def get(self, id: str) -> Delivery | None:
        """Return the newest delivery with this id."""
        return self._by_id.get(id)

    def since(self, seq: int) -> list[Delivery]:
        """Return the deliveries that began after this number."""
        return [each for each in self._history.values() if each.seq > seq]

    def pending(self) -> list[Delivery]:
        """Return those under way."""
        return [each for each in self._history.values() if not each.over]

    async def wait(self, deliveries: list[Delivery], seconds: float) -> list[Delivery]:
        """Wait until these are over; return those that are not, or that failed, when the time is up."""
        waits: list[Any] = [each.done.wait() for each in deliveries]
        try:
            async with asyncio.timeout(seconds):
                await asyncio.gather(*waits)
        except TimeoutError:
            pass
        return [each for each in deliveries if each.state != "acked"]
