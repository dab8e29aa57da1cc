"""The contract for stores: a good one keeps every promise, and each broken one fails its promise, with what to do, and no other."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from stores import Conversation, Evidence, Insight, Kind, Kit, Question, Said, quote
from stores.testing import Rig, StoreContract

PROMISES = [name for name in vars(StoreContract) if name.startswith("test_")]


class Deadlines:
    """A good store, which the others break."""

    name = "deadlines"
    kinds: Any = (Kind("deadline", "what is due, and when", fields=("due",)),)

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    async def recall(self, question: Question) -> Any:
        return await self.kit.search(question)

    async def process(self, conversation: Conversation) -> Any:
        return await self.kit.keep(conversation.drafts)

    def build_context(self, insights: Sequence[Insight]) -> Any:
        return "\n".join(quote(i) for i in insights)


class Contract(StoreContract):
    store: ClassVar[Any] = Deadlines
    says = "The appeal in Berger is due on 4 December."
    asks = "When is the appeal due?"


def failed(contract: type[StoreContract]) -> dict[str, str]:
    """The promises that a store does not keep, and what is said about each."""
    found = {}
    for promise in PROMISES:
        try:
            getattr(contract(), promise)()
        except AssertionError as e:
            found[promise] = str(e)
    return found


class TestDeadlines(Contract):
    """The contract as an author has it."""


class Plain(Deadlines):
    """A store of plain functions."""

    def recall(self, question: Question) -> Any:
        return self.kit.search(question)  # an awaitable, as an async function gives

    def process(self, conversation: Conversation) -> Any:
        return self.kit.keep(conversation.drafts)


class TestPlainFunctions(Contract):
    store = Plain


class Due(BaseModel):
    sentences: list[str]


class Asking(Deadlines):
    """A store without kinds, which asks the model itself."""

    kinds = ()

    async def process(self, conversation: Conversation) -> Any:
        told = "\n".join(m.text for m in conversation.messages)
        found, _ = await self.kit.model.extract([Said("system", "What is due, and when?"), Said("user", told)], Due)
        return await self.kit.keep([self.kit.draft(conversation, n, s, conversation.messages) for n, s in enumerate(found.sentences)])


class AskingContract(Contract):
    store = Asking

    def prepare(self, rig: Rig) -> None:
        rig.model.gives = lambda prompt: {"sentences": [self.says]}


class TestAsking(AskingContract):
    """Kept without `kinds`, by `kit.draft`."""


class WithSpaces(Deadlines):
    name = "Due dates"
    kinds = ()

    async def process(self, conversation: Conversation) -> Any:
        return await self.kit.keep([self.kit.draft(conversation, 0, Contract.says, conversation.messages)])


class Unguided(Deadlines):
    kinds = (Kind("deadline", ""),)


class Diary(Deadlines):
    """Notes each question."""

    async def recall(self, question: Question) -> Any:
        await self.kit.repository.set_forgotten([question.id], False)
        return await super().recall(question)


class Talkative(Deadlines):
    """Recalls whatever it has."""

    async def recall(self, question: Question) -> Any:
        return [i for i in await self.kit.repository.newest() if i.store == self.name]


class Borrower(Deadlines):
    """Searches what other stores keep as well."""

    async def recall(self, question: Question) -> Any:
        return (await self.kit.finder.search(question.text, question.readers, limit=8)).insights


class Chatty(Deadlines):
    async def recall(self, question: Question) -> Any:
        return [*await super().recall(question), "and that is all"]


class Slow(Deadlines):
    async def recall(self, question: Question) -> Any:
        time.sleep(0.15)  # noqa: ASYNC251 (it blocks)
        return await super().recall(question)


class Forgetful(Deadlines):
    """Recalls only what this very instance learned."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.own: set[str] = set()

    async def recall(self, question: Question) -> Any:
        return [i for i in await super().recall(question) if i.id in self.own]

    async def process(self, conversation: Conversation) -> Any:
        kept = await super().process(conversation)
        self.own |= {i.id for i in kept}
        return kept


class Silent(Deadlines):
    """Keeps more than it returns."""

    async def process(self, conversation: Conversation) -> Any:
        kept = await super().process(conversation)
        for one in kept:
            await self.kit.repository.keep(replace(one, id=f"{one.id}-again"))
        return kept


class Doubling(Deadlines):
    """Makes up ids."""

    async def process(self, conversation: Conversation) -> Any:
        return await self.kit.keep([replace(d, id=uuid.uuid4().hex) for d in conversation.drafts])


def rests_on(conversation: Conversation, taught: Any = None) -> tuple[Evidence, ...]:
    """All messages of a conversation as evidence, new or not, whoever wrote them."""
    return tuple(
        Evidence(m.id, m.place, m.ts, m.speaker, m.at, taught or ("guest" if m.outsider else conversation.readers.room))
        for m in conversation.messages
    )


