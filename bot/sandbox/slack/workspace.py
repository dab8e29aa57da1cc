"""The description of a workspace: who is in it and which channels it has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

MANIFEST_SCOPES = (
    *("app_mentions:read", "assistant:write", "chat:write", "commands", "channels:history", "channels:read", "groups:history"),
    *("groups:read", "im:history", "im:read", "im:write", "mpim:history", "mpim:read", "reactions:read", "reactions:write"),
    *("users:read", "team:read"),
)


@dataclass(frozen=True)
class TeammateSpec:
    """One person as described: who they are to this workspace."""

    admin: bool = False
    owner: bool = False
    guest: bool | str = False  # True, or "single" for a single-channel guest
    external: str = ""  # the other workspace's name
    bot: bool = False
    deleted: bool = False
    tz: str = "Europe/London"
    locale: str = "en-US"
    real_name: str = ""


@dataclass(frozen=True)
class ChannelSpec:
    """One channel as described; `members=None` means every full teammate."""

    private: bool = False
    group_dm: bool = False
    members: tuple[str, ...] | None = None
    shared: str = ""  # the other workspace's name
    tacit: bool = True
    archived: bool = False
    topic: str = ""


@dataclass(frozen=True)
class Workspace:
    """A whole workspace as described."""

    name: str = "Acme"
    domain: str = "acme"
    bot: str = "tacit"
    teammates: Mapping[str, TeammateSpec] = field(default_factory=dict)
    channels: Mapping[str, ChannelSpec] = field(default_factory=dict)
    scopes: tuple[str, ...] = MANIFEST_SCOPES

    @classmethod
    def parse(cls, description: Mapping[str, Any]) -> "Workspace":
        """Read a description (README.md shows one). Raises ValueError that names the key it does not understand."""
        _known(description, cls, "the workspace")
        plain = {key: description[key] for key in ("name", "domain", "bot") if key in description}
        if "scopes" in description:
            plain["scopes"] = tuple(description["scopes"])
        teammates = {name: teammate_spec(name, spec) for name, spec in (description.get("teammates") or {}).items()}
        channels = {name: channel_spec(name, spec, teammates) for name, spec in (description.get("channels") or {}).items()}
        return cls(**plain, teammates=teammates, channels=channels)

    @classmethod
    def load(cls, path: Path) -> "Workspace":
        """Read a YAML or JSON file (JSON is YAML). Raises ValueError for what is not a description, OSError for what cannot be read."""
        import yaml  # The sandbox's extra, needed for files alone.

        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"{path}: a workspace is a mapping with `teammates` and `channels`.")
        return cls.parse(content)


def teammate_spec(name: str, spec: Mapping[str, Any] | None) -> TeammateSpec:
    """Read one teammate; ValueError names an unknown key."""
    _known(spec or {}, TeammateSpec, f"teammate {name!r}")
    return TeammateSpec(**(spec or {}))


def channel_spec(name: str, spec: Mapping[str, Any] | None, known: Iterable[str]) -> ChannelSpec:
    """Read one channel whose members are among `known`; ValueError names what is unknown."""
    given = dict(spec or {})
    _known(given, ChannelSpec, f"channel {name!r}")
    if given.get("members") is not None:
        given["members"] = tuple(given["members"])
        strangers = set(given["members"]) - set(known)
        if strangers:
            raise ValueError(f"channel {name!r}: no such teammate: {', '.join(sorted(strangers))}. Name them under `teammates`.")
    return ChannelSpec(**given)


def _known(given: Mapping[str, Any], kind: type[TeammateSpec] | type[ChannelSpec] | type[Workspace], where: str) -> None:
    keys = [each.name for each in fields(kind)]
    unknown = [str(key) for key in given if key not in keys]
    if unknown:
        raise ValueError(f"{where}: unknown key {', '.join(unknown)}. Known are {', '.join(keys)}.")
