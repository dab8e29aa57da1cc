"""What waits for a person's word: whom it is shown to, who may decide, and what comes of it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from bot.instructions import Versions
from bot.sandbox.slack import Workspace
from bot.sandbox.slack.ids import derived_id
from bot.slack.approvals import BACK, DROP, EDIT, KEEP, KEEP_ALL, SAVE, Answer, Pressed, click
from stores.insights import Insight
from stores.pending import accept
from tests.model_server import draft
from tests.together import Json, Together, together

SENTENCE = "We ship releases from the main branch."
CONFIRM = {"LEARNING_MODES": "team_knowledge:confirm,user_memory:confirm,user_profile:confirm"}


def user_id(name: str) -> str:
    """The id that the pretend Slack gives this teammate, known before it is started."""
    return derived_id("U", Workspace().name, name)


async def taught(t: Together, who: str = "ana", where: str = "#infra", text: str = SENTENCE) -> Json:
    asked = await t.say(who, where, f"@tacit {text}" if where != "dm" else text)
    await t.reply(asked)
    await t.learn(asked)
    return asked


async def cards(t: Together, who: str) -> list[Json]:
    """What Tacit asked this person, in their DM or where only they see it."""
    found = (await t.look("messages"))["messages"]
    state = await t.look("state")
    dms = {c["id"] for c in state["channels"] if c.get("user") == t.users[who]}
    mine = [m for m in found if m.get("user_name") == "tacit" and (m["channel"] in dms or m.get("ephemeral_to") == t.users[who])]
    return [m for m in mine if "approval_" in str(m.get("blocks")) or "kept" in m["text"].lower() or "dropped" in m["text"].lower()]


async def card(t: Together, who: str) -> Json:
    async def look() -> Json | None:
        return next(iter((await cards(t, who))[-1:]), None)

    return await t.until(look, f"a card for {who}")


async def press(t: Together, who: str, label: str, on: Json | None = None, **typed: str) -> Json:
    """Press a button of this person's latest card; the card as it is then."""
    on = on or await card(t, who)
    more: dict[str, Any] = {"typed": typed} if typed else {}
    await t.control("click", **{"as": who, "channel": on["channel"], "ts": on["ts"], "label": label, "wait": True}, **more)
    return next(m for m in await cards(t, who) if m["ts"] == on["ts"])


async def waiting(t: Together) -> list[str]:
    repository = (await t.inside.workspaces.parts(t.team)).repository
    return [i.sentence for i in await repository.with_status("pending")]


async def test_nothing_is_in_force_until_its_teacher_keeps_it(tmp_path: Path) -> None:
    async with together(tmp_path, LEARNING_MODES="team_knowledge:confirm") as t:
        await taught(t)
        assert await t.insights() == []
        assert await waiting(t) == [SENTENCE]
        asked = await card(t, "ana")
        assert SENTENCE in asked["text"]
        assert "#infra" in str(asked["blocks"])
        assert SENTENCE not in str(await t.command("ana", "#infra", "/learnings releases"))
        await t.reply(await t.say("bo", "#random", "@tacit Where do releases ship from?"))
        assert SENTENCE not in str(t.model.requests[-1])
        done = await press(t, "ana", "Keep")
        assert "Kept" in done["text"]
        assert [i.sentence for i in await t.insights()] == [SENTENCE]

        async def recalled() -> bool:  # a busy machine may leave recall no time
            await t.reply(await t.say("bo", "#random", "@tacit Where do releases ship from?"))
            return SENTENCE in str(t.model.requests[-1])

        await t.until(recalled, "it to be recalled")
        assert await cards(t, "bo") == []


async def test_what_was_dropped_is_not_learned_again_from_the_same_messages(tmp_path: Path) -> None:
    async with together(tmp_path, LEARNING_MODES="team_knowledge:confirm") as t:
        asked = await taught(t)
        done = await press(t, "ana", "Drop")
        assert SENTENCE not in done["text"]
        assert await waiting(t) == []
        await t.control("edit", channel=asked["channel"], ts=asked["ts"], text=f"@tacit {SENTENCE} Always.", wait=True)
        t.model.drafts = lambda request: {"drafts": [draft(SENTENCE, ["m1"])]}
        assert await t.learn(asked) == []
        assert await waiting(t) == []
        await t.say("bo", "#infra", f"@tacit {SENTENCE}")
        elsewhere = await taught(t, "bo")
        assert await waiting(t) == [SENTENCE], elsewhere


