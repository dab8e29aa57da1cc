"""The answering call: the model, its tools, and what it used. No other model call stands between a question and its reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.agentic import CORRECT, FORGET, SAVE, Agentic, Request
from bot.prompt import LEARN_NOW, NOTHING, READ_SOURCE, SEARCH, STAY_SILENT, reply_prompt
from stores.conversations import Message, Question
from stores.explaining import EXPLAINED, WITHHELD, Explanation, Why
from stores.insights import Insight
from stores.machine import LearningMachine
from stores.model import Model, ModelFailed, Said, Tool, ToolCall, Turn

TURNS = 4  # of the model for one reply; the last one gets no tools, so that it must answer
READS = 2  # threads behind insights that are read for one reply

LearnNow = Callable[[], Awaitable[None]]
ReadSource = Callable[[Insight, Question], Awaitable[str]]
Recalled = Callable[[Iterable[Insight]], None]


@dataclass(frozen=True, slots=True)
class Composed:
    """What the model wants said. `text` still holds handles; "" when it stays silent. `insights`: all that it was shown, by handle."""

    text: str
    insights: dict[str, Insight]
    withheld: dict[str, str]
    missing: bool
    explained: Mapping[str, Why] = field(default_factory=dict)  # insight id → why it was shown or not
    requests: tuple[Request, ...] = ()  # what the asker is to be asked about
    searched: bool = False  # what was recalled at first did not do


async def compose(
    question: Question,
    thread: Sequence[Message],
    machine: LearningMachine,
    model: Model,
    learn_now: LearnNow,
    *,
    unsure: bool,
    read_source: ReadSource | None = None,
    saving: Agentic | None = None,
    recalled: Recalled | None = None,
    wishes: Sequence[str] = (),
) -> Composed:
    """Recall, ask the model, carry out its tools with the asker's rights. Raises `ModelFailed`.

    `saving`: what lets the model decide what is kept. `recalled` is told what the model is about to read, each insight once. `wishes`: how
    the team would like replies to be.
    """
    work = _Work(question, machine, read_source, saving, recalled)
    try:
        prompt = reply_prompt(await work.recall(question), thread, question.profile, wishes)
        text = await _said(prompt, model, work, learn_now, unsure=unsure)
        return await work.composed(text)
    finally:
        work.close()


async def _said(prompt: list[Said], model: Model, work: _Work, learn_now: LearnNow, *, unsure: bool) -> str:
    """The model's words in the end; "" when it stays silent."""
    tools: list[Tool] = [SEARCH, *([READ_SOURCE] if work.read_source else []), LEARN_NOW, *([STAY_SILENT] if unsure else [])]
    tools += work.saving.tools if work.saving else []
    answered = {SEARCH.name, READ_SOURCE.name, *(tool.name for tool in (work.saving.tools if work.saving else ()))}
    for left in range(TURNS - 1, -1, -1):
        turn = await model.answer(prompt, tools if left else ())
        called = {call.name for call in turn.calls}
        if STAY_SILENT.name in called and unsure:
            return ""
        if LEARN_NOW.name in called:
            await learn_now()
        if turn.text.strip() and not called & answered:
            return turn.text.strip()
        if not turn.calls:
            break
        prompt = [*prompt, _turn(turn), *[Said("tool", await work.carry_out(call), call_id=call.id) for call in turn.calls]]
    raise ModelFailed("The language model gave an empty answer.")


def _turn(turn: Turn) -> Said:
    return Said("assistant", turn.text, calls=turn.calls)


class _Work:
    """What is found for one reply. Why it was found is worked out beside the model's thinking."""

    def __init__(
        self,
        question: Question,
        machine: LearningMachine,
        read_source: ReadSource | None,
        saving: Agentic | None,
        recalled: Recalled | None,
    ) -> None:
        self.read_source, self.saving, self._recalled = read_source, saving, recalled
        self._question, self._machine = question, machine
        self._insights: dict[str, Insight] = {}
        self._missing = False
        self._searched = False
        self._reads = 0
        self._explaining: list[asyncio.Task[Explanation]] = []

    async def recall(self, question: Question) -> str:
        """The context of what is recalled and was not shown before."""
        found = await self._machine.recall(question, before=self._insights)
        self._insights |= found.insights
        if self._recalled:
            self._recalled(found.insights.values())
        self._missing |= found.missing
        self._explaining.append(asyncio.create_task(self._machine.explain(question, found)))
        return found.context

    async def carry_out(self, call: ToolCall) -> str:
        """What a tool answers."""
        if call.name == SEARCH.name:
            self._searched = True
            words = str(call.arguments.get("words") or "")
            return await self.recall(replace(self._question, text=words, expansion="")) or NOTHING
        if call.name == READ_SOURCE.name and self.read_source:
            return await self._read(str(call.arguments.get("handle") or "").strip("[] "), self.read_source)
        if self.saving and call.name in (SAVE, CORRECT, FORGET):
            return await self.saving.carry_out(call, self._insights)
        return "Done: this conversation is being learned from." if call.name == LEARN_NOW.name else "There is no such tool."

    async def composed(self, text: str) -> Composed:
        explained: dict[str, Why] = {}
        withheld: dict[str, str] = {}
        for each in [await task for task in self._explaining]:
            explained = {**each.why, **explained, **{i: why for i, why in each.why.items() if why.shown}}
            withheld |= each.withheld
            self._missing |= each.missing
        shown = {i.id for i in self._insights.values()}
        withheld = dict(list({i: reason for i, reason in withheld.items() if i not in shown}.items())[:WITHHELD])
        requests = tuple(self.saving.requests) if self.saving else ()
        why = dict(list(explained.items())[:EXPLAINED])
        return Composed(text, self._insights, withheld, self._missing, why, requests, self._searched)

    def close(self) -> None:
        """Give up what is not needed any more."""
        for task in self._explaining:
            if not task.cancel() and not task.cancelled():
                task.exception()  # looked at, so that nobody misses it: the reply has failed for a reason of its own

    async def _read(self, handle: str, read_source: ReadSource) -> str:
        if handle not in self._insights:
            return f"There is no insight [{handle[:20]}]."
        if self._reads == READS:
            return "No more threads can be read for this reply."
        self._reads += 1
        return await read_source(self._insights[handle], self._question)
