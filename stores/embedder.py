"""Texts as vectors, behind one port. Vectors of different embedders are never compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""One row a text, each of length 1 (a text without anything to embed: all zeros)."""


class EmbeddingFailed(Exception):
    """There are no vectors just now. Search goes on with keywords alone; the text says why, for the log."""


class Embedder(Protocol):
    """Turns texts into vectors. `name` changes whenever vectors stop being comparable with those of before."""

    name: str
    dimensions: int

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """The texts' vectors, in order, shape (len(texts), dimensions). Never holds up the event loop. Raises `EmbeddingFailed`."""
        ...


def vector_bytes(vector: npt.NDArray[Any]) -> bytes:
    """A vector as it is kept: little-endian float16."""
    return vector.astype("<f2").tobytes()
