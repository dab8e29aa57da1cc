"""What the app must be allowed to do in Slack. deploy/slack-manifest.yaml asks for exactly this (a test compares them)."""

from __future__ import annotations

NEEDED = {
    "app_mentions:read": "to hear when somebody mentions Tacit",
    "assistant:write": "to be an agent in Slack",
    "channels:history": "to read the threads that it takes part in, in public channels",
    "channels:read": "to know how a channel stands and who is in it",
    "chat:write": "to reply, and to show that it is thinking",
    "commands": "for /learnings",
    "groups:history": "to read the threads that it takes part in, in private channels",
    "groups:read": "to know who is in a private channel, and so who may see what was taught there",
    "im:history": "to read its DMs",
    "im:read": "to know its DMs",
    "im:write": "to open a DM",
    "mpim:history": "to read the threads that it takes part in, in group DMs",
    "mpim:read": "to know who is in a group DM",
    "reactions:read": "to see the reactions that ask it to learn, agree or say that it is wrong",
    "reactions:write": "to mark what it learned from",
    "team:read": "to know the workspace",
    "users:read": "to know names, guests and admins",
}
"""Each scope of the bot token, and what it is for."""
APP_LEVEL = "connections:write"
"""The scope of the app-level token, for Socket Mode."""


def missing(granted: str) -> list[str]:
    """The needed scopes that are not in the `x-oauth-scopes` header of an answer of Slack."""
    has = {scope.strip() for scope in granted.split(",")}
    return [scope for scope in NEEDED if scope not in has]
