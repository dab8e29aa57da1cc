"""Settings: the environment, read once at start. All that is wrong is reported together, each with its remedy."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from stores.embedding.choose import lacking
from stores.loading import installed
from stores.modes import Mode, read_modes
from workers.spending import Budget

_TEAMMATE = re.compile(r"[UW][A-Z0-9]{2,40}")


class WrongSettings(Exception):
    """Settings are missing or wrong. The text has a line for each, with where to get it."""


class Settings(BaseSettings):
    """Every setting of the product; README.md's table is checked against this class. Empty values count as not set."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, extra="ignore", case_sensitive=False)

    slack_bot_token: SecretStr | None = Field(None, description="Bot token (xoxb-…) from your Slack app's OAuth & Permissions page.")
    slack_app_token: SecretStr | None = Field(
        None, description="App-level token (xapp-…, scope connections:write) for Socket Mode, from Basic Information."
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="Signing secret from Basic Information, for events over HTTP instead of Socket Mode."
    )
    slack_api_url: str = Field("https://slack.com/api/", description="Address of Slack's Web API.")
    bot_host: str = Field("127.0.0.1", description="Address that the bot's own HTTP server binds to.")
    bot_port: int = Field(3000, ge=0, le=65535, description="Port of /healthz, /readyz and, over HTTP, /slack/events. 0: any free one.")
    mongodb_url: str | None = Field(None, description="MongoDB address (mongodb://host/database). Without it SQLite is used.")
    sqlite_path: Path = Field(Path(".tacit/tacit.sqlite"), description="File of the embedded database, when MONGODB_URL is not set.")
    index_path: Path | None = Field(
        None, description="Folder of the packed indexes, a cache that recall starts from. Without it `index` beside SQLITE_PATH."
    )
    index_memory_mb: int = Field(
        256, ge=1, description="Memory for the indexes of all workspaces together, in MiB; those asked last are kept."
    )
    redis_url: str = Field("redis://127.0.0.1:6379/0", description="Redis (6 or newer) or a compatible server, for the queue.")
    openai_api_key: SecretStr | None = Field(None, description="Key of the model's provider. Optional with OPENAI_BASE_URL.")
    openai_base_url: str | None = Field(None, description="Address of an OpenAI-compatible server (…/v1).")
    answer_model: str = Field("gpt-6.1-sol", description="Model that answers.")
    extract_model: str = Field("gpt-6-luna", description="Model that learns.")
    expand_model: str | None = Field(
        None, description="Model that says what a question is about: a quick one that does not think first. Without it EXTRACT_MODEL."
    )
    expansion: Literal["on", "off"] = Field("on", description="Whether questions are expanded by EXPAND_MODEL (on or off).")
    embeddings: Literal["openai", "local", "none"] | None = Field(
        None,
        description="Who turns texts into vectors, to search by meaning as well as by words: openai, local or none. Without it openai with "
        "OPENAI_API_KEY, else local if that is installed.",
    )
    embedding_model: str = Field("text-embedding-3-small", description="Model that embeds, with EMBEDDINGS=openai.")
    embedding_dimensions: int = Field(512, ge=64, le=512, description="Length of its vectors; what it gives must have as many.")
    model_timeout: float = Field(60, gt=0, le=3600, description="Seconds that one call of the model may take.")
    learn_after: float = Field(600, ge=0, description="Seconds of quiet after which a conversation is finished and learned.")
    learn_budget: float | None = Field(
        None,
        gt=0,
        description="US dollars that learning may cost a workspace and day (UTC). Then it pauses until midnight UTC, and answers go on. "
        "Without it there is no ceiling.",
    )
    extract_price: str = Field(
        "0.25/2",
        description="What EXTRACT_MODEL costs, in US dollars for a million tokens of prompt/answer. An assumption: look it up where you "
        "buy it.",
    )
    learning_stores: str = Field(
        "user_memory,user_profile,decisions,project_context,entities,team_knowledge,session_context,instructions",
        description="Names of the enabled learning stores, separated by commas (module:Class for one that no package offers); of two kinds "
        "that fit a statement the one of the earlier store is taken.",
    )
    learning_modes: str | None = Field(
        None,
        description="How stores learn, as STORE:MODE separated by commas: always (by themselves; so do those not named here), agentic (the "
        "answering model decides) or confirm (a person decides). An admin changes it with `/learnings mode`.",
    )
    approvers: str | None = Field(
        None,
        description="Slack ids (U…), separated by commas, of those who decide beside its teacher about what waits. Without it the "
        "workspace's admins.",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, token: SecretStr | None) -> SecretStr | None:
        return _starts(token, "xoxb-", "a bot token")

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, token: SecretStr | None) -> SecretStr | None:
        return _starts(token, "xapp-", "an app-level token")

    @field_validator("slack_api_url", "openai_base_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url

    @field_validator("mongodb_url")
    @classmethod
    def _mongodb(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("mongodb://", "mongodb+srv://")):
            raise ValueError("must begin with mongodb:// or mongodb+srv://")
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str) -> str:
        if not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return url

    @field_validator("extract_price")
    @classmethod
    def _price(cls, price: str) -> str:
        prices(price)
        return price

    @field_validator("learning_modes")
    @classmethod
    def _modes(cls, modes: str | None) -> str | None:
        read_modes(modes or "")
        return modes

    @field_validator("approvers")
    @classmethod
    def _teammates(cls, ids: str | None) -> str | None:
        wrong = [each for each in _listed(ids or "") if not _TEAMMATE.fullmatch(each)]
        if wrong:
            raise ValueError(f"{', '.join(wrong)} is no id of a teammate: it looks like U0123ABCD")
        return ids

    @field_validator("log_level")
    @classmethod
    def _level(cls, level: str) -> str:
        if level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return level.upper()

    @property
    def expanding_model(self) -> str:
        """The model that expands questions."""
        return self.expand_model or self.extract_model

    @property
    def budget(self) -> Budget:
        """What learning may cost."""
        return Budget(self.learn_budget, *prices(self.extract_price))

    @property
    def index_folder(self) -> Path:
        """Where the packed indexes lie."""
        return self.index_path or self.sqlite_path.parent / "index"

    @property
    def store_names(self) -> tuple[str, ...]:
        """The names in LEARNING_STORES, in order, each once."""
        return _listed(self.learning_stores)

    @property
    def approver_ids(self) -> tuple[str, ...]:
        """The teammates in APPROVERS, in order, each once."""
        return _listed(self.approvers or "")

    @property
    def modes(self) -> Mapping[str, Mode]:
        """Store → mode, as LEARNING_MODES has them."""
        return read_modes(self.learning_modes or "")