async def test_it_is_kept_in_other_words(tmp_path: Path) -> None:
    def drafts(request: Json) -> Json:
        fields = [{"name": "reason", "value": "Marta is ill"}, {"name": "rejected", "value": "tags"}]
        more = {"cues": ["asking Marta", "shipping"], "things": ["Marta"], "fields": fields}
        return {"drafts": [draft("Marta ships releases from the main branch.", ["m1"], "decision", **more)]}

    async with together(tmp_path, LEARNING_MODES="decisions:confirm", APPROVERS="U0NOBODY") as t:
        t.model.drafts = drafts
        await taught(t)
        assert "Marta is ill" in str((await card(t, "ana"))["blocks"])
        form = await press(t, "ana", "Edit")
        assert form["blocks"][0]["element"]["initial_value"] == "Marta ships releases from the main branch."
        empty = await press(t, "ana", "Save", approval_sentence="  ")
        assert "1 to 300" in str(empty["blocks"])
        assert "May I keep this" in (await press(t, "ana", "Back"))["text"]
        await press(t, "ana", "Edit")
        secret = "sk-proj-abcdefghijklmnopqrst"  # a made-up key
        await press(t, "ana", "Save", approval_sentence=f"We ship releases from main, with {secret}.")
        [kept] = await t.insights()
        assert kept.sentence == "We ship releases from main, with [redacted]."
        assert (kept.cues, kept.things, kept.edited_by) == (("shipping",), (), t.users["ana"])
        assert dict(kept.fields) == {"rejected": "tags"}
        assert [e.teammate for e in kept.evidence] == [t.users["ana"]]
        assert "@ana's words" in str(await t.command("bo", "#random", "/learnings releases"))


async def test_a_second_press_says_what_became_of_it(tmp_path: Path) -> None:
    async with together(tmp_path, LEARNING_MODES="team_knowledge:confirm") as t:
        await taught(t)
        await press(t, "ana", "Keep")
        slack = await t.inside.workspaces.of(t.team)
        [kept] = await t.insights()
        again = await click(Pressed(DROP, kept.id, t.users["bo"], "", ""), slack)
        assert again is not None
        assert again.reply.text == "This was kept by @ana."
        assert await t.insights() == [kept]


async def pending(t: Together) -> Insight:
    repository = (await t.inside.workspaces.parts(t.team)).repository
    [one] = await repository.with_status("pending")
    return one


async def forged(t: Together, who: str, action: str, identity: str, place: str = "") -> Answer:
    """What a press leads to, wherever somebody got the button from."""
    answer = await click(Pressed(action, identity, t.users[who], place, "Other words."), await t.inside.workspaces.of(t.team))
    assert answer is not None
    return answer


async def test_a_card_shows_nobody_what_is_not_theirs_to_decide(tmp_path: Path) -> None:
    """Such as whoever was an approver when it was put to them."""
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        one = await pending(t)
        for action in (KEEP, EDIT, SAVE, DROP, BACK, KEEP_ALL):
            assert SENTENCE not in str((await forged(t, "cy", action, f"decided decided {one.id}")).reply)
        assert await waiting(t) == [SENTENCE]
        assert SENTENCE in str((await forged(t, "ana", BACK, f"decided decided {one.id}")).reply)


async def settled(t: Together) -> None:
    """Everybody was asked who is to be asked."""
    one = await pending(t)

    async def asked() -> bool:
        found = await t.documents.find("insights", {"_id": one.id})
        return found[0]["ask_at"] > time.time() + 60

    await t.until(asked, "the end of asking")


