"""Events over signed HTTP instead of Socket Mode."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.ports import HOST, free_port
from bot.sandbox.slack.http_events import signature
from tests.together import Together, together

SECRET = "sandbox-signing-secret"
WORDS = "quokka"


@contextlib.asynccontextmanager
async def over_http(folder: Path) -> AsyncIterator[tuple[Together, str]]:
    """A running product without an app token, and the address that Slack posts to."""
    port = free_port()
    url = f"http://{HOST}:{port}/slack/events"
    async with together(folder, SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=SECRET, BOT_PORT=str(port)) as t:
        await t.control("delivery", events_url=url)
        yield t, url


async def _sent(t: Together, url: str, body: str, *, secret: str = SECRET, at: float | None = None) -> int:
    """The status that the bot answers a request with."""
    stamp = str(int(time.time() if at is None else at))
    headers = {"Content-Type": "application/json", "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(secret, stamp, body)}
    async with t.http.post(url, data=io.BytesIO(body.encode()), headers=headers) as answer:
        return answer.status


def _event(t: Together, **event: Any) -> str:
    said = {"type": "message", "channel": "C1", "user": t.users["ana"], "text": WORDS, "ts": "1700000000.000100"} | event
    return json.dumps({"type": "event_callback", "team_id": t.team, "event_id": "Ev1", "event": said})


async def test_a_question_a_command_and_a_button_are_answered(tmp_path: Path) -> None:
    async with over_http(tmp_path) as (t, _):
        asked = await t.say("ana", "#infra", "@tacit We are cutting egress costs.")
        assert "Noted." in (await t.reply(asked))["text"]
        assert len(await t.learn(asked)) == 1

        listed = await t.command("ana", "#infra", "/learnings")
        assert "egress" in listed["text"]
        forgotten = await t.command("ana", "#infra", "/learnings forget 1")
        assert await t.insights() == []
        await t.control("click", **{"as": "ana", "channel": forgotten["channel"], "ts": forgotten["ts"], "label": "Undo", "wait": True})
        await t.until(t.insights, "what was brought back")


async def test_a_button_on_a_failed_reply_answers_again(tmp_path: Path) -> None:
    async with over_http(tmp_path) as (t, _):
        t.model.reply = lambda request: 400
        asked = await t.say("ana", "dm", "Which region?")
        failed = await t.reply(asked)
        t.model.reply = lambda request: "Frankfurt."
        await t.control("click", **{"as": "ana", "channel": failed["channel"], "ts": failed["ts"], "label": "Retry", "wait": True})

        async def answered() -> bool:
            return "Frankfurt" in (await t.ours(asked))[0]["text"]

        await t.until(answered, "the answer in the place of the failure")
        assert len(await t.ours(asked)) == 1


async def test_a_request_that_slack_did_not_sign_is_refused_and_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    async with over_http(tmp_path) as (t, url):
        body = _event(t, channel_type="im", channel="D1")
        assert await _sent(t, url, body, secret="another secret") == 401
        assert await _sent(t, url, body, at=time.time() - 600) == 401  # a request that somebody recorded
        for nonsense in ("{" + WORDS, f'["{WORDS}"]', f'"{WORDS}"', "", "null"):
            assert await _sent(t, url, nonsense, secret="another secret") in (400, 401)
        async with t.http.post(url, data=body) as answer:
            assert answer.status in (400, 401)
        assert await t.documents.find("questions", {}) == []
        assert await _sent(t, url, body) == 200
    assert WORDS not in "".join(str(vars(record)) for record in caplog.records if record.name != "asyncio")


async def test_the_same_event_twice_is_one_question(tmp_path: Path) -> None:
    async with over_http(tmp_path) as (t, _):
        await t.control("delivery", duplicate=2)
        asked = await t.say("ana", "#infra", "@tacit Which region?")
        await t.reply(asked)
        assert len(await t.documents.find("questions", {})) == 1
        assert len(await t.ours(asked)) == 1


async def test_while_the_database_is_away_slack_is_asked_to_deliver_again(tmp_path: Path) -> None:
    async with over_http(tmp_path) as (t, url):
        await t.control("delivery", retry_delays=[0.1] * 50)
        file, aside = tmp_path / "tacit.sqlite", tmp_path / "aside.sqlite"
        file.rename(aside)
        assert await _sent(t, url, _event(t, channel_type="im", channel="D1")) == 500
        async with t.http.get(url.replace("/slack/events", "/readyz")) as answer:
            assert answer.status == 503
            assert "database" in (await answer.json())["wrong"]
        asked = await t.control("post", **{"as": "ana", "in": "dm", "text": "Which region?"})
        said = await t.command("ana", "#infra", "/learnings")
        assert "I cannot reach my memory just now" in said["text"]
        aside.rename(file)
        assert "Noted." in (await t.reply(asked))["text"]
        assert len(await t.ours(asked)) == 1


async def test_other_paths_and_too_large_requests_are_refused(tmp_path: Path) -> None:
    async with over_http(tmp_path) as (t, url):
        async with t.http.get(url) as answer:
            assert answer.status == 405
        assert await _sent(t, url, json.dumps({"type": "event_callback", "text": "x" * 5_000_000})) == 413
        assert await _sent(t, url, json.dumps({"type": "url_verification", "challenge": "abc"})) == 200
