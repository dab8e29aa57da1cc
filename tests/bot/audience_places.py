"""A workspace with every kind of place, and what tests of the audience rule do in it."""

from __future__ import annotations

import re
from typing import Any

from stores.insights import Insight
from tests.together import Together

Json = dict[str, Any]

PLACES: Json = {
    "teammates": {
        "ana": {},
        "bo": {"admin": True},
        "cy": {},
        "gus": {"guest": True},
        "eve": {"external": "Partner"},
    },
    "channels": {
        "infra": {"members": ["ana", "bo", "cy"]},
        "random": {"members": ["ana", "bo", "cy"]},
        "help": {"members": ["bo", "gus"]},
        "bridge": {"members": ["ana", "eve"]},
        "legal": {"private": True, "members": ["ana", "bo"]},
        "board": {"private": True, "members": ["ana", "bo", "cy"]},
        "trio": {"group_dm": True, "members": ["ana", "bo"]},
    },
}
QUOTED = re.compile(r'^> \[(i\d+)\].*?: "(.*?)"', re.MULTILINE)


def cites_all(request: Json) -> str:
    """A model that repeats and cites every insight that it is shown."""
    shown = QUOTED.findall(request["messages"][1]["content"])
    return "\n".join(f"{sentence} [{handle}]" for handle, sentence in shown) or "I know nothing about that."


async def teach(t: Together, who: str, where: str, text: str) -> Insight:
    """Somebody teaches something somewhere, and it is learned."""
    known = {i.id for i in await t.insights()}
    asked = await t.say(who, where, f"@tacit {text}")
    await t.reply(asked)
    [new] = [i for i in await t.learn(asked) if i.id not in known]
    return new


async def ask(t: Together, who: str, where: str, text: str = "What about egress?", **more: Any) -> tuple[str, str]:
    """Somebody asks; the reply as they read it, and all that the model was given for it."""
    t.model.reply = cites_all
    before = len(t.model.requests)
    asked = await t.say(who, where, text if where == "dm" else f"@tacit {text}", **more)
    reply = await t.reply(asked)
    return read(reply), "\n".join(m["content"] or "" for r in t.model.requests[before:] for m in r["messages"])


def read(message: Json) -> str:
    """Everything that a message of ours shows."""
    return f"{message['text']}\n{message.get('blocks') or ''}"


async def listed(t: Together, who: str, words: str = "") -> str:
    """What `/learnings` shows to somebody."""
    return read(await t.command(who, "#random" if who != "gus" else "#help", f"/learnings {words}".strip()))


async def acknowledged(t: Together, what: str, **body: Any) -> None:
    """Something happens in Slack, and the bot has acknowledged all its events."""
    events = (await t.control(what, **body))["events"]
    assert events
    await t.control("wait", ids=events)


async def forget_lookups(t: Together) -> None:
    """Have the bot ask Slack again for everything."""
    await t.documents.update("places", {"_id": "revision"}, {"$inc": {"n": 100}}, upsert=True)
