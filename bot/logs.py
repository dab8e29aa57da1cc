"""Logs: one line an event, its constant name and ids. Never the text of messages, insights or prompts."""

from __future__ import annotations

import logging
import sys
import time

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Formatter):
    """`2026-11-22T10:00:00Z WARNING question.put_off question=C1:1.2 tries=1`"""

    converter = time.gmtime  # type: ignore[assignment]  # what the logging documentation says to do

    def format(self, record: logging.LogRecord) -> str:
        fields = {k: v for k, v in vars(record).items() if k not in _STANDARD}
        said = " ".join(f"{k}={_short(v)}" for k, v in fields.items())
        when = self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ")
        line = f"{when} {record.levelname} {record.getMessage()} {said}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def set_up_logs(level: str) -> None:
    """Write to standard error. Other people's libraries speak up from WARNING on only, for they log what they send and receive."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("bot", "workers", "stores"):
        logging.getLogger(name).setLevel(level)


def _short(value: object) -> str:
    text = str(value).replace("\n", " ")
    return text if len(text) <= 300 else text[:299] + "…"
