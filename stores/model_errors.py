"""What went wrong with a call of the language model, in a sentence that a person understands."""

from __future__ import annotations

from enum import Enum
from urllib.parse import urlsplit

from stores.model import ModelFailed


class Refused(Enum):
    """What a server refused of a request, so that it may be asked again without it."""

    FORMAT = "response_format"
    LIMIT = "max_completion_tokens"
    OTHER = "something else"


_NO_FORMAT_HELPS = ("context_length", "context length", "maximum context", "content_filter", "content_policy", "model_not_found", "safety")


def refused(error: Exception) -> Refused | None:
    """What a server refused with status 400 or 422; None for any other error. A server that names nothing may mean the format."""
    if getattr(error, "status_code", None) not in (400, 422):
        return None
    said = f"{getattr(error, 'param', '')} {getattr(error, 'code', '')} {error}".lower()
    if "max_completion_tokens" in said or "max_tokens" in said:
        return Refused.LIMIT
    return Refused.OTHER if any(word in said for word in _NO_FORMAT_HELPS) else Refused.FORMAT


def in_words(error: Exception, model: str, address: str, timeout: float) -> ModelFailed:
    """The failure that people read. It quotes nothing of the prompt or of the server's answer."""
    host = urlsplit(address).netloc.rpartition("@")[2]
    if isinstance(error, TimeoutError) or type(error).__name__ == "APITimeoutError":
        return ModelFailed(f"The language model did not answer within {timeout:g} seconds.")
    status = getattr(error, "status_code", None)
    if status is None:
        return _without_status(error, host)
    said = f"{getattr(error, 'code', '')} {getattr(error, 'type', '')} {error}".lower()
    return _with_status(status, said, model, host)


def _without_status(error: Exception, host: str) -> ModelFailed:
    if type(error).__name__ == "APIConnectionError":
        return ModelFailed(f"The language model cannot be reached at {host}: check the address (OPENAI_BASE_URL) and the network.")
    return ModelFailed(f"What answers at {host} is not understood: is OPENAI_BASE_URL the address of a chat.completions server?")


def _with_status(status: int, said: str, model: str, host: str) -> ModelFailed:
    if status == 401:
        return ModelFailed("The key of the language model is wrong or missing: check OPENAI_API_KEY.", retryable=False)
    if "insufficient_quota" in said or "billing" in said or status == 402:
        return ModelFailed("The account of the language model has no credit left: look at its billing page.", retryable=False)
    if status == 429:
        return ModelFailed("The language model is asked too often just now: try again in a minute.")
    if any(word in said for word in ("content_filter", "content_policy", "safety")):
        return ModelFailed("The provider of the language model refused to answer this.", retryable=False)
    if "context_length" in said or "context length" in said or "maximum context" in said or status == 413:
        return ModelFailed(f"The conversation is too long for the language model {model}.", retryable=False)
    if "model" in said and (status == 404 or "model_not_found" in said or "does not exist" in said):
        return ModelFailed(f"{host} knows no model named {model}: check ANSWER_MODEL and EXTRACT_MODEL.", retryable=False)
    if status == 403:
        return ModelFailed(f"The key of the language model may not use {model}: check the rights of OPENAI_API_KEY.", retryable=False)
    if status in (404, 405):
        return ModelFailed(f"There is no chat.completions server at {host}: check OPENAI_BASE_URL (it often ends in /v1).", retryable=False)
    if status >= 500 or status in (408, 409):
        return ModelFailed(f"The server of the language model at {host} has a problem just now (status {status}): try again in a minute.")
    return ModelFailed(f"The server of the language model at {host} did not accept the request (status {status}).", retryable=False)
