"""Who may see what: the table of cases, and what else `stores.audience` promises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stores.audience import Readers, View, audience_of, look, readers_of
from stores.insights import Insight, Taught
from stores.testing import Town
from tests.stores.town import Known, evidence, insight

# How to read a row. Everything is taught in HERE, whose history is the first column: capitals say when it was taught, the last word how
# HERE stands now. Ana, Bo and Cy are full members of the workspace, Gus is a guest, Eve is external; Ana and Bo are in HERE unless a row
# says otherwise. A reply is read "there" (in HERE), in another public or private channel, in another group DM, in a public channel with a
# guest ("guests") or with another organisation ("shared"), in the asker's DM, or as the answer to a slash command ("slash"). "ana?": it is
# hers alone and was not confirmed yet.
TABLE = """
HERE'S HISTORY            | TAUGHT BY | READ IN | ASKED BY | AND                           | SEEN
PUBLIC                    | ana       | there   | bo       |                               | yes
PUBLIC                    | ana       | public  | cy       |                               | yes
PUBLIC                    | ana       | private | bo       |                               | yes
PUBLIC                    | ana       | group   | bo       |                               | yes
PUBLIC                    | ana       | dm      | cy       |                               | yes
PUBLIC                    | ana       | slash   | cy       |                               | yes
PUBLIC                    | ana       | dm      | ana      | ana left                      | yes
PUBLIC                    | ana       | public  | cy       | tacit left                    | yes
PUBLIC                    | ana       | guests  | bo       |                               | no
PUBLIC                    | ana       | shared  | bo       |                               | no
PUBLIC                    | ana       | dm      | gus      |                               | no
PUBLIC                    | ana       | slash   | gus      | gus is there                  | no
PUBLIC                    | ana       | public  | gus      |                               | no
PUBLIC                    | ana       | dm      | eve      | eve is there                  | no
PUBLIC                    | ana       | there   | gus      | gus is there                  | yes
PUBLIC                    | ana       | there   | bo       | gus is there                  | yes
PUBLIC                    | ana       | public  | bo       | gus is there                  | yes
PUBLIC                    | ana       | there   | bo       | shared                        | yes
PUBLIC                    | ana       | dm      | cy       | shared                        | yes
PUBLIC                    | ana       | there   | eve      | shared, eve is there          | yes
PUBLIC private            | ana       | there   | bo       |                               | yes
PUBLIC private            | ana       | there   | bo       | gus is there                  | yes
PUBLIC private            | ana       | public  | cy       |                               | no
PUBLIC private            | ana       | private | bo       |                               | no
PUBLIC private            | ana       | dm      | bo       |                               | yes
PUBLIC private            | ana       | dm      | cy       |                               | no
PUBLIC private            | ana       | slash   | bo       |                               | yes
PUBLIC private            | ana       | slash   | cy       |                               | no
PUBLIC private            | ana       | dm      | cy       | cy joined                     | yes
PUBLIC private            | ana       | dm      | ana      | ana left                      | no
PUBLIC private public     | ana       | there   | bo       |                               | no
PUBLIC private public     | ana       | public  | cy       |                               | no
PUBLIC private public     | ana       | dm      | ana      |                               | no
PUBLIC private public priv| ana       | dm      | bo       |                               | yes
PUBLIC private public priv| ana       | public  | cy       |                               | no
private PUBLIC            | ana       | public  | cy       |                               | yes
private PUBLIC            | ana       | there   | bo       |                               | yes
private PUBLIC private    | ana       | public  | cy       |                               | no
PRIVATE                   | ana       | there   | bo       |                               | yes
PRIVATE                   | ana       | there   | bo       | gus is there                  | yes
PRIVATE                   | ana       | there   | gus      | gus is there                  | yes
PRIVATE                   | ana       | public  | bo       |                               | no
PRIVATE                   | ana       | private | bo       |                               | no
PRIVATE                   | ana       | group   | bo       |                               | no
PRIVATE                   | ana       | guests  | bo       |                               | no
PRIVATE                   | ana       | dm      | bo       |                               | yes
PRIVATE                   | ana       | slash   | bo       |                               | yes
PRIVATE                   | ana       | dm      | cy       |                               | no
PRIVATE                   | ana       | slash   | cy       |                               | no
PRIVATE                   | ana       | dm      | cy       | cy joined                     | yes
PRIVATE                   | ana       | dm      | bo       | bo left                       | no
PRIVATE                   | ana       | slash   | bo       | bo left                       | no
PRIVATE                   | ana       | dm      | ana      | ana left                      | no
PRIVATE                   | ana       | dm      | bo       | tacit left                    | no
PRIVATE                   | ana       | dm      | gus      | gus is there                  | no
PRIVATE                   | ana       | slash   | gus      | gus is there                  | no
PRIVATE                   | ana       | dm      | bo       | gus is there                  | yes
PRIVATE                   | ana       | dm      | bo       | shared                        | yes
PRIVATE public            | ana       | there   | bo       |                               | no
PRIVATE public            | ana       | public  | cy       |                               | no
PRIVATE public            | ana       | dm      | ana      |                               | no
PRIVATE public private    | ana       | there   | bo       |                               | yes
PRIVATE public private    | ana       | dm      | bo       |                               | yes
PRIVATE public private    | ana       | dm      | cy       |                               | no
GROUP                     | ana       | there   | bo       |                               | yes
GROUP                     | ana       | dm      | bo       |                               | yes
GROUP                     | ana       | public  | bo       |                               | no
GROUP                     | ana       | group   | bo       |                               | no
GROUP                     | ana       | dm      | cy       |                               | no
GROUP                     | ana       | there   | bo       | gus is there                  | yes
GROUP                     | gus       | dm      | bo       | gus is there                  | no
DM                        | ana       | dm      | ana      |                               | yes
DM                        | ana       | slash   | ana      |                               | yes
DM                        | ana       | dm      | bo       |                               | no
DM                        | ana       | slash   | bo       |                               | no
DM                        | ana       | public  | ana      |                               | no
DM                        | ana       | private | ana      |                               | no
DM                        | ana       | group   | ana      |                               | no
DM                        | gus       | dm      | gus      |                               | yes
DM                        | gus       | slash   | gus      |                               | yes
DM                        | gus       | guests  | gus      |                               | no
DM                        | gus       | dm      | bo       |                               | no
PUBLIC                    | gus       | there   | bo       | gus is there                  | yes
PUBLIC                    | gus       | there   | gus      | gus is there                  | yes
PUBLIC                    | gus       | there   | bo       | gus was there                 | yes
PUBLIC                    | gus       | public  | bo       | gus is there                  | no
PUBLIC                    | gus       | dm      | gus      | gus is there                  | no
PUBLIC                    | gus       | dm      | bo       | gus is there                  | no
PUBLIC                    | gus       | guests  | gus      | gus is there                  | no
PUBLIC                    | eve       | there   | bo       | shared, eve is there          | yes
PUBLIC                    | eve       | shared  | bo       | shared, eve is there          | no
PUBLIC private            | gus       | there   | bo       | gus is there                  | yes
PUBLIC private            | gus       | dm      | bo       | gus is there                  | no
PUBLIC private public     | gus       | there   | bo       | gus is there                  | no
PRIVATE                   | gus       | there   | bo       | gus is there                  | yes
PRIVATE                   | gus       | dm      | bo       | gus is there                  | no
PRIVATE public            | gus       | there   | bo       | gus is there                  | no
PUBLIC                    | ana       | public  | bo       | place HERE fails              | no, missing
PUBLIC                    | gus       | there   | bo       | place HERE fails              | no, missing
PUBLIC                    | ana       | public  | bo       | place PUBLIC fails            | no, missing
PUBLIC                    | ana       | public  | bo       | person bo fails               | no, missing
PUBLIC                    | ana       | public  | bo       | members PUBLIC fails          | no, missing
PUBLIC                    | ana       | there   | bo       | person bo fails               | yes, missing
PUBLIC                    | ana       | there   | bo       | members HERE fails            | yes, missing
PUBLIC                    | ana       | dm      | bo       | rooms bo fails                | yes, missing
PUBLIC                    | ana       | slash   | bo       | rooms bo fails                | yes, missing
PUBLIC                    | ana       | dm      | bo       | person bo fails               | no, missing
PUBLIC                    | ana       | slash   | bo       | person bo fails               | no, missing
PRIVATE                   | ana       | there   | bo       | members HERE fails            | yes, missing
PRIVATE                   | ana       | there   | bo       | person bo fails               | yes, missing
PRIVATE                   | ana       | there   | bo       | place HERE fails              | no, missing
PRIVATE                   | ana       | dm      | bo       | rooms bo fails                | no, missing
PRIVATE                   | ana       | slash   | bo       | rooms bo fails                | no, missing
PRIVATE                   | ana       | dm      | bo       | place HERE fails              | no, missing
DM                        | ana       | dm      | ana      | rooms ana fails               | yes, missing
DM                        | ana       | dm      | ana      | person ana fails              | yes, missing
DM                        | gus       | dm      | gus      | person gus fails              | yes, missing
PUBLIC                    | ana?      | there   | bo       |                               | yes
PUBLIC                    | ana?      | there   | bo       | gus is there                  | yes
PUBLIC                    | ana?      | there   | gus      | gus is there                  | yes
PUBLIC                    | ana?      | public  | bo       |                               | no
PUBLIC                    | ana?      | public  | ana      |                               | no
PUBLIC                    | ana?      | private | bo       |                               | no
PUBLIC                    | ana?      | group   | bo       |                               | no
PUBLIC                    | ana?      | guests  | bo       |                               | no
PUBLIC                    | ana?      | dm      | bo       |                               | no
PUBLIC                    | ana?      | slash   | bo       |                               | no
PUBLIC                    | ana?      | dm      | ana      |                               | yes
PUBLIC                    | ana?      | slash   | ana      |                               | yes
PUBLIC                    | ana?      | dm      | ana      | ana left                      | yes
PUBLIC                    | ana?      | dm      | ana      | place HERE fails              | no, missing
PUBLIC                    | ana?      | dm      | ana      | person ana fails              | no, missing
PUBLIC                    | ana?      | slash   | bo       | gus is there                  | no
PUBLIC private public     | ana?      | dm      | ana      |                               | no
PUBLIC private            | ana?      | there   | bo       |                               | yes
PUBLIC private            | ana?      | dm      | bo       |                               | no
PUBLIC private            | ana?      | public  | cy       |                               | no
PUBLIC private public     | ana?      | there   | bo       |                               | no
private PUBLIC            | ana?      | there   | bo       |                               | yes
PUBLIC                    | ana?      | there   | bo       | place HERE fails              | no, missing
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()[1:]]
ROOMS = {"public": "public", "private": "private", "priv": "private", "group": "private", "dm": "dm"}


