"""Keeps the tests on this machine: whoever connects elsewhere, or looks up another name, gets an error that says so."""

import ipaddress
import os
import socket
import sys
from typing import Any
from urllib.parse import urlsplit

attempts: list[str] = []
"""What was tried during the present test, so that it fails even where the code under test swallowed the error."""

_allowed: set[str] = {"localhost", ""}


class OutsideReached(RuntimeError):
    """A test tried to reach something beyond this machine; give it a server on 127.0.0.1 instead."""


def guard() -> None:
    """Watch this process from now on. What MONGODB_URL and REDIS_URL name stays within reach."""
    for setting in ("MONGODB_URL", "REDIS_URL"):
        for host in _hosts(os.environ.get(setting, "")):
            _allowed.add(host)
            _allowed.update(str(found[4][0]) for found in socket.getaddrinfo(host, None))
    sys.addaudithook(_watch)


def _hosts(url: str) -> list[str]:
    """The host names of a URL, of which MongoDB's may have several."""
    network = urlsplit(url).netloc.rpartition("@")[2]
    return [urlsplit(f"//{part}").hostname or "" for part in network.split(",") if part]


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        sock, address = arguments
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(str(address[0])):
            _refuse(f"{address[0]}:{address[1]}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        name = arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0] or ""
        if not _is_here(name) and not _is_number(name):
            _refuse(name)


def _is_here(host: str) -> bool:
    if host in _allowed or host.endswith(".localhost"):
        return True
    return _is_number(host) and (ipaddress.ip_address(host.partition("%")[0]).is_loopback or host in ("0.0.0.0", "::"))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _refuse(target: str) -> None:
    attempts.append(target)
    raise OutsideReached(f"This test tried to reach {target}. Tests reach nothing beyond this machine: give it a server on 127.0.0.1.")
