"""Vectors by the product's own local embedder, kept by a hash of the text so that a second run need not wait for them."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stores.embedder import Vectors
from stores.embedding.local import LocalEmbedder, installed
from tests.servers.machine import Unavailable

AT_ONCE = 2000


def local_embedder() -> LocalEmbedder:
    """The product's own. Raises `Unavailable` where none is installed."""
    if not installed():
        raise Unavailable("recall: the local embedder is not installed; `make try` installs it")
    return LocalEmbedder()


async def embedded(texts: Sequence[str]) -> Vectors:
    """The texts' vectors. Raises `Unavailable` where no local embedder is installed."""
    embedder, parts = local_embedder(), []
    for start in range(0, len(texts), AT_ONCE):
        part = list(texts[start : start + AT_ONCE])
        kept = _kept(embedder.name, part)
        if not kept.exists():
            sys.stderr.write(f"  embedding {start} of {len(texts)} texts\n")
            np.save(kept, (await embedder.embed(part)).astype(np.float16))
        parts.append(np.load(kept).astype(np.float32))
    return np.concatenate(parts) if parts else np.zeros((0, embedder.dimensions), np.float32)


def _kept(embedder: str, texts: Sequence[str]) -> Path:
    folder = Path(os.environ.get("TACIT_CACHE") or Path.home() / ".cache" / "tacit") / "vectors"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{hashlib.sha256(chr(0).join((embedder, *texts)).encode()).hexdigest()[:32]}.npy"
