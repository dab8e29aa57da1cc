"""The player's judgements: each wrong expectation differs, and says where and how. One system, one chat, many expectations."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.sandbox.play.databases import named
from bot.sandbox.play.forms import FORMS
from bot.sandbox.play.play import Play
from bot.sandbox.play.player import STEPS, Difference, do_step, play_scenario, start_play
from bot.sandbox.play.scenario import Scenario, Step, read_scenario
from bot.sandbox.play.words import buttons, cites, everything, occurs

pytestmark = pytest.mark.usefixtures("redis_server")  # where there is none, there is none for a play

HEAD = """\
workspace:
  teammates: {ana: {}, bo: {}}
  channels: {infra: {members: [ana, bo]}}
steps:
"""
NAMES = {"U1": "ana", "U2": "bo"}


def scenario(tmp_path: Path, *steps: str) -> Scenario:
    path = tmp_path / "one.yaml"
    path.write_text(HEAD + "".join(f"  - {step}\n" for step in steps))
    return read_scenario(path)


async def difference(play: Play, played: Scenario, step: Step) -> str:
    """How a step differs; "" when it does not."""
    try:
        await do_step(play, played, step)
    except Difference as differed:
        return str(differed)
    return ""


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "MODEL_TIMEOUT", "LEARNING_STORES"):
        monkeypatch.delenv(name, raising=False)


def test_every_step_of_the_table_is_played() -> None:
    assert set(STEPS) == set(FORMS)


async def test_each_wrong_expectation_differs_and_each_right_one_holds(tmp_path: Path) -> None:
    said = 'say: {as: ana, in: "#infra", text: "@tacit The lobby piano is tuned in April."}'
    about_learning = [
        ("learned: {count: 1}", ""),
        ("learned: {mentions: [PIANO, april], from: ana}", ""),
        ("learned: {mentions: [piano, May]}", "no insight mentions piano, May. Learned: “The lobby piano is tuned in April.” (from ana)"),
        ("learned: {from: bo}", "no insight is from bo"),
        ("learned: {not_mentions: [april]}", "“april” is in “The lobby piano is tuned in April.”"),
        ("learned: {count: 2}", "2 insights were to be learned"),
        ("learned: {none: true}", "nothing was to be learned"),
    ]
    about_reply = [
        ("reply: {mentions: ['Tuned in APRIL'], not_mentions: [May], cites: ana}", ""),
        ("reply: {mentions: [May]}", "does not mention “May”. It says: “The lobby piano is tuned in April."),
        ("reply: {not_mentions: [piano]}", "mentions “piano”"),
        ("reply: {cites: bo}", "does not cite bo: its sources are “learned from @ana in #infra"),
        ("replies: {count: 2}", "2 messages were to answer, and there are 1"),
    ]
    asked = 'say: {as: bo, in: dm, text: "When is the lobby piano tuned?"}'
    talked = 'say: {as: bo, in: "#infra", text: "@ana see you at lunch"}'
    whole = [
        (said, ""),
        ("reply: {}", ""),
        ("finish: {}", ""),
        *about_learning,
        (asked, ""),
        ("no_reply: {}", "Tacit was to stay silent, and says:"),
    ]
    whole += [
        *about_reply,
        (talked, ""),
        ("no_reply: {}", ""),
        ("replies: {count: 0}", ""),
        ("finish: {}", ""),
        ("learned: {}", "no insight at all"),
    ]
    played = scenario(tmp_path, *(step for step, _ in whole))
    async with AsyncExitStack() as stack:
        play = await start_play(stack, played, tmp_path, lambda line: None, None)
        for step, (text, differs) in zip(played.steps, whole, strict=True):
            found = await difference(play, played, step)
            assert differs in found, text
            assert bool(found) == bool(differs), f"{text}: {found}"
            assert not found or found.startswith(f"{played.path}:{step.line}: {step.kind}: ")


async def test_a_play_ends_at_its_first_difference_and_names_it(tmp_path: Path) -> None:
    lines: list[str] = []
    played = scenario(tmp_path, 'say: {as: ana, in: "#infra", text: "good morning"}', "kill: worker", "kill: worker", "wipe: redis")
    with pytest.raises(Difference, match=r"one\.yaml:7: kill: The worker does not run: it was ended by SIGKILL"):
        await play_scenario(played, tmp_path, lines.append, mongodb_url=None)
    assert any("#infra" in line and "ana: good morning" in line for line in lines)
    assert sum("the worker is killed" in line for line in lines) == 1


def test_words_are_found_whatever_case_and_markup() -> None:
    message = {
        "text": "*Cut* `egress` costs &amp; see <https://x.test|the  plan>, <@U1>",
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "in _Blocks_ alone"}}],
    }
    text = everything(message, NAMES)
    assert all(occurs(phrase, text) for phrase in ("cut egress", "EGRESS costs", "& see the plan", "@ana", "blocks alone"))
    assert not occurs("https://x.test", text)


def test_only_the_sources_cite() -> None:
    context = {"type": "context", "elements": [{"type": "mrkdwn", "text": "learned from <@U1> in <#C1|infra>, 22 Nov 2026"}]}
    message = {"text": "bo may know", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "bo may know"}}, context]}
    assert cites(message, "ana", NAMES)
    assert not cites(message, "bo", NAMES)
    assert not cites(message, "an", NAMES)


def test_buttons_are_known_by_their_labels() -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Undo"}, "action_id": "undo"}
    assert buttons({"blocks": [{"type": "actions", "elements": [button]}]}) == ["Undo"]


@pytest.mark.parametrize(
    ("given", "database"),
    [
        ("mongodb://h:1/", "mongodb://h:1/x"),
        ("mongodb://h:1/tacit?w=1", "mongodb://h:1/x?w=1"),
        ("mongodb://u:p@h/tacit", "mongodb://u:p@h/x?authSource=tacit"),
        ("mongodb://u:p@h", "mongodb://u:p@h/x?authSource=admin"),
        ("mongodb+srv://u:p@h/?authSource=admin&w=1", "mongodb+srv://u:p@h/x?authSource=admin&w=1"),
    ],
)
def test_another_database_keeps_server_and_rights(given: str, database: str) -> None:
    assert named(given, "x") == database