def test_the_table_is_long_enough() -> None:
    assert len(ROWS) >= 100


@pytest.mark.parametrize("row", ROWS, ids=[" ".join(" ".join(row).split()) for row in ROWS])
async def test_who_may_see_what(row: list[str]) -> None:
    history, said_by, where, asker, more, seen = row
    teacher = said_by.rstrip("?")
    town, taught_at = _town(history, teacher)
    _happens(town, more)
    here = f"D{teacher}" if history == "DM" else "HERE"
    taught = "guest" if teacher in ("gus", "eve") and history != "DM" else _taught(history)
    taught = "unconfirmed" if said_by.endswith("?") else taught
    one = insight("one", evidence(here, teacher, taught, taught_at))
    view = await look([one], await _readers(town, where, asker), town, Known(one))
    assert ("yes" if view.insights else "no") + (", missing" if view.missing else "") == seen
    assert set(view.withheld) == ({"one"} if not view.insights else set())


def _town(history: str, teacher: str) -> tuple[Town, float]:
    """The workspace as it stands now, and when the capitals of this history were said."""
    town, taught_at = Town(), 5.0
    first, *later = history.split()
    town.build("HERE", ROOMS[first.lower()], "ana", "bo", *({teacher} - {"gus", "eve"}))  # type: ignore[arg-type]
    town.turn("HERE", town.places["HERE"].room, 1.0)
    for stage, word in enumerate(later, 1):
        town.turn("HERE", ROOMS[word.lower()], 10.0 * stage)  # type: ignore[arg-type]
        taught_at = 10.0 * stage + 5.0 if word.isupper() else taught_at
    town.build("PUBLIC", "public", "ana", "bo", "cy")
    town.build("PRIVATE", "private", "ana", "bo")
    town.build("GROUP", "private", "ana", "bo")
    town.build("GUESTS", "public", "bo", "gus")
    town.build("SHARED", "public", "bo", shared=True)
    return town, taught_at


