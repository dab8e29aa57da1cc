"""Socket Mode: each envelope goes to exactly one of the open connections (https://docs.slack.dev/apis/events-api/using-socket-mode/)."""

import asyncio
import json
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from .delivery import Deliveries, Delivery
from .feed import Feed
from .ids import random_id

MOST_CONNECTIONS = 10
HEARTBEAT = 10.0  # seconds between two pings; who does not answer is taken for gone
ENVELOPE_TYPES = {"event": "events_api", "command": "slash_commands"}


class Connection:
    """One open WebSocket and the envelopes sent over it."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.sent: dict[str, tuple[Delivery, int]] = {}

    def note(self, envelope_id: str, delivery: Delivery) -> None:
        """Remember what was sent here, and forget from time to time what is over."""
        if len(self.sent) > 500:
            self.sent = {key: each for key, each in self.sent.items() if not each[0].over}
        self.sent[envelope_id] = (delivery, delivery.attempts)


class SocketMode:
    """The open connections, served in turn."""

    timeout_reason = "timeout"

    def __init__(self, deliveries: Deliveries, feed: Feed, app_id: str) -> None:
        self._deliveries, self._feed, self._app_id = deliveries, feed, app_id
        self._connections: list[Connection] = []
        self._tickets: set[str] = set()
        self._envelopes: dict[str, Delivery] = {}

    @property
    def open(self) -> bool:
        """Say whether anybody is connected."""
        return bool(self._connections)

    @property
    def count(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def ticket(self) -> str:
        """Return a ticket for one connection, as apps.connections.open hands out in its address."""
        ticket = str(uuid.uuid4())
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket until it closes; what it had not acknowledged goes to another connection at once."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="This address is used up: ask apps.connections.open for a new one.")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, timeout=1)
        await socket.prepare(request)
        connection = Connection(socket)
        await self._hello(connection)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._heard(message.data)
        finally:
            self._closed(connection)
        return socket

    async def _hello(self, connection: Connection) -> None:
        if self.count >= MOST_CONNECTIONS:
            await connection.socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            return
        info = {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060}
        hello = {"type": "hello", "num_connections": self.count + 1, "debug_info": info, "connection_info": {"app_id": self._app_id}}
        await connection.socket.send_json(hello)
        self._connections.append(connection)
        self._feed.add("connection", connections=self.count)
        self._deliveries.wake()

    def _heard(self, text: str) -> None:
        """Take an acknowledgement; anything else is ignored, as Slack does."""
        try:
            said = json.loads(text)
        except ValueError:
            return
        delivery = self._envelopes.pop(said.get("envelope_id", ""), None) if isinstance(said, dict) else None
        if delivery is not None:
            self._deliveries.acknowledged(delivery, said.get("payload") or None)

    def _closed(self, connection: Connection) -> None:
        if connection not in self._connections:
            return
        self._connections.remove(connection)
        self._feed.add("connection", connections=self.count)
        # The oldest goes to the front of the queue last, so that the order is kept.
        for envelope_id, (delivery, attempt) in reversed(connection.sent.items()):
            self._envelopes.pop(envelope_id, None)
            self._deliveries.lost(delivery, attempt, "connection_failed", at_once=True)

    async def send(self, delivery: Delivery) -> None:
        """Send the delivery over the next connection in turn."""
        if not self._connections:
            return self._deliveries.lost(delivery, delivery.attempts, "connection_failed", at_once=True)
        connection = self._connections.pop(0)
        self._connections.append(connection)
        envelope = self._envelope(delivery)
        self._envelopes[envelope["envelope_id"]] = delivery
        connection.note(envelope["envelope_id"], delivery)
        try:
            await connection.socket.send_json(envelope)
        except (ConnectionError, RuntimeError):
            self._closed(connection)

    @staticmethod
    def _envelope(delivery: Delivery) -> dict[str, Any]:
        kind = ENVELOPE_TYPES.get(delivery.kind, "interactive")
        envelope: dict[str, Any] = {"envelope_id": str(uuid.uuid4()), "type": kind, "payload": delivery.payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": delivery.attempts - 1, "retry_reason": delivery.reason}
        return envelope

    async def disconnect(self, reason: str, *, drop: bool) -> int:
        """Ask every client to reconnect, or cut them off; return how many there were."""
        connections = list(self._connections)
        request = {"type": "disconnect", "reason": reason, "debug_info": {"host": random_id("H")}}
        ends = [each.socket.close() if drop else each.socket.send_json(request) for each in connections]
        await asyncio.gather(*ends, return_exceptions=True)
        return len(connections)
