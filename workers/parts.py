"""What learning in one workspace works with. The process's wiring makes it, for production and for tests alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from stores.audience import Directory
from stores.documents import Documents
from stores.machine import LearningMachine
from stores.model import Model
from stores.modes import Modes
from stores.repository import InsightRepository
from stores.search import Search
from workers.spending import Spending
from workers.transcripts import Transcripts


@dataclass(frozen=True, slots=True)
class Parts:
    """One workspace's own part of everything."""

    workspace: str
    documents: Documents
    repository: InsightRepository
    directory: Directory
    finder: Search
    machine: LearningMachine
    model: Model
    transcripts: Transcripts
    spending: Spending
    modes: Modes


class Workspaces(Protocol):
    """Every workspace that Tacit is installed in."""

    async def parts(self, workspace: str) -> Parts:
        """This workspace's parts, with what its directory remembers brought up to date."""
        ...

    async def keep_up(self) -> None:
        """Let what is remembered for searching take in what changed while nobody asked. Call it as often as you like."""
        ...
