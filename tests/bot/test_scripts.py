"""What is told in other scripts, from the message to the card and to somebody else's question, without embeddings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.kinds import shown
from tests.bot.test_approvals import card, press, taught
from tests.model_server import draft
from tests.together import together

TOLD = {
    "Japanese": ("倉庫の鍵は田中さんが保管している。", "倉庫の鍵は誰が持っていますか?", "明日の天気は?"),
    "Thai": ("กุญแจห้องเก็บของอยู่ที่ป้าสมศรี", "ใครมีกุญแจห้องเก็บของ", "พรุ่งนี้อากาศเป็นอย่างไร"),
    "Hindi": ("गोदाम की चाबी मीना के पास है।", "गोदाम की चाबियाँ किसके पास हैं?", "कल मौसम कैसा रहेगा?"),
    "Hebrew": ("המפתח של המחסן נמצא אצל מרים.", "אצל מי מפתח המחסן?", "מה מזג האוויר מחר?"),
    "Arabic": ("مفتاح المخزن عند مريم.", "مع من مفتاح المخزن؟", "كيف الطقس غدا؟"),
}


@pytest.mark.parametrize("language", TOLD)
async def test_it_is_asked_about_kept_and_found_again(language: str, tmp_path: Path) -> None:
    sentence, question, other = TOLD[language]
    async with together(tmp_path, EMBEDDINGS="none", LEARNING_MODES="team_knowledge:confirm") as t:
        t.model.drafts = lambda request: {"drafts": [draft(sentence, ["m1"], "location")]}
        await taught(t, text=sentence)
        asked = await card(t, "ana")
        assert sentence in asked["text"]
        form = await press(t, "ana", "Edit")
        assert form["blocks"][0]["element"]["initial_value"] == sentence
        assert sentence in (await press(t, "ana", "Save", approval_sentence=f"  {sentence}"))["text"]
        assert sentence in str(await t.command("bo", "#random", f"/learnings {question}"))

        async def recalled() -> bool:  # a busy machine may leave recall no time
            return sentence in await shown(t, "bo", "#random", question)

        await t.until(recalled, "it to be recalled")
        assert sentence not in await shown(t, "bo", "#random", other)
