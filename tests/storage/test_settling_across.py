"""What becomes of two statements that were made in different places: who sees which, also once the message behind one is deleted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from stores.audience import look, readers_of
from stores.documents import Database
from stores.insights import Insight
from stores.loading import load_stores
from stores.machine import LearningMachine
from stores.model import Said
from stores.settling import settle
from stores.testing import Rig

PLACES = {
    "open": "office",
    "legal": "legal",
    "dm": "D-ana",
    "help": "help",
    "own": "office",
    "own_dm": "D-ana",
}  # own: a preference of Ana's
OLDER, NEWER = "The letters go out at eight.", "The letters go out at nine."

# Who looks, in this order: Bo in #office, Bo in the private #legal, Ana in #office, Ana in her DM, Bo in his. What they see: the older
# statement (o), the newer (n), both (b), none (-). Then the same after the message behind the newer was deleted, or that behind the older.
TABLE = """
older   newer    verdict      sees   -newer  -older
open    open     same         ooooo  ooooo   ooooo
open    open     refines      nnnnn  ooooo   nnnnn
open    open     contradicts  nnnnn  ooooo   nnnnn
open    legal    same         ooooo  ooooo   -----
open    legal    refines      obobb  ooooo   -n-nn
open    legal    contradicts  ononn  ooooo   -n-nn
open    dm       same         ooooo  ooooo   -----
open    dm       refines      ooobo  ooooo   ---n-
open    dm       contradicts  ooono  ooooo   ---n-
legal   open     same         nbnbb  -o-oo   nnnnn
legal   open     refines      nbnbb  -o-oo   nnnnn
legal   open     contradicts  nnnnn  -o-oo   nnnnn
legal   legal    same         -o-oo  -o-oo   -o-oo
legal   legal    refines      -n-nn  -o-oo   -n-nn
legal   legal    contradicts  -n-nn  -o-oo   -n-nn
legal   dm       same         -o-oo  -o-oo   -----
legal   dm       refines      -o-bo  -o-oo   ---n-
legal   dm       contradicts  -o-no  -o-oo   ---n-
dm      open     same         nnnbn  ---o-   nnnnn
dm      open     contradicts  nnnnn  ---o-   nnnnn
dm      legal    same         -n-bn  ---o-   -n-nn
dm      legal    contradicts  -n-nn  ---o-   -n-nn
dm      dm       same         ---o-  ---o-   ---o-
dm      dm       refines      ---n-  ---o-   ---n-
dm      dm       contradicts  ---n-  ---o-   ---n-
own     own      same         --oo-  --oo-   --oo-
own     own      contradicts  --nn-  --oo-   --nn-
own     own_dm   same         --oo-  --oo-   -----
own     own_dm   refines      --ob-  --oo-   ---n-
own     own_dm   contradicts  --on-  --oo-   ---n-
own_dm  own      contradicts  --nn-  ---o-   --nn-
own     open     same         nnbbn  --oo-   nnnnn
own     open     contradicts  nnbbn  --oo-   nnnnn
open    own      same         oobbo  ooooo   --nn-
open    own      contradicts  oobbo  ooooo   --nn-
"""
CASES = [tuple(line.split()) for line in TABLE.strip().splitlines()[1:]]
READERS = [("bo", "office"), ("bo", "legal"), ("ana", "office"), ("ana", "D-ana"), ("bo", "D-bo")]


class Judge:
    """A model that gives each draft one verdict about all that is known."""

    def __init__(self, verdict: str) -> None:
        self._verdict = verdict

    async def extract(self, prompt: Sequence[Said], shape: Any, *, wrong: Any = None) -> Any:
        body = json.loads(prompt[-1].content)
        known = [k["id"] for k in body["known"]]
        return shape.model_validate({"verdicts": [{"draft": d["id"], "verdict": self._verdict, "of": known} for d in body["drafts"]]}), None


class Street:
    """A workspace in which things are said, and learned as the product learns them."""

    def __init__(self, database: Database, workspace: str) -> None:
        self.rig = Rig(database, workspace)
        self.rig.town.build("legal", "private", "ana", "bo")
        rig, names = self.rig, ["user_memory", "team_knowledge", "instructions"]
        stores = load_stores(names, workspace, rig.repository, rig.town, rig.model, rig.finder)
        self.machine = LearningMachine(stores, self.rig.repository, self.rig.town, self.rig.finder)

    async def says(self, where: str, sentence: str, verdict: str, *, who: str = "ana") -> str:
        """Somebody says it there. The message's id."""
        conversation = await self.rig.conversation(f"{who}: {sentence}", place=PLACES[where])
        owned = self.machine.kinds["preference" if where.startswith("own") else "fact"]
        draft = self.rig.draft(conversation, owned.store, owned.kind, sentence)
        model: Any = Judge(verdict)
        known = await self.machine.known.resembling([draft], conversation)
        beside = await self.machine.known.beside([draft], conversation)
        settled = await settle([draft], known, model, beside=beside)
        await self.machine.process(replace(conversation, drafts=tuple(settled)), seconds=5)
        return conversation.messages[0].id

    async def sees(self) -> str:
        return "".join([await self._seen_by(*reader) for reader in READERS])

    async def _seen_by(self, who: str, where: str) -> str:
        readers = await readers_of(self.rig.town, where, who)
        view = await look(await self.rig.insights(), readers, self.rig.town, self.rig.repository)
        return _letter(view.insights)


def _letter(seen: Sequence[Insight]) -> str:
    sentences = {i.sentence for i in seen}
    return "b" if sentences == {OLDER, NEWER} else "o" if sentences == {OLDER} else "n" if sentences == {NEWER} else "-"


@pytest.mark.parametrize(("older", "newer", "verdict", "sees", "without_newer", "without_older"), CASES)
async def test_settling(
    database: Database, older: str, newer: str, verdict: str, sees: str, without_newer: str, without_older: str
) -> None:
    for gone, expected in (("", sees), ("newer", without_newer), ("older", without_older)):
        street = Street(database, f"without-{gone}")
        messages = {"older": await street.says(older, OLDER, "new"), "newer": await street.says(newer, NEWER, verdict)}
        if gone:
            await street.rig.repository.set_forgotten([messages[gone]], True)
            await street.rig.repository.withdraw_all(messages[gone])
        assert await street.sees() == expected, f"without {gone}"


async def test_what_a_guest_said_is_kept_for_everybody_once_a_teammate_says_it_too(database: Database) -> None:
    street = Street(database, "W")
    await street.says("help", OLDER, "new", who="gus")
    assert await street.sees() == "-----"
    await street.says("help", NEWER, "same", who="bo")
    assert await street.sees() == "nnnnn"


async def test_what_a_teammate_said_is_known_to_the_guest_who_says_it_too(database: Database) -> None:
    street = Street(database, "W")
    await street.says("help", OLDER, "new", who="bo")
    await street.says("help", NEWER, "same", who="gus")
    assert await street.sees() == "ooooo"
