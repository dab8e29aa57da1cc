"""A place turned private narrows what was taught in it; one turned public widens nothing. For good, and in every process."""

from stores.audience import audience_of
from stores.insights import Evidence
from tests.slack.conftest import Team


async def _turned(team: Team, private: bool) -> None:
    await team.heard(lambda: team.slack.act("privacy", in_="#infra", private=private))


async def test_what_was_taught_publicly_stays_private_after_a_private_time(team: Team) -> None:
    infra = team.id("#infra")
    said = await team.slack.say("ana", "#infra", "We cut egress costs.")
    taught = Evidence("m", infra, said["ts"], team.id("ana"), float(said["ts"]), "public")
    assert audience_of(taught, await team.directory.place(infra)) == "workspace"
    await _turned(team, private=True)
    assert audience_of(taught, await team.directory.place(infra)) == f"place:{infra}"
    await _turned(team, private=False)
    assert audience_of(taught, await team.directory.place(infra)) == "nobody"
    assert audience_of(taught, await team.another_directory().place(infra)) == "nobody"
    later = Evidence("m", infra, "", "U1", float((await team.slack.say("ana", "#infra", "New."))["ts"]), "public")
    assert audience_of(later, await team.directory.place(infra)) == "workspace"


async def test_a_private_time_that_no_event_told_of_is_noted_when_it_is_seen(team: Team) -> None:
    infra = team.id("#infra")
    await team.slack.act("privacy", in_="#infra", private=True)
    seen = (await team.directory.place(infra)).private_until
    assert seen > 0
    await team.slack.act("privacy", in_="#infra", private=False)
    between = await team.slack.say("ana", "#infra", "Nobody told when this turned public.")
    found = await team.another_directory().place(infra)
    assert found.room == "public"
    assert found.private_until > max(seen, float(between["ts"]))  # private when last seen, so perhaps until just now
    assert (await team.another_directory().place(infra)).private_until == found.private_until


async def test_a_private_place_that_tacit_left_counts_as_private_from_then_on(team: Team) -> None:
    legal = team.id("#legal")
    await team.heard(lambda: team.slack.act("leave", as_="tacit", in_="#legal"))
    assert (await team.directory.place(legal)).room == "private"
    await team.slack.act("privacy", in_="#legal", private=False)
    assert (await team.another_directory().place(legal)).private_until > 0


async def test_an_older_time_changes_nothing(team: Team) -> None:
    privacy = team.directory.privacy
    assert await privacy.private("C1", 20.0, still=False) == 20.0
    assert await privacy.private("C1", 10.0, still=False) == 20.0
    assert await privacy.seen("C1", "public") == 20.0
    assert await privacy.seen("C2", "public") == 0.0


async def test_a_new_id_inherits_the_private_time(team: Team) -> None:
    await team.directory.privacy.private("C1", 20.0, still=False)
    event = {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C2", "event_ts": "30.0"}
    assert await team.changes.on_event(event)
    assert await team.directory.privacy.seen("C2", "public") == 20.0


async def test_the_time_of_a_conversion_is_the_event_s(team: Team) -> None:
    event = {"type": "message", "subtype": "channel_convert_to_public", "channel": team.id("#infra"), "ts": "50.5", "event_ts": "50.5"}
    await team.changes.on_event(event)
    assert (await team.directory.place(team.id("#infra"))).private_until == 50.5
