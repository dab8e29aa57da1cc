"""What would be learned from a conversation: the product's own learning, in a workspace that ends with it. Nothing is kept."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from bot.embeddings import embedder_of
from bot.settings import Settings
from bot.talk_file import TACIT, Known, PlaceName, Spoken
from bot.wiring import job_seconds, model_of
from stores.audience import Person, Place, audiences, readers_of, sources_of
from stores.conversations import Message
from stores.documents import Documents
from stores.drafting import Owned
from stores.index.indexes import Indexes
from stores.insights import Evidence, Insight, message_id, state_id
from stores.loading import load_stores
from stores.machine import LearningMachine
from stores.model import Model, Said, Shape, Tool, Turn, Usage
from stores.modes import Modes
from stores.repository import InsightRepository
from stores.sqlite.documents import open_sqlite
from workers.conversations import ConversationLedger
from workers.learn import learn
from workers.parts import Parts
from workers.spending import Spending
from workers.transcripts import Seen

WORKSPACE = "trial"


@dataclass(frozen=True, slots=True)
class Learned:
    """An insight that the conversation taught, or taught again (`known`); and the sentences that it replaces. `audience`: as
    `stores.audience.audience_of` names it."""

    insight: Insight
    audience: str
    known: bool
    replaces: tuple[str, ...]


class Metered:
    """A model whose calls are counted, one after the other. One that failed cost nobody knows what."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.calls: list[Usage] = []

    async def answer(self, prompt: Sequence[Said], tools: Sequence[Tool] = ()) -> Turn:
        self.calls.append(Usage())
        turn = await self._model.answer(prompt, tools)
        self.calls[-1] = turn.usage
        return turn

    async def extract(
        self, prompt: Sequence[Said], shape: type[Shape], *, wrong: Callable[[Shape], str] | None = None
    ) -> tuple[Shape, Usage]:
        self.calls.append(Usage())
        answer, self.calls[-1] = await self._model.extract(prompt, shape, wrong=wrong)
        return answer, self.calls[-1]

    async def hint(self, prompt: Sequence[Said], *, most: int) -> str:
        return await self._model.hint(prompt, most=most)


