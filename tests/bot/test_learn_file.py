"""`tacit learn`: the product's own learning, put to a file."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.learn_file import learn_file
from bot.lines import BadLine
from bot.settings import Settings, load_settings
from bot.talk_file import read_talk
from tests.model_server import ModelServer, draft

Json = dict[str, Any]
EGRESS = {"speaker": "ana", "text": "We are cutting egress costs.", "ts": "1764000000.000100"}
KEYS = ["store", "kind", "sentence", "cues", "things", "fields", "evidence", "from", "audience", "about", "known", "replaces"]


class Desk:
    """Somebody who tries what would be learned."""

    def __init__(self, folder: Path, model: ModelServer, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.model, self._capsys = folder, model, capsys
        self.err = ""

    def file(self, name: str, *lines: Json | str) -> Path:
        path = self.folder / name
        path.write_text("".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in lines), encoding="utf-8")
        return path

    @property
    def settings(self) -> Settings:
        return load_settings({"OPENAI_BASE_URL": self.model.url, "EMBEDDINGS": "none", "MODEL_TIMEOUT": "5"})

    async def learn(self, *lines: Json | str, known: list[Json] | None = None, rc: int = 0, **options: Any) -> list[Json]:
        """What is printed for a conversation of these lines."""
        more = {"known": self.file("known", *known)} if known else {}
        assert await learn_file(self.file("talk", *lines), self.settings, **more, **options) == rc
        out, self.err = self._capsys.readouterr()
        return [json.loads(line) for line in out.splitlines()]

    def drafts(self, *proposed: Json) -> None:
        self.model.drafts = lambda request: {"drafts": list(proposed)}

    def verdict(self, verdict: str) -> None:
        self.model.verdicts = lambda request: {"verdicts": [{"draft": "d1", "verdict": verdict, "of": ["k1"]}]}


@pytest.fixture
async def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Desk]:
    model = ModelServer()
    await model.start()
    yield Desk(tmp_path, model, capsys)
    await model.stop()


async def test_a_line_says_all_that_would_be_kept(desk: Desk) -> None:
    desk.drafts(draft("Sparrow was chosen.", ["m1"], "decision", cues=["a"], things=["b"], fields=[{"name": "reason", "value": "price"}]))
    [line] = await desk.learn(EGRESS)
    assert list(line) == KEYS
    assert line == {
        "store": "decisions",
        "kind": "decision",
        "sentence": "Sparrow was chosen.",
        "cues": ["a"],
        "things": ["b"],
        "fields": {"reason": "price"},
        "evidence": ["1764000000.000100"],
        "from": ["ana"],
        "audience": "workspace",
        "about": None,
        "known": False,
        "replaces": [],
    }
    assert desk.err == "calls: 1, prompt tokens: 1, completion tokens: 1\n"


async def test_the_place_decides_the_audience(desk: Desk) -> None:
    places = [await desk.learn(EGRESS, place=place) for place in ("public", "private", "dm")]
    assert [line["audience"] for [line] in places] == ["workspace", "place:private", "teammate:ana"]


async def test_the_model_is_told_the_place_and_reads_no_secret(desk: Desk) -> None:
    secret = "sk-proj-" + "a1" * 30
    assert len(await desk.learn({**EGRESS, "text": f"The key is {secret}."}, channel="infra")) == 1
    [request] = desk.model.requests
    assert "#infra, a public channel" in str(request)
    assert secret not in str(request)


async def test_one_store_alone_is_tried_with_its_kinds_alone(desk: Desk) -> None:
    assert await desk.learn(EGRESS, store="decisions") == []  # the model proposes a goal, which is no kind of decisions
    assert "- outcome:" in str(desk.model.requests[0])
    assert "- goal:" not in str(desk.model.requests[0])


async def test_what_is_known_is_settled_with_and_named_when_it_is_replaced(desk: Desk) -> None:
    known = [{"kind": "goal", "sentence": "We are cutting travel costs."}]
    desk.verdict("contradicts")
    [line] = await desk.learn(EGRESS, known=known)
    assert (line["sentence"], line["known"], line["replaces"]) == ("We are cutting egress costs.", False, ["We are cutting travel costs."])
    assert desk.err.startswith("calls: 2, ")


async def test_the_same_again_is_told_as_known(desk: Desk) -> None:
    desk.verdict("same")
    [line] = await desk.learn(EGRESS, known=[{"kind": "goal", "sentence": "Egress costs go down."}])
    assert (line["sentence"], line["known"], line["from"]) == ("Egress costs go down.", True, ["ana"])


async def test_its_output_is_its_known_input(desk: Desk) -> None:
    first = await desk.learn(EGRESS, place="dm")
    desk.verdict("same")
    assert [line["known"] for line in await desk.learn(EGRESS | {"ts": 1764000900}, known=first, place="dm")] == [True]
    assert [line["known"] for line in await desk.learn(EGRESS | {"ts": 1764000900}, known=first)] == [False]  # the channel does not know


async def test_a_state_replaces_the_known_one(desk: Desk) -> None:
    desk.drafts(draft("Ana is the head nurse.", ["m1"], "role"))
    first = await desk.learn(EGRESS)
    assert (first[0]["about"], first[0]["audience"]) == ("ana", "workspace")
    desk.drafts(draft("Ana is the matron.", ["m1"], "role"))
    [line] = await desk.learn(EGRESS | {"ts": 1764000900}, known=first)
    assert (line["known"], line["replaces"]) == (False, ["Ana is the head nurse."])


async def test_what_tacit_says_teaches_nothing(desk: Desk) -> None:
    assert await desk.learn({"speaker": "Tacit", "text": "We cut costs.", "ts": 1}) == []
    assert desk.model.requests == []


async def test_a_long_conversation_is_read_in_parts(desk: Desk) -> None:
    said = [
        {"speaker": "ana", "text": f"Step {n} of the plan is done by team {n}, as agreed in the meeting.", "ts": n} for n in range(1, 2001)
    ]
    desk.model.drafts = lambda request: {"drafts": [draft(text["text"], [text["id"]]) for text in _new(request)[:1]]}
    lines = await desk.learn(*said)
    parts = [_new(request) for request in desk.model.requests if desk.model.sort(request) == "drafts"]
    assert len(lines) == len(parts) > 5
    assert sum(map(len, parts)) == 2000
    assert max(len(str(request)) for request in desk.model.requests) < 100_000


async def test_a_message_of_forty_thousand_characters_is_read_as_far_as_a_part_goes(desk: Desk) -> None:
    await desk.learn({**EGRESS, "text": "word " * 8000})
    assert len(_new(desk.model.requests[0])[0]["text"]) == 16_000


async def test_a_model_that_fails_is_said_and_what_was_learned_before_is_shown(desk: Desk) -> None:
    def drafts(request: Json) -> Json:
        if len(desk.model.requests) > 1:
            return {"nothing": "of the kind"}
        return {"drafts": [draft("A.", ["m1"])]}

    desk.model.drafts = drafts
    said = [{"speaker": "ana", "text": "long " * 1500, "ts": n} for n in range(1, 9)]
    assert [line["sentence"] for line in await desk.learn(*said, rc=1)] == ["A."]


async def test_a_repair_is_counted_apart(desk: Desk) -> None:
    desk.model.drafts = lambda request: {"drafts": [] if "assistant" in str(request["messages"]) else "none"}
    assert await desk.learn(EGRESS) == []
    whole, _, repairs = desk.err.partition("; of these for repairs: ")
    assert whole == "calls: 1, prompt tokens: 2, completion tokens: 2"
    assert repairs == "1, prompt tokens: 1, completion tokens: 1\n"


async def test_a_sentence_over_the_limit_is_put_right_in_the_repair(desk: Desk) -> None:
    def drafts(request: Json) -> Json:
        if request["messages"][-1]["content"].startswith("Some drafts cannot be kept."):
            return {"drafts": [draft("The team cuts egress costs.", ["m1"])]}
        return {"drafts": [draft("The team cuts egress costs, " + "as was said " * 30, ["m1"]), draft("B.", ["m1"])]}

    desk.model.drafts = drafts
    assert {line["sentence"] for line in await desk.learn(EGRESS)} == {"The team cuts egress costs.", "B."}
    assert "of these for repairs: 1," in desk.err


async def test_there_are_times_of_three_forms(desk: Desk) -> None:
    times = ["2025-11-24T16:00:00Z", 1764000001.5, "1764000002.000100"]
    lines = await desk.learn(*({"speaker": "ana", "text": f"Room {n} is blue.", "ts": ts} for n, ts in enumerate(times)))
    assert [line["evidence"] for line in lines] == [[ts] for ts in times]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "talk:2: this is no JSON"),
        ("[]", "talk:2: a line must be an object"),
        ('{"text": "x", "ts": 1}', 'talk:2: "speaker" is missing'),
        ('{"speaker": " ", "text": "x", "ts": 1}', 'talk:2: "speaker" must be a name'),
        ('{"speaker": "a", "ts": 1}', 'talk:2: "text" is missing'),
        ('{"speaker": "a", "text": 3, "ts": 1}', 'talk:2: "text" must be a text, not 3'),
        ('{"speaker": "a", "text": "x"}', 'talk:2: "ts" is missing'),
        ('{"speaker": "a", "text": "x", "ts": "noon"}', 'talk:2: "ts" must be a time'),
        ('{"speaker": "a", "text": "x", "ts": NaN}', 'talk:2: "ts" must be a time'),
        ('{"speaker": "a", "text": "x", "ts": -1}', 'talk:2: "ts" must be a time'),
        ('{"speaker": "a", "text": "x", "ts": "1764000000.0001"}', "talk:2: \"ts\" '1764000000.0001' stands in line 1 already"),
    ],
)
async def test_a_wrong_line_is_named(desk: Desk, line: str, problem: str) -> None:
    assert await desk.learn(EGRESS, line, rc=1) == []
    assert problem in desk.err
    assert desk.model.requests == []


async def test_an_empty_file_is_said_to_be_empty(desk: Desk) -> None:
    assert await desk.learn("", rc=1) == []
    assert "there is no message in it" in desk.err
    with pytest.raises(BadLine, match="no message"):
        read_talk(desk.file("empty"))


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"store": "nonsense"}, "nonsense cannot be used: no installed package offers it"),
        ({"known": [{"kind": "weather", "sentence": "It rains."}]}, "No store here has the kind weather"),
        ({"known": [{"kind": "goal"}]}, 'known:1: "sentence" is missing'),
        ({"known": [{"kind": "goal", "sentence": "x", "audience": "all"}]}, 'known:1: "audience" must be workspace'),
    ],
)
async def test_what_cannot_be_tried_is_said(desk: Desk, options: Json, problem: str) -> None:
    assert await desk.learn(EGRESS, rc=1, **options) == []
    assert problem in desk.err


async def test_the_command_prints_lines_and_logs_what_was_dropped(desk: Desk) -> None:
    desk.drafts(draft("Costs go down.", ["m1"]), draft("No evidence.", []))
    command = [sys.executable, "-m", "bot.command", "learn", str(desk.file("talk", EGRESS)), "--place", "private"]
    environment = {"OPENAI_BASE_URL": desk.model.url, "EMBEDDINGS": "none"}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=pipe, stderr=pipe)
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert [json.loads(line)["audience"] for line in out.splitlines()] == ["place:private"]
    assert b"drafts.extracted" in err
    assert b"dropped=['no new evidence']" in err
    assert b"calls: 1, prompt tokens: 1" in err


def _new(request: Json) -> list[Json]:
    return [m for m in json.loads(request["messages"][-1]["content"])["messages"] if m["id"]]
