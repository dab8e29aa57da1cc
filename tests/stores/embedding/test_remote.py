"""Embeddings over OpenAI's interface, from a server on loopback that does what each test makes it do."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from aiohttp import web

from stores.embedder import Embedder, EmbeddingFailed
from stores.embedding.remote import CHARACTERS, LONGEST, TEXTS, RemoteEmbedder

DIMENSIONS = 64
SECRET = "confidential words"


class Server:
    """Gives each text a vector made of its letters, the last text's first; or what the test set."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.url, self.status, self.pause, self.dimensions = "", 200, 0.0, DIMENSIONS
        self.body: Any = None
        self.base64 = True

    async def handle(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.asked.append(asked)
        await asyncio.sleep(self.pause)
        if self.status != 200:
            return web.json_response({"error": {"message": SECRET}}, status=self.status, headers={"x-should-retry": "false"})
        data = [
            {"object": "embedding", "index": n, "embedding": self.shown(text, asked["encoding_format"])}
            for n, text in enumerate(asked["input"])
        ]
        return web.json_response(self.body if self.body is not None else {"object": "list", "model": "m", "data": data[::-1]})

    def shown(self, text: str, form: str) -> Any:
        numbers = np.array(self.vector(text), "<f4")
        return base64.b64encode(numbers.tobytes()).decode() if form == "base64" and self.base64 else numbers.tolist()

    def vector(self, text: str) -> list[float]:
        return [float(ord(text[n % len(text)]) * (n + 1) + len(text)) for n in range(self.dimensions)]

    @property
    def texts(self) -> list[list[str]]:
        return [asked["input"] for asked in self.asked]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/v1/embeddings", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield server
    await runner.cleanup()


@pytest.fixture
async def remote(server: Server) -> AsyncIterator[RemoteEmbedder]:
    embedder = RemoteEmbedder("key", server.url, "a-model", DIMENSIONS)
    yield embedder
    await embedder.close()


@pytest.mark.parametrize("in_base64", [True, False])
async def test_it_keeps_the_port(server: Server, remote: Embedder, in_base64: bool) -> None:
    server.base64 = in_base64
    vectors = await remote.embed(["one", "three", "five"])
    assert vectors.shape == (3, remote.dimensions)
    assert vectors.dtype == np.float32
    for vector, text in zip(vectors, ["one", "three", "five"], strict=True):
        wanted = np.array(server.vector(text))
        assert np.allclose(vector, wanted / np.linalg.norm(wanted), atol=1e-6)


async def test_model_and_dimensions_are_asked_for(server: Server, remote: RemoteEmbedder) -> None:
    await remote.embed(["one"])
    assert (server.asked[0]["model"], server.asked[0]["dimensions"]) == ("a-model", DIMENSIONS)


def test_vectors_of_another_model_length_or_server_have_another_name() -> None:
    made = [("key", None, "a", 64), ("key", None, "a", 128), ("key", None, "b", 64), (None, "http://localhost:1/v1", "a", 64)]
    assert len({RemoteEmbedder(*each).name for each in made}) == len(made)


async def test_the_same_text_is_sent_once(server: Server, remote: RemoteEmbedder) -> None:
    first = await remote.embed(["one", "two", "one"])
    again = await remote.embed(["two", "one"])
    assert server.texts == [["one", "two"]]
    assert np.array_equal(first[[1, 0]], again)


async def test_an_empty_text_is_not_sent(server: Server, remote: RemoteEmbedder) -> None:
    vectors = await remote.embed(["", "  \n", "one"])
    assert server.texts == [["one"]]
    assert not vectors[:2].any()
    assert (await remote.embed([])).shape == (0, DIMENSIONS)


async def test_many_texts_go_in_batches(server: Server, remote: RemoteEmbedder) -> None:
    texts = [f"text {n}" for n in range(2 * TEXTS + 1)]
    vectors = await remote.embed(texts)
    assert sorted(map(len, server.texts)) == [1, TEXTS, TEXTS]
    assert np.array_equal(vectors[-1], (await remote.embed(texts[-1:]))[0])


async def test_long_texts_are_cut_and_few_go_together(server: Server, remote: RemoteEmbedder) -> None:
    await remote.embed([f"{n} " + "x" * 50_000 for n in range(30)])
    assert {len(text) for texts in server.texts for text in texts} == {LONGEST}
    assert all(sum(map(len, texts)) <= CHARACTERS for texts in server.texts)


@pytest.mark.parametrize(
    ("status", "remedy"), [(401, "OPENAI_API_KEY"), (404, "EMBEDDING_MODEL"), (400, "EMBEDDING_DIMENSIONS"), (500, "500")]
)
async def test_a_refusal_is_a_failure_with_its_remedy(server: Server, remote: RemoteEmbedder, status: int, remedy: str) -> None:
    server.status = status
    with pytest.raises(EmbeddingFailed, match=remedy) as failure:
        await remote.embed([SECRET, "two", "three"])
    assert SECRET not in str(failure.value)


async def test_a_server_that_is_not_there_is_a_failure() -> None:
    remote = RemoteEmbedder(None, "http://127.0.0.1:9/v1", "a-model", DIMENSIONS)
    start = time.monotonic()
    with pytest.raises(EmbeddingFailed):
        await remote.embed(["one"])
    assert time.monotonic() - start < 5  # half a second, on a machine that is not busy
    await remote.close()


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"data": []},
        {"data": [{"index": 0}]},
        {"data": [{"index": 0, "embedding": None}]},
        {"data": [{"index": 0, "embedding": [float("nan")] * DIMENSIONS}]},
        {"data": [{"index": 0, "embedding": [1.0] * 3}]},
        {"data": [{"index": 0, "embedding": "no base64"}]},
        {"data": [{"index": 0, "embedding": "AAA="}]},
        {"data": [{"index": 0, "embedding": ["x"] * DIMENSIONS}]},
    ],
)
async def test_nonsense_is_a_failure(server: Server, remote: RemoteEmbedder, body: Any) -> None:
    server.body = body
    with pytest.raises(EmbeddingFailed):
        await remote.embed(["one"])


