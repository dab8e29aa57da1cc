"""Conversations and answers of the model that are not as one would wish: each has an end that somebody can name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bot.conftest import Start
from tests.bot.kinds import shown
from tests.model_server import drafts_of_every_statement
from tests.together import Together

Json = dict[str, Any]


async def _conversation(t: Together, first: Json) -> Json:
    return (await t.documents.find("conversations", {"_id": f"{first['channel']}:{first['ts']}"}))[0]


def _extractions(t: Together) -> int:
    return sum(t.model.sort(request) == "drafts" for request in t.model.requests)


async def test_a_thread_of_nothing_but_emoji_costs_no_call(start: Start) -> None:
    async with start() as t:
        first = await t.say("ana", "#infra", "@tacit :tada: 🎉 :+1:")
        await t.settled(first)
        await t.settled(await t.say("bo", "#infra", "@tacit :heart: 🙈", thread_ts=first["ts"]))
        assert await t.learn(first) == []
        assert _extractions(t) == 0
        assert (await _conversation(t, first))["runs"] == 1
        await t.settled(await t.say("bo", "#infra", "@tacit 🎉 The fair is on Friday.", thread_ts=first["ts"]))
        assert [i.sentence for i in await t.learn(first)] == ["🎉 The fair is on Friday."]


async def test_a_model_that_answers_in_prose_is_asked_once_more_and_then_again_later(start: Start) -> None:
    async with start() as t:
        t.model.drafts = lambda request: "Sure! Here is what I learned: ..."  # type: ignore[assignment,return-value]
        first = await t.say("ana", "#infra", "@tacit The fair is on Friday.")
        await t.settled(first)
        assert await t.learn(first) == []
        assert _extractions(t) == 2
        failed = await _conversation(t, first)
        assert (failed["error"], failed["runs"]) == ("ModelFailed", 0)
        assert failed["due"] is not None
        t.model.drafts = drafts_of_every_statement
        assert [i.sentence for i in await t.learn(first)] == ["The fair is on Friday."]
        assert (await _conversation(t, first))["error"] is None


LANGUAGES = {
    "English": ("The archive closes at noon.", "When does the archive close?"),
    "German": ("Das Archiv schließt um zwölf Uhr.", "Wann schließt das Archiv?"),
    "Spanish": ("El archivo cierra al mediodía.", "¿Cuándo cierra el archivo?"),
    "Arabic": ("الأرشيف يغلق ظهرا.", "متى يغلق الأرشيف؟"),
    "Korean": ("기록실은 정오에 닫습니다.", "기록실은 언제 닫습니까?"),
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_said_in_any_language_is_learned_as_said_and_recalled(start: Start, language: str) -> None:
    told, asked = LANGUAGES[language]
    async with start(EMBEDDINGS="none") as t:
        first = await t.say("ana", "#infra", f"@tacit {told}")
        await t.settled(first)
        assert [i.sentence for i in await t.learn(first)] == [told]
        assert told in await shown(t, "bo", "dm", asked)


async def test_what_other_apps_and_tacit_say_is_no_evidence(start: Start) -> None:
    async with start() as t:
        t.model.reply = lambda request: "The fair is on Monday."
        first = await t.say("ana", "#infra", "@tacit When is the fair?")
        await t.settled(first)
        await t.say("ana", "#infra", "The fair is on Tuesday.", subtype="bot_message", thread_ts=first["ts"])
        assert await t.learn(first) == []
        said = next(r for r in t.model.requests if t.model.sort(r) == "drafts")
        assert "Monday" in str(said)  # it reads what it said, as background
