"""What was taken back is gone: by its teacher, by an admin, by deleting the message; and nobody learns more by it than they may see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.bot.audience_places import PLACES, acknowledged, ask, listed, read, teach
from tests.model_server import draft
from tests.together import Together, together


async def command(t: Together, who: str, text: str) -> Any:
    return await t.command(who, "#random", f"/learnings {text}".strip())


async def click_undo(t: Together, who: str, answer: Any) -> None:
    await t.control("click", **{"as": who, "channel": answer["channel"], "ts": answer["ts"], "label": "Undo", "wait": True})
    await t.control("wait")


async def test_one_forgets_only_what_one_taught(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        await listed(t, "cy")
        assert "what you taught yourself" in read(await command(t, "cy", "forget 1"))
        assert "too much" in await listed(t, "cy")
        await listed(t, "ana")
        assert "Forgotten: “Egress costs too much.”" in read(await command(t, "ana", "forget 1"))
        assert "too much" not in await listed(t, "cy")
        assert "too much" not in "".join(await ask(t, "bo", "dm"))


async def test_an_admin_forgets_what_they_can_see_and_nothing_else(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "dm", "Egress will make me quit.")
        await teach(t, "ana", "#infra", "Egress costs too much.")
        assert "quit" not in await listed(t, "bo")
        assert "no number 2" in read(await command(t, "bo", "forget 2"))
        assert "Forgotten: “Egress costs too much.”" in read(await command(t, "bo", "forget 1"))
        assert [i.sentence for i in await t.insights()] == ["Egress will make me quit."]


async def test_numbers_are_those_of_the_list_last_shown(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        for sentence in ("Egress costs too much.", "Releases go out on Tuesdays.", "Marta files contracts."):
            await teach(t, "ana", "#infra", sentence)
        assert "Forgotten: “Marta files contracts.”" in read(await command(t, "ana", "forget 1"))  # newest first, where no list was shown
        await listed(t, "ana", "egress")
        await teach(t, "ana", "#infra", "Egress has a new owner.")
        assert "no number 2" in read(await command(t, "ana", "forget 2"))
        assert "Forgotten: “Egress costs too much.”" in read(await command(t, "ana", "forget 1"))
        assert "gone by now" in read(await command(t, "ana", "forget 1"))


async def test_a_number_from_before_one_left_a_place_shows_and_takes_nothing(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "legal", "Egress is why we sue Acme.")
        assert "sue Acme" in await listed(t, "bo")
        await acknowledged(t, "leave", **{"as": "bo", "in": "legal"})
        answer = read(await command(t, "bo", "forget 1"))
        assert "sue Acme" not in answer
        assert "gone by now" in answer
        assert len(await t.insights()) == 1


async def test_undo_brings_it_back(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        answer = await command(t, "ana", "forget 1")
        assert await t.insights() == []
        await click_undo(t, "ana", answer)
        assert [i.sentence for i in await t.insights()] == ["Egress costs too much."]
        assert "too much" in await listed(t, "cy")


async def test_deleting_the_message_takes_it_back_before_that_is_acknowledged_and_for_good(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        for undone in (False, True):
            taught = await teach(t, "ana", "#infra", "Egress costs too much.")
            channel, _, ts = taught.evidence[0].message.partition(":")
            await listed(t, "ana")
            answer = await command(t, "ana", "forget 1") if undone else None
            await acknowledged(t, "delete", channel=channel, ts=ts)
            if answer is not None:
                await click_undo(t, "ana", answer)
            assert await t.insights() == []
            assert "too much" not in await listed(t, "ana")
            assert "too much" not in "".join(await ask(t, "ana", "dm"))


@pytest.mark.parametrize("verdict", ["new", "same", "refines", "contradicts"])
async def test_an_edited_message_says_one_thing_whatever_the_model_makes_of_the_edit(verdict: str, tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        taught = await teach(t, "ana", "#infra", "The egres bill is due in May.")
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": verdict, "of": ["k1"]}]}
        channel, _, ts = taught.evidence[0].message.partition(":")
        await acknowledged(t, "edit", channel=channel, ts=ts, text="@tacit The egress bill is due in May.")

        async def learned() -> bool:
            versions = [e.version for i in await t.insights() for e in i.evidence]
            return versions != [""] and len(versions) == 1

        await t.until(learned, "the edit to be learned")
        [insight] = await t.insights()
        assert insight.sentence == ("The egres bill is due in May." if verdict == "same" else "The egress bill is due in May.")
        assert len((await ask(t, "bo", "#random", "Is the bill due?"))[0].split("is due")) == 3  # once in the text, once in the blocks


async def test_what_was_gathered_from_a_thread_goes_with_any_of_its_messages_and_stays_after_an_edit(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        pointer = draft("How the egress bill is paid.", ["m1"], "pointer")
        t.model.drafts = lambda request: {"drafts": [draft("Egress is paid in May.", ["m1"], "fact"), pointer]}
        first = await t.say("ana", "#infra", "@tacit Egress is payed in May.")
        await t.reply(first)
        later = await t.say("cy", "#infra", "@tacit By wire.", thread_ts=first["ts"])
        await t.reply(later)
        await t.learn(first)
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "same", "of": ["k1"]}]}
        await acknowledged(t, "edit", channel=first["channel"], ts=first["ts"], text="@tacit Egress is paid in May.")

        async def learned() -> bool:
            [conversation] = await t.documents.find("conversations", {"_id": f"{first['channel']}:{first['ts']}"})
            return conversation["runs"] == 2

        await t.until(learned, "the edit to be learned")
        repository = (await t.inside.workspaces.parts(t.team)).repository
        state = f"conversation:{first['channel']}:{first['ts']}"
        assert [(i.kind, len(i.evidence)) for i in await repository.states_of(state)] == [("pointer", 2)]
        await acknowledged(t, "delete", channel=later["channel"], ts=later["ts"])
        assert await repository.states_of(state) == []
        assert "How the egress" not in (await ask(t, "bo", "#random", "How is the egress bill paid?"))[0]


async def test_one_is_not_told_that_others_said_so_where_one_may_not_look(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        first = await teach(t, "ana", "#infra", "Egress costs too much.")
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "same", "of": ["k1"]}]}
        asked = await t.say("cy", "#random", "@tacit Egress costs too much!")
        await t.reply(asked)
        [both] = await t.learn(asked)
        assert (both.id, len(both.evidence)) == (first.id, 2)
        await acknowledged(t, "leave", **{"as": "ana", "in": "random"})
        await acknowledged(t, "privacy", **{"in": "random", "private": True})
        answer = read(await command(t, "ana", "forget 1"))
        assert "Forgotten: “Egress costs too much.”" in answer
        assert "others" not in answer
        assert "too much" in await listed(t, "cy")
        assert "too much" not in await listed(t, "ana")


@pytest.mark.parametrize("what", ["forgotten", "deleted", "private", "guest", "superseded"])
async def test_an_earlier_reply_that_used_it_is_not_given_to_the_model(what: str, tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        taught = await teach(t, "ana", "#infra", "Egress costs too much.")
        t.model.reply = lambda request: "Mind the bill for traffic [i1]."
        asked = await t.say("bo", "#random", "@tacit What about egress?")
        await t.reply(asked)
        _, prompt = await ask(t, "bo", "#random", "Why is that?", thread_ts=asked["ts"])
        assert "bill for traffic" in prompt
        if what == "forgotten":
            await command(t, "ana", "forget 1")
        elif what == "deleted":
            channel, _, ts = taught.evidence[0].message.partition(":")
            await acknowledged(t, "delete", channel=channel, ts=ts)
        elif what == "private":
            await acknowledged(t, "privacy", **{"in": "infra", "private": True})
        elif what == "guest":
            await acknowledged(t, "join", **{"as": "gus", "in": "random"})
        else:
            t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "contradicts", "of": ["k1"]}]}
            await teach(t, "ana", "#infra", "Egress costs nothing any more.")
        _, prompt = await ask(t, "bo", "#random", "And why is that?", thread_ts=asked["ts"])
        assert "bill for traffic" not in prompt
        assert "too much" not in prompt


async def test_a_correction_in_private_hides_the_older_from_those_alone_who_see_it(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "contradicts", "of": ["k1"]}]}
        await teach(t, "ana", "legal", "Egress costs nothing, keep it quiet.")
        assert "keep it quiet" in await listed(t, "bo")
        assert "too much" not in await listed(t, "bo")
        assert "too much" in await listed(t, "cy")
        assert "keep it quiet" not in await listed(t, "cy")
        reply, _ = await ask(t, "bo", "#random")
        assert "too much" in reply
        await command(t, "ana", "forget 1")
        assert "too much" in await listed(t, "bo")


async def test_settling_sees_only_what_everybody_in_the_place_or_who_said_it_may_see(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "legal", "Egress is why we sue Acme.")
        await teach(t, "ana", "dm", "Egress will make me quit.")
        await teach(t, "ana", "#infra", "Egress costs too much.")
        await teach(t, "ana", "#random", "Egress is measured.")
        await teach(t, "cy", "#random", "Egress is metered.")
        by_ana, by_cy = [str(r["messages"]) for r in t.model.requests if t.model.sort(r) == "verdicts"][-2:]
        assert re.findall(r"k\d+", by_cy.split("Egress is metered")[0])
        assert [words in by_ana for words in ("too much", "sue Acme", "quit")] == [True, True, True]
        assert [words in by_cy for words in ("too much", "sue Acme", "quit")] == [True, False, False]


@pytest.mark.parametrize("words", ['{"$ne": null}', '{"$gt": ""}', "$where", "*", "%", "' OR 1=1 --", "\\", "[", "<!channel>", "x" * 3000])
async def test_words_are_only_words(words: str, tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        await teach(t, "ana", "legal", "Egress is why we sue Acme.")
        shown = await listed(t, "cy", words)
        assert "sue Acme" not in shown
        assert "fits" in shown
        assert "<!channel>" not in shown


async def test_an_earlier_reply_whose_insight_is_deleted_while_the_model_thinks_is_not_repeated(tmp_path: Path) -> None:
    async with together(tmp_path, PLACES) as t:
        t.model.drafts = lambda request: {"drafts": [draft("Egress costs too much.", ["m1"], "fact")]}
        taught = await teach(t, "ana", "#infra", "Egress costs too much.")
        t.model.reply = lambda request: "Mind the bill for traffic [i1]."
        asked = await t.say("bo", "#random", "@tacit What about egress?")
        await t.reply(asked)
        t.model.reply, t.model.delay = lambda request: "As I said." if "bill for traffic" in str(request) else "What do you mean?", 0.3
        before = len(t.model.requests)
        again = await t.say("bo", "#random", "@tacit Why is that so?", thread_ts=asked["ts"])

        async def thinking() -> bool:
            return len(t.model.requests) > before

        await t.until(thinking, "the model")
        channel, _, ts = taught.evidence[0].message.partition(":")
        await acknowledged(t, "delete", channel=channel, ts=ts)
        assert "What do you mean?" in (await t.reply(again))["text"]
