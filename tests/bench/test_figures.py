"""The bench's arithmetic."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

from tests.bench.figures import Figure, in_ms, percentile, resident, table, write_json


def test_percentiles() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile(list(range(1, 101)), 0.99) == 99
    assert percentile([1.0, 2.0], 1) == 2.0
    assert math.isnan(percentile([], 0.5))
    assert in_ms("reply", [0.002], (0.5,)) == [Figure("reply p50", 2.0, "ms")]


def test_a_table_has_a_column_for_each_database() -> None:
    figures = [Figure("reply", 12.34, "ms", "sqlite"), Figure("help", 0.081, "s"), Figure("reply", 250.0, "ms", "mongodb")]
    heads, reply, helped = table(figures).splitlines()
    assert heads.split() == ["sqlite", "mongodb"]
    assert reply.split() == ["reply", "12.3", "250", "ms"]
    assert helped.split() == ["help", "0.08", "s"]


def test_figures_as_json(tmp_path: Path) -> None:
    write_json(tmp_path / "f.json", [Figure("reply", 1.5, "ms", "sqlite")])
    assert json.loads((tmp_path / "f.json").read_text()) == [{"name": "reply", "value": 1.5, "unit": "ms", "database": "sqlite"}]


def test_our_own_memory_is_known_where_there_is_proc() -> None:
    assert resident(os.getpid()) > 5 or not Path("/proc").is_dir()
    assert resident(2**30) == 0.0
