"""LEARN_BUDGET: at the ceiling learning pauses, answers go on, and people are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sandbox.ports import free_port
from bot.settings import WrongSettings, load_settings
from stores.model import Usage
from tests.bot.audience_places import PLACES, ask, listed, teach
from tests.together import together
from workers.spending import Spending


async def test_answers_go_on_while_learning_is_paused_and_people_are_told(tmp_path: Path) -> None:
    port = free_port()
    async with together(tmp_path, PLACES, LEARN_BUDGET="0.5", EXTRACT_PRICE="1/2", BOT_PORT=str(port)) as t:
        await teach(t, "ana", "#infra", "Egress costs too much.")
        assert "paused" not in await listed(t, "cy")
        await Spending(t.team, t.documents).add(Usage(500_000, 0))
        asked = await t.say("ana", "#infra", "@tacit Releases go out on Tuesdays.")
        await t.reply(asked)
        assert len(await t.learn(asked)) == 1
        [due] = await t.documents.find("conversations", {"_id": f"{asked['channel']}:{asked['ts']}"})
        assert due["due"]
        assert "too much" in (await ask(t, "cy", "dm"))[0]
        assert "paused until midnight UTC" in await listed(t, "cy")
        assert "paused until midnight UTC" in await listed(t, "gus")
        async with t.http.get(f"http://127.0.0.1:{port}/readyz") as answer:
            assert answer.status == 200
            assert "paused until midnight UTC" in (await answer.json())["learning"]


@pytest.mark.parametrize("price", ["1", "1/2/3", "a/b", "-1/2", "nan/1", "inf/1"])
def test_a_price_that_is_none_is_named(price: str) -> None:
    with pytest.raises(WrongSettings, match="EXTRACT_PRICE: must be two prices"):
        load_settings({"EXTRACT_PRICE": price})


def test_a_ceiling_is_more_than_nothing() -> None:
    with pytest.raises(WrongSettings, match="LEARN_BUDGET"):
        load_settings({"LEARN_BUDGET": "0"})
    assert load_settings({"LEARN_BUDGET": "2.50"}).budget.ceiling == 2.5
