"""`tacit doctor`: looks at everything that Tacit needs, and names the remedy for each failure."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable
from dataclasses import dataclass

import aiohttp
from pydantic import SecretStr

from bot.settings import Settings, WrongSettings, require_slack
from bot.slack.calls import SECONDS, SlackFailed, SlackRefused, answered, ask
from bot.slack.installations import web_client
from bot.slack.scopes import APP_LEVEL, NEEDED, missing
from stores.database import open_database
from stores.documents import Database, Unavailable
from stores.embedder import EmbeddingFailed
from stores.model import ModelFailed, Said
from workers.queue import connect
from workers.spending import PAUSED, Spending

OLDEST_REDIS = 6
EXAMPLE = "deploy/environment.example shows every setting."
APP_PAGE = "https://api.slack.com/apps, your app"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `remedy` says what to do; it is "" when all is well."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Every check, side by side; what fails stops no other. Takes at most MODEL_TIMEOUT seconds or about 15, whichever is longer.

    Asks the models one short question each, and writes, reads and deletes one document.
    """
    checks: list[Awaitable[list[Finding]]] = [_safely("settings", _settings(settings))]
    if settings.slack_bot_token:
        checks.append(_safely("Slack bot token", _bot_token(settings, settings.slack_bot_token)))
    checks.append(_safely("Slack events", _events(settings)))
    checks.append(_safely("database", _database(settings)))
    checks.append(_safely("Redis", _redis(settings)))
    if settings.openai_api_key or settings.openai_base_url:
        checks += [_safely("model", _model(settings, name)) for name in dict.fromkeys(_models(settings))]
    checks.append(_safely("embeddings", _embeddings(settings)))
    checks.append(_safely("stores", _stores(settings)))
    checks.append(_safely("learning budget", _budget(settings)))
    return [finding for findings in await asyncio.gather(*checks) for finding in findings]


def _models(settings: Settings) -> list[str]:
    return [settings.answer_model, settings.extract_model, *([settings.expanding_model] if settings.expansion == "on" else [])]


async def _safely(name: str, check: Awaitable[list[Finding]]) -> list[Finding]:
    """What a check found. One that breaks is a finding too: the doctor must not die of what it looks at, so this catches broadly."""
    try:
        return await check
    except Exception as e:
        return [Finding(name, False, f"the check failed with {type(e).__name__}: {e}", "Please report this as a bug of Tacit.")]


async def _settings(settings: Settings) -> list[Finding]:
    try:
        require_slack(settings)
    except WrongSettings as e:
        return [Finding("settings", False, line, f"Set it in the environment. {EXAMPLE}") for line in str(e).splitlines()]
    return [Finding("settings", True, "all that is needed is set")]


async def _bot_token(settings: Settings, token: SecretStr) -> list[Finding]:
    name = "Slack bot token"
    async with _session() as session:
        client = web_client(token.get_secret_value(), settings.slack_api_url, session)
        try:
            answer = await answered(client.auth_test())
        except SlackRefused as e:
            return [
                Finding(
                    name, False, f"Slack refuses it ({e.error})", f"Copy it anew from {APP_PAGE} → OAuth & Permissions; reinstall there."
                )
            ]
        except SlackFailed as e:
            return [_unreachable(name, settings, e)]
    found = Finding(name, True, f"Tacit is {answer.get('user')} in {answer.get('team')} ({answer.get('team_id')})")
    return [found, _scopes(next((value for key, value in answer.headers.items() if key.lower() == "x-oauth-scopes"), ""))]


def _scopes(granted: str) -> Finding:
    lacking = missing(granted)
    if not lacking:
        return Finding("Slack scopes", True, f"all {len(NEEDED)} are granted")
    detail = "missing: " + "; ".join(f"{scope} ({NEEDED[scope]})" for scope in lacking)
    remedy = f"Paste deploy/slack-manifest.yaml into {APP_PAGE} → App Manifest, save, then reinstall under OAuth & Permissions."
    return Finding("Slack scopes", False, detail, remedy)


async def _events(settings: Settings) -> list[Finding]:
    """How events come in: over Socket Mode, which can be tried from here, or over HTTP, which cannot."""
    if settings.slack_app_token:
        return [await _app_token(settings, settings.slack_app_token)]
    if settings.slack_signing_secret:
        detail = (
            f"over HTTP: Slack must reach /slack/events on {settings.bot_host}:{settings.bot_port} through your proxy (not tried from here)"
        )
        return [Finding("Slack events", True, detail)]
    return []  # The settings' own finding says what is missing.


async def _app_token(settings: Settings, token: SecretStr) -> Finding:
    name = "Slack app token"
    async with _session() as session:
        client = web_client(token.get_secret_value(), settings.slack_api_url, session)
        try:
            await ask(client.apps_connections_open(app_token=token.get_secret_value()))
        except SlackRefused as e:
            remedy = f"Make one with the scope {APP_LEVEL} at {APP_PAGE} → Basic Information → App-Level Tokens; switch Socket Mode on."
            return Finding(name, False, f"Slack refuses it ({e.error})", remedy)
        except SlackFailed as e:
            return _unreachable(name, settings, e)
    return Finding(name, True, "Socket Mode opens")


