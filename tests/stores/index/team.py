"""A made-up team for the index's tests: insights by the hundred, places that change, and an embedder that needs no model."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stores.audience import Readers, readers_of
from stores.embedder import EmbeddingFailed, Vectors
from stores.insights import Evidence, Insight, Taught, insight_id
from stores.terms import terms
from stores.testing import Town

WORDS = [
    f"{a}{b}" for a in ("bak", "dor", "fel", "gri", "hun", "jav", "kes", "lom") for b in ("ate", "ole", "uri", "eda", "ix", "on", "um")
]
PUBLIC, PRIVATE = ("C1", "C2", "C3"), ("P1", "P2")


class Hashed:
    """`stores.embedder.Embedder`: a vector is the sum of its words' vectors, each made of the word's hash."""

    def __init__(self, dimensions: int = 64, name: str = "hashed") -> None:
        self.name, self.dimensions = name, dimensions
        self.embedded: list[str] = []
        self.away = False

    async def embed(self, texts: Sequence[str]) -> Vectors:
        if self.away:
            raise EmbeddingFailed("It is away.")
        self.embedded += texts
        rows = np.stack([self._one(t) for t in texts]) if texts else np.zeros((0, self.dimensions))
        return rows.astype(np.float32)

    def _one(self, text: str) -> np.ndarray:  # type: ignore[type-arg]
        total = np.zeros(self.dimensions)
        for word in text.lower().split():
            seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "little")
            total += np.random.default_rng(seed).standard_normal(self.dimensions)
        length = np.linalg.norm(total)
        return total / length if length else total  # type: ignore[no-any-return]


def town() -> Town:
    """Three public and two private channels; Ana is in both private ones, Bo in one, Gus is a guest in C3."""
    made = Town()
    for place in PUBLIC:
        made.build(place, "public", "ana", "bo", "cy", *(["gus"] if place == "C3" else []))
    made.build("P1", "private", "ana", "bo")
    made.build("P2", "private", "ana")
    return made


def said(chance: random.Random, at: float) -> Evidence:
    """A message somewhere."""
    place = chance.choice((*PUBLIC, *PRIVATE, "Dana", "Dbo"))
    taught: Taught = (
        "dm" if place[0] == "D" else "private" if place[0] == "P" else chance.choice(("public", "public", "public", "guest", "unconfirmed"))
    )
    teammate = place[1:] if place[0] == "D" else chance.choice(("ana", "bo"))
    source = tuple(dict.fromkeys(terms(" ".join(chance.choices(WORDS, k=6)))))
    return Evidence(f"{place}:{at:.6f}", place, f"{int(at / 5)}", teammate, at, taught, terms=source)


def insight(number: int, chance: random.Random, run: str = "r", **more: object) -> Insight:
    """One of a hundred, learned somewhere from one message or two."""
    at = 1000.0 + number
    evidence = [said(chance, at)]
    if chance.random() < 0.3:
        other = said(chance, at + 0.5)
        evidence.append(other)
    made = Insight(
        insight_id(run, "s", number),
        "W",
        "team_knowledge",
        "fact",
        " ".join(chance.choices(WORDS, k=7)),
        tuple(evidence),
        cues=(" ".join(chance.choices(WORDS, k=3)),) if chance.random() < 0.5 else (),
        about=chance.choice(("ana", "bo")) if chance.random() < 0.1 else None,
        standing=chance.random() < 0.2,
        learned_at=at,
    )
    return replace(made, **more)  # type: ignore[arg-type]


async def everybody(directory: Town) -> list[Readers]:
    """Readers of many kinds."""
    pairs = (("C1", "ana"), ("C2", "bo"), ("C3", "gus"), ("P1", "bo"), ("P2", "ana"), ("Dana", "ana"), ("Dbo", "bo"), ("Dgus", "gus"))
    return [await readers_of(directory, place, asker) for place, asker in pairs]


def question(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, 6)))
