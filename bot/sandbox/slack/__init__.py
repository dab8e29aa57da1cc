"""A pretend Slack on loopback. README.md describes it; nothing here imports the product."""

from .api import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Tokens
from .server import SandboxSlack
from .workspace import ChannelSpec, TeammateSpec, Workspace

__all__ = ["APP_TOKEN", "BOT_TOKEN", "SIGNING_SECRET", "ChannelSpec", "SandboxSlack", "TeammateSpec", "Tokens", "Workspace"]
