"""Socket Mode: connections come and go, events wait for the next one."""

from __future__ import annotations

from pathlib import Path

from tests.together import Together, together


async def _answered(t: Together, text: str) -> None:
    asked = await t.control("post", **{"as": "ana", "in": "#infra", "text": text})
    await t.reply(asked)
    assert len(await t.ours(asked)) == 1


async def test_after_a_cut_connection_events_arrive_again(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        await _answered(t, "@tacit Which region?")
        await t.control("disconnect", drop=True)
        await _answered(t, "@tacit Which zone?")


async def test_when_slack_asks_for_it_a_new_connection_is_made(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        await t.control("disconnect", reason="refresh_requested")
        await _answered(t, "@tacit Which region?")


async def test_a_connection_that_cannot_be_made_anew_at_once_is_made_later(tmp_path: Path) -> None:
    async with together(tmp_path) as t:
        await t.control("fail", method="apps.connections.open", status=500)
        await t.control("disconnect", drop=True)
        await _answered(t, "@tacit Which region?")
