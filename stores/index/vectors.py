"""The vectors as the database keeps them, so that each text is embedded once, by whichever process comes to it first."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping, Sequence

import numpy as np

from stores.documents import Document, Documents
from stores.embedder import Embedder, EmbeddingFailed, vector_bytes
from stores.index.entries import key, texts_of
from stores.index.matrix import Numbers
from stores.insights import Insight
from stores.repository import InsightRepository

log = logging.getLogger(__name__)

Both = tuple[Numbers | None, Numbers | None]


class KeptVectors:
    """One workspace's vectors of one embedder. Those of another one, of the wrong length or of no numbers count as missing."""

    def __init__(self, documents: Documents, embedder: Embedder) -> None:
        self._documents = documents
        self.embedder = embedder

    async def of(self, insights: Sequence[Insight]) -> dict[str, Both]:
        """The vectors that are kept for these insights as they are worded now."""
        if not insights:
            return {}
        found = await self._documents.find("vectors", {"_id": {"$in": [i.id for i in insights]}})
        return self._all(found, {i.id: i for i in insights})

    def _all(self, documents: Sequence[Document], insights: Mapping[str, Insight]) -> dict[str, Both]:
        whole = [d for d in documents if d["_id"] in insights and self._fits(d, insights[d["_id"]])]
        sentences, cues = self._vectors([d.get("sentence") for d in whole]), self._vectors([d.get("cues") for d in whole])
        both = zip(whole, sentences, cues, strict=True)
        return {d["_id"]: (s, c) for d, s, c in both if (s is not None or not d.get("sentence")) and (c is not None or not d.get("cues"))}

    async def embed(self, insights: Sequence[Insight], repository: InsightRepository) -> dict[str, Both]:
        """Embed these insights and keep the vectors, but not of one that was forgotten meanwhile. Raises `EmbeddingFailed`."""
        texts = [text for i in insights for text in texts_of(i)]
        wanted = list(dict.fromkeys(text for text in texts if text))
        rows = await self.embedder.embed(wanted)
        if rows.shape != (len(wanted), self.embedder.dimensions) or not np.isfinite(rows).all():
            raise EmbeddingFailed(f"{self.embedder.name} gave vectors of shape {rows.shape}, or some that are no numbers.")
        of = dict(zip(wanted, rows.astype("<f2").astype(np.float32), strict=True))  # as they will be read
        made: dict[str, Both] = {i.id: (of.get(texts_of(i)[0]), of.get(texts_of(i)[1])) for i in insights}
        for insight in insights:
            await self._keep(insight, made[insight.id])
        live = {i.id for i in await repository.get(list(made))}
        for gone in made.keys() - live:
            await self._documents.delete("vectors", {"_id": gone})
        return {identity: both for identity, both in made.items() if identity in live}

    async def _keep(self, insight: Insight, both: Both) -> None:
        sentence, cues = (base64.b64encode(vector_bytes(v)).decode() if v is not None else "" for v in both)
        fields = {"embedder": self.embedder.name, "texts": fingerprint(insight), "sentence": sentence, "cues": cues}
        await self._documents.update("vectors", {"_id": insight.id}, {"$set": fields}, upsert=True)

    def _fits(self, document: Document, insight: Insight) -> bool:
        return document.get("embedder") == self.embedder.name and document.get("texts") == fingerprint(insight)

    def _vectors(self, kept: Sequence[object]) -> list[Numbers | None]:
        """What was kept as vectors: None for what is none, is of another length or is no number."""
        size = 2 * self.embedder.dimensions
        held = [data if (data := _decoded(one)) is not None and len(data) == size else b"" for one in kept]
        numbers = np.frombuffer(b"".join(data or bytes(size) for data in held), "<f2")
        rows = numbers.reshape(len(kept), self.embedder.dimensions).astype(np.float32)
        sound = np.isfinite(rows.sum(axis=1)).tolist()
        return [row if data and fine else None for row, data, fine in zip(rows, held, sound, strict=True)]


def _decoded(kept: object) -> bytes | None:
    try:
        return binascii.a2b_base64(kept, strict_mode=True) if isinstance(kept, str) and kept else None
    except (binascii.Error, ValueError):
        return None


def fingerprint(insight: Insight) -> str:
    """Changes when what is embedded does."""
    return f"{key(chr(0).join(texts_of(insight))):016x}"
