"""The vectors of one index, two for each row: of the sentence, and of cues and things joined.

A vector is turned by a rotation that is the same for all (and so changes no dot product) and kept twice: as one byte a number with a
scale, and as signs alone. The signs tell in a millisecond which of 100,000 rows are worth looking at; for those the bytes give the cosine.
Sums of whole numbers below 2²⁴ are exact, so a cosine does not depend on what else is in the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]

SHIFT = 13
BLOCK = 1 << SHIFT  # rows that are kept together, so that growing copies nothing large
FIRST = 64
STEP = 512  # rows that are compared together: 1.5 MB of numbers
BITS = 384  # signs of a vector that are kept
FIXED = 1 << 14  # one, in the whole numbers that sums of vectors are kept in: 130,000 of a length of 1 fit 32 bits


class Block:
    """Some rows. `scale` is 0 where there is no vector."""

    def __init__(self, size: int, dimensions: int) -> None:
        self.bytes = np.zeros((size, 2, dimensions), np.int8)
        self.scale = np.zeros((size, 2), np.float32)
        self.signs = np.zeros((2, _words(dimensions), size), np.uint64)

    def grown(self, size: int, dimensions: int) -> Block:
        block = Block(size, dimensions)
        held = len(self.bytes)
        block.bytes[:held], block.scale[:held], block.signs[:, :, :held] = self.bytes, self.scale, self.signs
        return block


class Aim:
    """A turned vector to compare with, in whole numbers, so large that no sum of products is inexact."""

    def __init__(self, turned: Numbers) -> None:
        self.length = float(np.linalg.norm(turned))
        self.step = max(self.length, 1e-9) / (0.99 * 2**24 / (127 * len(turned) ** 0.5))
        self.whole = np.rint(turned / self.step).astype(np.float32)
        self.turned = turned


class Matrix:
    """Vectors of `dimensions` numbers. Rows that were never put have none."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self.blocks: list[Block] = []

    def turned(self, vector: Numbers) -> Numbers:
        """The vector as the rows have theirs. Every comparison is made between turned ones."""
        return np.asarray(rotation(self.dimensions) @ vector, np.float32)

    def put(self, row: int, vectors: tuple[Numbers | None, Numbers | None]) -> None:
        """Keep a row's vectors; None or one of zeros stands for none."""
        block, at = self._reach(row)
        for which, vector in enumerate(vectors):
            block.scale[at, which] = 0
            if vector is not None and (turned := rotation(self.dimensions) @ vector).any():
                scale = np.float32(np.abs(turned).max() / 127)
                block.bytes[at, which] = np.rint(turned / scale)
                block.scale[at, which] = scale
                block.signs[which, :, at] = _signs(turned[None, :])[:, 0]

    def put_all(self, rows: Rows, vectors: Sequence[tuple[Numbers | None, Numbers | None]]) -> None:
        """The same for many rows at once."""
        if len(rows):
            self._reach(int(rows.max()))
        order = np.argsort(rows).tolist()
        for which in (0, 1):
            held = [n for n in order if vectors[n][which] is not None]
            turned = np.asarray([vectors[n][which] for n in held], np.float32).reshape(-1, self.dimensions) @ rotation(self.dimensions).T
            scales = np.abs(turned).max(axis=1, initial=0) / np.float32(127)
            numbers = np.rint(turned / np.maximum(scales, np.float32(1e-30))[:, None]).astype(np.int8)
            signs = _signs(turned)
            for block, at, where in self._parts(rows[held]):
                block.bytes[at, which], block.scale[at, which], block.signs[which][:, at] = numbers[where], scales[where], signs[:, where]

    def move(self, row: int, to: int) -> None:
        """Give another row what this one has."""
        block, at = self._reach(row)
        other, there = self._reach(to)
        other.bytes[there], other.scale[there], other.signs[:, :, there] = block.bytes[at], block.scale[at], block.signs[:, :, at]

    def clear(self, row: int) -> None:
        """Forget a row's vectors."""
        if row >> SHIFT < len(self.blocks) and row & (BLOCK - 1) < len(self.blocks[row >> SHIFT].scale):
            block, at = self._reach(row)
            block.bytes[at], block.scale[at], block.signs[:, :, at] = 0, 0, 0

    def fixed(self, rows: Rows) -> npt.NDArray[np.int64]:
        """The sum of these rows' sentence vectors, turned, in whole numbers: the same whatever the order."""
        total = np.zeros(self.dimensions, np.int64)
        for block, at, _ in self._parts(rows):
            for part in np.array_split(at, len(at) // 1024 + 1):
                total += np.rint(block.bytes[part, 0] * (block.scale[part, 0, None] * np.float32(FIXED))).astype(np.int64).sum(axis=0)
        return total

    def likely(self, aim: Aim, count: int) -> Numbers:
        """For each of the first `count` rows about what its better cosine is, by signs alone."""
        found, signs = np.zeros(count, np.float32), _signs(aim.turned[None, :])
        table = np.float32(aim.length) * _near(64 * _words(self.dimensions))
        for n, block in enumerate(self.blocks):
            size = min(len(block.scale), count - (n << SHIFT))
            if size > 0:
                found[n << SHIFT : (n << SHIFT) + size] = _likely(block, signs, size, table)
        return found

    def cosines(self, rows: Rows, aims: Sequence[Aim]) -> Numbers:
        """For each aim the better cosine of each of these rows, which ascend; 0 for one without vectors."""
        found = np.zeros((len(aims), len(rows)), np.float32)
        wholes, steps = np.stack([aim.whole for aim in aims], axis=1), np.array([aim.step for aim in aims], np.float32)
        for block, at, where in self._parts(rows):
            for few in range(0, len(at), STEP):
                part = at[few : few + STEP]
                numbers = block.bytes.take(part, axis=0).reshape(-1, self.dimensions).astype(np.float32)
                scale = block.scale[part]
                both = (numbers @ wholes).reshape(-1, 2, len(aims)) * (scale[:, :, None] * steps)
                better = np.maximum(both[:, 0], np.where(scale[:, 1, None] > 0, both[:, 1], -np.inf))
                found[:, where.start + few : where.start + few + len(part)] = better.T
        return found

    @property
    def nbytes(self) -> int:
        return sum(b.bytes.nbytes + b.scale.nbytes + b.signs.nbytes for b in self.blocks)

    def _reach(self, row: int) -> tuple[Block, int]:
        number, at = row >> SHIFT, row & (BLOCK - 1)
        while number >= len(self.blocks):
            if self.blocks and len(self.blocks[-1].scale) < BLOCK:
                self.blocks[-1] = self.blocks[-1].grown(BLOCK, self.dimensions)
            self.blocks.append(Block(BLOCK if number else FIRST, self.dimensions))
        while at >= len(self.blocks[number].scale):
            self.blocks[number] = self.blocks[number].grown(min(BLOCK, 2 * len(self.blocks[number].scale)), self.dimensions)
        return self.blocks[number], at

    def _parts(self, rows: Rows) -> list[tuple[Block, Rows, slice]]:
        """Ascending rows by block: the block, where in it they are, and where among `rows`. Rows beyond every block have no vectors."""
        starts = [n << SHIFT for n in range(len(self.blocks))]
        ends = [start + len(block.scale) for start, block in zip(starts, self.blocks, strict=True)]
        bounds = zip(*(np.searchsorted(rows, each).tolist() for each in (starts, ends)), strict=True)
        parts = zip(self.blocks, starts, (slice(*bound) for bound in bounds), strict=True)
        return [(block, rows[where] - start, where) for block, start, where in parts if where.start < where.stop]


@lru_cache(maxsize=4)
def rotation(dimensions: int) -> Numbers:
    """A rotation, the same in every process: it spreads a vector over its numbers, so that few bits tell much."""
    chance = np.random.default_rng(20261122)
    return np.ascontiguousarray(np.linalg.qr(chance.standard_normal((dimensions, dimensions)))[0], np.float32)


def _words(dimensions: int) -> int:
    return max(1, min(BITS, dimensions) // 64)


def _signs(turned: Numbers) -> npt.NDArray[np.uint64]:
    """The signs of each row's first numbers, in words: shape (words, rows)."""
    words = _words(turned.shape[1])
    signs = np.zeros((len(turned), 64 * words), bool)
    held = min(64 * words, turned.shape[1])
    signs[:, :held] = turned[:, :held] > 0
    found: npt.NDArray[np.uint64] = np.ascontiguousarray(np.packbits(signs, axis=1).view(np.uint64).T)
    return found


@lru_cache(maxsize=4)
def _near(bits: int) -> Numbers:
    """By how many signs of so many differ, about what the cosine is."""
    return np.cos(np.pi * np.arange(bits + 1, dtype=np.float32) / bits).astype(np.float32)


def _likely(block: Block, signs: npt.NDArray[np.uint64], size: int, table: Numbers) -> Numbers:
    apart = np.bitwise_count(block.signs[:, :, :size] ^ signs).sum(axis=1, dtype=np.uint16)
    held = block.scale[:size] > 0
    if held.all():
        return np.asarray(table[apart.min(axis=0)], np.float32)
    better = np.where(held.T, table[apart], np.float32(0))
    return np.asarray(np.where(held[:, 1], better.max(axis=0), better[0]), np.float32)
