"""Which embedder EMBEDDINGS means."""

from __future__ import annotations

from typing import Literal, Protocol

from stores.embedder import Embedder

Choice = Literal["openai", "local", "none"]

INSTALL = "pip install --no-deps -r deploy/requirements-local.txt"


class NoEmbedder(Exception):
    """The embedder that EMBEDDINGS names cannot be had. The text says what to do."""


class OpenEmbedder(Embedder, Protocol):
    """An embedder that holds threads or connections."""

    async def close(self) -> None:
        """Let go of them. May be called twice."""
        ...


def chosen(choice: Choice | None, key: str | None) -> Choice:
    """What is meant where EMBEDDINGS is not set: openai with a key (a mere address may be of a server without embeddings), else local if it
    is installed, else none."""
    from stores.embedding.local import installed

    return choice or ("openai" if key else "local" if installed() else "none")


def lacking(choice: Choice | None, key: str | None, base_url: str | None) -> str:
    """What the embedder that is meant lacks, with the remedy; "" if nothing. Loads nothing."""
    from stores.embedding.local import installed

    meant = chosen(choice, key)
    if meant == "local" and not installed():
        return f"is local, but its packages are not installed: {INSTALL}, or set it to none."
    if meant == "openai" and not key and not base_url:
        return "is openai, which needs OPENAI_API_KEY, or OPENAI_BASE_URL of a server that offers embeddings."
    return ""


def open_embedder(choice: Choice | None, key: str | None, base_url: str | None, model: str, dimensions: int) -> OpenEmbedder | None:
    """The embedder; None for words alone. Connects to nothing; loads the local model, in 0.1 s. Raises `NoEmbedder`."""
    if problem := lacking(choice, key, base_url):
        raise NoEmbedder(f"EMBEDDINGS {problem}")
    meant = chosen(choice, key)
    if meant == "local":
        from stores.embedding.local import LocalEmbedder

        return LocalEmbedder()
    if meant == "openai":
        from stores.embedding.remote import RemoteEmbedder

        return RemoteEmbedder(key, base_url, model, dimensions)
    return None
