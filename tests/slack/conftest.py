"""A workspace on the pretend Slack, and our side of it: an installation, an empty database, a directory whose clock a test can move."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.slack.changes import Changes
from bot.slack.directory import SlackDirectory
from bot.slack.installations import Installation, SingleInstallation
from bot.slack.posting import SlackPosts
from bot.slack.thread import SlackThreads
from stores.documents import Documents
from stores.sqlite.documents import open_sqlite
from tests.sandbox.pretend_slack import BOT_TOKEN, Listener, Pretend, pretend, until

TEAM: dict[str, Any] = {
    "teammates": {"ana": {}, "bo": {"admin": True}, "gus": {"guest": True}, "eve": {"external": "Partner"}, "jenkins": {"bot": True}},
    "channels": {
        "infra": {"members": ["ana", "bo"]},
        "help": {"members": ["bo", "gus"]},
        "builds": {"members": ["ana", "jenkins"]},
        "legal": {"private": True, "members": ["ana", "bo"]},
        "bridge": {"members": ["ana", "eve"]},
        "trio": {"group_dm": True, "members": ["ana", "bo"]},
        "loud": {"members": ["ana", "bo"], "tacit": False},
        "vault": {"private": True, "members": ["ana"], "tacit": False},
        "cellar": {"private": True, "members": ["ana"], "archived": True},
    },
}


@dataclass
class Clock:
    """A clock that a test sets forward."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Team:
    """Everything that a test of bot/slack uses."""

    slack: Pretend
    installation: Installation
    documents: Documents
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.directory, self.posts = self.another_directory(), SlackPosts(self.installation)
        self.changes, self.threads = Changes(self.directory), SlackThreads(self.installation, self.directory)

    def another_directory(self) -> SlackDirectory:
        """A second process's directory: a cache of its own, the same database."""
        return SlackDirectory(self.installation, self.documents, clock=self.clock)

    async def calls(self, method: str) -> int:
        """How often Slack was asked this."""
        return len((await self.slack.look("calls", method=method))["calls"])

    async def heard(self, act: Callable[[], Awaitable[dict[str, Any]]]) -> list[dict[str, Any]]:
        """The events that an act causes, taken in by our side over Socket Mode."""
        async with Listener(self.slack) as ears:
            caused = (await act())["events"]
            await until(lambda: {request.payload.get("event_id") for request in ears.got} >= set(caused))
            for event in ears.events:
                await self.changes.on_event(event)
            return ears.events

    def id(self, name: str) -> str:
        """The id of a teammate, or of a channel (`#infra`)."""
        return self.slack.channel(name[1:]) if name.startswith("#") else self.slack.user(name)


@pytest.fixture
async def documents() -> AsyncIterator[Documents]:
    database = await open_sqlite(":memory:")
    yield database.workspace("T1")
    await database.close()


@pytest.fixture
async def team(documents: Documents) -> AsyncIterator[Team]:
    async with pretend(TEAM) as slack:
        single = SingleInstallation(BOT_TOKEN, slack.slack.api_url)
        yield Team(slack, await single.only(), documents)
        await single.close()
