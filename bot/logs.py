"""Logs: one line an event, its constant name and ids. Never the text of messages, insights or prompts.

What others put into a text is not ours to judge: of an exception only its type and where it was raised is written, and of what a library
logs only which one it was and where in its source it spoke up.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


OURS = ("bot", "workers", "stores")


class Lines(logging.Formatter):
    """`2026-11-22T10:00:00Z WARNING question.put_off question=C1:1.2 tries=1`"""

    converter = time.gmtime  # type: ignore[assignment]  # what the logging documentation says to do

    def format(self, record: logging.LogRecord) -> str:
        event, fields = _said(record)
        written = " ".join(f"{k}={_short(v)}" for k, v in fields.items())
        line = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%SZ')} {record.levelname} {event} {written}".rstrip()
        error = record.exc_info[1] if record.exc_info else None
        return "\n".join([line, *_traced(error)]) if error else line


def set_up_logs(level: str) -> None:
    """Write to standard error. Other people's libraries speak up from WARNING on only, for they log what they send and receive."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level)


def _said(record: logging.LogRecord) -> tuple[str, dict[str, object]]:
    """The event's name and its fields."""
    if record.name.partition(".")[0] in OURS:
        return record.getMessage(), {k: v for k, v in vars(record).items() if k not in _STANDARD}
    return "library.spoke", {"logger": record.name, "at": f"{record.filename}:{record.lineno}"}


def _traced(error: BaseException) -> list[str]:
    """Where an exception was raised, and the one that it came from before it; never what it says."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in frames]
    return [*(_traced(before) if before else []), *lines, f"  {type(error).__module__}.{type(error).__qualname__}"]


def _short(value: object) -> str:
    text = str(value).replace("\n", " ")
    return text if len(text) <= 300 else text[:299] + "…"
