"""An installation is found once, by its token; failures are told apart and tried again."""

import pytest

from bot.slack.calls import SlackFailed, SlackRefused, ask
from bot.slack.installations import NotInstalled, SingleInstallation
from tests.sandbox.pretend_slack import APP_TOKEN, BOT_TOKEN, Pretend
from tests.slack.conftest import Team


async def test_an_installation_says_who_tacit_is(team: Team) -> None:
    world = team.slack.slack.world
    found = team.installation
    assert (found.workspace, found.bot_user, found.bot_id, found.app_id) == (world.team_id, world.bot_user, world.bot_id, world.app_id)
    assert found.url == f"{team.slack.slack.url}/"


async def test_slack_is_asked_once_and_again_after_a_failure(team: Team) -> None:
    single = SingleInstallation(BOT_TOKEN, team.slack.slack.api_url)
    before = await team.calls("auth.test")
    await team.slack.act("fail", method="auth.test", error="internal_error")
    with pytest.raises(SlackFailed):
        await single.all()
    one = await single.of(team.installation.workspace)
    assert await single.all() == (one,)
    assert await team.calls("auth.test") == before + 2
    await single.close()
    await single.close()


async def test_a_refused_token_and_another_workspace_name_the_remedy(team: Team) -> None:
    wrong = SingleInstallation(APP_TOKEN, team.slack.slack.api_url)
    with pytest.raises(NotInstalled, match=r"SLACK_BOT_TOKEN.*OAuth & Permissions"):
        await wrong.only()
    await wrong.close()
    single = SingleInstallation(BOT_TOKEN, team.slack.slack.api_url)
    with pytest.raises(NotInstalled, match="T999"):
        await single.of("T999")
    await single.close()


async def test_a_proxy_of_the_environment_is_not_used_for_this_machine(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    single = SingleInstallation(BOT_TOKEN, team.slack.slack.api_url)
    assert (await single.only()).client.proxy is None
    await single.close()


async def test_a_read_is_repeated_after_a_lost_connection_and_a_post_is_not(team: Team) -> None:
    client, ana = team.installation.client, team.id("ana")
    await team.slack.act("fail", method="users.info", drop=True)
    assert (await ask(client.users_info(user=ana)))["user"]["id"] == ana
    await team.slack.act("fail", method="chat.postMessage", drop_answer_after_doing=True)
    with pytest.raises(SlackFailed):
        await ask(client.chat_postMessage(channel=team.id("#infra"), text="once"))
    assert await team.slack.texts("#infra") == ["once"]


async def test_a_rate_limit_is_waited_for(team: Team) -> None:
    await team.slack.act("ratelimit", method="users.info", retry_after=1)
    await ask(team.installation.client.users_info(user=team.id("ana")))
    assert await team.calls("users.info") == 2


@pytest.mark.parametrize(
    ("fault", "failure"),
    [({"status": 500}, SlackFailed), ({"error": "fatal_error"}, SlackFailed), ({"error": "missing_scope"}, SlackRefused)],
)
async def test_a_no_is_told_from_knowing_nothing(team: Team, fault: dict[str, object], failure: type[Exception]) -> None:
    await team.slack.act("fail", method="users.info", **fault)
    with pytest.raises(failure):
        await ask(team.installation.client.users_info(user="U1"))


async def test_a_call_that_takes_too_long_fails(team: Team) -> None:
    await _slow(team.slack)
    with pytest.raises(SlackFailed):
        await ask(team.installation.client.users_info(user="U1"), seconds=0.05)


async def _slow(slack: Pretend) -> None:
    await slack.act("fail", method="users.info", delay=0.3)
