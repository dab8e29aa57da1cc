"""EMBEDDINGS names the embedder; what cannot be had is said with its remedy."""

from __future__ import annotations

import sys

import pytest

from bot.embeddings import embedder_of
from bot.settings import WrongSettings, load_settings, require_slack
from stores.embedding.choose import chosen
from stores.embedding.local import PACKAGE, LocalEmbedder, installed
from stores.embedding.remote import RemoteEmbedder

URL = "http://127.0.0.1:9/v1"


def test_without_a_choice_it_is_openai_with_a_key_and_not_with_a_mere_address() -> None:
    assert chosen(None, "key") == "openai"
    assert chosen(None, None) == ("local" if installed() else "none")


@pytest.mark.parametrize("choice", ["openai", "local", "none"])
def test_a_choice_is_kept(choice: str) -> None:
    assert chosen(choice, "key") == choice  # type: ignore[arg-type]


async def test_each_choice_opens_its_own() -> None:
    assert embedder_of(load_settings({"EMBEDDINGS": "none", "OPENAI_API_KEY": "key"})) is None
    remote = embedder_of(load_settings({"EMBEDDINGS": "openai", "OPENAI_BASE_URL": URL, "EMBEDDING_DIMENSIONS": "128"}))
    assert isinstance(remote, RemoteEmbedder)
    assert remote.dimensions == 128
    await remote.close()
    if installed():
        local = embedder_of(load_settings({"EMBEDDINGS": "local", "OPENAI_API_KEY": "key"}))
        assert isinstance(local, LocalEmbedder)
        await local.close()
        await local.close()


def test_openai_needs_a_key_or_an_address() -> None:
    with pytest.raises(WrongSettings, match="OPENAI_API_KEY"):
        embedder_of(load_settings({"EMBEDDINGS": "openai"}))


def test_it_is_reported_with_the_other_settings() -> None:
    with pytest.raises(WrongSettings) as wrong:
        require_slack(load_settings({"EMBEDDINGS": "openai"}))
    assert [line.partition(":")[0] for line in str(wrong.value).splitlines()][-2:] == ["OPENAI_API_KEY", "EMBEDDINGS"]


@pytest.mark.parametrize(("name", "value"), [("EMBEDDINGS", "cohere"), ("EMBEDDING_DIMENSIONS", "1536"), ("EMBEDDING_DIMENSIONS", "0")])
def test_a_wrong_choice_is_a_wrong_setting(name: str, value: str) -> None:
    with pytest.raises(WrongSettings, match=f"^{name}: "):
        load_settings({name: value})


def test_local_that_is_not_installed_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    assert chosen(None, None) == "none"
    with pytest.raises(WrongSettings, match=r"requirements-local\.txt"):
        embedder_of(load_settings({"EMBEDDINGS": "local"}))
