"""The openai library's client, as both its users want it. Importing that takes 0.4 s and 50 MiB: the first client does."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from openai import AsyncOpenAI

OPENAI = "https://api.openai.com/v1"


def open_client(key: str, address: str, timeout: float, retries: int) -> AsyncOpenAI:
    """A client. A proxy from the environment is never asked for an address on this very machine."""
    from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

    for library in ("openai", "httpx2", "httpcore2"):
        logging.getLogger(library).setLevel(logging.WARNING)  # at DEBUG they write prompts and answers
    local = (urlsplit(address).hostname or "") in ("localhost", "127.0.0.1", "::1")
    http = DefaultAsyncHttpx2Client(trust_env=False) if local else None
    return AsyncOpenAI(api_key=key, base_url=address, timeout=timeout, max_retries=retries, http_client=http)
