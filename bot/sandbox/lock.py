"""One `tacit try` at a time in one folder. The lock goes with whoever holds it, also when that is killed."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import IO


class Taken(Exception):
    """Somebody else holds the lock. `url` is where their page is, "" while they start or end."""

    def __init__(self, url: str, pid: int) -> None:
        super().__init__(url)
        self.url, self.pid = url, pid


class Lock:
    """A held lock on a folder. `descriptor` may be handed to another process, which then holds it too."""

    def __init__(self, folder: Path) -> None:
        """Take it. Raises `Taken`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = (folder / "running.json").open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            url, pid = self._read()
            self._file.close()
            raise Taken(url, pid) from None
        self.tell("")

    @property
    def descriptor(self) -> int:
        return self._file.fileno()

    def tell(self, url: str) -> None:
        """Let others know where the page is."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps({"url": url, "pid": os.getpid()}))
        self._file.flush()

    def release(self) -> None:
        """Let go. The file stays: removing it would let two hold it."""
        self.tell("")
        self._file.close()

    def _read(self) -> tuple[str, int]:
        self._file.seek(0)
        try:
            found = json.loads(self._file.read())
            return str(found["url"]), int(found["pid"])
        except (ValueError, KeyError):
            return "", 0
