"""The scenario format: what is right is read to the letter, what is wrong is named with its line."""

from pathlib import Path
from textwrap import dedent

import pytest

from bot.sandbox.play.forms import FORMS
from bot.sandbox.play.scenario import InvalidScenario, Scenario, read_scenario

HEAD = """\
name: egress
settings: {}
workspace:
  teammates: {ana: {}, bo: {admin: true}, gus: {guest: true}}
  channels: {infra: {members: [ana, bo]}, help: {members: [bo, gus]}, legal: {private: true, members: [ana]}}
steps:
"""
FIRST = HEAD.count("\n") + 1
SAY = '  - say: {as: ana, in: "#infra", text: "@tacit Hello."}\n'


def read(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "one.yaml"
    path.write_text(text)
    return read_scenario(path)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(InvalidScenario) as invalid:
        read(tmp_path, text)
    return [line.removeprefix(f"{tmp_path}/one.yaml:") for line in str(invalid.value).splitlines()]


def test_every_step_of_the_format_is_read(tmp_path: Path) -> None:
    text = HEAD + dedent(
        """\
          - say: {as: ana, in: "#infra", text: "@tacit We're trying to cut down on egress costs. Any ideas?"}
          - say: {as: bo, in: thread, text: "me too"}
          - say: {as: bo, in: dm, text: "I'm deciding between datadog and grafana."}
          - reply: {}
          - reply: {mentions: [egress, "two words"], not_mentions: [costs], cites: ana}
          - no_reply: {}
          - replies: {count: 1}
          - finish: {}
          - finish: {wait: false}
          - learned: {mentions: [egress], not_mentions: [x], from: ana, count: 2}
          - learned: {none: true}
          - edit: {text: "other"}
          - react: {as: ana, emoji: brain}
          - delete: {}
          - command: {as: gus, in: "#help", text: "/learnings egress"}
          - click: {as: gus, label: Undo}
          - leave: {as: ana, in: "#legal"}
          - join: {as: bo, in: "#legal"}
          - model: {delay: 2.5}
          - kill: bot
          - restart: worker
          - wipe: redis
        """
    ).replace("- ", "  - ")
    scenario = read(tmp_path, text)
    assert {step.kind for step in scenario.steps} == set(FORMS)
    assert [step.line for step in scenario.steps] == list(range(FIRST, FIRST + len(scenario.steps)))
    assert scenario.steps[4].values == {"mentions": ("egress", "two words"), "not_mentions": ("costs",), "cites": "ana"}
    assert scenario.steps[-1].word == "redis"
    assert scenario.workspace.channels["legal"].private


def test_words_stay_as_they_are_written(tmp_path: Path) -> None:
    scenario = read(tmp_path, HEAD + SAY + "  - reply: {mentions: [2024, yes, 1.50], not_mentions: no}\n")
    assert scenario.steps[1].values == {"mentions": ("2024", "yes", "1.50"), "not_mentions": ("no",)}


def test_settings_are_read_as_they_are_written(tmp_path: Path) -> None:
    text = (HEAD + SAY).replace("settings: {}", "settings: {MODEL_TIMEOUT: 05, learning_stores: a}")
    assert read(tmp_path, text).settings == {"MODEL_TIMEOUT": "05", "LEARNING_STORES": "a"}


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("wat: {}", "There is no step `wat`."),
        ("reply: {mention: [x]}", "`reply` has no key `mention`. Known are: mentions, not_mentions, cites."),
        ("say: {as: ana, text: hi}", "`say` needs `in`."),
        ("say: {as: zoe, in: dm, text: hi}", "There is no teammate `zoe` in this workspace. There are: ana, bo, gus."),
        ('say: {as: ana, in: "#sales", text: hi}', "There is no channel `#sales` in this workspace. There are: #infra, #help, #legal."),
        ("join: {as: ana, in: dm}", "There is no channel `dm`"),
        ("say: {as: ana, in: dm, text: ''}", "A text is missing here."),
        ("say: {as: ana, as: bo, in: dm, text: hi}", "`say` has the key `as` twice."),
        ("replies: {count: some}", "This must be a whole number, 0 or more."),
        ("replies: {count: -1}", "This must be a whole number, 0 or more."),
        ("replies: {}", "`replies` needs `count`."),
        ("model: {delay: long}", "This must be a number of seconds, 0 or more."),
        ("finish: {wait: maybe}", "This must be `true` or `false`."),
        ("learned: {none: true, mentions: [x]}", "`none: true` cannot hold together with"),
        ("reply: [x]", "`reply` must be a mapping"),
        ("reply: {cites: zoe}", "There is no teammate `zoe`"),
        ("kill: redis", "Behind `kill` stands bot or worker."),
        ("wipe: bot", "Behind `wipe` stands redis."),
        ("command: {as: gus, in: dm, text: learnings}", "A command begins with a slash"),
        ("finish", "A step must be a mapping"),
        ("{finish: {}, reply: {}}", "A step has exactly one key; this one has finish, reply."),
    ],
)
def test_a_wrong_step_is_named_with_its_line(tmp_path: Path, step: str, problem: str) -> None:
    [found] = problems(tmp_path, f"{HEAD}{SAY}  - {step}\n{SAY}")
    assert found.startswith(f"{FIRST + 1}: {problem}")


