"""`python -m tests.bench.associative.make OUT.jsonl`: have a model write the cases. OPENAI_BASE_URL or OPENAI_API_KEY says where it is.

Three writers, none of whom sees what another wrote: one plans, one gets half of a plan and writes what a teammate says, one gets the other
half and writes a question. What is learned from the message, and the expansions, come from the product's own prompts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bot.settings import Settings, load_settings
from stores.audience import Readers
from stores.chat_completions import ChatCompletions
from stores.conversations import Conversation, Message
from stores.expansion import TOKENS, expansion_prompt, one_line
from stores.extraction import Owned, extract
from stores.insights import Draft
from stores.model import Model, ModelFailed, Said
from stores.team_knowledge import TeamKnowledge
from tests.bench.associative.cases import Case, shared, write

AT_ONCE = 4
BATCH = 10  # plans that are asked for at a time
TRIES = 3  # wordings of a question before its plan is dropped

PLAN = """\
Plan cases for testing a team's memory. In each, something a team once agreed on, wants, forbids or found out bears on a choice that another
teammate faces later, although the two are spoken of in wholly different words: the link is knowledge of the world (what a product is, what
a place or an act brings with it). Any trade: software, law, medicine, building, research, retail, logistics, teaching.
`told`: what was agreed, in general words, naming nothing that `faced` names. `faced`: the choice, in general words. `unrelated`: an
everyday question at work that `told` has nothing to do with. Each case is about something else."""
TELL = """\
You are a teammate at work. Write the message, of one or two sentences, with real names and figures, in which you tell your team this:"""
ASK = """\
You are a teammate at work and know nothing of what others agreed. Write the one short question in which you ask a helper about this, with
real names of products, places or people where they help:"""


class Plan(BaseModel):
    model_config = ConfigDict(extra="forbid")
    told: str
    faced: str
    unrelated: str


class Plans(BaseModel):
    model_config = ConfigDict(extra="forbid")
    plans: list[Plan]


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str


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


async def case_of(plan: Plan, model: Model) -> Case | None:
    """A plan carried out; None when nothing was learned from the message, or no wording of the question is free of its words."""
    message = await _written(TELL, plan.told, model)
    draft = await learned(message, model)
    if draft is None:
        return None
    control = await _written(ASK, plan.unrelated, model)
    for _ in range(TRIES):
        question = await _written(ASK, plan.faced, model)
        case = Case(message, draft.sentence, draft.kind, question, control, draft.cues, draft.things)
        if not shared(case):
            return replace(case, expansion=await _expanded(question, model), control_expansion=await _expanded(control, model))
    return None


async def learned(message: str, model: Model) -> Draft | None:
    """The first insight that the product's own extraction takes from a message."""
    said = Message("C1", "1.000100", "U1", "Ana", message)
    talk = Conversation("T1", "C1:1.000100", "C1", "made", (said,), frozenset({said.id}), Readers("U1", "C1", "public"))
    kinds = {kind.name: Owned("team_knowledge", kind) for kind in TeamKnowledge.kinds}
    return next(iter(await extract(talk, kinds, model, "#general, a public channel", "public")), None)


async def _written(task: str, brief: str, model: Model) -> str:
    answer, _ = await model.extract([Said("system", task), Said("user", brief)], Line)
    return " ".join(answer.text.split())


async def _expanded(text: str, model: Model) -> str:
    """By the product's own prompt, for as long as it takes."""
    return one_line(await model.hint(expansion_prompt(text), most=TOKENS))


async def make(model: Model, most: int) -> list[Case]:
    """So many cases, or fewer where plans could not be carried out; standard error says how many."""
    some = asyncio.Semaphore(AT_ONCE)

    async def one(plan: Plan) -> Case | None:
        async with some:
            return await case_of(plan, model)

    found = await asyncio.gather(*[one(plan) async for plan in plans(model, most)])
    cases = [case for case in found if case]
    sys.stderr.write(f"{len(cases)} cases of {len(found)} plans\n")
    return cases


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
