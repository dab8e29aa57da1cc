"""Scenario files: from YAML to a scenario, or to every problem with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from bot.sandbox.play.forms import FORMS, Form
from bot.sandbox.play.reading import Problem, Reading, is_a, is_null, line_of, plain, scalar
from bot.sandbox.slack import ChannelSpec, TeammateSpec, Workspace
from bot.settings import Settings, WrongSettings, load_settings

KEYS = ("name", "settings", "workspace", "steps")
WIRED = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_API_URL",
    "BOT_HOST",
    "BOT_PORT",
    "MONGODB_URL",
    "SQLITE_PATH",
)
SETTINGS = tuple(name.upper() for name in Settings.model_fields if name.upper() not in (*WIRED, "REDIS_URL"))


@dataclass(frozen=True)
class Step:
    """One step. `word` is what stands behind a step like `kill: bot`; `values` the keys of any other."""

    kind: str
    line: int
    values: Mapping[str, Any]
    word: str = ""


@dataclass(frozen=True)
class Scenario:
    """A whole file, known to be well-formed."""

    path: Path
    name: str
    settings: Mapping[str, str]
    workspace: Workspace
    steps: tuple[Step, ...]


class InvalidScenario(Exception):
    """A file that is no scenario. The text has a line for each problem, as FILE:LINE: what is wrong."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{path}:{problem.line}: {problem.text}" for problem in sorted(set(problems))))


