"""Answers are kept for a while, asked for once at a time, and never kept when they may be out of date."""

import asyncio

import pytest

from bot.slack.remembered import Remembered
from tests.slack.conftest import Clock


class Source:
    """Answers with a number that grows, when the gate is open."""

    def __init__(self) -> None:
        self.asked, self.gate = 0, asyncio.Event()
        self.gate.set()

    async def __call__(self, key: str) -> str:
        self.asked += 1
        answer = f"{key}{self.asked}"
        await self.gate.wait()
        if key == "bad":
            raise ValueError(answer)
        return answer


async def test_an_answer_is_kept_until_it_is_old() -> None:
    source, clock = Source(), Clock()
    kept = Remembered(source, seconds=60, clock=clock)
    assert [await kept.get("a"), await kept.get("a")] == ["a1", "a1"]
    clock.seconds += 61
    assert await kept.get("a") == "a2"


async def test_many_who_ask_at_once_ask_once() -> None:
    source = Source()
    kept = Remembered(source)
    assert set(await asyncio.gather(*(kept.get("a") for _ in range(20)))) == {"a1"}


async def test_an_answer_from_before_forgetting_is_given_to_nobody() -> None:
    source = Source()
    kept = Remembered(source)
    source.gate.clear()
    waiting = asyncio.create_task(kept.get("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    kept.forget("a")
    source.gate.set()
    assert await waiting == "a2"
    assert await kept.get("a") == "a2"


async def test_one_who_waits_through_many_changes_gets_what_holds_at_last() -> None:
    asked = 0

    async def changing(key: str) -> int:
        nonlocal asked
        asked += 1
        if asked <= 5:
            kept.forget(key)
        return asked

    kept = Remembered(changing)
    assert await kept.get("a") == 6


async def test_an_answer_put_in_after_forgetting_is_not_kept() -> None:
    kept = Remembered(Source())
    generation = kept.generation
    kept.forget()
    kept.put("a", "old", generation)
    assert kept.known("a") is None
    kept.put("a", "new", kept.generation)
    assert kept.known("a") == "new"


async def test_a_failure_is_not_kept() -> None:
    source = Source()
    kept = Remembered(source)
    for number in (1, 2):
        with pytest.raises(ValueError, match=f"bad{number}"):
            await kept.get("bad")


async def test_one_who_gives_up_does_not_harm_the_others() -> None:
    source = Source()
    kept = Remembered(source)
    source.gate.clear()
    first, second = asyncio.create_task(kept.get("a")), asyncio.create_task(kept.get("a"))
    await asyncio.sleep(0)
    first.cancel()
    source.gate.set()
    assert await second == "a1"


async def test_the_oldest_answers_make_room() -> None:
    source = Source()
    kept = Remembered(source, most=2)
    for key in "abc":
        await kept.get(key)
    assert [kept.known(key) for key in "abc"] == [None, "b2", "c3"]
