"""For whom Slack is called: each workspace's installation of the app, behind one port."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import SECONDS, SlackFailed, SlackRefused, ask, retry_handlers

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# slack_sdk writes what is sent and received to its log at DEBUG: never let it.
quiet = logging.getLogger("tacit.slack_sdk")
quiet.setLevel(logging.WARNING)


class NotInstalled(Exception):
    """Tacit cannot act in this workspace: Slack refuses its token, or there is none. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Installation:
    """The app as one workspace installed it. `client` calls Slack with its token, within `SECONDS` a call."""

    workspace: str  # the team id
    client: AsyncWebClient
    bot_user: str
    bot_id: str
    app_id: str  # "" when Slack does not say
    url: str
    enterprise: str = ""  # the id of the Enterprise organisation that the workspace belongs to


class Installations(Protocol):
    """Every workspace that installed the app. Both methods raise `NotInstalled`, or `SlackFailed` when Slack does not answer."""

    async def of(self, workspace: str) -> Installation: ...

    async def all(self) -> Sequence[Installation]: ...


class SingleInstallation:
    """One workspace, by one bot token. Slack is asked whose it is on first use, and again after a failure. Close it in the same loop."""

    def __init__(self, token: str, api_url: str) -> None:
        self._token, self._api_url = token, api_url
        self._session: aiohttp.ClientSession | None = None
        self._found: Installation | None = None
        self._lock = asyncio.Lock()

    async def of(self, workspace: str) -> Installation:
        """The installation, when it is this workspace's."""
        found = await self.only()
        if workspace != found.workspace:
            raise NotInstalled(f"SLACK_BOT_TOKEN is for workspace {found.workspace}, not for {workspace}. Install the app there too.")
        return found

    async def all(self) -> Sequence[Installation]:
        return (await self.only(),)

    async def only(self) -> Installation:
        """The one installation there is."""
        async with self._lock:
            self._found = self._found or await self._ask()
            return self._found

    async def close(self) -> None:
        """Close the connections. May be called twice."""
        if self._session:
            await self._session.close()

    async def _ask(self) -> Installation:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))
        client = web_client(self._token, self._api_url, self._session)
        try:
            who = await ask(client.auth_test())
        except SlackRefused as e:
            raise NotInstalled(
                f"Slack refuses SLACK_BOT_TOKEN ({e.error}). Take it from your app's OAuth & Permissions page, or reinstall the app there."
            ) from None
        bot_id = who.get("bot_id") or ""
        return Installation(
            workspace=who["team_id"],
            client=client,
            bot_user=who["user_id"],
            bot_id=bot_id,
            app_id=await _app_of(client, bot_id),
            url=who.get("url") or "",
            enterprise=who.get("enterprise_id") or "",
        )


def web_client(token: str, api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client with our own rules about repeated calls and the log. A proxy of the environment is used, but never for this machine."""
    client = AsyncWebClient(token, api_url, timeout=int(SECONDS), session=session, logger=quiet, retry_handlers=retry_handlers())
    if urlsplit(api_url).hostname in LOOPBACK:
        client.proxy = None
    return client


async def _app_of(client: AsyncWebClient, bot_id: str) -> str:
    """The app's id, which auth.test does not tell. Our messages carry our bot's id as well, so doing without is fine."""
    try:
        return (await ask(client.bots_info(bot=bot_id)))["bot"].get("app_id") or ""
    except (SlackFailed, SlackRefused, KeyError):
        return ""
