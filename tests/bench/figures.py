"""What the bench measures, and how it is shown."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `database` is "sqlite" or "mongodb", "" where none has a part in it."""

    name: str
    value: float
    unit: str
    database: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all values do not exceed; nan of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def in_ms(name: str, seconds: Sequence[float], shares: Sequence[float], database: str = "") -> list[Figure]:
    """Percentiles of times, in milliseconds."""
    return [Figure(f"{name} p{share * 100:g}", 1000 * percentile(seconds, share), "ms", database) for share in shares]


def resident(pid: int) -> float:
    """Memory that a process holds now, in MiB; 0 where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0.0)


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, in seconds; 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / 100


def table(figures: Sequence[Figure]) -> str:
    """One line a figure, one column a database; a figure without a database stands in the first."""
    databases = [d for d in ("sqlite", "mongodb") if any(f.database == d for f in figures)] or ["sqlite"]
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for figure in figures:
        rows.setdefault((figure.name, figure.unit), {})[figure.database or databases[0]] = _shown(figure.value)
    wide = max((len(name) for name, _ in rows), default=0)
    lines = [f"{'':{wide}}  " + "".join(f"{d:>10}" for d in databases)]
    for (name, unit), values in rows.items():
        lines.append(f"{name:{wide}}  " + "".join(f"{values.get(d, ''):>10}" for d in databases) + f"  {unit}")
    return "\n".join(line.rstrip() for line in lines)


def write_json(path: Path, figures: Sequence[Figure]) -> None:
    """The figures as a list of objects."""
    path.write_text(json.dumps([asdict(f) for f in figures], indent=2) + "\n")


def _shown(value: float) -> str:
    return f"{value:.0f}" if value == round(value) or value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