async def test_named_approvers_are_asked_too_where_they_may_see_it(tmp_path: Path) -> None:
    ids = ",".join(user_id(name) for name in ("bo", "cy"))
    async with together(tmp_path, **CONFIRM, APPROVERS=ids) as t:
        await taught(t, "ana", "#legal")
        await settled(t)
        assert SENTENCE in (await card(t, "bo"))["text"]
        assert await cards(t, "cy") == []  # is not in #legal
        one = await pending(t)
        for action in (KEEP, EDIT, SAVE, DROP, BACK):
            answer = await forged(t, "cy", action, one.id)
            assert not answer.replaces
            assert SENTENCE not in str(answer.reply)
        assert await waiting(t) == [SENTENCE]
        await press(t, "bo", "Keep")
        assert [i.sentence for i in await t.insights()] == [SENTENCE]

        async def told() -> bool:
            return "This was kept by @bo." in (await card(t, "ana"))["text"]

        await t.until(told, "Ana's card to say so")
        assert SENTENCE not in str(await card(t, "ana"))


async def test_who_is_neither_teacher_nor_approver_decides_nothing(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        one = await pending(t)
        assert not (await forged(t, "cy", KEEP, one.id)).replaces
        assert not (await forged(t, "gus", KEEP, one.id)).replaces
        assert await t.insights() == []
        assert "Kept" in (await forged(t, "bo", KEEP, one.id)).reply.text  # an admin, where APPROVERS names nobody


async def test_with_approvers_named_an_admin_is_none(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM, APPROVERS=user_id("cy")) as t:
        await taught(t)
        assert not (await forged(t, "bo", KEEP, (await pending(t)).id)).replaces
        await press(t, "cy", "Keep")
        assert len(await t.insights()) == 1


async def test_who_left_since_may_not_decide(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t, "ana", "#legal")
        own = await card(t, "ana")
        await t.control("leave", **{"as": "ana", "in": "#legal", "wait": True})
        await t.control("click", **{"as": "ana", "channel": own["channel"], "ts": own["ts"], "label": "Keep", "wait": True})
        assert await t.insights() == []
        assert await waiting(t) == [SENTENCE]


async def test_a_preference_is_asked_of_its_owner_alone(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM, APPROVERS=user_id("bo")) as t:
        t.model.drafts = lambda request: {"drafts": [draft("Ana prefers short answers.", ["m1"], "preference")]}
        await taught(t, text="I prefer short answers.")
        await settled(t)
        assert await cards(t, "bo") == []
        assert not (await forged(t, "bo", KEEP, (await pending(t)).id)).replaces
        await press(t, "ana", "Keep")
        assert [i.about for i in await t.insights()] == [t.users["ana"]]


async def test_a_guest_is_asked_in_the_thread_for_their_eyes_alone(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        asked = await taught(t, "gus", "#help", "The visitors' wifi is called Gate.")
        own = await card(t, "gus")
        assert (own["channel"], own["thread_ts"], own["ephemeral_to"]) == (asked["channel"], asked["ts"], t.users["gus"])
        assert "Kept" in (await press(t, "gus", "Keep"))["text"]
        [kept] = await t.insights()
        assert [e.taught for e in kept.evidence] == ["guest"]


async def test_what_is_deleted_waits_no_more_and_leaves_the_card(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        asked = await taught(t)
        own, one = await card(t, "ana"), await pending(t)
        await t.control("delete", channel=asked["channel"], ts=asked["ts"], wait=True)
        assert await waiting(t) == []
        assert "not waiting any more" in (await forged(t, "ana", KEEP, one.id, own["channel"])).reply.text

        async def gone() -> bool:
            return SENTENCE not in str(await t.messages(own["channel"]))

        await t.until(gone, "the card without the sentence")
        [left] = await t.documents.find("insights", {"_id": one.id})
        assert SENTENCE not in str(left)


async def test_what_nobody_decides_expires_with_its_words(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        own, one = await card(t, "ana"), await pending(t)
        past = {"purge_at": time.time() - 1, "ask_at": time.time()}
        await t.documents.update("insights", {"_id": one.id}, {"$set": past})

        async def gone() -> bool:
            left = await t.documents.find("insights", {"_id": one.id})
            return SENTENCE not in str(left) + str(await t.messages(own["channel"]))

        await t.until(gone, "the end of what waited")
        assert await t.insights() == []


async def test_who_opted_out_since_is_not_kept_by_others(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        one = await pending(t)
        await t.command("ana", "#infra", "/learnings off")
        assert "not waiting any more" in (await forged(t, "bo", KEEP, one.id)).reply.text
        assert await t.insights() == []
        assert await waiting(t) == []


async def test_forgetting_all_takes_what_waits_and_undo_brings_it_back_to_wait(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        one, repository = await pending(t), (await t.inside.workspaces.parts(t.team)).repository
        messages = [e.message for e in one.evidence]
        await repository.withdraw(one.id, messages, undo="all")
        assert await waiting(t) == []
        await repository.restore(one.id, "all")
        await t.documents.update("insights", {"_id": one.id, "purge_at": {"$lt": time.time() + 86_400}}, {"$set": {"purge_at": 1.0}})
        await repository.purge()
        assert await waiting(t) == [SENTENCE]
        assert await t.insights() == []


async def test_what_it_would_replace_stands_until_it_is_kept(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        await taught(t, text="Releases go out on Tuesdays.")
        await t.command("bo", "#infra", "/learnings mode team_knowledge confirm")
        t.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": "contradicts", "of": ["k1"]}]}
        await taught(t, "cy", text="Releases go out on Thursdays.")
        assert "It would replace “Releases go out on Tuesdays.”" in str((await card(t, "cy"))["blocks"])
        assert "Tuesdays" in str(await t.command("bo", "#random", "/learnings releases"))
        await press(t, "cy", "Keep")
        listed = str(await t.command("bo", "#random", "/learnings releases"))
        assert "Thursdays" in listed
        assert "Tuesdays" not in listed


async def test_a_state_waits_too_and_replaces_once_it_is_kept(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        for title in ("Ana is a designer.", "Ana is the head of design."):
            t.model.drafts = lambda request, title=title: {"drafts": [draft(title, ["m1"], "role")]}  # type: ignore[misc]
            await taught(t, text=title)

            async def asked(title: str = title) -> Json | None:
                return next((c for c in await cards(t, "ana") if title in c["text"]), None)

            await press(t, "ana", "Keep", await t.until(asked, title))
        states = await (await t.inside.workspaces.parts(t.team)).repository.states_of(f"teammate:{t.users['ana']}")
        assert [s.sentence for s in states] == ["Ana is the head of design."]
        assert await waiting(t) == []


async def test_the_same_words_by_another_wait_once(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        await taught(t, "cy", "#random")
        one = await pending(t)
        assert {e.teammate for e in one.evidence} == {t.users["ana"], t.users["cy"]}
        await press(t, "ana", "Keep")
        assert len(await t.insights()) == 1


async def test_each_is_asked_once_though_slack_s_answer_was_lost(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        asked = await t.say("ana", "#infra", f"@tacit {SENTENCE}")
        await t.reply(asked)
        await t.control("fail", method="chat.postMessage", drop_answer_after_doing=True, times=1)
        await t.learn(asked)
        one = await pending(t)

        async def put_off() -> bool:
            found = await t.documents.find("insights", {"_id": one.id, "ask_at": {"$gt": time.time() + 5}})
            return bool(found)

        await t.until(put_off, "the first try")
        await t.documents.update("insights", {"_id": one.id}, {"$set": {"ask_at": time.time()}})
        await settled(t)
        assert len(await cards(t, "ana")) == 1
        await press(t, "ana", "Keep")
        assert len(await t.insights()) == 1


async def test_no_model_reads_a_card(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        await taught(t)
        own = await card(t, "ana")
        asked = await t.say("ana", "dm", "What is this about?", thread_ts=own["ts"])
        await t.reply(asked)
        await t.learn(asked)
        assert SENTENCE not in str(t.model.requests[-1])
        assert SENTENCE not in str([r for r in t.model.requests if "What is this about?" in str(r)])


async def test_nothing_is_marked_as_learned_before_it_is_kept(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        asked = await taught(t)

        async def marked() -> bool:
            said = next(m for m in await t.messages(asked["channel"]) if m["ts"] == asked["ts"])
            return "brain" in str(said.get("reactions"))

        await settled(t)
        await asyncio.sleep(1.5)  # marks are put right a second after a change
        assert not await marked()
        await press(t, "ana", "Keep")
        await t.until(marked, "the mark")


async def test_what_follows_from_keeping_is_done_though_the_presser_s_process_dies(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        t.model.drafts = lambda request: {"drafts": [draft("Answer in two sentences at most.", ["m1"], "instruction")]}
        await taught(t, text="From now on answer in two sentences at most.")
        one, parts = await pending(t), await t.inside.workspaces.parts(t.team)
        await settled(t)
        await accept(one.id, t.users["bo"], parts.repository)  # and nothing else: the process is gone
        assert (await Versions(t.documents, parts.repository).present()).ids == ()
        await t.documents.update("insights", {"_id": one.id}, {"$set": {"ask_at": time.time()}})

        async def adopted() -> bool:
            return one.id in (await Versions(t.documents, parts.repository).present()).ids

        await t.until(adopted, "the wish to be taken up")


def says_of_the_first(verdict: str) -> Any:
    """A model that holds the first draft to be this of the first insight that it is shown."""
    return lambda request: {"verdicts": [{"draft": "d1", "verdict": verdict, "of": ["k1"]}]}


@pytest.mark.parametrize(("first", "then"), [("#infra", "#random"), ("dm", "dm"), ("#legal", "#legal")])
async def test_the_same_in_other_words_is_asked_about_once(first: str, then: str, tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        t.model.verdicts = says_of_the_first("same")
        await taught(t, where=first)
        await card(t, "ana")
        await taught(t, where=then, text="Whatever goes to customers is built on main.")
        await settled(t)
        one = await pending(t)
        assert (one.sentence, len(one.evidence)) == (SENTENCE, 2)
        assert len(await cards(t, "ana")) == 1
        await press(t, "ana", "Keep")
        assert [i.sentence for i in await t.insights()] == [SENTENCE]


@pytest.mark.parametrize(("first", "then"), [("#legal", "#random"), ("dm", "#infra")])
async def test_what_waits_elsewhere_is_shown_to_no_model(first: str, then: str, tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        t.model.verdicts = says_of_the_first("same")
        await taught(t, where=first)
        t.model.requests.clear()
        await taught(t, where=then, text="What we ship is built on the main branch.")
        assert SENTENCE not in str(t.model.requests)
        assert len(await waiting(t)) == 2


async def test_what_waits_where_no_guest_is_gets_no_evidence_from_among_guests(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        t.model.verdicts = says_of_the_first("same")
        await taught(t)
        await taught(t, "bo", "#help", "What we ship is built on the main branch.")
        assert len(await waiting(t)) == 2


@pytest.mark.parametrize("verdict", ["refines", "contradicts"])
async def test_what_corrects_something_that_waits_is_asked_about_and_hides_it_once_both_are_kept(verdict: str, tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        t.model.verdicts = says_of_the_first(verdict)
        await taught(t)
        newer = "We ship releases from the main branch, on Thursdays."
        await taught(t, text=newer)

        async def both() -> list[Json] | None:
            found = await cards(t, "ana")
            return found if len(found) == 2 else None

        older, later = await t.until(both, "two cards")
        assert SENTENCE not in str(later["blocks"])
        await press(t, "ana", "Keep", later)
        await press(t, "ana", "Keep", older)
        listed = str(await t.command("bo", "#random", "/learnings releases"))
        assert newer in listed
        assert SENTENCE not in listed


async def test_what_waits_of_somebody_who_opted_out_is_shown_to_no_model(tmp_path: Path) -> None:
    async with together(tmp_path, **CONFIRM) as t:
        t.model.verdicts = says_of_the_first("same")
        await taught(t)
        await t.command("ana", "#random", "/learnings off")
        t.model.requests.clear()
        await taught(t, "bo", text="What we ship is built on the main branch.")
        assert SENTENCE not in str(t.model.requests)
        assert "What we ship is built on the main branch." in await waiting(t)
