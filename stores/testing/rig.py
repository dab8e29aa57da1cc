"""A workspace in memory, with all that a store is built from and is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from stores.audience import Readers, readers_of
from stores.conversations import Conversation, Message, Question
from stores.documents import INDEXES, Database, Document
from stores.drafting import Field, Owned, Proposal, drafted
from stores.extraction import numbered
from stores.insights import Draft, Insight, Kind
from stores.repository import InsightRepository
from stores.search import KeywordSearch
from stores.sqlite.documents import open_sqlite
from stores.store import Kit
from stores.testing.scripted_model import ScriptedModel
from stores.testing.town import Town

BEGAN = 1_750_000_000.0  # seconds since the epoch: when the first message of a rig is written
A_DAY = 86_400.0


def small_town() -> Town:
    """Ana, bo and cy are in #office, ana alone in the private #board, bo and the guest gus in #help; "D-ana" is ana's DM."""
    town = Town()
    town.build("office", "public", "ana", "bo", "cy")
    town.build("board", "private", "ana")
    town.build("help", "public", "bo", "gus")
    return town


@dataclass
class Rig:
    """One workspace. Its repository is the product's own, on a database in memory that is held to the same contract as the others."""

    database: Database
    workspace: str = "T1"
    town: Town = field(default_factory=small_town)
    model: ScriptedModel = field(default_factory=ScriptedModel)
    _conversations: int = 0

    def __post_init__(self) -> None:
        self.repository = InsightRepository(self.workspace, self.database.workspace(self.workspace))
        self.finder = KeywordSearch(self.repository, self.town)

    def beside(self, workspace: str) -> Rig:
        """Another workspace in the same database, with the same people in it."""
        return replace(self, workspace=workspace)

    def kit(self, store: str) -> Kit:
        """What a store of this name is built from."""
        return Kit(self.workspace, store, self.repository, self.town, self.model, self.finder)

    async def question(self, text: str, *, by: str = "bo", place: str = "office") -> Question:
        """Somebody asks something, a year after the first conversation."""
        readers = await self._readers(place, by)
        return Question(self.workspace, f"{place}:{BEGAN + 365 * A_DAY:.6f}", by, place, text, readers, at=BEGAN + 365 * A_DAY)

    async def conversation(self, *said: str, place: str = "office", before: Sequence[str] = ()) -> Conversation:
        """A finished conversation, a day after the last one. Each of `said` is "teammate: text"; what stands in `before` is not new.

        "tacit: …" is said by Tacit itself, and "app: …" by another app.
        """
        self._conversations += 1
        began = BEGAN + self._conversations * A_DAY
        messages = tuple(self._message(place, began + n, line) for n, line in enumerate([*before, *said]))
        new = frozenset(m.id for m in messages[len(before) :] if not m.ours and not m.bot)
        teacher = next((m.speaker for m in messages if m.id in new), "ana")
        readers = await self._readers(place, teacher)
        return Conversation(self.workspace, messages[0].id, place, f"{messages[0].id}@{messages[-1].ts}", messages, new, readers)

    def draft(self, conversation: Conversation, store: str, kind: Kind, sentence: str, *, position: int = 0, **fields: str) -> Draft:
        """The draft when the extraction call proposes this, with all that is new as evidence. ValueError if it would be none."""
        names = numbered(conversation)
        told = [Field(name=name, value=value) for name, value in fields.items()]
        proposal = Proposal(kind=kind.name, sentence=sentence, cues=[], things=[], evidence=list(names), fields=told)
        draft = drafted(position, proposal, conversation, {kind.name: Owned(store, kind)}, names, conversation.readers.room)
        if isinstance(draft, str):
            raise ValueError(f"The product keeps no such draft: {draft}.")
        return draft

    async def insights(self) -> list[Insight]:
        """Everything in force, states included, those learned last first."""
        found = [changed.insight for changed in await self.repository.page("", 0) if changed.insight and not changed.insight.status]
        return sorted(found, key=lambda i: -i.learned_at)

    async def contents(self) -> dict[str, list[Document]]:
        """All that the database holds of this workspace."""
        documents = self.database.workspace(self.workspace)
        return {name: await documents.find(name, {}, sort="_id") for name in INDEXES}

    def _message(self, place: str, at: float, line: str) -> Message:
        speaker, _, text = line.partition(": ")
        person = self.town.people.get(speaker)
        outsider = person is not None and person.outsider
        name = person.name if person is not None else speaker.capitalize()
        return Message(place, f"{at:.6f}", speaker, name, text, ours=speaker == "tacit", bot=speaker == "app", outsider=outsider)

    async def _readers(self, place: str, teammate: str) -> Readers:
        return await readers_of(self.town, place, teammate)


@asynccontextmanager
async def rig() -> AsyncIterator[Rig]:
    """A rig with nothing learned yet, until the block ends."""
    database = await open_sqlite(":memory:")
    try:
        await database.prepare()
        yield Rig(database)
    finally:
        await database.close()