def _taught(history: str) -> Taught:
    then = next(word for word in history.split() if word.isupper()).lower()
    return ROOMS[then]  # type: ignore[return-value]


def _happens(town: Town, more: str) -> None:
    for what in filter(None, more.split(", ")):
        who, _, did = what.partition(" ")
        if did in ("joined", "is there"):
            town.members["HERE"].add(who)
        elif what == "tacit left":
            town.without_tacit.add("HERE")
        elif did == "left":
            town.members["HERE"].remove(who)
        elif what == "shared":
            town.places["HERE"] = replace(town.places["HERE"], shared=True)
        elif what.endswith(" fails"):
            town.fails.add(what.removesuffix(" fails"))
        else:
            assert did == "was there", what


async def _readers(town: Town, where: str, asker: str) -> Readers:
    if where in ("dm", "slash"):
        return await readers_of(town, f"D{asker}", asker, alone=where == "slash")
    return await readers_of(town, "HERE" if where == "there" else where.upper(), asker)


EVERYONE = Readers("bo", "PUBLIC", "public")
IN_LEGAL = Readers("bo", "LEGAL", "private")


def town_with_legal() -> Town:
    town = Town()
    town.build("PUBLIC", "public", "ana", "bo", "cy")
    town.build("OTHER", "public", "ana", "bo", "cy")
    town.build("LEGAL", "private", "ana", "bo")
    return town


