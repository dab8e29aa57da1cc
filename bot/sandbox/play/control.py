"""The pretend Slack's control API, as the player uses it: what people do, and what can be seen."""

from __future__ import annotations

from typing import Any

import aiohttp

Json = dict[str, Any]


class Refused(Exception):
    """The pretend Slack would not do it; the text says why. `late`: it was done, but not acknowledged in time."""

    def __init__(self, text: str, *, late: bool = False) -> None:
        super().__init__(text)
        self.late = late


class Control:
    """A client of one pretend Slack. Close it with its session."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url, self._http = url, http
        self.bot: str = ""
        self._users: dict[str, str] = {}
        self._channels: dict[str, str] = {}

    async def act(self, path: str, **body: Any) -> Json:
        """Do something. Raises `Refused`."""
        async with self._http.post(f"{self._url}/control/{path}", json=body) as answer:
            return await self._read(answer)

    async def look(self, path: str, **query: Any) -> Json:
        """See something. Raises `Refused`."""
        async with self._http.get(f"{self._url}/control/{path}", params=query) as answer:
            return await self._read(answer)

    async def _read(self, answer: aiohttp.ClientResponse) -> Json:
        found: Json = await answer.json()
        if answer.status != 200:
            raise Refused(str(found.get("error") or answer.status), late=answer.status == 504)
        return found

    async def learn_names(self) -> None:
        """Ask who and what there is."""
        state = await self.look("state")
        self.bot = state["bot"]["user"]
        self._users = {user["id"]: user["name"] for user in state["users"]}
        self._channels = {each["id"]: _named(each, self._users) for each in state["channels"]}

    def user(self, name: str) -> str:
        """The id of a teammate."""
        return next((identity for identity, known in self._users.items() if known == name), name)

    def name(self, user: str) -> str:
        """The name of a user id; the id itself when it is unknown."""
        return self._users.get(user, user)

    async def place(self, channel: str) -> str:
        """How a person calls the channel of this id: "#infra" or "dm ana"."""
        if channel not in self._channels:
            await self.learn_names()
        return self._channels.get(channel, channel)

    async def is_dm_of(self, channel: str, user: str) -> bool:
        """Whether this is the DM of this teammate with Tacit."""
        return await self.place(channel) == f"dm {self.name(user)}"

    @property
    def names(self) -> dict[str, str]:
        """How people call a user ("ana") or a channel ("#infra"), by id."""
        return self._users | self._channels

    async def messages(self, channel: str = "") -> list[Json]:
        """What stands in a channel, or anywhere; ephemeral ones among it, oldest first."""
        query = {"channel": channel} if channel else {}
        return list((await self.look("messages", **query))["messages"])

    async def ours(self) -> list[Json]:
        """Everything by Tacit that stands anywhere, oldest first."""
        return [each for each in await self.messages() if each["user"] == self.bot]


def _named(channel: Json, users: dict[str, str]) -> str:
    if channel.get("is_im") or channel.get("kind") == "dm":
        return f"dm {users.get(str(channel.get('user')), '')}".strip()
    return f"#{channel['name']}"
