"""A breaker opens at a failure, lets one try again later, and closes at an answer."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from stores.embedder import EmbeddingFailed
from stores.embedding.breaker import REST, Breaker
from stores.embedding.remembered import Remembered


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_it_is_closed_at_first() -> None:
    Breaker("e", Clock()).check()


def test_it_opens_at_a_failure_and_for_a_while() -> None:
    clock = Clock()
    breaker = Breaker("e", clock)
    assert str(breaker.failed("It is away.")) == "It is away."
    clock.now += REST - 1
    with pytest.raises(EmbeddingFailed, match="It is away"):
        breaker.check()
    clock.now += 2
    breaker.check()


def test_an_answer_closes_it() -> None:
    breaker = Breaker("e", Clock())
    breaker.failed("It is away.")
    breaker.answered()
    breaker.check()


def test_the_log_names_an_outage_once_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    breaker = Breaker("e", Clock())
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            breaker.failed("It is away.")
        breaker.answered()
        breaker.answered()
    assert [record.message for record in caplog.records] == ["embedding.away", "embedding.back"]


def test_the_memory_is_bounded_and_keeps_what_was_asked_for_last() -> None:
    memory = Remembered(2)
    for text in ("one", "two"):
        memory.put(text, np.zeros(2, np.float32))
    assert memory.get("one") is not None
    memory.put("three", np.zeros(2, np.float32))
    assert memory.get("two") is None
    assert memory.get("one") is not None
    assert memory.get("\ud800") is None