async def test_other_dimensions_than_asked_for_are_named(server: Server, remote: RemoteEmbedder) -> None:
    server.dimensions = 768
    with pytest.raises(EmbeddingFailed, match="768 dimensions"):
        await remote.embed(["one"])


async def test_after_a_failure_nothing_is_asked_for_a_while_and_the_log_says_so_once(
    server: Server, remote: RemoteEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    server.status = 503
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            with pytest.raises(EmbeddingFailed):
                await remote.embed([SECRET])
    assert len(server.asked) == 1
    assert [record.message for record in caplog.records if record.name.startswith("stores")] == ["embedding.away"]
    assert not [record for record in caplog.records if SECRET in str(vars(record))]


async def test_what_is_remembered_needs_no_server(server: Server, remote: RemoteEmbedder) -> None:
    await remote.embed(["one"])
    server.status = 503
    with pytest.raises(EmbeddingFailed):
        await remote.embed(["two"])
    assert (await remote.embed(["one"])).any()


async def test_a_late_answer_costs_this_question_its_vector_and_the_next_one_nothing(server: Server, remote: RemoteEmbedder) -> None:
    server.pause = 1.0
    with pytest.raises(EmbeddingFailed, match="did not answer within"):
        await remote.embed(["one"])
    with pytest.raises(EmbeddingFailed):
        await remote.embed(["two"])
    await asyncio.sleep(1.0)
    assert (await remote.embed(["one"])).any()
    server.pause = 0.0
    assert (await remote.embed(["two"])).any()
    assert server.texts == [["one"], ["two"]]


async def test_whoever_gives_up_waiting_leaves_nothing_behind(server: Server, remote: RemoteEmbedder) -> None:
    server.pause = 5.0
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await remote.embed(["one", "two", "three"])
    await asyncio.sleep(0.1)
    assert not [task for task in asyncio.all_tasks() if "RemoteEmbedder" in repr(task)]
