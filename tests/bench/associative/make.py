"""`python -m tests.bench.associative.make OUT.jsonl`: have a model write the cases. OPENAI_BASE_URL or OPENAI_API_KEY says where it is.

Three writers, none of whom sees what another wrote: one plans, one gets half of a plan and writes what a teammate says, one gets the other
half and writes a question. What is learned from the message, and the expansions, come from the product's own prompts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from bot.settings import Settings, load_settings
from stores.audience import Readers
from stores.chat_completions import ChatCompletions
from stores.conversations import Conversation, Message
from stores.drafting import Owned
from stores.expansion import TOKENS, expansion_prompt, one_line
from stores.extraction import extract
from stores.insights import Draft
from stores.model import Model, ModelFailed, Said
from stores.team_knowledge import TeamKnowledge
from tests.bench.associative.cases import Case, shared, write

AT_ONCE = 20
BATCH = 25  # plans or texts that are asked for in one call
TRIES = 3  # wordings of a question before its plan is dropped; calls for an expansion before there is none

PLAN = """\
Plan cases for testing a team's memory. In each, something a team once agreed on, wants, forbids or found out bears on a choice that another
teammate faces later, although the two are spoken of in wholly different words: the link is knowledge of the world (what a product is, what
a place or an act brings with it). Any trade: software, law, medicine, building, research, retail, logistics, teaching.
`told`: what was agreed, in general words, naming nothing that `faced` names. `faced`: the choice, in general words. `unrelated`: an
everyday question at work that `told` has nothing to do with. Each case is about something else."""
TELL = """\
You are a teammate at work. For each brief write the message, of one or two sentences, with real names and figures, in which you tell your
team this. The briefs have nothing to do with each other; give as many texts, in the same order."""
ASK = """\
You are a teammate at work and know nothing of what others agreed. For each brief write the one short question in which you ask a helper
about this, with real names of products, places or people where they help. The briefs have nothing to do with each other; give as many
texts, in the same order."""


T = TypeVar("T")


class Plan(BaseModel):
    model_config = ConfigDict(extra="forbid")
    told: str
    faced: str
    unrelated: str


class Plans(BaseModel):
    model_config = ConfigDict(extra="forbid")
    plans: list[Plan]


class Texts(BaseModel):
    model_config = ConfigDict(extra="forbid")
    texts: list[str]


async def plans(model: Model, most: int) -> AsyncIterator[Plan]:
    """So many plans; of those before only the subjects are told, so that none comes twice."""
    made: list[Plan] = []
    while len(made) < most:
        body = json.dumps({"cases": min(BATCH, most - len(made)), "already planned": [p.told for p in made]}, ensure_ascii=False)
        answer, _ = await model.extract([Said("system", PLAN), Said("user", body)], Plans)
        if not answer.plans:
            raise ModelFailed("The model planned nothing.")
        for plan in answer.plans[: most - len(made)]:
            made.append(plan)
            yield plan


async def asked(faced: Sequence[str], drafts: Sequence[Case], model: Model) -> list[str | None]:
    """A question for each, None where no wording is free of its case's words. Whoever writes them sees only what is faced."""
    found: list[str | None] = [None] * len(faced)
    for _ in range(TRIES):
        open_ = [n for n, question in enumerate(found) if question is None]
        for n, question in zip(open_, await written(ASK, [faced[n] for n in open_], model), strict=True):
            found[n] = None if shared(replace(drafts[n], question=question)) else question
    return found


async def learned(message: str, model: Model) -> Draft | None:
    """The first insight that the product's own extraction takes from a message."""
    said = Message("C1", "1.000100", "U1", "Ana", message)
    talk = Conversation("T1", "C1:1.000100", "C1", "made", (said,), frozenset({said.id}), Readers("U1", "C1", "public"))
    kinds = {kind.name: Owned("team_knowledge", kind) for kind in TeamKnowledge.kinds}
    return next(iter(await extract(talk, kinds, model, "#general, a public channel", "public")), None)


async def written(task: str, briefs: Sequence[str], model: Model) -> list[str]:
    """A text for each brief, `BATCH` of them at a time."""
    parts = [list(briefs[start : start + BATCH]) for start in range(0, len(briefs), BATCH)]
    return [text for texts in await asyncio.gather(*(_written(task, part, model) for part in parts)) for text in texts]


async def _written(task: str, briefs: list[str], model: Model) -> list[str]:
    answer, _ = await model.extract([Said("system", task), Said("user", json.dumps(briefs, ensure_ascii=False))], Texts)
    if len(answer.texts) != len(briefs):
        raise ModelFailed(f"The model wrote {len(answer.texts)} texts for {len(briefs)} briefs.")
    return [" ".join(text.split()) for text in answer.texts]


async def _expanded(text: str, model: Model) -> str:
    """By the product's own prompt, for as long as it takes; asked again where the server was too busy to listen."""
    for _ in range(TRIES):
        with contextlib.suppress(ModelFailed):
            return one_line(await model.hint(expansion_prompt(text), most=TOKENS))
    raise ModelFailed("The model expands nothing.")


async def make(model: Model, most: int) -> list[Case]:
    """So many cases, or fewer where plans could not be carried out; standard error says how many."""
    planned = [plan async for plan in plans(model, most)]
    messages, controls = await asyncio.gather(
        written(TELL, [p.told for p in planned], model), written(ASK, [p.unrelated for p in planned], model)
    )
    drafts = await _side_by_side(messages, lambda message: learned(message, model))
    told = [
        (plan, Case(message, d.sentence, d.kind, "", control, d.cues, d.things))
        for plan, message, control, d in zip(planned, messages, controls, drafts, strict=True)
        if d is not None
    ]
    questions = await asked([plan.faced for plan, _ in told], [case for _, case in told], model)
    cases = [replace(case, question=question) for (_, case), question in zip(told, questions, strict=True) if question is not None]
    expansions = await _side_by_side([t for c in cases for t in (c.question, c.control)], lambda text: _expanded(text, model))
    sys.stderr.write(f"{len(cases)} cases of {len(planned)} plans\n")
    return [replace(c, expansion=e, control_expansion=o) for c, e, o in zip(cases, expansions[::2], expansions[1::2], strict=True)]


async def _side_by_side(texts: Sequence[str], do: Callable[[str], Awaitable[T]]) -> list[T]:
    """One call each, `AT_ONCE` at a time."""
    some = asyncio.Semaphore(AT_ONCE)

    async def one(text: str) -> T:
        async with some:
            return await do(text)

    return await asyncio.gather(*map(one, texts))


async def _main(path: Path, most: int, settings: Settings) -> None:
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    model = ChatCompletions(
        settings.answer_model,
        settings.extract_model,
        key,
        settings.openai_base_url,
        settings.model_timeout,
        expand_model=settings.expanding_model,
    )
    try:
        write(path, await make(model, most))
    finally:
        await model.close()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.associative.make", description="Have a model write associative cases.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--pairs", type=int, default=100, help="plans to carry out (100)")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(_main(options.out, options.pairs, load_settings()))
    except ModelFailed as e:
        sys.exit(str(e))


if __name__ == "__main__":
    main()
