"""What waits for a person's word: whom it is shown to, who may decide, and what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.slack.approvals import DROP, Pressed, click
from tests.scripted_model import draft
from tests.together import Json, Together, together

SENTENCE = "We ship releases from the main branch."


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
        await t.reply(await t.say("bo", "#random", "@tacit Where do releases ship from?"))
        assert SENTENCE in str(t.model.requests[-1])
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
        cues = {"cues": ["asking Marta", "shipping"], "things": ["Marta"]}
        return {"drafts": [draft("Marta ships releases from the main branch.", ["m1"], **cues)]}

    async with together(tmp_path, LEARNING_MODES="team_knowledge:confirm", APPROVERS="U0NOBODY") as t:
        t.model.drafts = drafts
        await taught(t)
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
