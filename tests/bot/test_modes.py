"""How stores learn: what the answering model may decide itself, and who may change it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.settings import WrongSettings, load_settings, require_slack
from tests.together import Json, Together, together

DECISIONS = {"LEARNING_MODES": "decisions:agentic"}
POSTGRES = "We decided on Postgres for the ledger."


def calls(name: str, **arguments: Any) -> Callable[[Json], str | Json]:
    """A model that calls this tool once, then says what the tool answered."""

    def reply(request: Json) -> str | Json:
        last = request["messages"][-1]
        return f"So: {last['content']}" if last["role"] == "tool" else {"text": "", "calls": [[name, arguments]]}

    return reply


def saves(sentence: str, kind: str = "decision") -> Callable[[Json], str | Json]:
    return calls("save_insight", kind=kind, sentence=sentence, cues=["choosing a database"])


def tools(request: Json) -> set[str]:
    return {tool["function"]["name"] for tool in request.get("tools", [])}


async def said(t: Together, who: str, where: str, text: str) -> str:
    """What Tacit answers."""
    return str((await t.reply(await t.say(who, where, text if where == "dm" else f"@tacit {text}")))["text"])


async def asking(t: Together, who: str, where: str, text: str) -> tuple[Json, str]:
    """A message and what Tacit answers to it, said again where a busy machine left recall no time to find anything."""
    for _ in range(10):
        asked = await t.say(who, where, f"@tacit {text}")
        answer = str((await t.reply(asked))["text"])
        if "no insight with that handle" not in answer:
            return asked, answer
    raise AssertionError("nothing was recalled")


async def shown(t: Together, who: str, words: str) -> Json:
    """The newest message that this person alone sees, once it has these words."""

    async def look() -> Json | None:
        found = (await t.look("messages"))["messages"]
        return next((m for m in reversed(found) if m.get("ephemeral_to") == t.users[who] and words in m["text"]), None)

    return await t.until(look, f"{words} for {who}")


async def press(t: Together, who: str, on: Json, label: str) -> None:
    await t.control("click", **{"as": who, "channel": on["channel"], "ts": on["ts"], "label": label, "wait": True})


async def sentences(t: Together) -> list[str]:
    repository = (await t.inside.workspaces.parts(t.team)).repository
    newer = [i for i in await repository.newest() if not i.superseded_by]
    return [i.sentence for i in newer]


async def test_the_model_saves_what_it_decides_to_keep(tmp_path: Path) -> None:
    async with together(tmp_path, **DECISIONS) as t:
        t.model.reply = saves(POSTGRES)
        asked = await t.say("ana", "#infra", "@tacit We take Postgres.")
        assert f"Kept: {POSTGRES}" in (await t.reply(asked))["text"]
        assert {"save_insight", "correct_insight", "forget_insight"} <= tools(t.model.requests[0])
        [kept] = await t.insights()
        assert (kept.store, kept.kind, kept.sentence, kept.standing) == ("decisions", "decision", POSTGRES, True)
        assert [(e.teammate, e.message, e.taught) for e in kept.evidence] == [
            (t.users["ana"], f"{asked['channel']}:{asked['ts']}", "public")
        ]
        t.model.drafts = lambda request: {"drafts": []}
        await t.learn(asked)
        extraction = next(r for r in t.model.requests if t.model.sort(r) == "drafts")
        assert "- decision:" not in str(extraction["messages"][0]["content"])
        assert "Write down no decision, no outcome: others see to these." in str(extraction["messages"][0]["content"])
        assert "- goal:" in str(extraction["messages"][0]["content"])
        assert "learned from" in str((await t.command("cy", "#random", "/learnings postgres"))["blocks"])


async def test_without_an_agentic_store_it_gets_no_such_tools(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        await said(t, "ana", "#infra", "We take Postgres.")
        assert not {"save_insight", "correct_insight", "forget_insight"} & tools(t.model.requests[0])


@pytest.mark.parametrize(("kind", "sentence"), [("goal", POSTGRES), ("nonsense", POSTGRES), ("decision", ""), ("decision", "a" * 301)])
async def test_what_breaks_a_rule_is_not_saved(tmp_path: Path, kind: str, sentence: str) -> None:
    async with together(tmp_path, **DECISIONS) as t:
        t.model.reply = saves(sentence, kind)
        assert "Not kept" in await said(t, "ana", "#infra", "We take Postgres.")
        assert await t.insights() == []


async def test_who_opted_out_saves_nothing(tmp_path: Path) -> None:
    async with together(tmp_path, **DECISIONS) as t:
        await t.command("ana", "#infra", "/learnings off")
        t.model.reply = saves(POSTGRES)
        await said(t, "ana", "#infra", "We take Postgres.")
        assert "save_insight" not in tools(t.model.requests[0])
        assert await t.insights() == []


async def test_what_a_guest_has_saved_stays_in_its_place(tmp_path: Path) -> None:
    async with together(tmp_path, **DECISIONS) as t:
        t.model.reply = saves("The visitors' wifi is called Gate.")
        await said(t, "gus", "#help", "The visitors' wifi is called Gate.")
        [kept] = await t.insights()
        assert [e.taught for e in kept.evidence] == ["guest"]
        assert "Gate" not in str(await t.command("ana", "#infra", "/learnings wifi"))


async def test_what_one_said_in_private_stays_with_them(tmp_path: Path) -> None:
    async with together(tmp_path, LEARNING_MODES="user_memory:agentic") as t:
        t.model.reply = saves("Ana likes short answers.", "preference")
        await said(t, "ana", "dm", "I like short answers")
        [kept] = await t.insights()
        assert (kept.about, [e.taught for e in kept.evidence]) == (t.users["ana"], ["dm"])


async def test_saying_the_same_again_is_one_insight(tmp_path: Path) -> None:
    async with together(tmp_path, **DECISIONS) as t:
        t.model.reply = saves(POSTGRES)
        await said(t, "ana", "#infra", "We take Postgres.")
        await said(t, "bo", "#random", "We take Postgres.")
        [kept] = await t.insights()
        assert [e.teammate for e in kept.evidence] == [t.users["ana"], t.users["bo"]]


async def test_correcting_asks_first(tmp_path: Path) -> None:
    async with together(tmp_path, **DECISIONS) as t:
        t.model.reply = saves(POSTGRES)
        await said(t, "ana", "#infra", "We take Postgres.")
        t.model.reply = calls("correct_insight", handle="i1", sentence="We decided on MySQL for the ledger.")
        asked, _ = await asking(t, "ana", "#random", "No, MySQL for the ledger.")
        question = await shown(t, "ana", "Replace")
        assert question["thread_ts"] == asked["ts"]
        assert await sentences(t) == [POSTGRES]
        await press(t, "ana", question, "No")
        assert await sentences(t) == [POSTGRES]
        await asking(t, "ana", "#random", "I said MySQL for the ledger.")
        await press(t, "ana", await shown(t, "ana", "Replace"), "Yes")
        assert await sentences(t) == ["We decided on MySQL for the ledger."]
        [newer] = [i for i in await t.insights() if not i.superseded_by]
        assert [e.teammate for e in newer.evidence] == [t.users["ana"]]


async def test_forgetting_asks_first_and_can_be_undone(tmp_path: Path) -> None:
    async with together(tmp_path, **DECISIONS) as t:
        t.model.reply = saves(POSTGRES)
        await said(t, "ana", "#infra", "We take Postgres.")
        t.model.reply = calls("forget_insight", handle="i1")
        await asking(t, "ana", "#random", "Forget about the ledger's database.")
        question = await shown(t, "ana", "Forget “")
        assert await sentences(t) == [POSTGRES]
        await press(t, "ana", question, "Yes")
        assert await t.insights() == []
        await press(t, "ana", await shown(t, "ana", "Forgotten"), "Undo")
        assert await sentences(t) == [POSTGRES]


@pytest.mark.parametrize(("who", "asks"), [("cy", False), ("bo", True)])
async def test_only_its_teacher_or_an_admin_is_asked(tmp_path: Path, who: str, asks: bool) -> None:
    async with together(tmp_path, **DECISIONS) as t:
        t.model.reply = saves(POSTGRES)
        await said(t, "ana", "#infra", "We take Postgres.")
        for tool in ("forget_insight", "correct_insight"):
            t.model.reply = calls(tool, handle="i1", sentence="MySQL.")
            _, answer = await asking(t, who, "#random", "That's not so with Postgres for the ledger.")
            assert ("button" in answer) is asks
        assert await sentences(t) == [POSTGRES]


async def test_the_right_is_looked_at_again_when_the_button_is_pressed(tmp_path: Path) -> None:
    async with together(tmp_path, **DECISIONS) as t:
        t.model.reply = saves(POSTGRES)
        await said(t, "ana", "#infra", "We take Postgres.")
        t.model.reply = calls("forget_insight", handle="i1")
        await asking(t, "bo", "#random", "Forget about the ledger's database.")
        question = await shown(t, "bo", "Forget “")
        await t.control("teammate", name="bo", admin=False, wait=True)
        await press(t, "bo", question, "Yes")
        assert await sentences(t) == [POSTGRES]
        await shown(t, "bo", "You can take back what you taught yourself")


async def test_an_admin_changes_how_a_store_learns(tmp_path: Path) -> None:
    async with together(tmp_path, **DECISIONS) as t:
        listed = (await t.command("cy", "#infra", "/learnings mode"))["text"]
        assert "`decisions` keeps what I decide to keep while I answer (agentic)" in listed
        assert "`team_knowledge` learns by itself" in listed
        refused = [
            ("cy", "team_knowledge confirm", "Only a workspace admin"),
            ("bo", "team_knowlege confirm", "no store `team_knowlege`"),
            ("bo", "team_knowledge never", "no mode `never`"),
            ("bo", "team_knowledge", "which mode"),
            ("bo", "session_context confirm", "nobody can decide"),
        ]
        for who, words, why in refused:
            assert why in (await t.command(who, "#infra", f"/learnings mode {words}"))["text"]
        modes = (await t.inside.workspaces.parts(t.team)).modes
        assert await modes.of("team_knowledge") == "always"
        assert "From now on" in (await t.command("bo", "#infra", "/learnings mode team_knowledge confirm"))["text"]
        assert (await modes.of("team_knowledge"), await modes.of("decisions")) == ("confirm", "agentic")
        asked = await t.say("ana", "#infra", "@tacit We ship releases from main.")
        await t.reply(asked)
        assert await t.learn(asked) == []


@pytest.mark.parametrize(
    ("modes", "wrong"),
    [
        ("decisions:sometimes", "there is no mode 'sometimes'; there are always, agentic, confirm"),
        ("decision:confirm", "there is no store decision; there are"),
        ("decisions", "'decisions' is not STORE:MODE"),
        ("decisions:confirm,decisions:always", "names decisions twice"),
    ],
)
def test_a_wrong_mode_is_named_at_start(modes: str, wrong: str) -> None:
    given = {"SLACK_BOT_TOKEN": "xoxb-a", "SLACK_APP_TOKEN": "xapp-a", "OPENAI_API_KEY": "k", "EMBEDDINGS": "none", "LEARNING_MODES": modes}
    with pytest.raises(WrongSettings) as raised:
        require_slack(load_settings(given))
    assert wrong in str(raised.value)


def test_an_approver_is_an_id() -> None:
    with pytest.raises(WrongSettings, match="bo is no id of a teammate"):
        load_settings({"APPROVERS": "U0ABC,bo"})
    assert load_settings({"APPROVERS": "U0ABC, U0DEF"}).approver_ids == ("U0ABC", "U0DEF")
    assert json.dumps(dict(load_settings({}).modes)) == "{}"
