"""Plays files: one after the other, or several at a time."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from bot.sandbox.play.chat import Print
from bot.sandbox.play.player import Difference, play_scenario
from bot.sandbox.play.scenario import InvalidScenario, read_scenario

LOGGED = 15  # lines of each log that are shown when a play fails
_LOUD = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b")


async def play_files(files: Sequence[Path], *, mongodb_url: str | None, keep: Path | None, jobs: int, verbose: bool) -> int:
    """Play these files and print what happens. The exit status: 0 when all went as they say, else 1."""
    playing = asyncio.current_task()
    assert playing is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    places = asyncio.Semaphore(jobs)

    async def one(number: int, path: Path) -> bool:
        async with places:
            lines: list[str] = []
            show: Print = click.echo if jobs == 1 else lines.append
            went_well = await _play(path, show, mongodb_url, keep, verbose, number)
            click.echo("\n".join(lines)) if lines else None
            return went_well

    try:
        outcomes = await asyncio.gather(*(one(number, path) for number, path in enumerate(files)))
    except asyncio.CancelledError:
        click.echo("Stopped.")
        return 1
    click.echo(f"{sum(outcomes)} passed, {len(outcomes) - sum(outcomes)} failed")
    return 0 if all(outcomes) else 1


async def _play(path: Path, show: Print, mongodb_url: str | None, keep: Path | None, verbose: bool, number: int) -> bool:
    """Play one file; whether it went as it says."""
    began = time.monotonic()
    try:
        scenario = read_scenario(path)
    except InvalidScenario as invalid:
        show(f"FAILED  {path}\n{invalid}\n")
        return False
    show(f"{scenario.name}  ({path}, on {'MongoDB' if mongodb_url else 'SQLite'})")
    with _folder(keep, f"{number:02}-{path.stem}") as folder:
        try:
            await play_scenario(scenario, folder, show, mongodb_url=mongodb_url)
        except Difference as difference:
            _show_logs(folder, show, everything=verbose)
            show(f"FAILED  {scenario.name}  {time.monotonic() - began:.1f} s\n{difference}\n")
            return False
        if verbose:
            _show_logs(folder, show, everything=True)
    show(f"passed  {scenario.name}  {time.monotonic() - began:.1f} s\n")
    return True


@contextmanager
def _folder(keep: Path | None, name: str) -> Iterator[Path]:
    """A new folder for one play, gone afterwards unless it is to be kept."""
    if keep is not None:
        folder = keep.absolute() / f"{name}-{time.strftime('%H%M%S')}"
        folder.mkdir(parents=True)
        yield folder
        return
    folder = Path(tempfile.mkdtemp(prefix="tacit-play-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _show_logs(folder: Path, show: Print, *, everything: bool) -> None:
    for name in ("bot", "worker"):
        log = folder / "logs" / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        for line in lines if everything else [each for each in lines if _LOUD.search(each)][-LOGGED:]:
            show(f"  {name}: {line}")
