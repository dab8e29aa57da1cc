"""The vectors of the last texts, by a digest of each, so that what was embedded a moment ago is not paid for again."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

MOST = 4_096  # texts: 8 MiB at 512 dimensions


class Remembered:
    """At most `most` vectors; what was not asked for longest goes first. Keeps no text."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._vectors: OrderedDict[bytes, npt.NDArray[np.float32]] = OrderedDict()

    def get(self, text: str) -> npt.NDArray[np.float32] | None:
        """This text's vector, if it is remembered."""
        key = _key(text)
        if (found := self._vectors.get(key)) is not None:
            self._vectors.move_to_end(key)
        return found

    def put(self, text: str, vector: npt.NDArray[np.float32]) -> None:
        """Remember this text's vector."""
        self._vectors[_key(text)] = vector.copy()
        while len(self._vectors) > self._most:
            self._vectors.popitem(last=False)


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
