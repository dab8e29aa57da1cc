"""When an event was taken in, no answer from before it is given any more: here at once, in other processes after `refresh`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from stores.documents import Documents, Unavailable
from tests.slack.conftest import Team

Act = Callable[[Team], Awaitable[dict[str, Any]]]


async def test_leaving_and_joining_change_somebody_s_rooms_at_once(team: Team) -> None:
    ana, legal = team.id("ana"), team.id("#legal")
    assert legal in await team.directory.rooms_of(ana)
    await team.heard(lambda: team.slack.act("leave", as_="ana", in_="#legal"))
    assert legal not in await team.directory.rooms_of(ana)
    await team.heard(lambda: team.slack.act("join", as_="ana", in_="#legal"))
    assert legal in await team.directory.rooms_of(ana)


async def test_when_tacit_leaves_a_room_it_is_nobody_s_any_more(team: Team) -> None:
    assert team.id("#legal") in await team.directory.rooms_of(team.id("ana"))
    await team.heard(lambda: team.slack.act("leave", as_="tacit", in_="#legal"))
    assert team.id("#legal") not in await team.directory.rooms_of(team.id("ana"))


async def test_a_guest_who_joins_is_noticed_at_once(team: Team) -> None:
    assert not await team.directory.has_outsiders(team.id("#infra"))
    await team.heard(lambda: team.slack.act("join", as_="gus", in_="#infra"))
    assert await team.directory.has_outsiders(team.id("#infra"))
    await team.heard(lambda: team.slack.act("leave", as_="gus", in_="#infra"))
    assert not await team.directory.has_outsiders(team.id("#infra"))


async def test_a_channel_that_is_shared_is_noticed_at_once(team: Team) -> None:
    assert not await team.directory.has_outsiders(team.id("#infra"))
    await team.heard(lambda: team.slack.act("share", in_="#infra", team="Partner"))
    assert await team.directory.has_outsiders(team.id("#infra"))


async def test_somebody_who_becomes_a_guest_is_one_at_once_wherever_they_are(team: Team) -> None:
    assert not await team.directory.has_outsiders(team.id("#infra"))
    await team.heard(lambda: team.slack.act("teammate", name="ana", guest=True))
    assert (await team.directory.person(team.id("ana"))).outsider
    assert await team.directory.has_outsiders(team.id("#infra"))


async def test_a_new_name_of_a_channel_is_noticed_at_once(team: Team) -> None:
    await team.directory.place(team.id("#infra"))
    infra = team.id("#infra")
    await team.heard(lambda: team.slack.act("rename", in_="#infra", name="platform"))
    assert (await team.directory.place(infra)).name == "platform"


async def test_a_deleted_channel_is_gone_at_once(team: Team) -> None:
    infra = team.id("#infra")
    await team.directory.place(infra)
    await team.heard(lambda: team.slack.act("remove", in_="#infra"))
    assert (await team.directory.place(infra)).room == "private"


async def test_another_process_forgets_when_it_refreshes(team: Team) -> None:
    ana, worker = team.id("ana"), team.another_directory()
    await worker.refresh()
    assert team.id("#legal") in await worker.rooms_of(ana)
    await team.heard(lambda: team.slack.act("leave", as_="ana", in_="#legal"))
    assert team.id("#legal") in await worker.rooms_of(ana)  # It has not looked yet.
    await worker.refresh()
    assert team.id("#legal") not in await worker.rooms_of(ana)


async def test_refreshing_without_news_forgets_nothing(team: Team) -> None:
    await team.directory.refresh()
    await team.directory.person(team.id("ana"))
    await team.changes.membership_changed("C1", "U1")  # Its own news are no news to it,
    await team.directory.refresh()
    await team.directory.person(team.id("ana"))
    assert await team.calls("users.info") == 1
    await team.another_directory().changed()  # those of another process are.
    await team.directory.refresh()
    await team.directory.person(team.id("ana"))
    assert await team.calls("users.info") == 2
    await team.another_directory().changed()
    await team.changes.membership_changed("C1", "U1")  # Its own news do not hide another's.
    await team.directory.refresh()
    await team.directory.person(team.id("ana"))
    assert await team.calls("users.info") == 3


async def test_a_lookup_under_way_when_somebody_leaves_does_not_count(team: Team) -> None:
    ana, legal = team.id("ana"), team.id("#legal")
    await team.slack.act("fail", method="conversations.members", delay=0.1)
    looking = asyncio.create_task(team.directory.has_outsiders(team.id("#infra")))
    await team.slack.act("fail", method="users.conversations", delay=0.1)
    rooms = asyncio.create_task(team.directory.rooms_of(ana))
    await asyncio.sleep(0.05)
    await team.changes.membership_changed(legal, ana)
    await team.changes.membership_changed(team.id("#infra"), ana)
    await asyncio.gather(looking, rooms)
    assert await team.calls("users.conversations") == 2
    assert await team.calls("conversations.members") == 2


async def test_a_status_disturbs_no_other_process_and_a_new_right_does(team: Team, documents: Documents) -> None:
    async def revision() -> int:
        return sum(found["n"] for found in await documents.find("places", {"_id": "revision"}))

    user = {"id": "U1", "team_id": "T1", "profile": {}}
    seen = []
    for news in ({}, {"profile": {"status_text": "lunch"}}, {"is_restricted": True}, {"is_restricted": True, "name": "x"}):
        await team.changes.on_event({"type": "user_change", "user": user | news})
        seen.append(await revision())
    assert seen == [1, 1, 2, 2]


@pytest.mark.parametrize("kind", ["message", "app_mention", "reaction_added", "app_home_opened"])
async def test_other_events_are_not_its_business(team: Team, documents: Documents, kind: str) -> None:
    assert not await team.changes.on_event({"type": kind, "channel": "C1", "user": "U1", "text": "hi"})
    assert await documents.count("places", {}) == 0


async def test_without_a_database_an_event_fails_but_is_heeded_here(team: Team) -> None:
    class Away:
        async def update(self, *_: Any, **__: Any) -> None:
            raise Unavailable("away")

    ana = team.id("ana")
    await team.directory.rooms_of(ana)
    team.directory.documents = Away()  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        await team.changes.membership_changed(team.id("#legal"), ana)
    await team.directory.rooms_of(ana)
    assert await team.calls("users.conversations") == 2
