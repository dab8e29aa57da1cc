"""For tests of what each store does, from what somebody says to what the model reads for somebody else's question."""

from __future__ import annotations

import json
from typing import Any

from stores.insights import Insight
from tests.model_server import draft
from tests.together import Together

Json = dict[str, Any]


async def teach(t: Together, who: str, where: str, text: str, kind: str, *more: Json, sentence: str = "", **told: str) -> Json:
    """Somebody says something, and Tacit learns it as this kind, with what is `told` as its fields; and `more` drafts. The message."""
    fields = [{"name": name.replace("_", "-"), "value": value} for name, value in told.items()]
    own = draft(sentence or text, ["m1"], kind, fields=fields)
    t.model.drafts = lambda request: {"drafts": [own, *more]}
    said = await t.say(who, where, text if where == "dm" else f"@tacit {text}")
    await t.settled(said)
    await t.learn(said)
    return said


async def shown(t: Together, who: str, where: str, question: str, **more: Any) -> str:
    """What the model reads as learned, to answer this question."""
    t.model.requests.clear()
    said = await t.say(who, where, question if where == "dm" else f"@tacit {question}", **more)
    await t.settled(said)
    asked = next(r["messages"] for r in t.model.requests if json.dumps(question, ensure_ascii=False)[1:-1] in r["messages"][-1]["content"])
    return next(str(m["content"]) for m in asked if str(m["content"]).startswith("LEARNED\n"))


async def known(t: Together, kind: str) -> list[Insight]:
    """Everything of a kind that is in force, states included."""
    repository = (await t.inside.workspaces.parts(t.team)).repository
    return [c.insight for c in await repository.changed_since(0.0) if c.insight and c.insight.kind == kind]
