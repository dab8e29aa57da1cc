"""Odd stores at work in the whole of Tacit: one that asks the model itself, plain functions, and those that break."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from bot.sandbox.ports import free_port
from stores import Conversation, Insight, Kit, Question, Said, quote
from tests.together import Together, together

HERE = "tests.stores.test_odd_stores"
FREE = threading.Event()  # lets the blocked ones go when a test is over


class Remedies(BaseModel):
    model_config = ConfigDict(extra="forbid")
    remedies: list[str]


class Pharmacist:
    """Without kinds: it asks the model what was recommended against what."""

    name = "pharmacist"

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        return await self.kit.search(question)

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        told = "\n".join(m.text for m in conversation.messages if m.id in conversation.new)
        found, _ = await self.kit.model.extract([Said("system", "Which remedies are recommended?"), Said("user", told)], Remedies)
        drafts = [self.kit.draft(conversation, n, remedy, conversation.messages) for n, remedy in enumerate(found.remedies)]
        return await self.kit.keep(drafts)

    def build_context(self, insights: Sequence[Insight]) -> str:
        return "\n".join(map(quote, insights))


class Raises:
    """Fails in each method; as plain functions."""

    name = "raises"

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    def recall(self, question: Question) -> Any:
        raise ValueError(question.text)

    def process(self, conversation: Conversation) -> Any:
        raise ValueError(conversation.id)

    def build_context(self, insights: Sequence[Insight]) -> Any:
        raise ValueError(insights)


class Blocks(Raises):
    """Blocks its thread whenever it is asked."""

    name = "blocks"

    def recall(self, question: Question) -> Any:
        FREE.wait(60)

    def process(self, conversation: Conversation) -> Any:
        return []


class Mute(Raises):
    """Gives nothing that anybody could use."""

    name = "mute"

    def recall(self, question: Question) -> Any:
        return 7

    def process(self, conversation: Conversation) -> Any:
        return {"x": None}


async def taught(t: Together) -> dict[str, Any]:
    asked = await t.say("ana", "#infra", "@tacit Against the cough of the mill's horses the vet gives thyme.")
    await t.reply(asked)
    return asked


async def test_a_store_without_kinds_asks_the_model_itself(tmp_path: Path) -> None:
    def answer(request: Any) -> Any:
        if "Which remedies" not in str(request["messages"][0]["content"]):
            return "Thyme [i1]."
        assert "thyme" in request["messages"][1]["content"]
        return json.dumps({"remedies": ["Thyme helps the mill's horses against their cough."]})

    async with together(tmp_path, LEARNING_STORES=f"{HERE}:Pharmacist") as t:
        t.model.reply = answer
        asked = await taught(t)
        for _ in range(2):  # again, it keeps nothing twice
            [insight] = await t.learn(asked)
        assert (insight.store, insight.kind, insight.sentence) == (
            "pharmacist",
            "pharmacist",
            "Thyme helps the mill's horses against their cough.",
        )
        assert [e.taught for e in insight.evidence] == ["public"]
        reply = await t.reply(await t.say("bo", "dm", "What about the cough of the horses?"))
        assert "learned from @ana" in reply["text"]


@pytest.mark.parametrize("store", ["Raises", "Blocks", "Mute"])
async def test_a_store_that_breaks_harms_neither_a_reply_nor_another_store(store: str, tmp_path: Path) -> None:
    async with together(tmp_path, LEARNING_STORES=f"{HERE}:{store},team_knowledge") as t:
        try:
            asked = await taught(t)
            [insight] = await t.learn(asked)
            assert insight.store == "team_knowledge"
            t.model.reply = lambda request: "Thyme [i1]."
            for _ in range(2):
                reply = await t.reply(await t.say("bo", "dm", "What about the cough of the horses?"))
                assert "learned from @ana" in reply["text"]
        finally:
            FREE.set()
    FREE.clear()


async def test_a_store_that_blocks_for_long_is_disabled_and_readyz_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def readyz() -> Any:
        async with t.http.get(f"http://127.0.0.1:{port}/readyz") as answer:
            return await answer.json()

    monkeypatch.setattr("stores.watchdog.BLOCKED", 0.001)
    port = free_port()
    async with together(tmp_path, LEARNING_STORES=f"{HERE}:Blocks,team_knowledge", BOT_PORT=str(port)) as t:
        try:
            assert await readyz() == {"ready": True, "wrong": {}}
            for _ in range(2):
                await t.reply(await t.say("bo", "dm", "What about the cough of the horses?"))
            assert await readyz() == {"ready": True, "wrong": {}, "disabled_stores": ["blocks"]}
        finally:
            FREE.set()
    FREE.clear()
