"""The state of one workspace: who and what there is, kept in the journal as it changes."""

import time
from dataclasses import asdict
from typing import Any

from .channels import Channel
from .delivery import Deliveries
from .faults import Faults
from .feed import Feed
from .ids import Clock, derived_id, free_id, random_id
from .journal import Journal, Json
from .messages import Messages
from .users import SLACKBOT, User
from .workspace import ChannelSpec, TeammateSpec, Workspace

CONTEXT_GOOD_FOR_SECONDS = 30 * 60  # as long as a response address works


class World:
    """Everything that the Web API, the events and the control API look at and change."""

    def __init__(self, workspace: Workspace, journal: Journal) -> None:
        self.name, self.domain, self.scopes = workspace.name, workspace.domain, list(workspace.scopes)
        self.team_id = derived_id("T", workspace.name)
        self.bot_name = workspace.bot
        self.bot_user, self.bot_id = derived_id("U", workspace.name, "bot", workspace.bot), derived_id("B", workspace.name, workspace.bot)
        self.app_id = derived_id("A", workspace.name, workspace.bot)
        self.url = ""
        self.journal, self.clock, self.feed = journal, Clock(), Feed()
        self.deliveries = Deliveries(journal, self.feed)
        self.messages, self.faults = Messages(journal), Faults()
        self.users = {each["id"]: User(**each) for each in journal.load("user")}
        self.channels = {each["id"]: Channel(**each) for each in journal.load("channel")}
        self.statuses: dict[tuple[str, str], str] = {}
        self.homes: dict[str, Json] = {each["user"]: each["view"] for each in journal.load("home")}
        self.modals: list[Json] = []
        self.contexts: dict[str, Json] = self._recent_contexts()
        self._settle(workspace)
        for message in journal.load("message") + journal.load("ephemeral"):
            self.clock.seen(message["ts"])

    def _settle(self, workspace: Workspace) -> None:
        if SLACKBOT not in self.users:
            self.keep_user(User(SLACKBOT, "slackbot", self.team_id, "Slackbot"))
        if self.bot_user not in self.users:
            name = workspace.bot
            self.keep_user(User(self.bot_user, name, self.team_id, name.capitalize(), bot=True, bot_id=self.bot_id))
        for name, teammate in workspace.teammates.items():
            if self.find_user(name) is None:
                self.add_user(name, teammate)
        for name, channel in workspace.channels.items():
            if self.find_channel(name) is None:
                self.add_channel(name, channel)

    def _recent_contexts(self) -> dict[str, Json]:
        contexts = {each["id"]: each for each in self.journal.load("context")}
        for key in [key for key, each in contexts.items() if time.time() - each["at"] > CONTEXT_GOOD_FOR_SECONDS]:
            del contexts[key]
            self.journal.drop("context", key)
        return contexts

    # -- users

    def add_user(self, name: str, spec: TeammateSpec) -> User:
        """Add a teammate as described."""
        team = self.other_team(spec.external) if spec.external else self.team_id
        user = User(free_id(self.users, "U", self.name, name), name, team)
        user.describe(spec)
        if user.bot:
            user.bot_id = derived_id("B", self.name, name)
        self.keep_user(user)
        return user

    def keep_user(self, user: User) -> None:
        """Keep the user as they are now."""
        user.updated = int(time.time())
        self.users[user.id] = user
        self.journal.put("user", user.id, asdict(user))
        self.feed.add("user", user=user.in_slack())

    def find_user(self, who: str) -> User | None:
        """Return the user of this id or name (`@` may stand before it)."""
        name = who.removeprefix("@").lower()
        return self.users.get(who) or next((user for user in self.users.values() if user.name.lower() == name), None)

    # -- channels

    def add_channel(self, name: str, spec: ChannelSpec) -> Channel:
        """Add a channel as described; Tacit is in it unless the description says otherwise."""
        kind = "group_dm" if spec.group_dm else "private" if spec.private else "channel"
        people = [user for user in self.users.values() if user.full and user.id != SLACKBOT]
        if spec.members is not None:
            people = [user for user in (self.find_user(each) for each in spec.members) if user]
        members = [user.id for user in people] + ([self.bot_user] if spec.tacit else [])
        teams = [user.team_id for user in people if user.external] + ([self.other_team(spec.shared)] if spec.shared else [])
        channel = Channel(free_id(self.channels, "C", self.name, name), name, kind, int(time.time()), members=list(dict.fromkeys(members)))
        channel.creator = channel.members[0] if channel.members else ""
        channel.shared, channel.archived, channel.topic = list(dict.fromkeys(teams)), spec.archived, spec.topic
        self.keep_channel(channel)
        return channel

    def direct(self, user: User) -> Channel:
        """Return the DM of this person with Tacit, opened on first use."""
        found = next((each for each in self.channels.values() if each.kind == "dm" and each.user == user.id), None)
        if found is None:
            found = Channel(free_id(self.channels, "D", self.name, user.name), "", "dm", int(time.time()), user=user.id)
            found.members = [user.id, self.bot_user]
            self.keep_channel(found)
        return found

    def keep_channel(self, channel: Channel) -> None:
        """Keep the channel as it is now."""
        self.channels[channel.id] = channel
        self.journal.put("channel", channel.id, asdict(channel))
        self.feed.add("channel", channel=self.shown_channel(channel))

    def find_channel(self, where: str) -> Channel | None:
        """Return the channel of this id or name (`#` may stand before it)."""
        name = where.removeprefix("#").lower()
        named = (each for each in self.channels.values() if each.kind != "dm" and each.name.lower() == name)
        return self.channels.get(where) or next(named, None)

    def shown_channel(self, channel: Channel) -> Json:
        """Return the channel as Slack shows it to the bot, with its kind, members and whether Tacit is in it."""
        shown = channel.in_slack(self.bot_user, self.team_id)
        tacit = self.bot_user in channel.members
        return shown | {"kind": channel.kind, "name": channel.name, "members": list(channel.members), "tacit": tacit}

    def bot_in(self, channel: Channel) -> bool:
        """Say whether Tacit is in the channel."""
        return self.bot_user in channel.members

    def other_team(self, name: str) -> str:
        """Return the id of another workspace by its name."""
        return derived_id("T", "other", name)

    def permalink(self, message: Json) -> str:
        """Return the message's address, on this program's own address so that its page can open it."""
        link = f"{self.url}/archives/{message['channel']}/p{message['ts'].replace('.', '')}"
        root = message.get("thread_ts")
        return f"{link}?thread_ts={root}&cid={message['channel']}" if root and root != message["ts"] else link

    # -- what an answer may refer to later

    def remember(self, prefix: str, **context: Any) -> str:
        """Keep what a trigger id or a response address stands for; return its id."""
        key = random_id(prefix)
        self.contexts[key] = {"id": key, "at": time.time(), "uses": 0, **context}
        self.journal.put("context", key, self.contexts[key])
        return key
