"""Who is who and who is where, as the audience rule gets to know it."""

import asyncio

import pytest

from bot.slack import directory as module
from bot.slack.people import person_of, rights_of
from stores.audience import LookupFailed, Person, Place
from tests.slack.conftest import Team


async def test_people_are_told_apart(team: Team) -> None:
    who = {name: await team.directory.person(team.id(name)) for name in ("ana", "bo", "gus", "eve", "jenkins")}
    assert who["ana"] == Person(team.id("ana"), "ana", time_zone="Europe/London")
    assert who["bo"].admin
    assert [name for name, person in who.items() if person.outsider] == ["gus", "eve"]
    assert [name for name, person in who.items() if person.bot] == ["jenkins"]
    assert await team.directory.person("USLACKBOT") == Person("USLACKBOT", "Slackbot", bot=True)


async def test_somebody_whom_slack_does_not_know_is_an_outsider(team: Team) -> None:
    assert (await team.directory.person("U0")).outsider


async def test_places_are_told_apart(team: Team) -> None:
    rooms = {name: (await team.directory.place(team.id(name))).room for name in ("#infra", "#legal", "#trio", "#loud")}
    assert rooms == {"#infra": "public", "#legal": "private", "#trio": "private", "#loud": "public"}
    assert await team.directory.place(team.id("#infra")) == Place(team.id("#infra"), "public", "infra")
    assert (await team.directory.place(team.id("#bridge"))).shared


async def test_a_dm_needs_no_call(team: Team) -> None:
    assert await team.directory.place("D123") == Place("D123", "dm")
    assert await team.calls("conversations.info") == 0


async def test_a_place_that_tacit_is_not_in_is_private_and_that_is_an_answer(team: Team) -> None:
    for place in (team.id("#vault"), "C0GONE"):
        found = await team.directory.place(place)
        assert (found.room, found.name) == ("private", "")
        await team.directory.place(place)
    assert await team.calls("conversations.info") == 2


@pytest.mark.parametrize("fault", [{"status": 503}, {"error": "missing_scope"}, {"error": "ratelimited"}, {"error": "invalid_auth"}])
async def test_what_slack_does_not_say_is_a_failed_lookup_and_is_asked_again(team: Team, fault: dict[str, object]) -> None:
    asked = {
        "users.info": lambda: team.directory.person(team.id("ana")),
        "conversations.info": lambda: team.directory.place(team.id("#infra")),
        "users.conversations": lambda: team.directory.rooms_of(team.id("ana")),
        "conversations.members": lambda: team.directory.has_outsiders(team.id("#infra")),
        "conversations.open": lambda: team.directory.dm_of(team.id("ana")),
    }
    for method, look in asked.items():
        await team.slack.act("fail", method=method, **fault)
        with pytest.raises(LookupFailed):
            await look()
        await look()


async def test_rooms_are_those_where_both_are(team: Team) -> None:
    assert await team.directory.rooms_of(team.id("ana")) == {team.id("#legal"), team.id("#trio"), team.id("#cellar")}
    assert await team.directory.rooms_of(team.id("gus")) == frozenset()
    assert await team.directory.rooms_of("U0") == frozenset()


async def test_rooms_are_read_page_after_page(team: Team) -> None:
    names = [f"room{number}" for number in range(205)]
    for name in names:
        await team.slack.act("channel", name=name, private=True, members=["bo"])
    assert len(await team.directory.rooms_of(team.id("bo"))) == 205 + 2


async def test_a_guest_or_another_organisation_in_a_place_counts_and_a_bot_does_not(team: Team) -> None:
    found = {name: await team.directory.has_outsiders(team.id(name)) for name in ("#infra", "#help", "#bridge", "#builds", "#legal")}
    assert found == {"#infra": False, "#help": True, "#bridge": True, "#builds": False, "#legal": False}
    assert await team.directory.has_outsiders(team.id("#vault"))


async def test_an_app_of_elsewhere_reads_for_no_organisation(team: Team) -> None:
    team.slack.slack.world.users[team.id("jenkins")].team_id = "T0APPS"
    assert (await team.directory.person(team.id("jenkins"))).outsider
    assert not await team.directory.has_outsiders(team.id("#builds"))


async def test_many_members_are_looked_up_in_the_list_of_all(team: Team) -> None:
    names = [f"n{number}" for number in range(module.FEW + 5)]
    for name in names:
        await team.slack.act("teammate", name=name)
    await team.slack.act("channel", name="crowd", members=names)
    assert not await team.directory.has_outsiders(team.id("#crowd"))
    assert (await team.calls("users.list"), await team.calls("users.info")) == (1, 0)
    await team.slack.act("join", as_="gus", in_="#crowd")
    team.directory.outsiders.forget()
    assert await team.directory.has_outsiders(team.id("#crowd"))
    assert await team.calls("users.info") == 0  # The list has told of gus as well.


@pytest.mark.parametrize(("missing", "members"), [("users.list", module.FEW + 5), ("users.info", 3)])
async def test_one_way_of_looking_people_up_stands_in_for_the_other(team: Team, missing: str, members: int) -> None:
    names = [f"n{number}" for number in range(members)]
    for name in names:
        await team.slack.act("teammate", name=name)
    await team.slack.act("channel", name="crowd", members=[*names, "gus"])
    await team.slack.act("fail", method=missing, error="unknown_method", times=members + 1)
    assert await team.directory.has_outsiders(team.id("#crowd"))


async def test_a_dm_is_opened_once(team: Team) -> None:
    first = await team.directory.dm_of(team.id("ana"))
    assert first.startswith("D")
    assert await team.directory.dm_of(team.id("ana")) == first
    assert await team.calls("conversations.open") == 1


async def test_answers_are_kept_for_minutes(team: Team) -> None:
    ana = team.id("ana")
    await asyncio.gather(*(team.directory.person(ana) for _ in range(10)))
    assert await team.calls("users.info") == 1
    team.clock.seconds += module.MINUTES * 60 + 1
    await team.directory.person(ana)
    assert await team.calls("users.info") == 2


def test_in_an_enterprise_only_full_members_of_this_workspace_belong(team: Team) -> None:
    from dataclasses import replace

    grid = replace(team.installation, enterprise="E1")
    here, elsewhere = {"enterprise_id": "E1", "teams": [grid.workspace, "T2"]}, {"enterprise_id": "E1", "teams": ["T2"]}
    assert not person_of({"id": "U1", "team_id": "T2", "enterprise_user": here}, grid).outsider
    assert not person_of({"id": "U1", "team_id": None, "enterprise_user": here}, grid).outsider
    assert person_of({"id": "U1", "team_id": "T2", "enterprise_user": elsewhere}, grid).outsider
    assert person_of({"id": "U1", "team_id": "T2", "enterprise_user": here | {"enterprise_id": "E2"}}, grid).outsider
    assert person_of({"id": "U1", "team_id": "T2", "enterprise_user": here}, team.installation).outsider
    assert person_of({"id": "U1", "team_id": None}, team.installation).outsider
    assert not person_of({"id": "U1", "team_id": "T2", "is_admin": True}, team.installation).admin


def test_rights_are_the_same_for_another_name_and_status() -> None:
    user = {"id": "U1", "team_id": "T1", "profile": {"status_text": "lunch"}, "name": "ana"}
    assert rights_of(user) == rights_of(user | {"name": "anna", "profile": {}, "updated": 5, "is_restricted": False})
    assert rights_of(user) != rights_of(user | {"is_restricted": True})
