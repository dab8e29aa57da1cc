"""Teammates as Slack describes them, turned into `Person`."""

from __future__ import annotations

import hashlib

from bot.slack.calls import Json
from bot.slack.installations import Installation
from stores.audience import Person

SLACKBOT = "USLACKBOT"
LONGEST_TITLE = 100  # characters
UNKNOWN = frozenset({"user_not_found", "users_not_found", "user_not_visible"})
"""Answers of users.info that are definitive: this workspace does not know them."""

RIGHTS = "team_id deleted is_bot is_admin is_owner is_primary_owner is_restricted is_ultra_restricted is_stranger".split()  # noqa: SIM905 (shorter)


def person_of(user: Json, installation: Installation) -> Person:
    """A person from Slack's user object. Whoever is not plainly of this workspace is an outsider.

    https://docs.slack.dev/reference/objects/user-object
    """
    bot = bool(user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == SLACKBOT)
    outsider = not _belongs(user, installation) and user.get("id") != SLACKBOT
    admin = not outsider and any(user.get(key) for key in ("is_admin", "is_owner", "is_primary_owner"))
    title = str((user.get("profile") or {}).get("title") or "")[:LONGEST_TITLE]
    return Person(user["id"], name_of(user), outsider=outsider, admin=admin, bot=bot, title=title, time_zone=str(user.get("tz") or ""))


def stranger(teammate: str) -> Person:
    """Somebody whom the workspace does not know."""
    return Person(teammate, teammate, outsider=True)


def name_of(user: Json) -> str:
    """The name that Slack shows for them."""
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"), user.get("id"))
    return next((str(name) for name in names if name), "")


def rights_of(user: Json) -> str:
    """A digest of what decides their rights, and of nothing else: equal for two user objects that differ in name or status only."""
    enterprise = user.get("enterprise_user") or {}
    facts = [str(user.get(key) or "") for key in RIGHTS] + [
        str(enterprise.get("enterprise_id")),
        str(sorted(enterprise.get("teams") or [])),
    ]
    return hashlib.sha256("/".join(facts).encode()).hexdigest()[:16]


def _belongs(user: Json, installation: Installation) -> bool:
    """Whether this is a full member of the installation's workspace: no guest, nobody from elsewhere."""
    if user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger"):
        return False
    if user.get("team_id") == installation.workspace:
        return True
    # Enterprise Grid: `team_id` may be another workspace of the same organisation, or the organisation itself.
    enterprise = user.get("enterprise_user") or {}
    same = bool(installation.enterprise) and enterprise.get("enterprise_id") == installation.enterprise
    return same and installation.workspace in (enterprise.get("teams") or [])
