"""The whole loop: one teammate's insight reaches another."""

from __future__ import annotations

import re
from pathlib import Path

from tests.together import together

HANDLE = re.compile(r"\[i[0-9]+\]")


async def test_what_one_teammate_teaches_helps_another(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        asked = await t.say("ana", "#infra", "@tacit We are trying to cut down on egress costs.")
        assert "Noted." in (await t.reply(asked))["text"]
        [insight] = await t.learn(asked)
        assert insight.sentence == "We are trying to cut down on egress costs."

        t.model.reply = lambda request: f"Mind the egress {HANDLE.findall(request['messages'][1]['content'])[0]}."
        question = await t.say("bo", "dm", "Datadog or Grafana?")
        reply = await t.reply(question)
        assert "Mind the egress." in reply["text"]
        assert "learned from @ana in" in reply["text"]
        assert len(await t.ours(question)) == 1


async def test_nothing_of_other_conversations_is_noted(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        await t.say("ana", "#infra", "Lunch at noon?")
        assert await t.documents.find("conversations", {}) == []
        assert await t.documents.find("questions", {}) == []
        assert await t.documents.find("events", {}) == []
