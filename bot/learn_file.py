"""What `tacit learn` does with its files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from bot.lines import BadLine
from bot.settings import Settings, WrongSettings
from bot.talk_file import Known, PlaceName, Spoken, read_known, read_talk
from bot.trial import Learned, Trial, trial
from stores.loading import installed
from stores.model import ModelFailed, Usage


class CannotTry(Exception):
    """It cannot be tried. The text says what to do."""


async def learn_file(
    path: Path, settings: Settings, *, store: str = "", place: PlaceName = "public", channel: str = "", known: Path | None = None
) -> int:
    """Learn from a conversation and print what it teaches; the exit status: 0, or 1 when not all of it could be learned, which standard
    error says."""
    try:
        said, before = read_talk(path), read_known(known) if known else []
        async with trial(settings, _stores(settings, store), said, place, channel) as tried:
            _check(tried, before)
            await tried.know(before)
            whole = await tried.read()
            for one in await tried.learned():
                click.echo(_line(one, said))
            click.echo(_cost(tried.model.calls), err=True)
            return 0 if whole else 1
    except (BadLine, CannotTry, ModelFailed, WrongSettings) as e:
        click.echo(e, err=True)
        return 1


def _stores(settings: Settings, store: str) -> Sequence[str]:
    """The enabled stores, of which the log names those that cannot be used; or the one that is asked for. Raises `CannotTry`."""
    if not store:
        return settings.store_names
    if broken := [found for found in installed([store]) if found.wanted and found.why]:
        raise CannotTry(f"{broken[0].name} cannot be used: {broken[0].why}")
    return [store]


def _check(tried: Trial, known: Sequence[Known]) -> None:
    if unknown := sorted({one.kind for one in known} - tried.kinds.keys()):
        raise CannotTry(f"No store here has the kind {', '.join(unknown)}; there are {', '.join(tried.kinds)}.")


def _line(learned: Learned, said: Sequence[Spoken]) -> str:
    """One insight as it is printed. What is empty is there as well, so that every line has the same form."""
    insight = learned.insight
    times = {f"{one.at:.6f}": one.ts for one in said}
    own = sorted((e for e in insight.evidence if e.message.rpartition(":")[2] in times), key=lambda e: e.at)
    shown = {
        "store": insight.store,
        "kind": insight.kind,
        "sentence": insight.sentence,
        "cues": list(insight.cues),
        "things": list(insight.things),
        "fields": dict(insight.fields),
        "evidence": [times[e.message.rpartition(":")[2]] for e in own],
        "from": list(dict.fromkeys(e.teammate for e in own)),
        "audience": learned.audience,
        "about": insight.about,
        "known": learned.known,
        "replaces": list(learned.replaces),
    }
    return json.dumps(shown, ensure_ascii=False)


def _cost(calls: Sequence[Usage]) -> str:
    repairs = [one.repair for one in calls if one.repair]
    text = f"calls: {len(calls)}, {_tokens(calls)}"
    return f"{text}; of these for repairs: {len(repairs)}, {_tokens(repairs)}" if repairs else text


def _tokens(calls: Sequence[Usage]) -> str:
    prompt, completion = sum(one.prompt_tokens for one in calls), sum(one.completion_tokens for one in calls)
    return f"prompt tokens: {prompt}, completion tokens: {completion}"
