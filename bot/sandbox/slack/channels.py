"""Channels, private channels, group DMs and DMs."""

from dataclasses import dataclass, field
from typing import Any

# What Slack calls each kind in an event's channel_type, and in the first word of a scope.
CHANNEL_TYPES = {"channel": "channel", "private": "group", "group_dm": "mpim", "dm": "im"}
SCOPE_WORDS = {"channel": "channels", "private": "groups", "group_dm": "mpim", "dm": "im"}
# What the `types` argument of conversations.list calls it.
LIST_TYPES = {"channel": "public_channel", "private": "private_channel", "group_dm": "mpim", "dm": "im"}


@dataclass
class Channel:
    """A place where people write; `user` is the person of a DM."""

    id: str
    name: str
    kind: str  # channel, private, group_dm or dm
    created: int
    creator: str = ""
    members: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)  # ids of the other workspaces
    archived: bool = False
    topic: str = ""
    user: str = ""

    @property
    def type(self) -> str:
        """Slack's channel_type."""
        return CHANNEL_TYPES[self.kind]

    def in_slack(self, viewer: str, team_id: str) -> dict[str, Any]:
        """Return the conversation object as `viewer` is shown it (https://docs.slack.dev/reference/objects/conversation-object)."""
        shared = bool(self.shared)
        shown: dict[str, Any] = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.archived,
            "is_channel": self.kind in ("channel", "private"),
            "is_group": self.kind == "private",
            "is_im": self.kind == "dm",
            "is_mpim": self.kind == "group_dm",
            "is_private": self.kind != "channel",
            "is_org_shared": False,
            "is_ext_shared": shared,
            "is_shared": shared,
            "is_pending_ext_shared": False,
            "context_team_id": team_id,
            "updated": self.created * 1000,
        }
        if self.kind == "dm":
            return shown | {"user": self.user, "is_open": True, "is_user_deleted": False}
        return shown | self._named(viewer, team_id)

    def _named(self, viewer: str, team_id: str) -> dict[str, Any]:
        return {
            "name": self.name,
            "name_normalized": self.name,
            "is_general": self.name == "general",
            "is_member": viewer in self.members,
            "creator": self.creator,
            "topic": {"value": self.topic, "creator": self.creator if self.topic else "", "last_set": self.created if self.topic else 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "shared_team_ids": [team_id, *self.shared],
            "connected_team_ids": list(self.shared),
            "previous_names": [],
        }
