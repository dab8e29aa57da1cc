"""The embedder that the settings name."""

from __future__ import annotations

from bot.settings import Settings, WrongSettings
from stores.embedding.choose import NoEmbedder, OpenEmbedder, open_embedder


def embedder_of(settings: Settings) -> OpenEmbedder | None:
    """It, or None for words alone. Connects to nothing; loads the local model, in 0.1 s. Raises `WrongSettings`."""
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    try:
        return open_embedder(settings.embeddings, key, settings.openai_base_url, settings.embedding_model, settings.embedding_dimensions)
    except NoEmbedder as e:
        raise WrongSettings(str(e)) from None
