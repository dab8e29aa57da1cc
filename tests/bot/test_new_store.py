"""`tacit stores new`: what it writes passes its own tests and ours at once, and it overwrites nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.command import main

ROOT = Path(__file__).parents[2]


def new(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["stores", "new", *map(str, arguments)])


def ran(folder: Path, *command: str) -> str:
    """What a module of Python says of the package; it has to find nothing wrong."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_passes_its_own_tests_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    written = new("tide-tables", folder)
    assert written.exit_code == 0, written.output
    assert "tacit try --store tide_tables:TideTables" in written.output
    assert {path.name for path in folder.iterdir()} == {"pyproject.toml", "README.md", "tide_tables.py", "test_tide_tables.py"}
    assert "$" not in "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    assert "17 passed" in ran(folder, "pytest", "-q", "-p", "no:asyncio", "-p", "no:cacheprovider")
    ran(folder, "ruff", "check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), "tide_tables.py")
    ran(folder, "mypy", "--strict", "--no-incremental", "tide_tables.py")


def test_its_package_offers_the_store(tmp_path: Path) -> None:
    new("tides", tmp_path / "package")
    installing = ["pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(tmp_path / "site"), "."]
    ran(tmp_path / "package", *installing)
    offered = "import importlib.metadata as m; print([p.load() for p in m.entry_points(group='tacit.stores') if p.name == 'tides'])"
    done = subprocess.run([sys.executable, "-c", offered], env={"PYTHONPATH": str(tmp_path / "site")}, capture_output=True, text=True)
    assert done.stdout.strip() == "[<class 'tides.Tides'>]", done.stderr


def test_it_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    for there in (tmp_path, tmp_path / "mine.txt"):
        refused = new("tides", there)
        assert refused.exit_code == 1
        assert "is there already, and nothing in it is overwritten: name another folder" in refused.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Two Words", "'Two Words' is no name: use lower-case letters, digits, - and _, 40 at most"),
        ("a" * 41, "is no name"),
        ("../tides", "is no name"),
        ("team_knowledge", "A store 'team_knowledge' is installed already"),
        ("class", "Python knows a module 'class' already"),
        ("json", "Python knows a module 'json' already"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(name: str, why: str, tmp_path: Path) -> None:
    refused = new(name, tmp_path / "package")
    assert refused.exit_code == 1
    assert why in refused.output
    assert not (tmp_path / "package").exists()
