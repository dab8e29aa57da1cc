"""Refusals, in the Web API's words and in the control API's."""

from typing import Any


class ApiError(Exception):
    """A Web API call is refused with one of Slack's error codes; `more` is added to the answer."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code, self.more = code, more


class ControlError(Exception):
    """A control request cannot be done; the sentence says why."""

    def __init__(self, sentence: str, status: int = 400, **more: Any) -> None:
        super().__init__(sentence)
        self.status, self.more = status, more
