"""Named services, vendors, customers and systems: facts, events and relations, each with its date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stores import Conversation, Draft, Insight, Kind, Kit, Question, named, quote

FIELDS = ("name", "aliases", "as-of")


class Entities:
    """Recalls what is known of whatever the question names, by its name or an alias; then what fits otherwise."""

    name = "entities"
    kinds = (
        Kind(
            "service",
            "a fact, event or relation of a named service or tool in use, but no rule or limit for the team; that it has "
            "another name is a fact too; `aliases` by commas; `as-of`: its date",
            FIELDS,
        ),
        Kind("vendor", "the same of a named vendor, supplier or partner", FIELDS),
        Kind("customer", "the same of a named customer or client", FIELDS),
        Kind("system", "the same of a named system, machine or site of the team's own", FIELDS),
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        found = await self._kit.search(question, limit=16)
        called = [i for i in found if any(named(question, name) for name in _names(i))]
        return list({i.id: i for i in [*called, *found[:8]]}.values())

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        """A name or an alias that the sentence does not hold finds it too."""
        return await self._kit.keep([replace(d, things=(*_names(d), *d.things)) for d in conversation.drafts])

    def build_context(self, insights: Sequence[Insight]) -> str:
        return "\n".join(map(quote, insights))


def _names(one: Insight | Draft) -> list[str]:
    names = [one.fields.get("name", ""), *one.fields.get("aliases", "").split(",")]
    return [name.strip() for name in names if name.strip()]
