"""users.*, bots.info and team.info (https://docs.slack.dev/reference/methods?family=users)."""

from .access import seen_user
from .args import Args, page
from .errors import ApiError
from .journal import Json
from .users import User
from .world import World


def _shown(user: User, args: Args) -> Json:
    shown = user.in_slack()
    return shown if args.flag("include_locale") else {key: value for key, value in shown.items() if key != "locale"}


def info(world: World, args: Args) -> Json:
    """users.info."""
    return {"user": _shown(seen_user(world, args.text("user")), args)}


def list_users(world: World, args: Args) -> Json:
    """users.list."""
    found, cursor = page(list(world.users.values()), args, default=1000)
    return {"members": [_shown(user, args) for user in found], "cache_ts": 0, "response_metadata": {"next_cursor": cursor}}


def bot_info(world: World, args: Args) -> Json:
    """bots.info: the app's own bot, or another one in the workspace."""
    wanted = args.text("bot", world.bot_id)
    user = next((each for each in world.users.values() if each.bot_id == wanted), None)
    if user is None:
        raise ApiError("bot_not_found")
    app_id = world.app_id if wanted == world.bot_id else ""
    shown = {"id": wanted, "app_id": app_id, "user_id": user.id, "name": user.name}
    return {"bot": shown | {"deleted": user.deleted, "updated": user.updated, "icons": {}}}


def team_info(world: World, args: Args) -> Json:
    """team.info."""
    team = {"id": world.team_id, "name": world.name, "domain": world.domain, "url": f"{world.url}/"}
    return {"team": team | {"email_domain": "", "icon": {"image_default": True}}}