class Town:
    """`Directory` of a trial: a public channel, a private one and a DM, in which everybody is who speaks. A name is an id."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    async def person(self, teammate: str) -> Person:
        return Person(teammate, teammate)

    async def place(self, place: PlaceName | str) -> Place:
        return Place(place, place, "" if place == "dm" else self._channel)  # type: ignore[arg-type]  # its id is how it stands

    async def rooms_of(self, teammate: str) -> frozenset[str]:
        return frozenset({"private"})

    async def has_outsiders(self, place: str) -> bool:
        return False


class Talk:
    """`Transcripts` of a trial: the one conversation."""

    def __init__(self, said: Sequence[Spoken], place: PlaceName) -> None:
        self.messages = [_message(one, place) for one in said]

    async def thread(self, place: str, root: str) -> Sequence[Message]:
        return self.messages

    async def look(self, place: str, ts: str) -> Seen:
        """Nothing is edited, and nobody reacts."""
        return Seen()

    async def mark(self, place: str, ts: str, *, learned: bool) -> None:
        """Nobody sees it."""


class Trial:
    """One conversation about to be learned."""

    def __init__(self, parts: Parts, indexes: Indexes, model: Metered, talk: Talk, place: PlaceName, settings: Settings) -> None:
        self._parts, self._indexes, self._talk, self._place, self._settings = parts, indexes, talk, place, settings
        self.model = model
        self.kinds = parts.machine.kinds
        self._before: dict[str, Insight] = {}

    async def know(self, known: Sequence[Known]) -> None:
        """Keep what is known already. Raises `KeyError` for a kind that no store here has."""
        for number, one in enumerate(known, 1):
            await self._parts.repository.keep(_insight(number, one, self.kinds[one.kind]))
        self._before = {i.id: i for i in await self._everything()}
        readers = await readers_of(self._parts.directory, self._place, self._talk.messages[0].speaker)
        await self._parts.finder.search(self._talk.messages[0].text, readers, limit=1)  # has the index built
        await self._indexes.settled()

    async def read(self) -> bool:
        """Learn, run by run, from all of it; False when one of them failed, as the log says."""
        ledger, messages = ConversationLedger(self._parts.documents), self._talk.messages
        conversation = await ledger.join(self._place, messages[0].ts, since="")
        await ledger.moved(conversation, messages[-1].ts, due=0.0)
        timeout, longest = self._settings.model_timeout, job_seconds(self._settings)
        while await learn(conversation, self._parts, seconds=2 * timeout + 10, longest=longest):
            [noted] = await self._parts.documents.find("conversations", {"_id": conversation})
            if noted["due"] is None:
                return True
        return False

    async def learned(self) -> list[Learned]:
        """What it taught, as it holds at its end, in the order in which it was said."""
        found = {i.id: i for i in await self._everything()}
        changed = {i: one for i, one in found.items() if _told(one) != _told(self._before.get(i))}
        hidden = {i for i, one in changed.items() if set(one.superseded_by) & changed.keys()}
        shown = sorted((one for i, one in changed.items() if i not in hidden), key=lambda one: (one.newest, one.id))
        sources = await sources_of(shown, self._parts.directory)
        said = [one for one in shown if _told(one)[:2] != _told(self._before.get(one.id))[:2]]
        return [await self._learned(one, ", ".join(sorted(audiences(one, sources))), found) for one in said]

    async def _learned(self, one: Insight, audience: str, found: dict[str, Insight]) -> Learned:
        before, to_come = self._before.get(one.id), await self._parts.repository.endings.of(one.id)
        state = [before.sentence] if before and before.sentence != one.sentence else []
        older = [each.sentence for each in found.values() if one.id in each.superseded_by or each.id in to_come]
        return Learned(one, audience, before is not None and not state, tuple([*state, *older]))

    async def _everything(self) -> list[Insight]:
        return [c.insight for c in await self._parts.repository.changed_since(0.0) if c.insight is not None]


@contextlib.asynccontextmanager
async def trial(
    settings: Settings, stores: Sequence[str], said: Sequence[Spoken], place: PlaceName, channel: str = ""
) -> AsyncIterator[Trial]:
    """A workspace with these stores for this conversation. Raises `ModelFailed` and `WrongSettings` where the settings name no model."""
    async with contextlib.AsyncExitStack() as stack:
        model = Metered(inner := model_of(settings))
        stack.push_async_callback(inner.close)
        embedder = embedder_of(settings)
        if embedder is not None:
            stack.push_async_callback(embedder.close)
        database = await open_sqlite(":memory:")
        stack.push_async_callback(database.close)
        await database.prepare()
        documents = database.workspace(WORKSPACE)
        indexes = Indexes(embedder)
        stack.callback(indexes.close)
        talk, town = Talk(said, place), Town(channel)
        parts = _parts(stores, documents, indexes, model, talk, town)
        stack.callback(parts.machine.close)
        yield Trial(parts, indexes, model, talk, place, settings)


def _parts(stores: Sequence[str], documents: Documents, indexes: Indexes, model: Metered, talk: Talk, town: Town) -> Parts:
    repository = InsightRepository(WORKSPACE, documents)
    finder = indexes.search(repository, documents, town)
    machine = LearningMachine(load_stores(stores, WORKSPACE, repository, town, model, finder), repository, town, finder)
    return Parts(WORKSPACE, documents, repository, town, finder, machine, model, talk, Spending(WORKSPACE, documents), Modes(documents))


def _message(said: Spoken, place: PlaceName) -> Message:
    return Message(place, f"{said.at:.6f}", said.speaker, said.speaker, said.text, ours=said.speaker.casefold() == TACIT)


def _insight(number: int, known: Known, owned: Owned) -> Insight:
    """What is known as an insight, with a message of its own as evidence."""
    message, taught = message_id(known.place, f"known{number}"), known.place
    state_of = f"teammate:{known.teacher}" if owned.kind.one_per == "teammate" else ""
    audience = taught if taught != "private" else f"{taught}:{known.place}"
    return Insight(
        id=state_id(owned.store, known.kind, state_of, audience) if state_of else f"known{number}",
        workspace=WORKSPACE,
        store=owned.store,
        kind=known.kind,
        sentence=known.sentence,
        evidence=(Evidence(message, known.place, message, known.teacher, known.at, taught),),
        cues=known.cues,
        things=known.things,
        fields=known.fields,
        about=known.about,
        standing=owned.kind.standing,
        learned_at=known.at,
        state_of=state_of,
    )


def _told(insight: Insight | None) -> tuple[str, frozenset[str], frozenset[str]]:
    """What may change of an insight."""
    if insight is None:
        return "", frozenset(), frozenset()
    return insight.sentence, frozenset(e.message for e in insight.evidence), frozenset(insight.superseded_by)
