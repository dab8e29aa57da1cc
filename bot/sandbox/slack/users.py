"""Users, as the pretend Slack keeps them and as Slack shows them."""

from dataclasses import dataclass
from typing import Any

from .workspace import TeammateSpec

SLACKBOT = "USLACKBOT"


@dataclass
class User:
    """A person or a bot."""

    id: str
    name: str
    team_id: str
    real_name: str = ""
    admin: bool = False
    owner: bool = False
    guest: str = ""  # "", "multi" or "single"
    external: bool = False
    bot: bool = False
    deleted: bool = False
    tz: str = "Europe/London"
    locale: str = "en-US"
    bot_id: str = ""
    updated: int = 0

    @property
    def full(self) -> bool:
        """Say whether this is a person of this very workspace and no guest."""
        return not (self.guest or self.external or self.bot or self.deleted)

    def describe(self, spec: TeammateSpec) -> None:
        """Take on what the description says."""
        self.admin, self.owner, self.deleted, self.bot = spec.admin or spec.owner, spec.owner, spec.deleted, spec.bot
        self.guest = "single" if spec.guest == "single" else "multi" if spec.guest else ""
        self.external = bool(spec.external)
        self.tz, self.locale = spec.tz, spec.locale
        self.real_name = spec.real_name or self.name.capitalize()

    def in_slack(self) -> dict[str, Any]:
        """Return the user object of users.info (https://docs.slack.dev/reference/objects/user-object)."""
        shown: dict[str, Any] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "real_name": self.real_name,
            "tz": self.tz,
            "locale": self.locale,
            "profile": self._profile(),
            "is_admin": self.admin,
            "is_owner": self.owner,
            "is_primary_owner": False,
            "is_restricted": bool(self.guest),
            "is_ultra_restricted": self.guest == "single",
            "is_bot": self.bot,
            "is_app_user": False,
            "is_email_confirmed": not self.bot,
            "updated": self.updated,
        }
        # Slack shows is_stranger for people of other workspaces alone.
        return shown | ({"is_stranger": False} if self.external else {})

    def _profile(self) -> dict[str, Any]:
        profile = {"real_name": self.real_name, "display_name": self.name, "real_name_normalized": self.real_name}
        profile |= {"display_name_normalized": self.name, "team": self.team_id}
        return profile | ({"bot_id": self.bot_id, "api_app_id": ""} if self.bot_id else {})