async def _database(settings: Settings) -> list[Finding]:
    where, setting = ("MongoDB", "MONGODB_URL") if settings.mongodb_url else (f"SQLite in {settings.sqlite_path}", "SQLITE_PATH")
    try:
        database = await open_database(settings.mongodb_url, settings.sqlite_path)
        try:
            await _write_and_read(database)
        finally:
            await database.close()
    except Unavailable as e:
        return [Finding("database", False, f"{where}: {e}", f"Is {setting} right, does the server run, and may Tacit write there?")]
    return [Finding("database", True, f"{where} answers; writing and reading work")]


async def _write_and_read(database: Database) -> None:
    await database.ping()
    documents, key = database.workspace("doctor"), secrets.token_hex(8)
    await documents.insert("events", {"_id": key, "expires": time.time() + 60})
    found = await documents.find("events", {"_id": key})
    await documents.delete("events", {"_id": key})
    if not found:
        raise Unavailable("what was written could not be read back")


async def _redis(settings: Settings) -> list[Finding]:
    remedy = "Is REDIS_URL right, and does Redis (6 or newer) or a compatible server run there?"
    try:
        version = await asyncio.to_thread(_redis_version, settings.redis_url)
    except Exception as e:  # Redis' errors have their home in workers; whatever it is, it means that the queue cannot be used.
        return [Finding("Redis", False, f"does not answer ({type(e).__name__}: {e})", remedy)]
    if int(version.partition(".")[0]) < OLDEST_REDIS:
        return [Finding("Redis", False, f"version {version} is too old", remedy)]
    return [Finding("Redis", True, f"version {version} answers")]


def _redis_version(url: str) -> str:
    client = connect(url)
    try:
        client.ping()
        return str(client.info("server")["redis_version"])
    finally:
        client.close()


async def _model(settings: Settings, model: str) -> list[Finding]:
    from stores.chat_completions import ChatCompletions

    name = f"model {model}"
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    try:
        client = ChatCompletions(model, model, key, settings.openai_base_url, settings.model_timeout)
        try:
            await client.answer([Said("user", "Answer with the word: yes")])
        finally:
            await client.close()
    except ModelFailed as e:
        remedy = "Check OPENAI_API_KEY, OPENAI_BASE_URL and MODEL_TIMEOUT; the models named must be offered there."
        return [Finding(name, False, str(e), remedy)]
    return [Finding(name, True, "answers")]


async def _embeddings(settings: Settings) -> list[Finding]:
    """Embeds one word."""
    from bot.embeddings import embedder_of

    name, remedy = "embeddings", "Until then search goes by words alone; EMBEDDINGS=none makes that the rule."
    try:
        embedder = embedder_of(settings)
        if embedder is None:
            return [Finding(name, True, "none: search goes by words alone (EMBEDDINGS, or OPENAI_API_KEY, would add meaning)")]
        try:
            start = time.monotonic()
            await embedder.embed(["yes"])
            took = time.monotonic() - start
        finally:
            await embedder.close()
    except (WrongSettings, EmbeddingFailed) as e:
        return [Finding(name, False, str(e), remedy)]
    return [Finding(name, True, f"{embedder.name} embeds, with {embedder.dimensions} dimensions; the first text took {took:.1f} s")]


async def _stores(settings: Settings) -> list[Finding]:
    from stores.loading import installed

    enabled = [store for store in installed(settings.store_names) if store.wanted]
    if not enabled:
        return [Finding("stores", False, "none is enabled", "Name at least one in LEARNING_STORES; `tacit stores` lists them.")]
    remedy = "Install the package that offers it, mend it, or take it out of LEARNING_STORES; `tacit stores` lists all."
    return [Finding(f"store {s.name}", s.state != "broken", s.why or f"enabled ({s.where})", remedy if s.why else "") for s in enabled]


async def _budget(settings: Settings) -> list[Finding]:
    """What learning may cost, and did today. Where it cannot be seen, the other checks say why."""
    name = "learning budget"
    if settings.learn_budget is None or settings.slack_bot_token is None:
        return [Finding(name, True, "none: learning may cost what it does (LEARN_BUDGET)" if not settings.learn_budget else "set")]
    async with _session() as session:
        client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session)
        try:
            workspace = str((await answered(client.auth_test())).get("team_id") or "")
            database = await open_database(settings.mongodb_url, settings.sqlite_path)
            try:
                spending = Spending(workspace, database.workspace(workspace), settings.budget)
                spent = await spending.today()
            finally:
                await database.close()
        except (SlackFailed, Unavailable):
            return [Finding(name, True, f"{settings.learn_budget:g} US dollars a day; what was spent cannot be seen just now")]
    state = f"; learning is {PAUSED}" if spent >= settings.learn_budget else ""
    return [Finding(name, True, f"{spent:.2f} of {settings.learn_budget:g} US dollars are spent today{state}")]


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))


def _unreachable(name: str, settings: Settings, failure: SlackFailed) -> Finding:
    remedy = (
        "Is this machine online, is SLACK_API_URL right, and does a proxy need HTTPS_PROXY? Slack's own state: https://slack-status.com"
    )
    return Finding(name, False, f"{settings.slack_api_url} does not answer ({failure})", remedy)
