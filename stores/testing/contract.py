"""What every store promises, as tests: subclass `StoreContract` in a test file and run pytest. Each failure says what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from stores.audience import look, readers_of
from stores.context import CONTEXT_TOKENS, quote, quote_block, tokens
from stores.conversations import Conversation, Question
from stores.insights import Draft, Insight, Kind
from stores.loading import BadStore, check_kinds, check_name
from stores.machine import CONTEXT_SECONDS, RECALL_SECONDS
from stores.store import Kit, LearningStore
from stores.testing.given import insights_of, known, result, seconds
from stores.testing.rig import Rig, rig

A_LONG_ONE = "Of all that was ever said about it this is what nobody should forget, number {n}, in so many words."


class StoreContract:
    """The promises of a `LearningStore`. One instance learns and another recalls, as worker and bot are two processes.

        class TestFilingDeadlines(StoreContract):
            store = FilingDeadlines
            says = "The appeal in Berger is due on 4 December."
            asks = "When is the appeal due?"

    `says`: what Ana says that the store keeps something of. `asks`: what is asked later, to which that is of use; `asker`: by whom, if
    not by Bo. `aside`: a question that the store has nothing to say to, "" if there is none.

    A store with `kinds` gets a draft of its first kind that says what Ana said; override `drafts` for another. One without `kinds` says in
    `prepare` what the model of the rig gives it.
    """

    store: ClassVar[Callable[[Kit], LearningStore]]
    says: ClassVar[str]
    asks: ClassVar[str]
    asker: ClassVar[str] = "bo"
    aside: ClassVar[str] = "Who waters the plants?"

    def prepare(self, rig: Rig) -> None:
        """Before anything else in each new rig: script its model, add people and places."""

    def drafts(self, rig: Rig, conversation: Conversation) -> Sequence[Draft]:
        """What the extraction call proposes to this store for a conversation in which `says` was said."""
        if not self._kinds or not conversation.new:
            return []
        return [rig.draft(conversation, self._name, self._kinds[0], self.says)]

    def test_its_name_is_a_name(self) -> None:
        """LEARNING_STORES, the log and the database name it."""
        try:
            check_name(self._name)
        except BadStore as e:
            raise AssertionError(f"The `name` of your class cannot be used: {e}.") from None

    def test_its_kinds_can_be_declared(self) -> None:
        """The one extraction call has to be able to ask for them."""
        try:
            check_kinds(type(self).store)
        except BadStore as e:
            raise AssertionError(f"What your class declares cannot be used: {e}.") from None

    def test_recall_reads_only(self) -> None:
        async def promise(rig: Rig) -> None:
            await self._learn(rig)
            before = await rig.contents()
            await self._recall(rig, self.asks)
            changed = [name for name, documents in (await rig.contents()).items() if documents != before[name]]
            assert not changed, f"`recall` changed {', '.join(changed)}, but it may only read: keep things in `process`."

        self._run(promise)

    def test_recall_is_empty_when_nothing_fits(self) -> None:
        async def promise(rig: Rig) -> None:
            found = await self._recall(rig, self.asks)
            assert not found, "`recall` gives something before anything was learned: return an empty list then."
            await self._learn(rig)
            found = [i for i in await self._recall(rig, self.aside) if not i.standing] if self.aside else []
            assert not found, f"`recall` gives something for {self.aside!r}, which nothing fits: return what `kit.search(question)` finds."

        self._run(promise)

    def test_recall_gives_back_only_what_it_keeps(self) -> None:
        async def promise(rig: Rig) -> None:
            learned = await self._learn(rig)
            for one in learned:
                await rig.repository.keep(replace(one, id=f"{one.id}-other", store=f"{self._name}-other"))
            own = {i.id for i in await rig.insights() if i.store == self._name}
            foreign = [i for i in await self._recall(rig, self.asks) if i.id not in own]
            assert not foreign, (
                "`recall` gives insights that this store does not keep; the product drops them. Return what `kit.search(question)` finds: "
                "that searches this store's alone."
            )

        self._run(promise)

    def test_recall_gives_insights(self) -> None:
        async def promise(rig: Rig) -> None:
            await self._learn(rig)
            given = await result(self._built(rig).recall(await rig.question(self.asks, by=self.asker)))
            sound = isinstance(given, Sequence) and not isinstance(given, str) and all(isinstance(i, Insight) for i in given)
            assert sound, "`recall` has to return a list or a tuple of `Insight`s, best first, and nothing else."

        self._run(promise)

    def test_recall_keeps_nobody_waiting(self) -> None:
        async def promise(rig: Rig) -> None:
            await self._learn(rig)
            store, question = self._built(rig), await rig.question(self.asks, by=self.asker)
            took = min([await seconds(store.recall, question) for _ in range(2)])
            assert took < RECALL_SECONDS, (
                f"`recall` took {took:.1f} s, and a reply waits {RECALL_SECONDS:g} s for it at most, then does without. Prepare "
                "in `process` what takes long."
            )

        self._run(promise)

    def test_what_one_instance_learns_another_recalls(self) -> None:
        async def promise(rig: Rig) -> None:
            learned = await self._learn(rig)
            assert learned, f"`process` kept nothing of {self.says!r}. Give `says`, `drafts` or `prepare` something that it keeps."
            found = {i.id for i in await self._recall(rig, self.asks)}
            assert found & {i.id for i in learned}, (
                f"Asked {self.asks!r}, another instance does not recall what was learned. The worker learns and the bot recalls, in two "
                "processes: keep it by `kit.keep` or `kit.repository`, not in the instance. Or does `asks` share no word with it?"
            )

        self._run(promise)

    def test_process_returns_what_it_kept(self) -> None:
        async def promise(rig: Rig) -> None:
            returned = {i.id for i in await self._learn(rig)}
            kept = {i.id for i in await rig.insights()}
            assert returned == kept, "`process` has to return what it kept, all of it and nothing else: return what `kit.keep` gives."

        self._run(promise)

    def test_the_same_conversation_again_keeps_nothing_twice(self) -> None:
        async def promise(rig: Rig) -> None:
            conversation = await self._conversation(rig)
            await self._process(rig, conversation)
            before = known(await rig.insights())
            for _ in range(2):
                await self._process(rig, conversation)
            assert known(await rig.insights()) == before, (
                "`process` kept more when it got the same conversation again, which happens after a crash. Keep drafts by `kit.keep`, with "
                "the ids that they came with, or those of `kit.draft`."
            )

        self._run(promise)

    def test_only_new_messages_by_people_are_evidence(self) -> None:
        async def promise(rig: Rig) -> None:
            old = [f"ana: {self.says}", f"tacit: {self.says}"]
            conversation = await self._conversation(rig, f"tacit: {self.says}", f"app: {self.says}", f"bo: {self.says}", before=old)
            await self._process(rig, conversation)
            nothing_new = await self._conversation(rig, f"tacit: {self.says}", before=old)
            await self._process(rig, nothing_new)
            people = {m.id for m in conversation.messages if not m.ours and not m.bot}
            able = [(i, people if i.state_of.startswith("conversation:") else conversation.new) for i in await rig.insights()]
            unfit = [e.message for i, messages in able for e in i.evidence if e.message not in messages]
            assert not unfit, (
                "`process` took messages as evidence that are not new, or not by people. Only those in `conversation.new` count: "
                "make drafts by `kit.draft`, or evidence by `evidence_of`."
            )

        self._run(promise)

    def test_nothing_leaves_the_place_where_it_was_taught(self) -> None:
        async def promise(rig: Rig) -> None:
            for place, teacher in (("board", "ana"), ("D-ana", "ana"), ("help", "gus")):
                await self._process(rig, await self._conversation(rig, f"{teacher}: {self.says}", place=place))
            for place in ("office", "D-bo"):
                readers = await readers_of(rig.town, place, "bo")
                view = await look(await rig.insights(), readers, rig.town, rig.repository)
                assert not view.insights, (
                    "What was taught in a private channel, in a DM or by a guest could be seen elsewhere, by its evidence. "
                    "Leave evidence as it comes: with drafts, from `kit.draft` or from `evidence_of`."
                )

        self._run(promise)

    def test_nothing_crosses_from_one_workspace_to_another(self) -> None:
        async def promise(rig: Rig) -> None:
            other = rig.beside("T2")
            empty = await other.contents()
            await self._learn(rig)
            assert await other.contents() == empty, "`process` kept something in another workspace. Work with the kit, which has one only."
            found = await self._recall(other, self.asks)
            assert not found, "`recall` gives what another workspace taught. Keep nothing in the class or the module: work with the kit."

        self._run(promise)

    def test_nothing_is_said_about_nothing(self) -> None:
        async def promise(rig: Rig) -> None:
            said = await self._said(rig, [])
            assert said == "", f'`build_context` says {said!r} about no insights: return "" then.'

        self._run(promise)

    def test_the_context_is_pure_and_instant(self) -> None:
        async def promise(rig: Rig) -> None:
            insights, store = self._insights(rig, 3), self._built(rig)
            before, contents = repr(insights), await rig.contents()
            first, second = await result(store.build_context(insights)), await result(store.build_context(insights))
            same = first == second == await self._said(rig, insights) and repr(insights) == before and await rig.contents() == contents
            assert same, "`build_context` says something else the second time, or changes something: let it depend on the insights alone."
            took = min([await seconds(store.build_context, insights) for _ in range(3)])
            assert took < CONTEXT_SECONDS, (
                f"`build_context` took {took:.2f} s; a reply waits {CONTEXT_SECONDS:g} s at most, then does without. It only "
                "has to write down what it is given."
            )

        self._run(promise)

    def test_the_context_stays_within_the_limit(self) -> None:
        async def promise(rig: Rig) -> None:
            said = await self._said(rig, self._insights(rig, 100, budget=CONTEXT_TOKENS - 10))
            much = tokens(quote_block(self._name, said))
            assert much <= CONTEXT_TOKENS, (
                f"`build_context` takes {much} tokens for insights whose quotes fit {CONTEXT_TOKENS}, so that the product drops all of it. "
                "Write no more about an insight than `quote` does."
            )

        self._run(promise)

    def test_the_context_names_each_insight_by_its_handle(self) -> None:
        async def promise(rig: Rig) -> None:
            insights = self._insights(rig, 2)
            said = await self._said(rig, insights)
            missing = [i.handle for i in insights if f"[{i.handle}]" not in said]
            assert not missing, (
                f"`build_context` does not write {', '.join(f'[{handle}]' for handle in missing)}, so the model cannot cite it. "
                "Use `quote(insight)`, or write `[{insight.handle}]` before what you say of it."
            )

        self._run(promise)

    @property
    def _name(self) -> str:
        return getattr(type(self).store, "name", "")

    @property
    def _kinds(self) -> Sequence[Kind]:
        return tuple(getattr(type(self).store, "kinds", ()))

    def _run(self, promise: Callable[[Rig], Coroutine[Any, Any, None]]) -> None:
        async def kept() -> None:
            async with rig() as made:
                self.prepare(made)
                await promise(made)

        asyncio.run(kept())

    def _built(self, rig: Rig) -> LearningStore:
        """A new instance, as another process would have it."""
        return type(self).store(rig.kit(self._name))

    async def _conversation(self, rig: Rig, *said: str, place: str = "office", before: Sequence[str] = ()) -> Conversation:
        return await rig.conversation(*(said or (f"ana: {self.says}",)), place=place, before=before)

    async def _process(self, rig: Rig, conversation: Conversation) -> list[Insight]:
        drafts = tuple(self.drafts(rig, conversation))
        return insights_of(await result(self._built(rig).process(replace(conversation, drafts=drafts))))

    async def _learn(self, rig: Rig) -> list[Insight]:
        return await self._process(rig, await self._conversation(rig))

    async def _recall(self, rig: Rig, text: str) -> list[Insight]:
        question: Question = await rig.question(text, by=self.asker)
        return insights_of(await result(self._built(rig).recall(question)))

    async def _said(self, rig: Rig, insights: Sequence[Insight]) -> str:
        return await result(self._built(rig).build_context(insights))  # type: ignore[no-any-return]  # as declared

    def _insights(self, rig: Rig, most: int, *, budget: int = CONTEXT_TOKENS) -> list[Insight]:
        """Insights of this store's first kind, as the product hands them over: with handles, and no more than fit when they are quoted."""
        kind = self._kinds[0].name if self._kinds else self._name
        made = []
        for n in range(1, most + 1):
            one = Insight(f"made{n}", rig.workspace, self._name, kind, A_LONG_ONE.format(n=n), learned_at=float(n), handle=f"i{n}")
            budget -= tokens(quote(one)) + 2
            if budget < 0:
                break
            made.append(one)
        return made
