"""No store keeps another from learning, whatever it does with a finished conversation."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from stores.conversations import Conversation
from stores.insights import Draft
from stores.isolation import StoreFailed
from stores.store import Kit
from tests.stores.plugins import OWN, READERS, Bench, Plugin, async_items, fail, hang, opened
from tests.stores.town import evidence
from tests.together import together


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with opened() as made:
        yield made


def drafted(store: str, n: int) -> Draft:
    return Draft(
        f"{store}{n}", store, "fact", f"Draft {n} of {store}.", (evidence("PUBLIC", "ana", "public", 20.0 + n),), fields={"a": "b"}
    )


def conversation() -> Conversation:
    drafts = (drafted("team_knowledge", 1), drafted("plugin", 2))
    return Conversation("T1", "PUBLIC:1.0", "PUBLIC", "run", (), frozenset(), READERS, drafts)


def processes(what: Callable[[Kit, Conversation], Any]) -> type:
    """A plugin that learns so."""

    class Processes(Plugin):
        def process(self, conversation: Conversation) -> Any:
            return what(self.kit, conversation)

    return Processes


BAD_PROCESSES: dict[str, Callable[[Kit, Conversation], Any]] = {
    "raises": lambda kit, c: fail(ValueError("x")),
    "ends the process": lambda kit, c: fail(SystemExit(1)),
    "returns nothing": lambda kit, c: None,
    "returns a number": lambda kit, c: 7,
    "returns an async generator": lambda kit, c: async_items(),
    "never returns": lambda kit, c: hang(),
    "blocks": lambda kit, c: time.sleep(1),
}


@pytest.mark.parametrize("how", BAD_PROCESSES)
async def test_a_plugin_that_learns_badly_keeps_no_other_store_from_learning(how: str, bench: Bench) -> None:
    machine = bench.machine(processes(BAD_PROCESSES[how]), first=True)
    with pytest.raises(StoreFailed):
        await machine.process(conversation(), seconds=0.1)
    assert [i.sentence for i in await bench.repository.get(["team_knowledge1"])] == ["Draft 1 of team_knowledge."]


async def test_a_plugin_gets_its_own_drafts_alone(bench: Bench) -> None:
    def spoils(kit: Kit, conversation: Conversation) -> Any:
        for draft in conversation.drafts:
            draft.fields["a"] = "spoilt"  # type: ignore[index]
        return kit.keep(conversation.drafts)

    kept = await bench.machine(processes(spoils), first=True).process(conversation(), seconds=1)
    assert [(i.store, dict(i.fields)) for i in kept] == [("plugin", {"a": "spoilt"}), ("team_knowledge", {"a": "b"})]


async def test_what_a_plugin_returns_beside_insights_is_dropped(bench: Bench) -> None:
    assert await bench.machine(processes(lambda kit, c: [None, "x", OWN, 7])).process(conversation(), seconds=1) == [
        *await bench.repository.get(["team_knowledge1"]),
        OWN,
    ]


class Broken(Plugin):
    """A store that cannot learn, as a package may offer it."""

    name = "broken"

    async def process(self, conversation: Conversation) -> Any:
        raise ValueError("x")


async def test_a_store_that_never_learns_does_not_keep_a_conversation_from_being_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "site" / "broken-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[tacit.stores]\nbroken = tests.stores.test_machine_learning:Broken\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(about.parent))
    async with together(tmp_path, LEARNING_STORES="team_knowledge,broken") as t:
        first = await t.say("ana", "#infra", "@tacit We cut egress costs.")
        await t.reply(first)
        for _ in range(5):
            assert [i.sentence for i in await t.learn(first)] == ["We cut egress costs."]
        later = await t.say("ana", "#infra", "@tacit Releases go out on Tuesdays.", thread_ts=first["ts"])
        await t.reply(later)
        assert {i.sentence for i in await t.learn(later)} == {"We cut egress costs.", "Releases go out on Tuesdays."}