async def seen(readers: Readers, *insights: Insight, town: Town | None = None) -> View:
    return await look(insights, readers, town or town_with_legal(), Known(*insights))


async def test_what_nobody_said_and_what_comes_from_elsewhere_is_shown_to_nobody() -> None:
    unsaid, foreign = insight("unsaid"), insight("foreign", source="https://wiki.example/a")
    for readers in (EVERYONE, IN_LEGAL, Readers("ana", "Dana", "dm", rooms=frozenset({"LEGAL"}))):
        assert (await seen(readers, unsaid, foreign)).insights == ()


async def test_evidence_that_contradicts_its_place_is_shown_to_nobody() -> None:
    """Such as a plugin may write: a DM is never public, whatever its evidence says."""
    lies = [insight("a", evidence("Dana", "ana", "public")), insight("b", evidence("Dana", "ana", "private"))]
    assert (await seen(EVERYONE, *lies)).insights == ()
    assert (await seen(Readers("ana", "Dana", "dm"), *lies)).insights == ()
    assert audience_of(evidence("Dana", "ana", "guest"), await Town().place("Dana")) == "nobody"


async def test_a_citation_holds_only_what_the_reader_may_see() -> None:
    both = insight("both", evidence("PUBLIC", "cy", "public"), evidence("LEGAL", "ana", "private", 11.0), evidence("Dbo", "bo", "dm", 12.0))
    assert [e.place for e in (await seen(EVERYONE, both)).insights[0].evidence] == ["PUBLIC"]
    assert [e.place for e in (await seen(IN_LEGAL, both)).insights[0].evidence] == ["PUBLIC", "LEGAL"]
    assert [e.place for e in (await seen(Readers("bo", "Dbo", "dm"), both)).insights[0].evidence] == ["PUBLIC", "Dbo"]
    assert [e.place for e in (await seen(replace(IN_LEGAL, closed=True), both)).insights[0].evidence] == ["LEGAL"]


