"""The log holds constant names and ids: no text of anybody, no prompt, no key, whatever goes wrong."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.logs import OURS, Lines, set_up_logs
from tests.model_server import draft
from tests.together import Together, together

ROOT = Path(__file__).parents[2]
EVENT = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
KEY = "sk-proj-quokka0123456789abcdefghij0123456789"
WORDS = "quokka"
"""Stands in every text that anybody writes in these tests: people, the model, a failing store."""

SECRETS = (WORDS, "xoxb-sandbox-tacit", "xapp-sandbox-tacit", "You are Tacit", "You read what", "LEARNED")

BROKEN_STORE = f"""
class Leaky:
    name = "leaky"

    def __init__(self, kit):
        self.kit = kit

    async def recall(self, question):
        raise ValueError("{WORDS}: " + question.text)

    async def process(self, conversation):
        raise ValueError("{WORDS}: " + conversation.messages[0].text)

    def build_context(self, insights):
        raise ValueError("{WORDS}")
"""


class Kept(logging.Handler):
    """Keeps every record, and the line that the product makes of it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.lines.append(Lines().format(record))

    @property
    def ours(self) -> list[logging.LogRecord]:
        return [r for r in self.records if r.name.partition(".")[0] in OURS and not r.name.startswith("bot.sandbox")]


@pytest.fixture
def kept() -> Iterator[Kept]:
    """The log as the product sets it up with LOG_LEVEL=DEBUG."""
    root = logging.getLogger()
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in ("", *OURS)}
    set_up_logs("DEBUG")
    kept = Kept()
    root.handlers[:] = [kept]
    yield kept
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def _clean(kept: Kept) -> None:
    for line in kept.lines:
        assert not [secret for secret in SECRETS if secret.lower() in line.lower()], line
    for record in kept.ours:
        assert EVENT.fullmatch(str(record.msg)), record.msg
        assert not record.args
        # Whoever takes the log's records elsewhere gets no text either; an exception's is left out by the line.
        assert WORDS not in repr({k: v for k, v in vars(record).items() if k not in ("exc_info", "exc_text")})


def _names(kept: Kept) -> set[str]:
    return {str(record.msg) for record in kept.ours}


