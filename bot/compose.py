"""The answering call: the model, its two tools, and what it used. No other model call stands between a question and its reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from bot.prompt import LEARN_NOW, NOTHING, SEARCH, STAY_SILENT, reply_prompt
from stores.conversations import Message, Question
from stores.insights import Insight
from stores.machine import LearningMachine, Recollection
from stores.model import Model, ModelFailed, Said, Tool, ToolCall, Turn

TURNS = 4  # of the model for one reply; the last one gets no tools, so that it must answer

LearnNow = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Composed:
    """What the model wants said. `text` still holds handles; "" when it stays silent. `insights`: all that it was shown, by handle."""

    text: str
    insights: dict[str, Insight]
    withheld: dict[str, str]
    missing: bool


async def compose(
    question: Question, thread: Sequence[Message], machine: LearningMachine, model: Model, learn_now: LearnNow, *, unsure: bool
) -> Composed:
    """Recall, ask the model, carry out its tools with the asker's rights. Raises `ModelFailed`."""
    found = await machine.recall(question)
    state = Composed("", dict(found.insights), dict(found.withheld), found.missing)
    prompt = reply_prompt(found.context, thread)
    tools: list[Tool] = [SEARCH, LEARN_NOW, *([STAY_SILENT] if unsure else [])]
    for left in range(TURNS - 1, -1, -1):
        turn = await model.answer(prompt, tools if left else ())
        called = {call.name for call in turn.calls}
        if STAY_SILENT.name in called and unsure:
            return state
        if LEARN_NOW.name in called:
            await learn_now()
        if turn.text.strip() and SEARCH.name not in called:
            return replace(state, text=turn.text.strip())
        if not turn.calls:
            break
        state, answers = await _carry_out(turn.calls, state, question, machine)
        prompt = [*prompt, _said(turn), *answers]
    raise ModelFailed("The language model gave an empty answer.")


def _said(turn: Turn) -> Said:
    return Said("assistant", turn.text, calls=turn.calls)


async def _carry_out(
    calls: Sequence[ToolCall], state: Composed, question: Question, machine: LearningMachine
) -> tuple[Composed, list[Said]]:
    answers = []
    for call in calls:
        text = "Done: this conversation is being learned from."
        if call.name == SEARCH.name:
            words = replace(question, text=str(call.arguments.get("words") or ""))
            found = await machine.recall(words, before=state.insights)
            state = _with(state, found)
            text = found.context or NOTHING
        elif call.name != LEARN_NOW.name:
            text = "There is no such tool."
        answers.append(Said("tool", text, call_id=call.id))
    return state, answers


def _with(state: Composed, found: Recollection) -> Composed:
    return Composed("", state.insights | dict(found.insights), state.withheld | dict(found.withheld), state.missing or found.missing)