class Greedy(Deadlines):
    """Rests what it keeps on all that was said."""

    async def process(self, conversation: Conversation) -> Any:
        return await self.kit.keep([replace(d, evidence=rests_on(conversation)) for d in conversation.drafts])


class Indiscreet(Deadlines):
    """Says that everything was taught in public."""

    async def process(self, conversation: Conversation) -> Any:
        drafts = [replace(d, evidence=tuple(replace(e, taught="public") for e in d.evidence)) for d in conversation.drafts]
        return await self.kit.keep([replace(d, evidence=tuple(replace(e, place="office") for e in d.evidence)) for d in drafts])


class Classy(Deadlines):
    """Keeps what it learned in the class."""

    kept: ClassVar[list[Insight]]

    async def recall(self, question: Question) -> Any:
        return [i for i in self.kept if "appeal" in question.text]

    async def process(self, conversation: Conversation) -> Any:
        kept = await super().process(conversation)
        type(self).kept = list(kept)
        return kept


class Heading(Deadlines):
    def build_context(self, insights: Sequence[Insight]) -> Any:
        return "\n".join(["Deadlines", *map(quote, insights)])


class Counting(Deadlines):
    """Says something else each time."""

    said = 0

    def build_context(self, insights: Sequence[Insight]) -> Any:
        type(self).said += 1
        return f"{super().build_context(insights)} ({self.said})" if insights else ""


class Thoughtful(Deadlines):
    """Takes its time to write down."""

    def build_context(self, insights: Sequence[Insight]) -> Any:
        time.sleep(0.25)
        return super().build_context(insights)


class Wordy(Deadlines):
    def build_context(self, insights: Sequence[Insight]) -> Any:
        return "\n".join(f"{quote(i)} Mind the court's opening hours, too." for i in insights)


class Anonymous(Deadlines):
    def build_context(self, insights: Sequence[Insight]) -> Any:
        return "\n".join(i.sentence for i in insights)


BROKEN: dict[type, tuple[str, str]] = {
    WithSpaces: ("test_its_name_is_a_name", "use lower-case letters"),
    Unguided: ("test_its_kinds_can_be_declared", "needs one line of guidance"),
    Diary: ("test_recall_reads_only", "`recall` changed marks, but it may only read"),
    Talkative: ("test_recall_is_empty_when_nothing_fits", "return what `kit.search(question)` finds"),
    Borrower: ("test_recall_gives_back_only_what_it_keeps", "does not keep"),
    Chatty: ("test_recall_gives_insights", "a list or a tuple of `Insight`s"),
    Slow: ("test_recall_keeps_nobody_waiting", "Prepare in `process`"),
    Forgetful: ("test_what_one_instance_learns_another_recalls", "not in the instance"),
    Silent: ("test_process_returns_what_it_kept", "return what `kit.keep` gives"),
    Doubling: ("test_the_same_conversation_again_keeps_nothing_twice", "with the ids that they came with"),
    Greedy: ("test_only_new_messages_by_people_are_evidence", "Only those in `conversation.new` count"),
    Indiscreet: ("test_nothing_leaves_the_place_where_it_was_taught", "Leave evidence as it comes"),
    Classy: ("test_nothing_crosses_from_one_workspace_to_another", "Keep nothing in the class"),
    Heading: ("test_nothing_is_said_about_nothing", 'return "" then'),
    Counting: ("test_the_context_is_pure_and_instant", "let it depend on the insights alone"),
    Thoughtful: ("test_the_context_is_pure_and_instant", "It only has to write down"),
    Wordy: ("test_the_context_stays_within_the_limit", "Write no more about an insight than `quote` does"),
    Anonymous: ("test_the_context_names_each_insight_by_its_handle", "Use `quote(insight)`"),
}


@pytest.mark.parametrize("store", BROKEN, ids=lambda store: store.__name__)
def test_a_broken_store_fails_its_promise_and_no_other(store: type, monkeypatch: pytest.MonkeyPatch) -> None:
    promise, advice = BROKEN[store]
    if store is Slow:
        monkeypatch.setattr("stores.testing.contract.RECALL_SECONDS", 0.1)

    class Fresh(Contract):
        def prepare(self, rig: Rig) -> None:
            type(self).store = type(store.__name__, (store,), {"kept": []})  # whatever is kept in a class is gone for the next promise

    Fresh.store = store
    found = failed(Fresh)
    assert list(found) == [promise]
    assert advice in found[promise]


def test_every_promise_is_broken_once() -> None:
    assert {promise for promise, _ in BROKEN.values()} == set(PROMISES)


def test_a_store_that_learns_nothing_is_told_what_to_set() -> None:
    class Idle(Contract):
        def drafts(self, rig: Rig, conversation: Conversation) -> Any:
            return []

    assert "Give `says`, `drafts` or `prepare` something that it keeps" in failed(Idle)["test_what_one_instance_learns_another_recalls"]
