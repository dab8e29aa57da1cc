"""The network of all-MiniLM-L6-v2 in plain numpy: six layers of BERT, then the mean of all tokens, of length 1.

Why not a runtime for networks: at this size almost all the time goes into the same matrix products, and numpy is here already.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

WIDTH, HEADS, LAYERS = 384, 12, 6
ROWS = 128  # tokens whose inner layer (1,536 wide) is computed at once: what then lies in the processor's cache


@dataclass(frozen=True, slots=True)
class Norm:
    """A layer norm's weights."""

    weight: Array
    bias: Array


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer's weights: attention, its output, and the two products of the inner layer. Products are `x @ w + b`."""

    qkv: Array
    qkv_bias: Array
    out: Array
    out_bias: Array
    out_norm: Norm
    wide: Array
    wide_bias: Array
    narrow: Array
    narrow_bias: Array
    narrow_norm: Norm


class MiniLM:
    """The network. Its weights are read from the file as they are needed, so several processes share one copy of most of them."""

    def __init__(self, file: Path) -> None:
        weights = read_safetensors(file)
        self._words = weights["embeddings.word_embeddings.weight"]
        self._places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        self._norm = _norm_of(weights, "embeddings.LayerNorm")
        self._layers = [_layer(weights, f"encoder.layer.{n}") for n in range(LAYERS)]

    def __call__(self, ids: npt.NDArray[np.intp]) -> Array:
        """The vectors of texts of equal length, given as a row of token ids each; shape (texts, WIDTH). Safe in several threads."""
        texts, length = ids.shape
        x = (self._words[ids] + self._places[:length]).reshape(texts * length, WIDTH)
        _normalize(x, self._norm)
        for layer in self._layers:
            x += _attention(x, layer, texts) @ layer.out + layer.out_bias
            _normalize(x, layer.out_norm)
            for start in range(0, len(x), ROWS):
                rows = x[start : start + ROWS]
                rows += _gelu(rows @ layer.wide + layer.wide_bias) @ layer.narrow + layer.narrow_bias
            _normalize(x, layer.narrow_norm)
        mean = x.reshape(texts, length, WIDTH).mean(axis=1)
        return cast(Array, mean / np.linalg.norm(mean, axis=1, keepdims=True))


def read_safetensors(file: Path) -> dict[str, Array]:
    """The float32 tensors of a safetensors file by name, read-only and read when used: 8 bytes of length, a header in JSON, the data."""
    raw = np.memmap(file, dtype=np.uint8, mode="r")
    start = 8 + int(raw[:8].view("<u8")[0])
    header = json.loads(raw[8:start].tobytes())
    found: dict[str, Array] = {}
    for name, of in header.items():
        if of.get("dtype") == "F32":
            first, last = of["data_offsets"]
            found[name] = raw[start + first : start + last].view("<f4").reshape(of["shape"])
    return found


def _layer(weights: dict[str, Array], at: str) -> Layer:
    inner = f"{at}.attention.self"
    parts = [(weights[f"{inner}.{part}.weight"], weights[f"{inner}.{part}.bias"]) for part in ("query", "key", "value")]
    scale = np.float32((WIDTH // HEADS) ** -0.5)  # of the products of queries and keys, put into the queries once and for all
    scaled = [(parts[0][0] * scale, parts[0][1] * scale), *parts[1:]]
    return Layer(
        np.concatenate([weight for weight, _ in scaled]).T,
        np.concatenate([bias for _, bias in scaled]),
        weights[f"{at}.attention.output.dense.weight"].T,
        weights[f"{at}.attention.output.dense.bias"],
        _norm_of(weights, f"{at}.attention.output.LayerNorm"),
        weights[f"{at}.intermediate.dense.weight"].T,
        weights[f"{at}.intermediate.dense.bias"],
        weights[f"{at}.output.dense.weight"].T,
        weights[f"{at}.output.dense.bias"],
        _norm_of(weights, f"{at}.output.LayerNorm"),
    )


def _norm_of(weights: dict[str, Array], at: str) -> Norm:
    return Norm(weights[f"{at}.weight"], weights[f"{at}.bias"])


def _attention(x: Array, layer: Layer, texts: int) -> Array:
    """What each token takes over from the others of its text. No mask: all texts are of one length."""
    parts = (x @ layer.qkv + layer.qkv_bias).reshape(texts, -1, 3, HEADS, WIDTH // HEADS)
    query, key, value = parts.transpose(2, 0, 3, 1, 4)
    share = query @ key.transpose(0, 1, 3, 2)
    share -= share.max(axis=-1, keepdims=True)
    np.exp(share, out=share)
    share /= share.sum(axis=-1, keepdims=True)
    return cast(Array, (share @ value).transpose(0, 2, 1, 3).reshape(x.shape))


def _normalize(x: Array, norm: Norm) -> None:
    """Layer norm, in place."""
    x -= x.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", x, x) / np.float32(WIDTH)
    x *= (1 / np.sqrt(variance + np.float32(1e-12)))[:, None]
    x *= norm.weight
    x += norm.bias


def _gelu(x: Array) -> Array:
    """x · Φ(x), in place; numpy has no erf: Φ as a tanh of a fitted polynomial, which is off by less than 3e-5."""
    square = np.minimum(x * x, np.float32(49))  # beyond 7 the tanh is 1 anyway, and the polynomial would turn
    inner = square * np.float32(-3.55942558e-4)
    inner += np.float32(3.70327162e-2)
    inner *= square
    inner += np.float32(7.97478306e-1)
    inner *= x
    np.tanh(inner, out=inner)
    inner *= x
    x += inner
    x *= np.float32(0.5)
    return x