def read_scenario(path: Path) -> Scenario:
    """Read a file. Raises `InvalidScenario` with everything that is wrong in it."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as e:
        raise InvalidScenario(path, [Problem(1, f"This file cannot be read: {e}.")]) from None
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None) or getattr(e, "context_mark", None)
        raise InvalidScenario(path, [Problem(mark.line + 1 if mark else 1, f"This is not YAML: {getattr(e, 'problem', e)}.")]) from None
    if not isinstance(root, yaml.MappingNode):
        raise InvalidScenario(path, [Problem(1, f"A scenario is a mapping with the keys {', '.join(KEYS)}.")])
    reading = Reading()
    scenario = _scenario(reading, path, root)
    if reading.problems:
        raise InvalidScenario(path, reading.problems)
    return scenario


def _scenario(reading: Reading, path: Path, root: yaml.MappingNode) -> Scenario:
    parts = reading.mapping(root, "A scenario")
    reading.known(parts, KEYS, "A scenario")
    for key in ("workspace", "steps"):
        if key not in parts or is_null(parts[key][1]):
            reading.wrong(parts[key][0] if key in parts else root, f"The scenario has no `{key}`.")
    name = (scalar(parts["name"][1]) if "name" in parts else None) or path.stem
    settings = _settings(reading, parts["settings"][1]) if "settings" in parts else {}
    workspace = _workspace(reading, parts["workspace"][1]) if "workspace" in parts else Workspace()
    steps = _steps(reading, parts["steps"][1]) if "steps" in parts else ()
    return Scenario(path, name, settings, workspace, steps)


def _settings(reading: Reading, node: yaml.Node) -> dict[str, str]:
    found = reading.mapping(node, "`settings`")
    values: dict[str, str] = {}
    for name, (key, value) in found.items():
        if name.upper() in (*WIRED, "REDIS_URL"):
            reading.wrong(key, f"A play sets {name.upper()} itself: take it out.")
        elif name.upper() not in SETTINGS:
            reading.wrong(key, f"There is no setting {name}. Known are: {', '.join(SETTINGS)}.")
        elif scalar(value) is None and not is_null(value):
            reading.wrong(value, f"{name} must be a plain value.")
        else:
            values[name.upper()] = scalar(value) or ""
            _check_setting(reading, value, name.upper(), values[name.upper()])
    return values


def _check_setting(reading: Reading, node: yaml.Node, name: str, value: str) -> None:
    try:
        load_settings({name: value})
    except WrongSettings as wrong:
        reading.wrong(node, str(wrong))


def _workspace(reading: Reading, node: yaml.Node) -> Workspace:
    found = reading.mapping(node, "`workspace`")
    reading.known(found, [each.name for each in fields(Workspace)], "`workspace`")
    before = len(reading.problems)
    if "bot" in found:
        reading.bot = scalar(found["bot"][1]) or reading.bot
    reading.teammates = _described(reading, found, "teammates", TeammateSpec)
    reading.channels = _described(reading, found, "channels", ChannelSpec)
    if not reading.teammates and len(reading.problems) == before:
        reading.wrong(node, "The workspace has no teammates.")
    if len(reading.problems) == before:
        try:
            return Workspace.parse(plain(node))
        except (ValueError, TypeError, AttributeError) as e:
            reading.wrong(node, str(e))
    return Workspace()


def _described(
    reading: Reading, found: Mapping[str, tuple[yaml.Node, yaml.Node]], what: str, spec: type[TeammateSpec] | type[ChannelSpec]
) -> list[str]:
    """The names under `teammates` or `channels`, with each description checked against its dataclass."""
    if what not in found:
        return []
    each = reading.mapping(found[what][1], f"`{what}`")
    types = {one.name: one.type for one in fields(spec)}
    for name, (_, description) in each.items():
        keys = reading.mapping(description, f"`{name}`")
        reading.known(keys, tuple(types), f"`{name}`")
        for key, (_, value) in keys.items():
            _check_value(reading, key, value, types.get(key))
    return list(each)


def _check_value(reading: Reading, key: str, node: yaml.Node, wanted: object) -> None:
    if wanted is bool and not is_a(node, "bool"):
        reading.wrong(node, f"`{key}` must be `true` or `false`.")
    elif wanted is str and scalar(node) is None:
        reading.wrong(node, f"`{key}` must be a text.")
    elif key == "members" and not is_null(node):
        if not isinstance(node, yaml.SequenceNode):
            reading.wrong(node, "`members` must be a list of teammates.")
        else:
            for item in node.value:
                if scalar(item) not in reading.teammates:
                    reading.wrong(item, f"There is no teammate `{scalar(item)}` in this workspace.")


def _steps(reading: Reading, node: yaml.Node) -> tuple[Step, ...]:
    if not isinstance(node, yaml.SequenceNode):
        reading.wrong(node, "`steps` must be a list.")
        return ()
    steps: list[Step] = []
    for item in node.value:
        step = _step(reading, item, {each.kind for each in steps})
        if step:
            steps.append(step)
    return tuple(steps)


def _step(reading: Reading, node: yaml.Node, before: set[str]) -> Step | None:
    """One step; None, with a problem noted, when it cannot be one."""
    found = reading.mapping(node, "A step")
    if len(found) != 1:
        if isinstance(node, yaml.MappingNode):
            reading.wrong(node, f"A step has exactly one key; this one has {', '.join(found) or 'none'}.")
        return None
    [(kind, (key, value))] = found.items()
    form = FORMS.get(kind)
    if form is None:
        reading.wrong(key, f"There is no step `{kind}`. Known are: {', '.join(FORMS)}.")
        return None
    if form.after and not before & set(form.after):
        reading.wrong(key, f"`{kind}` needs a {' or a '.join(f'`{each}`' for each in form.after)} before it.")
    return _worded(reading, kind, key, value, form) if form.words else _keyed(reading, kind, key, value, form, before)


def _worded(reading: Reading, kind: str, key: yaml.Node, value: yaml.Node, form: Form) -> Step:
    word = scalar(value) or ""
    if word not in form.words:
        reading.wrong(value, f"Behind `{kind}` stands {' or '.join(form.words)}.")
    return Step(kind, line_of(key), {}, word)


def _keyed(reading: Reading, kind: str, key: yaml.Node, value: yaml.Node, form: Form, before: set[str]) -> Step:
    found = reading.mapping(value, f"`{kind}`")
    reading.known(found, tuple(form.keys), f"`{kind}`")
    for missing in [name for name in form.needs if name not in found]:
        reading.wrong(key, f"`{kind}` needs `{missing}`.")
    values = {name: form.keys[name](reading, node) for name, (_, node) in found.items() if name in form.keys}
    if values.get("in") == "thread" and "say" not in before:
        reading.wrong(found["in"][1], "`in: thread` needs a `say` before it.")
    if values.get("none") and ("mentions" in values or "from" in values or values.get("count")):
        reading.wrong(key, "`none: true` cannot hold together with `mentions`, `from` or `count`.")
    return Step(kind, line_of(key), values)
