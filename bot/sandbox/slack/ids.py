"""Ids and times that look like Slack's."""

import hashlib
import itertools
import secrets
import time
from collections.abc import Container

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def derived_id(prefix: str, *names: str) -> str:
    """Return an id such as `U0A1B2C3D4E`: the same for the same names, so that a workspace has the same ids wherever it is started."""
    number = int.from_bytes(hashlib.sha256("\0".join((prefix, *names)).encode()).digest()[:8], "big")
    return f"{prefix}0{_base36(number)}"


def free_id(taken: Container[str], prefix: str, *names: str) -> str:
    """Return the derived id, or, where that is taken, the next one derived from it."""
    for turn in itertools.count():
        candidate = derived_id(prefix, *names, *([str(turn)] if turn else []))
        if candidate not in taken:
            return candidate
    raise AssertionError("unreachable: the numbers do not end")


def random_id(prefix: str) -> str:
    """Return a new id that nobody has seen before, such as `Ev0A1B2C3D4E`."""
    return f"{prefix}0{_base36(secrets.randbits(64))}"


def _base36(number: int) -> str:
    digits = ""
    while len(digits) < 9:
        number, rest = divmod(number, 36)
        digits += _DIGITS[rest]
    return digits


class Clock:
    """Hands out Slack's `ts`: real time in microseconds, each one later than all before."""

    def __init__(self) -> None:
        self._last = 0

    def ts(self) -> str:
        """Return a ts that is later than every other one handed out or seen."""
        self._last = max(time.time_ns() // 1000, self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def seen(self, ts: str) -> None:
        """Remember a ts from an earlier life: the next ones are later."""
        seconds, micros = ts.split(".")
        self._last = max(self._last, int(seconds) * 1_000_000 + int(micros))
