"""Reading YAML with its line numbers: each value comes from a node that knows where it stands; problems are collected, not raised."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a file, and the line it stands on (the first is 1)."""

    line: int
    text: str


@dataclass
class Reading:
    """One file being read: who and what its workspace has, and the problems found so far."""

    problems: list[Problem] = field(default_factory=list)
    teammates: Collection[str] = ()
    channels: Collection[str] = ()
    bot: str = "tacit"

    def wrong(self, node: yaml.Node, text: str) -> None:
        """Note a problem where this node begins."""
        self.problems.append(Problem(line_of(node), text))

    def mapping(self, node: yaml.Node, what: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """The keys of a mapping with their nodes. Nothing in its place counts as empty; a key that stands twice is a problem."""
        if is_null(node):
            return {}
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{what} must be a mapping, as in `{{key: value}}`.")
            return {}
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if not name or name in found:
                self.wrong(key, f"{what} has the key `{name}` twice." if name else f"{what} has a key that is not a word.")
                continue
            found[name] = (key, value)
        return found

    def known(self, found: dict[str, tuple[yaml.Node, yaml.Node]], keys: Collection[str], what: str) -> None:
        """Note each key that is none of `keys`."""
        for name, (key, _) in found.items():
            if name not in keys:
                self.wrong(key, f"{what} has no key `{name}`. Known are: {', '.join(keys) or 'none'}.")


def line_of(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def is_null(node: yaml.Node) -> bool:
    return bool(node.tag == f"{_TAG}null")


def plain(node: yaml.Node) -> Any:
    """The value of a node as YAML reads it. Raises yaml.YAMLError."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def scalar(node: yaml.Node) -> str | None:
    """What stands there, letter for letter; None for a list, a mapping or nothing."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) and not is_null(node) else None


def is_a(node: yaml.Node, *kinds: str) -> bool:
    """Whether YAML reads the node as one of these: "int", "float", "bool", "str", …"""
    return node.tag in [_TAG + kind for kind in kinds]
