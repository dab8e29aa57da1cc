"""Reading a control request: people, places and messages by the names that people use."""

import json
from typing import Any

from aiohttp import web

from .channels import Channel
from .errors import ControlError
from .journal import Json
from .text import typed
from .users import User
from .world import World


class Wish:
    """The body of a control request; each reader raises ControlError that names what is wrong."""

    def __init__(self, world: World, body: Json) -> None:
        self.world, self.body = world, body

    @classmethod
    async def read(cls, world: World, request: web.Request) -> "Wish":
        """Read the JSON body; none is an empty one."""
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            raise ControlError("The body is not JSON.") from None
        if not isinstance(body, dict):
            raise ControlError("The body must be a JSON object.")
        return cls(world, body)

    def only(self, *names: str) -> None:
        """Refuse keys that are not among these (besides `wait` and `timeout`)."""
        unknown = sorted(set(self.body) - {*names, "wait", "timeout"})
        if unknown:
            raise ControlError(f"Unknown key: {', '.join(unknown)}. Known are: {', '.join(names)}, wait, timeout.")

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default it is required."""
        value = self.body.get(name)
        if value is None:
            if default is None:
                raise ControlError(f"`{name}` is missing.")
            return default
        return str(value)

    def number(self, name: str, default: float) -> float:
        """Return a number."""
        value = self.body.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ControlError(f"`{name}` must be a number.")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a yes or no."""
        value = self.body.get(name, default)
        if not isinstance(value, bool):
            raise ControlError(f"`{name}` must be true or false.")
        return value

    def user(self, name: str = "as", default: str | None = None) -> User:
        """Return the person named."""
        who = self.text(name, default)
        user = self.world.find_user(who)
        if user is None:
            raise ControlError(f"There is no teammate {who!r}.", 404)
        return user

    def channel(self, name: str = "in") -> Channel:
        """Return the place named; `dm` is the DM of `as` with Tacit."""
        where = self.text(name)
        if where == "dm":
            return self.world.direct(self.user())
        channel = self.world.find_channel(where)
        if channel is None:
            raise ControlError(f"There is no channel {where!r}.", 404)
        return channel

    def message(self, channel: Channel, *, ephemeral: bool = False) -> Json:
        """Return the message of `ts`."""
        ts = self.text("ts")
        message = self.world.messages.get(channel.id, ts) or (self.world.messages.get_ephemeral(channel.id, ts) if ephemeral else None)
        if message is None or message.get("subtype") == "tombstone":
            raise ControlError(f"There is no message {ts} in {channel.name or channel.id}.", 404)
        return message

    def typed(self, name: str = "text") -> str:
        """Return what somebody typed, in Slack's form."""
        users = {user.name.lower(): user.id for user in self.world.users.values()}
        channels = {each.name.lower(): each.id for each in self.world.channels.values() if each.kind in ("channel", "private")}
        return typed(self.text(name), users, channels)

    def mapping(self, name: str) -> Json:
        """Return a mapping, {} where it is missing."""
        value = self.body.get(name) or {}
        if not isinstance(value, dict):
            raise ControlError(f"`{name}` must be an object.")
        return value

    def list(self, name: str) -> list[Any]:
        """Return a list, [] where it is missing."""
        value = self.body.get(name) or []
        if not isinstance(value, list):
            raise ControlError(f"`{name}` must be a list.")
        return value
