"""`tacit recall`: what would come to mind for a question, what not, and why. Nothing is posted or learned."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.settings import Settings
from bot.wiring import Opened, opened
from stores.audience import Readers, look, readers_of
from stores.context import quote, tokens
from stores.conversations import Question
from stores.explaining import Explanation
from stores.insights import Insight
from stores.machine import Recollection
from stores.redaction import redact

SECONDS = 60.0  # for all of it; most of that is an index that has to be built first


class NoRecall(Exception):
    """It could not be tried. The text says what to look at."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What one question recalled. `insights`: all that was considered and that the readers may see, by id."""

    question: Question
    found: Recollection
    explained: Explanation
    insights: Mapping[str, Insight]


async def recall(settings: Settings, workspace: str, asker: str, place: str, text: str) -> list[str]:
    """Ask as this teammate in this place, and tell what was recalled, line by line. Raises `NoRecall`, `NotInstalled` or `SlackFailed`."""
    logging.getLogger().addHandler(logging.NullHandler())  # what the readers see is the answer, not the log
    try:
        async with asyncio.timeout(SECONDS), opened(settings) as parts:
            return list(told(await try_recall(parts, workspace, asker, place, text)))
    except TimeoutError:
        raise NoRecall(f"This took longer than {SECONDS:g} seconds: is the database there? `tacit doctor` looks.") from None


async def try_recall(inside: Opened, workspace: str, asker: str, place: str, text: str) -> Tried:
    """Recall as the product does: who reads along is looked up now, and decides what may be seen."""
    parts = await inside.workspaces.parts(workspace)
    readers, expansion = await asyncio.gather(readers_of(parts.directory, place, asker), inside.expander.expand(text))
    question = Question(workspace, "recall", asker, place, redact(text), readers, expansion=expansion)
    await parts.finder.search(question.text, readers, limit=0)  # has the index built, if there is none yet
    await inside.workspaces.settled()
    found = await parts.machine.recall(question)
    explained = await parts.machine.explain(question, found)
    view = await look(await parts.repository.get(list(explained.why)), readers, parts.directory, parts.repository)
    return Tried(question, found, explained, {i.id: i for i in view.insights})


def told(tried: Tried) -> Iterator[str]:
    """The same for people to read. What is withheld is named by its id alone."""
    yield f"Readers    {_described(tried.question.readers)}"
    yield f"Expansion  {tried.question.expansion or '(none)'}"
    yield from ["", "Considered, best first"]
    yield from _candidates(tried) if tried.explained.why else ["  (nothing)"]
    if tried.explained.withheld:
        yield from ["", "Withheld"]
        yield from (f"  {identity}  {reason}" for identity, reason in tried.explained.withheld.items())
    yield from ["", f"Context for the model, about {tokens(tried.found.context)} tokens", tried.found.context or "(empty)"]
    if tried.found.missing or tried.explained.missing:
        yield from ["", "Something may be missing: Slack did not say who is where."]


def _candidates(tried: Tried) -> Iterator[str]:
    handles = {insight.id: insight.handle for insight in tried.found.insights.values()}
    for identity, why in tried.explained.why.items():
        scores = ", ".join(f"{name} {number:g}" for name, number in why.scores.items())
        yield f"  {identity}  {why.reason}{f'  ({scores})' if scores else ''}"
        if insight := tried.insights.get(identity):
            line = quote(insight).replace("[]", f"[{handles[identity]}]" if identity in handles else "-", 1)
            yield f"    {line}"


def _described(readers: Readers) -> str:
    where = {"public": "a public channel", "private": "a private channel or group DM", "dm": "a DM"}[readers.room]
    seen = "only what was taught in that very place" if readers.closed else "what everybody in the workspace may see"
    own = {"public": "", "private": ", and that place's own", "dm": f", their own, and that of {len(readers.rooms)} private places"}
    return f"{readers.asker} in {readers.place}, {where}: {seen}{'' if readers.closed else own[readers.room]}"
