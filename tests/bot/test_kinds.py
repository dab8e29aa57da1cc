"""What each store does for people: from what one of them says to what the model reads for another's question."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bot.conftest import Start
from tests.bot.kinds import known, shown, teach
from tests.model_server import draft
from tests.together import Together

Json = dict[str, Any]


async def test_a_decision_comes_with_what_it_turned_down_and_what_came_of_it(start: Start) -> None:
    async with start() as t:
        text = "We chose Sparrow for the letters, because it is cheap, over Heron."
        await teach(t, "ana", "#infra", text, "decision", reason="it is cheap", rejected="Heron")
        first = await shown(t, "bo", "dm", "What did we choose for the letters?")
        assert f'decision, {_today(first)}: "{text}", reason: "it is cheap", rejected: "Heron"' in first
        await teach(t, "bo", "#infra", "The office moves to Bern in May.", "decision")
        await teach(t, "cy", "#random", "Half of them came late.", "outcome", decision="Sparrow for the letters")
        lines = (await shown(t, "ana", "dm", "What did we choose for the letters?")).splitlines()
        [at] = [n for n, line in enumerate(lines) if text in line]
        assert "outcome, " in lines[at + 1]
        assert "Half of them came late." in lines[at + 1]
        [outcome] = await known(t, "outcome")
        assert [d.sentence for d in await known(t, "decision") if d.id == outcome.belongs_to] == [text]


async def test_an_outcome_from_the_same_conversation_finds_its_decision(start: Start) -> None:
    async with start() as t:
        came = draft("The cheap carrier lost two letters.", ["m1"], "outcome", fields=[{"name": "decision", "value": "carrier Sparrow"}])
        await teach(
            t, "ana", "#infra", "Sparrow is the carrier, and it lost two letters.", "decision", came, sentence="Sparrow is the carrier."
        )
        [decision], [outcome] = await known(t, "decision"), await known(t, "outcome")
        assert outcome.belongs_to == decision.id


async def test_an_outcome_goes_to_no_decision_about_something_else(start: Start) -> None:
    async with start() as t:
        await teach(t, "ana", "#infra", "Three parking spaces are held for couriers each day.", "decision")
        text = "The three tests of the lift took an hour."
        await teach(t, "bo", "#infra", text, "outcome", decision="the lift has to pass three tests in a row")
        [outcome] = await known(t, "outcome")
        assert outcome.belongs_to == ""


async def test_an_outcome_goes_to_no_decision_that_not_everybody_there_may_see(start: Start) -> None:
    async with start() as t:
        await teach(t, "ana", "legal", "Sparrow is the carrier of letters.", "decision")
        await teach(t, "bo", "#infra", "Sparrow lost two letters.", "outcome", decision="Sparrow as carrier of letters")
        [outcome] = await known(t, "outcome")
        assert outcome.belongs_to == ""
        assert "is the carrier" not in await shown(t, "cy", "#infra", "Which letters were lost?")


async def test_a_decision_in_force_meets_a_question_that_shares_no_word_with_it(start: Start) -> None:
    async with start() as t:
        await teach(t, "ana", "#infra", "From now on everything new runs in Zurich.", "decision")
        assert "everything new runs in Zurich" in await shown(t, "bo", "dm", "Which hoster should I take, Kroll or Lamprecht?")
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "contradicts", "of": ["k1"]}]}
        await teach(t, "bo", "#infra", "From now on everything new runs in Bern, not in Zurich.", "decision")
        later = await shown(t, "ana", "dm", "Which hoster should I take, Kroll or Lamprecht?")
        assert "runs in Bern" in later
        assert "new runs in Zurich" not in later


async def test_a_project_is_known_in_its_channel_and_by_its_name(start: Start) -> None:
    async with start(EMBEDDINGS="none") as t:
        text = "Run make verify before you push anything."
        await teach(t, "ana", "#infra", text, "project-build", project="Heron")
        assert text in await shown(t, "bo", "#infra", "How do I start on Monday?")
        assert text in await shown(t, "bo", "#random", "What do I do before a push to heron?")
        assert text not in await shown(t, "bo", "#random", "What do I run before I push anything?")
        assert text in await shown(t, "cy", "dm", "I begin with HERON today. Anything?")


async def test_a_private_project_is_not_known_elsewhere_even_by_name(start: Start) -> None:
    async with start() as t:
        await teach(t, "ana", "legal", "The files of Heron are in the safe.", "project-source", project="Heron")
        assert "in the safe" in await shown(t, "bo", "legal", "Where do I begin?")
        assert "in the safe" not in await shown(t, "bo", "#random", "Where are the files of Heron?")
        assert "in the safe" not in await shown(t, "cy", "dm", "Where are the files of Heron?")


@pytest.mark.parametrize("kind", ["preference", "way-of-working", "current-work"])
async def test_what_one_says_of_oneself_helps_oneself_alone(start: Start, kind: str) -> None:
    async with start() as t:
        text = "I want tables as plain lists."
        await teach(t, "ana", "#infra", text, kind)
        assert text in await shown(t, "ana", "dm", "Show me the tables.")
        assert text in await shown(t, "ana", "#random", "Show me the tables.")
        for who, where in (("bo", "#infra"), ("bo", "dm"), ("gus", "#help")):
            assert text not in await shown(t, who, where, "Show me the tables."), (who, where)
        assert text not in str(await t.command("bo", "#infra", "/learnings tables"))
        listed = str(await t.command("ana", "#infra", "/learnings tables"))
        assert f"{kind} · for @ana alone · " in listed


async def test_a_preference_comes_with_every_question_of_its_owner(start: Start) -> None:
    async with start() as t:
        await teach(t, "ana", "dm", "Always answer me in two sentences.", "preference")
        told = await shown(t, "ana", "dm", "Who brings cake?")
        assert "> Of the asker themselves:" in told
        assert "two sentences" in told
        assert "two sentences" not in await shown(t, "ana", "#infra", "Who brings cake?")  # said in a DM, so it stays there


async def test_two_people_who_prefer_the_same_keep_their_own(start: Start) -> None:
    async with start() as t:
        first = await t.say("ana", "#infra", "@tacit I prefer short answers.")
        await t.settled(first)
        await t.settled(await t.say("bo", "#infra", "@tacit I prefer short answers.", thread_ts=first["ts"]))
        own = [draft(f"{who} prefers short answers.", [message], "preference") for who, message in (("Ana", "m1"), ("Bo", "m2"))]
        t.model.drafts = lambda request: {"drafts": own}
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d2", "verdict": "same", "of": ["d1"]}]}
        await t.learn(first)
        assert "Ana prefers" in await shown(t, "ana", "#random", "Who brings cake?")
        told = await shown(t, "bo", "#random", "Who brings cake?")
        assert "Bo prefers" in told
        assert "Ana prefers" not in told


async def test_a_change_of_mind_replaces_a_preference_in_whosever_thread_and_whatever_words_it_is_said(start: Start) -> None:
    async with start() as t:
        await teach(t, "ana", "#infra", "I like it brief.", "preference")
        asked = await t.say("bo", "#infra", "@tacit Who brings cake?")
        await t.settled(asked)
        await t.settled(await t.say("ana", "#infra", "@tacit Long replies are fine by now.", thread_ts=asked["ts"]))
        t.model.drafts = lambda request: {"drafts": [draft("Ana takes long replies.", ["m2"], "preference")]}
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "contradicts", "of": ["k1"]}]}
        await t.learn(asked)
        told = await shown(t, "ana", "#random", "Who brings tea?")
        assert "Ana takes long replies." in told
        assert "brief" not in told


async def test_a_profile_is_told_to_its_owner_alone_and_only_as_it_stands(start: Start) -> None:
    async with start() as t:
        await teach(t, "ana", "#infra", "I am the head nurse.", "role", sentence="Ana is the head nurse.")
        await teach(t, "ana", "#infra", "I am the matron now.", "role", sentence="Ana is the matron.")
        told = await shown(t, "ana", "#random", "Who brings cake?")
        assert "Ana is the matron." in told
        assert "head nurse" not in told
        for who, where in (("bo", "#infra"), ("bo", "dm")):
            assert "matron" not in await shown(t, who, where, "Is Ana the matron or the head nurse?")
        assert "Ana is" not in str(await t.command("ana", "#infra", "/learnings matron"))


@pytest.mark.parametrize(("where", "others"), [("#infra", True), ("legal", False), ("dm", False)])
async def test_who_knows_about_something_is_told_where_it_was_said_in_public(start: Start, where: str, others: bool) -> None:
    async with start() as t:
        await teach(t, "ana", where, "Ask me about beekeeping.", "expertise", sentence="Ana knows about beekeeping.")
        for who, room in (("bo", "dm"), ("cy", "#random"), ("bo", "legal")):
            assert ("Ana knows" in await shown(t, who, room, "Who knows about beekeeping?")) == others, (who, room)
        own = await shown(t, "ana", "dm", "Who knows about beekeeping?")
        assert "Ana knows" in own


async def test_what_is_known_of_a_service_comes_by_its_name_or_an_alias(start: Start) -> None:
    async with start(EMBEDDINGS="none") as t:
        text = "Lamprecht & Sons deliver before nine."
        await teach(t, "ana", "#infra", text, "vendor", name="Lamprecht & Sons", aliases="L&S, the baker", as_of="2026-11-01")
        for question in ("Tell me of lamprecht & sons!", "When does L&S come?", "Is the Baker here yet?"):
            told = await shown(t, "bo", "dm", question)
            assert text in told, question
            assert 'as-of: "2026-11-01"' in told


PLAN = draft("The fair is planned, room and date are fixed.", [], "summary", fields=[{"name": "state", "value": "the caterer is missing"}])
POINTER = draft("Planning the fair in the old mill.", [], "pointer")


async def _long_thread(t: Together, where: str = "#infra") -> Json:
    """A thread that is longer than a prompt holds, learned."""
    first = await t.say("ana", where, "@tacit We plan the fair in the old mill, on 4 December.")
    for n in range(16):
        await t.say("ana" if n % 2 else "bo", where, f"Remark {n}: {'we talked about chairs and light ' * 60}", thread_ts=first["ts"])
    await t.settled(first)
    t.model.drafts = lambda request: {"drafts": [draft("The fair is on 4 December.", ["m1"], "fact"), PLAN, POINTER]}
    await t.learn(first)
    t.model.drafts = lambda request: {"drafts": []}
    for _ in range(3):  # what one run leaves is the next one's
        await t.learn(first)
    return first


async def test_a_long_thread_is_known_by_its_summary_to_all_who_speak_in_it(start: Start) -> None:
    async with start() as t:
        first = await _long_thread(t)
        for who in ("ana", "bo", "cy"):
            told = await shown(t, who, "#infra", f"What is still missing? ({who})", thread_ts=first["ts"])
            assert "> Earlier in this thread:" in told
            assert 'The fair is planned, room and date are fixed.", state: "the caterer is missing"' in told
            assert "pointer" not in told  # to this very thread
        assert "The fair is planned" not in await shown(t, "bo", "#random", "Is the fair planned, and its room and date fixed?")


async def test_a_summary_goes_with_what_tacit_told_in_the_thread(start: Start) -> None:
    async with start() as t:
        await teach(t, "cy", "#random", "The caterer is Sparrow.", "fact")
        first = await _long_thread(t)
        t.model.reply = lambda request: "The caterer is Sparrow. [i1]"
        await shown(t, "bo", "#infra", "Who is the caterer?", thread_ts=first["ts"])
        assert "The fair is planned" in await shown(t, "ana", "#infra", "What is still missing?", thread_ts=first["ts"])
        assert "Sparrow" in str(await t.command("cy", "#random", "/learnings caterer"))
        await t.command("cy", "#random", "/learnings forget 1")
        assert "The fair is planned" not in await shown(t, "ana", "#infra", "Is anything missing?", thread_ts=first["ts"])


async def test_a_thread_that_fits_is_not_summed_up(start: Start) -> None:
    async with start() as t:
        said = await teach(t, "ana", "#infra", "The fair is on 4 December.", "fact", PLAN)
        assert "The fair is planned" not in await shown(t, "bo", "#infra", "When is the fair?", thread_ts=said["ts"])


async def test_a_pointer_leads_to_the_thread_behind_it(start: Start) -> None:
    async with start() as t:
        said = await teach(t, "ana", "#infra", "The fair is on 4 December.", "fact", POINTER)
        await t.settled(await t.say("bo", "#infra", "The mill has room for eighty.", thread_ts=said["ts"]))
        told = (await shown(t, "cy", "#random", "Did we talk about the fair in the old mill?")).splitlines()
        fact = next(n for n, line in enumerate(told) if "The fair is on 4 December." in line)
        pointer = told.index("> Talked about elsewhere (read_source):") + 1
        assert fact < pointer
        handle = told[pointer].partition("[")[2].partition("]")[0]
        reads = {"calls": [["read_source", {"handle": handle}]]}
        t.model.reply = lambda request: "Eighty people." if _answers(request) else reads
        await shown(t, "cy", "#random", "How many people fit into the old mill of the fair?")
        assert "The mill has room for eighty." in _answers(t.model.requests[-1])[0]


async def test_states_are_not_listed(start: Start) -> None:
    async with start() as t:
        await _long_thread(t)
        listed = str(await t.command("ana", "#infra", "/learnings"))
        assert "The fair is on 4 December." in listed
        assert "is planned" not in listed
        assert "old mill" not in listed
        assert "Planning" not in str(await t.command("ana", "#infra", "/learnings mill"))


async def test_summary_and_pointer_go_with_any_message_of_the_thread(start: Start) -> None:
    async with start() as t:
        first = await _long_thread(t)
        assert await known(t, "summary")
        assert await known(t, "pointer")
        thread = (await t.look("messages", channel=first["channel"], thread_ts=first["ts"]))["messages"]
        remark = next(m for m in thread if m["text"].startswith("Remark 2:"))
        await t.control("delete", channel=first["channel"], ts=remark["ts"], wait=True)
        assert await known(t, "summary") == []
        assert await known(t, "pointer") == []
        told = await shown(t, "bo", "#infra", "What is still missing?", thread_ts=first["ts"])
        assert "The fair is planned" not in told


def _answers(request: Json) -> list[str]:
    return [m["content"] for m in request["messages"] if m["role"] == "tool"]


def _today(told: str) -> str:
    return told.partition("decision, ")[2][:10]


async def test_what_another_store_kept_belongs_to_the_store_that_has_its_kind_now(start: Start) -> None:
    """Decisions were kept by team_knowledge before they had a store of their own."""
    async with start() as t:
        await teach(t, "ana", "#infra", "We chose Sparrow for the letters.", "decision")
        [kept] = await known(t, "decision")
        await t.documents.update("insights", {"_id": kept.id}, {"$set": {"store": "team_knowledge"}})
    async with start() as t:  # the next version
        told = await shown(t, "bo", "dm", "What did we choose for the letters?")
        assert "From decisions:" in told
        assert "We chose Sparrow" in told
        assert "From team_knowledge:" not in told
        [again] = await known(t, "decision")
        assert (again.id, again.store) == (kept.id, "decisions")
