"""What one must know to work on a project: where its source lives, how to build and test it, where it runs, what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from stores import Conversation, Draft, Insight, Kind, Kit, Question, named, quote

HERE = 6  # insights of the channel's own project that come with each question there


class ProjectContext:
    """Recalls in the channel that stands for a project, and wherever the project is named."""

    name = "project_context"
    kinds = (
        Kind("project-source", "where the source, plans or files of a named project are; `project`: its name", ("project",)),
        Kind("project-build", "how such a project is built, tested, run or released: the command or the steps", ("project",)),
        Kind("project-environment", "which environment, version, account or machine it uses", ("project",)),
        Kind("project-gotcha", "what goes wrong when one works on it, unless one knows it", ("project",)),
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        """Of the projects that are named what fits best, then what was taught in this very place."""
        found, here = await asyncio.gather(self._kit.search(question, limit=16), self._kit.here(question, limit=HERE))
        about = [i for i in found if named(question, i.fields.get("project", "")) or i.id in {h.id for h in here}]
        return list({i.id: i for i in [*about, *here]}.values())

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        """The project's name finds it too, where the sentence does not hold it."""
        return await self._kit.keep([replace(d, things=(*_name(d), *d.things)) for d in conversation.drafts])

    def build_context(self, insights: Sequence[Insight]) -> str:
        return "\n".join(map(quote, insights))


def _name(draft: Draft) -> list[str]:
    return [name] if (name := draft.fields.get("project", "").strip()) else []
