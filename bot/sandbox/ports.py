"""Ports of this machine's loopback address."""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"
FIRST, LAST = 20000, 32000  # below the range that Linux and macOS take for outgoing connections, which would be in the way


def free_port() -> int:
    """A port that nobody has at this moment; a random one, so that two who ask at the same time get different ones."""
    while True:
        port = random.randint(FIRST, LAST)
        if not is_taken(port):
            return port


def is_taken(port: int) -> bool:
    """Whether somebody listens on this port, or may not be joined there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # A connection that has just ended is nobody.
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False