async def test_a_whole_loop_with_all_that_can_fail_logs_nobody_s_words(tmp_path: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(tmp_path, monkeypatch)
    stores = {"LEARNING_STORES": "team_knowledge,leaky,missing"}
    async with together(tmp_path, OPENAI_API_KEY=KEY, **stores) as t:
        await _teach_and_recall(t)
        await _failing_model(t)
        await _failing_slack(t)
        await _commands(t)
    _clean(kept)
    wanted = {"model.answered", "model.failed", "reply.failed", "reply.answer_lost", "store.failed", "store.left_out", "run.failed"}
    assert wanted <= _names(kept)


async def _teach_and_recall(t: Together) -> None:
    t.model.reply = lambda request: f"Noted, {WORDS}."
    asked = await t.say("ana", "#infra", f"@tacit We cut the {WORDS} costs. The password is {WORDS}123, the key {KEY}.")
    await t.reply(asked)
    await t.learn(asked)  # the leaky store fails
    t.model.reply = lambda request: f"Mind the {WORDS} [i1]."
    await t.reply(await t.say("bo", "dm", f"Which {WORDS}?"))


async def _failing_model(t: Together) -> None:
    t.model.reply = lambda request: 400
    asked = await t.say("bo", "dm", f"And which {WORDS} now?")
    assert "Which" not in (await t.reply(asked))["text"]
    t.model.drafts = lambda request: {"drafts": f"no {WORDS} list"}
    told = await t.say("ana", "#random", f"@tacit The {WORDS} moves to the cellar.")
    await t.reply(told)
    await t.learn(told)
    t.model.drafts = lambda request: {"drafts": [draft(f"A {WORDS} with no evidence", ["m99"]), draft(WORDS, ["m1"], kind=WORDS)]}
    t.model.reply = lambda request: {"text": "", "calls": [["search_insights", {"words": WORDS}], [WORDS, {WORDS: 1}], ["learn_now", {}]]}
    await t.reply(await t.say("bo", "dm", f"Look for the {WORDS}."))


async def _failing_slack(t: Together) -> None:
    t.model.reply = lambda request: f"The {WORDS} answers."
    await t.control("fail", method="chat.postMessage", drop_answer_after_doing=True)
    await t.reply(await t.say("bo", "dm", f"Where is the {WORDS}?"))
    await t.control("fail", method="chat.postMessage", error="invalid_blocks")
    await t.reply(await t.say("bo", "dm", f"When is the {WORDS}?"))
    await t.control("fail", method="users.info", status=500, times=3)
    await t.control("fail", method="assistant.threads.setStatus", error="missing_scope", times=2)
    await t.reply(await t.say("cy", "#infra", f"@tacit Who is the {WORDS}?"))


async def _commands(t: Together) -> None:
    await t.command("ana", "#infra", f"/learnings {WORDS}")
    await t.command("ana", "#infra", "/learnings forget 1")
    await t.say("ana", "#infra", f"@tacit learnings {WORDS}")
    await t.say("cy", "#infra", f"Nobody asked the {WORDS}.")


def _install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a package that offers a store whose every method raises what it was given."""
    package = folder / "packages"
    (package / "leaky-1.0.dist-info").mkdir(parents=True)
    (package / "leaky_store.py").write_text(BROKEN_STORE)
    (package / "leaky-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: leaky\nVersion: 1.0\n")
    (package / "leaky-1.0.dist-info" / "entry_points.txt").write_text("[tacit.stores]\nleaky = leaky_store:Leaky\n")
    monkeypatch.syspath_prepend(package)


def test_a_crash_is_logged_with_its_place_and_without_its_text(kept: Kept) -> None:
    def crash() -> None:
        try:
            json.loads(f"{{{WORDS}")
        except ValueError as e:
            raise RuntimeError(f"cannot read {WORDS}") from e

    log = logging.getLogger("bot.slack.desk")
    try:
        crash()
    except RuntimeError:
        log.exception("question.crashed", extra={"question": "C1:1.2"})
    [line] = kept.lines
    assert "question.crashed question=C1:1.2" in line
    assert "json.decoder.JSONDecodeError" in line
    assert "builtins.RuntimeError" in line
    assert "in crash" in line
    assert WORDS not in line


def test_a_library_s_words_are_left_out(kept: Kept) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task exception=ValueError('%s')>", WORDS)
    logging.getLogger("slack_bolt.AsyncApp").warning(f"Failed to run listener function (error: {WORDS})")  # noqa: G004 - as Bolt does it
    assert [line.partition(" ")[2] for line in kept.lines if WORDS in line] == []
    assert "ERROR library.spoke logger=asyncio at=test_logs.py:" in kept.lines[0]


async def test_what_asyncio_says_of_a_task_that_failed_unheard_is_left_out(kept: Kept) -> None:
    asyncio.get_running_loop().call_exception_handler({"message": "boom", "exception": ValueError(WORDS)})
    assert WORDS not in "".join(kept.lines)
    assert "builtins.ValueError" in kept.lines[0]


def test_a_long_field_is_cut_and_stays_on_its_line() -> None:
    record = logging.makeLogRecord({"name": "bot.x", "msg": "thing.happened", "levelname": "INFO", "reason": "a\nb" + "c" * 400})
    line = Lines().format(record)
    assert "\n" not in line
    assert len(line) < 400


def test_the_log_goes_to_standard_error(kept: Kept) -> None:
    with contextlib.redirect_stderr(io.StringIO()) as said:
        set_up_logs("INFO")
        logging.getLogger("workers").info("worker.stopping")
    assert said.getvalue().endswith("INFO worker.stopping\n")


def test_every_event_has_a_constant_name() -> None:
    """Also of those lines that no test reaches."""
    odd = [f"{path.relative_to(ROOT)}:{call.lineno}" for path in _sources() for call in _logged(path) if not _constant(call)]
    assert odd == []


def _sources() -> list[Path]:
    return [path for folder in OURS for path in (ROOT / folder).rglob("*.py") if "sandbox" not in path.parts]


def _logged(path: Path) -> list[ast.Call]:
    levels = ("debug", "info", "warning", "error", "exception", "critical", "log")
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return [c for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr in levels and getattr(c.func.value, "id", "") == "log"]


def _constant(call: ast.Call) -> bool:
    [event] = call.args if len(call.args) == 1 else [None]
    named: Any = event.value if isinstance(event, ast.Constant) else None
    passed_on = isinstance(event, ast.Name) and event.id == "event"  # chosen from two constants by the caller
    return passed_on or (isinstance(named, str) and EVENT.fullmatch(named) is not None)
