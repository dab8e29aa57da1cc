"""The log of Web API calls that the app made."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from .feed import Feed

KEPT = 20_000


@dataclass
class Call:
    """One call and what came of it; `status` is 0 while it runs, and for an answer that was dropped."""

    seq: int
    method: str
    args: dict[str, Any]
    at: float = field(default_factory=time.time)
    seconds: float = 0.0
    status: int = 0
    ok: bool = False
    error: str = ""

    def end(self, status: int, body: dict[str, Any]) -> None:
        """Note the answer."""
        self.seconds = time.time() - self.at
        self.status, self.ok, self.error = status, bool(body.get("ok")), str(body.get("error", ""))


class Calls:
    """The last 20,000 calls."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._calls: deque[Call] = deque(maxlen=KEPT)

    def begin(self, method: str, args: dict[str, Any]) -> Call:
        """Note that a call has begun."""
        call = Call(self._feed.next(), method, {key: value for key, value in args.items() if key != "token"})
        self._calls.append(call)
        return call

    def since(self, seq: int, method: str = "") -> list[dict[str, Any]]:
        """Return the calls that began after this number, oldest first."""
        return [asdict(call) for call in self._calls if call.seq > seq and method in ("", call.method)]
