"""An index as one file, so that a process need not read the whole database to begin. A cache: whatever is wrong with it, it is built anew.

A header in JSON, then the arrays one behind the other. It holds no word of anybody's: stems are hashes. Only its owner may read it.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stores.index.cells import Cell
from stores.index.entries import Origin, Said
from stores.index.index import HybridIndex
from stores.index.inverted import Inverted, Segment
from stores.index.matrix import BLOCK, SHIFT, Block
from stores.index.rows import COLUMNS
from stores.revisions import Revision

FORMAT = 5
MAGIC = b"tacit index\n"

Arrays = dict[str, npt.NDArray[Any]]


class Unfit(Exception):
    """The file is not what is wanted: missing, cut short, damaged, of another version, workspace or embedder."""


@dataclass(frozen=True, slots=True)
class Packed:
    """An index, and the revision of the database from which on changes have to be read."""

    index: HybridIndex
    revision: Revision


def path_of(folder: Path, workspace: str) -> Path:
    """The file of a workspace."""
    return folder / f"{workspace.encode().hex()[:120]}.index"


def write(path: Path, workspace: str, packed: Packed) -> bool:
    """Write the file anew, at one go: a reader finds the old one or the new one. False, and nothing written, when the index changes
    meanwhile or was not merged before."""
    changes = packed.index.changes
    if not packed.index.merged:
        return False
    arrays = _arrays(packed.index)
    header = _header(workspace, packed) | {
        "arrays": [[name, a.dtype.str, list(a.shape)] for name, a in arrays.items()],
        "checksum": _checksum(arrays),
    }
    text = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(MAGIC + len(text).to_bytes(8, "little") + zlib.crc32(text).to_bytes(4, "little") + text)
            for array in arrays.values():
                file.write(_bytes(array) if array.size else b"")
        if unchanged := packed.index.changes == changes:
            draft.replace(path)
        return unchanged
    finally:
        draft.unlink(missing_ok=True)


def read(path: Path, workspace: str, embedder: str, dimensions: int) -> Packed:
    """What the file holds. Raises `Unfit`."""
    try:
        data = path.read_bytes()
        header, start = _read_header(data)
        wanted = {"format": FORMAT, "workspace": workspace, "embedder": embedder, "dimensions": dimensions}
        if {name: header[name] for name in wanted} != wanted:
            raise Unfit("It is of another version, workspace or embedder.")
        arrays = _read_arrays(data, start, header["arrays"])
        if _checksum(arrays) != header["checksum"]:
            raise Unfit("It is damaged.")
        return Packed(_index(header, arrays), Revision(*header["revision"]))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as e:
        raise Unfit(f"{type(e).__name__}: {e}") from e


def _bytes(array: npt.NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _header(workspace: str, packed: Packed) -> dict[str, Any]:
    index, rows = packed.index, packed.index.rows
    return {
        "format": FORMAT,
        "workspace": workspace,
        "embedder": index.embedder,
        "dimensions": index.matrix.dimensions,
        "revision": [packed.revision.n, packed.revision.at, packed.revision.name],
        "size": rows.size,
        "cells": rows.cells.cells,
        "superseded_by": list(rows.superseded_by.items()),
        "several": list(rows.several.items()),
    }


def _arrays(index: HybridIndex) -> Arrays:
    segment, rows = index.inverted.segment, index.rows
    arrays: Arrays = {name: rows[name] for name in COLUMNS} | {"ids": rows.ids[: rows.size]}
    arrays |= {"keys": segment.keys, "starts": segment.starts, "postings": segment.postings}
    for n, block in enumerate(index.matrix.blocks):
        arrays |= {f"bytes{n}": block.bytes, f"scale{n}": block.scale, f"signs{n}": block.signs}
    return arrays


def _checksum(arrays: Arrays) -> int:
    total = 0
    for array in arrays.values():
        total = zlib.crc32(_bytes(array), total) if array.size else total
    return total


def _read_header(data: bytes) -> tuple[dict[str, Any], int]:
    at = len(MAGIC) + 12
    length, checksum = int.from_bytes(data[at - 12 : at - 4], "little"), int.from_bytes(data[at - 4 : at], "little")
    text = data[at : at + length]
    if not data.startswith(MAGIC) or len(text) != length or zlib.crc32(text) != checksum:
        raise Unfit("It does not begin as an index does.")
    header: dict[str, Any] = json.loads(text)
    return header, at + length


def _read_arrays(data: bytes, start: int, described: list[tuple[str, str, list[int]]]) -> Arrays:
    arrays: Arrays = {}
    for name, kind, shape in described:
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(data, np.dtype(kind), count, start).reshape(shape).copy()
        start += arrays[name].nbytes
    if start != len(data):
        raise Unfit("It is longer than it says.")
    return arrays


def _index(header: dict[str, Any], arrays: Arrays) -> HybridIndex:
    index = HybridIndex(header["embedder"], header["dimensions"])
    cells = [Cell(tuple(Origin(*o) for o in origins), about, store, standing) for origins, about, store, standing in header["cells"]]
    index.rows.adopt(header["size"], {name: arrays[name] for name in COLUMNS}, arrays["ids"], cells)
    index.rows.superseded_by = {row: tuple(newer) for row, newer in header["superseded_by"]}
    index.rows.several = {row: tuple(Said(Origin(*o), a, b) for o, a, b in said) for row, said in header["several"]}
    index.inverted = Inverted(Segment(arrays["keys"], arrays["starts"], arrays["postings"]))
    for n in range(sum(name.startswith("bytes") for name in arrays)):
        index.matrix.blocks.append(_block(arrays, n, header["dimensions"]))
    _check(index)
    index.recount()
    return index


def _block(arrays: Arrays, n: int, dimensions: int) -> Block:
    block = Block(0, dimensions)
    block.bytes, block.scale, block.signs = arrays[f"bytes{n}"], arrays[f"scale{n}"], arrays[f"signs{n}"]
    return block


def _check(index: HybridIndex) -> None:
    """Raise `Unfit` for what a checksum does not tell: arrays that do not belong together."""
    rows, segment, blocks = index.rows, index.inverted.segment, index.matrix.blocks
    postings = int(segment.postings.max() >> 8) if len(segment.postings) else 0
    fits = (
        all(len(column) == rows.size for column in (*rows.columns.values(), rows.ids)),
        len(segment.starts) == len(segment.keys) + 1 and segment.starts[-1] == len(segment.postings),
        postings < max(rows.size, 1) and (not rows.size or int(rows["cell"].max()) < len(rows.cells.cells)),
        all(len(b.scale) == BLOCK for b in blocks[:-1]) and len(blocks) <= (rows.size >> SHIFT) + 1,
    )
    if not all(fits):
        raise Unfit("Its parts do not belong together.")