async def test_what_is_about_somebody_is_shown_to_them_alone() -> None:
    preference = insight("p", evidence("PUBLIC", "ana", "public"), about="ana")
    assert (await seen(EVERYONE, preference)).withheld == {"p": "it is about another teammate"}
    assert (await seen(Readers("ana", "PUBLIC", "public"), preference)).insights
    assert (await seen(Readers("ana", "Dana", "dm"), preference)).insights
    assert not (await seen(Readers("ana", "HELP", "public", closed=True), preference)).insights


async def test_something_newer_hides_the_older_from_those_who_may_see_it() -> None:
    older = insight("older", evidence("PUBLIC", "ana", "public"), superseded_by=("newer",))
    newer = insight("newer", evidence("LEGAL", "ana", "private", 20.0))
    assert [i.id for i in (await seen(EVERYONE, older, newer)).insights] == ["older"]
    found = await seen(IN_LEGAL, older, newer)
    assert [i.id for i in found.insights] == ["newer"]
    assert found.withheld == {"older": "superseded by something newer"}
    in_dm = await readers_of(town_with_legal(), "Dbo", "bo")
    assert [i.id for i in (await seen(in_dm, older, newer)).insights] == ["newer"]


async def test_the_older_stands_again_when_the_newer_is_forgotten() -> None:
    older = insight("older", evidence("PUBLIC", "ana", "public"), superseded_by=("gone",))
    assert (await seen(EVERYONE, older)).insights


async def test_the_older_stands_again_for_whoever_cannot_see_the_newer_any_more() -> None:
    older = insight("older", evidence("OTHER", "ana", "public"), superseded_by=("newer",))
    newer = insight("newer", evidence("PUBLIC", "ana", "public", 20.0))
    town = town_with_legal()
    assert [i.id for i in (await seen(Readers("cy", "OTHER", "public"), older, newer, town=town)).insights] == ["newer"]
    town.turn("PUBLIC", "private", 30.0)
    assert [i.id for i in (await seen(Readers("cy", "OTHER", "public"), older, newer, town=town)).insights] == ["older"]


async def test_what_is_about_somebody_else_hides_nothing() -> None:
    older = insight("older", evidence("PUBLIC", "ana", "public"), superseded_by=("newer",))
    newer = insight("newer", evidence("PUBLIC", "cy", "public", 20.0), about="cy")
    assert [i.id for i in (await seen(EVERYONE, older, newer)).insights] == ["older"]
    assert [i.id for i in (await seen(Readers("cy", "PUBLIC", "public"), older, newer)).insights] == ["newer"]


async def test_a_newer_one_whose_place_cannot_be_looked_up_hides_nothing_and_something_is_missing() -> None:
    older = insight("older", evidence("OTHER", "ana", "public"), superseded_by=("newer",))
    newer = insight("newer", evidence("PUBLIC", "ana", "public", 20.0))
    town = town_with_legal()
    town.fails.add("place PUBLIC")
    found = await seen(Readers("bo", "OTHER", "public"), older, newer, town=town)
    assert ([i.id for i in found.insights], found.missing) == (["older"], True)


async def test_an_error_of_another_kind_is_not_taken_for_an_answer() -> None:
    class Broken(Town):
        async def place(self, place: str) -> None:  # type: ignore[override]
            raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError):
        await seen(EVERYONE, insight("one", evidence("PUBLIC", "ana", "public")), town=Broken())