@pytest.mark.parametrize("step", ["reply: {}", "edit: {text: x}", "delete: {}", "finish: {}", "react: {as: ana, emoji: brain}"])
def test_a_step_about_something_said_needs_something_said(tmp_path: Path, step: str) -> None:
    [found] = problems(tmp_path, f"{HEAD}  - {step}\n{SAY}")
    assert found.startswith(f"{FIRST}: `{step.partition(':')[0]}` needs a `say`")


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ("name: egress", "nome: egress", "1: A scenario has no key `nome`."),
        ("settings: {}", "settings: {MODEL_TIMOUT: 5}", "2: There is no setting MODEL_TIMOUT."),
        ("settings: {}", "settings: {MODEL_TIMEOUT: soon}", "2: MODEL_TIMEOUT: Input should be a valid number"),
        ("settings: {}", "settings: {SLACK_API_URL: 'http://x'}", "2: A play sets SLACK_API_URL itself"),
        ("gus: {guest: true}", "gus: {gast: true}", "4: `gus` has no key `gast`."),
        ("bo: {admin: true}", "bo: {admin: please}", "4: `admin` must be `true` or `false`."),
        ("members: [ana, bo]", "members: [ana, zoe]", "5: There is no teammate `zoe`"),
        ("members: [ana, bo]", "members: ana", "5: `members` must be a list"),
        ("  teammates:", "  mates:", "4: `workspace` has no key `mates`."),
        ("workspace:", "other:", "3: A scenario has no key `other`."),
        ("steps:", "- steps:", "6: This is not YAML"),
    ],
)
def test_what_is_wrong_above_the_steps_is_named_with_its_line(tmp_path: Path, right: str, wrong: str, problem: str) -> None:
    assert [p for p in problems(tmp_path, (HEAD + SAY).replace(right, wrong, 1)) if p.startswith(problem)]


def test_everything_wrong_is_named_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    found = problems(tmp_path, f"{HEAD}  - wat: {{}}\n{SAY}  - replay: {{}}\n")
    assert [p.partition(":")[0] for p in found] == [str(FIRST), str(FIRST + 2)]


@pytest.mark.parametrize(("text", "problem"), [("", "1: A scenario is a mapping"), ("- a", "1: A scenario is a mapping")])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    assert problems(tmp_path, text)[0].startswith(problem)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidScenario, match=r"none\.yaml:1: This file cannot be read"):
        read_scenario(tmp_path / "none.yaml")
