"""Every installed workspace with all that answering and learning in it work with. Both processes are wired from here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.questions import QuestionLedger
from bot.slack.changes import Changes
from bot.slack.directory import SlackDirectory
from bot.slack.installations import Installation, Installations
from bot.slack.posting import SlackPosts
from bot.slack.thread import SlackThreads
from bot.slack.transcripts import SlackTranscripts
from stores.documents import Database
from stores.index.indexes import Indexes
from stores.loading import load_stores
from stores.machine import LearningMachine
from stores.model import Model
from stores.modes import NONE_SAID, Mode, Modes
from stores.repository import InsightRepository
from workers.curating import begin_upkeep
from workers.parts import Parts
from workers.spending import NO_CEILING, Budget, Counted, Spending


@dataclass(frozen=True, slots=True)
class SlackParts:
    """One workspace: what is Slack's, and in `parts` what answering and learning share."""

    installation: Installation
    directory: SlackDirectory
    changes: Changes
    threads: SlackThreads
    posts: SlackPosts
    parts: Parts
    approvers: tuple[str, ...] = ()  # named in APPROVERS; () for the workspace's admins


class SlackWorkspaces:
    """Builds each workspace's parts once. `workers.parts.Workspaces` for the worker."""

    def __init__(
        self,
        installations: Installations,
        database: Database,
        model: Model,
        stores: Sequence[str],
        indexes: Indexes | None = None,
        budget: Budget = NO_CEILING,
        *,
        modes: Mapping[str, Mode] = NONE_SAID,
        approvers: Sequence[str] = (),
    ) -> None:
        self._installations, self._database, self._model, self._stores = installations, database, model, stores
        self._indexes, self._budget = indexes or Indexes(), budget
        self._modes, self._approvers = modes, tuple(approvers)
        self._built: dict[str, SlackParts] = {}
        self._lock = asyncio.Lock()

    async def of(self, workspace: str) -> SlackParts:
        """This workspace's parts, its directory refreshed. Raises as `Installations.of` does, and `Unavailable`."""
        async with self._lock:
            if workspace not in self._built:
                self._built[workspace] = built = self._build(await self._installations.of(workspace))
                kinds = built.parts.machine.kinds
                await built.parts.repository.adopt({name: owned.store for name, owned in kinds.items()})
                await begin_upkeep(built.parts.documents)
        found = self._built[workspace]
        await found.directory.refresh()
        return found

    async def parts(self, workspace: str) -> Parts:
        """What learning needs of `of`."""
        return (await self.of(workspace)).parts

    async def keep_up(self) -> None:
        """Let the indexes take in what changed while nobody asked: what was forgotten leaves them too. Raises `Unavailable`."""
        await self._indexes.keep_up()

    async def settled(self) -> None:
        """Wait until the indexes of workspaces that were searched are there."""
        await self._indexes.settled()

    def disabled_stores(self) -> list[str]:
        """The stores that are not called until the next start, in any workspace, because they block."""
        return sorted({name for built in self._built.values() for name in built.parts.machine.disabled})

    async def paused(self) -> bool:
        """Whether learning is paused in any workspace, because what it may cost a day is spent."""
        return any([await built.parts.spending.paused() for built in self._built.values()])

    def close(self) -> None:
        """Stop all stores and what their indexes do in the background."""
        for built in self._built.values():
            built.parts.machine.close()
        self._indexes.close()

    def _build(self, installation: Installation) -> SlackParts:
        workspace = installation.workspace
        documents = self._database.workspace(workspace)
        directory = SlackDirectory(installation, documents)
        repository = InsightRepository(workspace, documents)
        finder = self._indexes.search(repository, documents, directory)
        modes = Modes(documents, self._modes)
        spending = Spending(workspace, documents, self._budget)
        stores = load_stores(self._stores, workspace, repository, directory, Counted(self._model, spending, all=True), finder, modes)
        machine = LearningMachine(stores, repository, directory, finder)
        threads, posts = SlackThreads(installation, directory), SlackPosts(installation)
        transcripts = SlackTranscripts(threads, posts, QuestionLedger(documents))
        parts = Parts(
            workspace, documents, repository, directory, finder, machine, Counted(self._model, spending), transcripts, spending, modes
        )
        return SlackParts(installation, directory, Changes(directory), threads, posts, parts, self._approvers)