class _Given(Settings):
    """The same settings from a mapping instead of the process's environment, for tests."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from the environment, or from `environment` alone when it is given. Raises `WrongSettings` that names every problem."""
    try:
        if environment is None:
            return Settings()
        names = Settings.model_fields
        return _Given(**{k.lower(): v for k, v in environment.items() if k.lower() in names and v})  # type: ignore[arg-type]
    except ValidationError as e:
        raise WrongSettings("\n".join(_line(error["loc"], error["msg"]) for error in e.errors())) from None


def require_slack(settings: Settings) -> None:
    """Raise `WrongSettings` unless there is what a bot needs to reach Slack, a model and its embedder."""
    missing = []
    if settings.slack_bot_token is None:
        missing.append("slack_bot_token")
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        missing.append("slack_app_token")
    if settings.openai_api_key is None and settings.openai_base_url is None:
        missing.append("openai_api_key")
    lines = [_line((name,), "is not set") for name in missing]
    if problem := lacking(settings.embeddings, _key(settings), settings.openai_base_url):
        lines.append(f"EMBEDDINGS: {problem}")
    known = {store.name for store in installed(settings.store_names)}
    if unknown := [name for name in settings.modes if name not in known]:
        lines.append(_line(("learning_modes",), f"there is no store {', '.join(unknown)}; there are {', '.join(sorted(known))}"))
    if lines:
        raise WrongSettings("\n".join(lines))


def prices(price: str) -> tuple[float, float]:
    """Both numbers of EXTRACT_PRICE. Raises ValueError."""
    try:
        prompt, completion = (float(part) for part in price.split("/"))
    except ValueError:
        prompt = completion = -1.0
    if not (0 <= prompt < math.inf and 0 <= completion < math.inf):
        raise ValueError("must be two prices with a stroke between, such as 0.25/2")
    return prompt, completion


def _key(settings: Settings) -> str | None:
    return settings.openai_api_key.get_secret_value() if settings.openai_api_key else None


def _line(where: tuple[int | str, ...], problem: str) -> str:
    name = str(where[0]) if where else ""
    field = Settings.model_fields.get(name)
    return f"{name.upper()}: {problem.removeprefix('Value error, ')}. {field.description if field else ''}".strip()


def _listed(names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in (name.strip() for name in names.split(",")) if n))


def _starts(token: SecretStr | None, prefix: str, what: str) -> SecretStr | None:
    if token is not None and not token.get_secret_value().startswith(prefix):
        raise ValueError(f"is not {what}: it must begin with {prefix}")
    return token
