"""The language model behind one port: a turn of conversation, and an answer in a given shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel

Shape = TypeVar("Shape", bound=BaseModel)


class ModelFailed(Exception):
    """The model gave no usable answer. Its text is a sentence that a person understands; `retryable` says whether trying again may help,
    `usage` what it cost all the same, as far as that is known."""

    def __init__(self, sentence: str, *, retryable: bool = True) -> None:
        super().__init__(sentence)
        self.retryable = retryable
        self.usage = Usage()


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a prompt, in the terms of chat.completions."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    calls: tuple[ToolCall, ...] = ()  # of an assistant's message
    call_id: str = ""  # of a tool's message


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that the model may ask for. `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One tool that the model asks for."""

    id: str
    name: str
    arguments: Mapping[str, Any]  # {} when the model wrote something that is no JSON object


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call cost, in tokens, as the server counted them (0 when it did not say). `repair`: the part of it that a repair cost."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    repair: Usage | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model said, and what it asks for."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()


class Model(Protocol):
    """A language model. Every method raises `ModelFailed`, also when MODEL_TIMEOUT seconds have passed."""

    async def answer(self, prompt: Sequence[Said], tools: Sequence[Tool] = ()) -> Turn:
        """The model's next turn."""
        ...

    async def extract(
        self, prompt: Sequence[Said], shape: type[Shape], *, wrong: Callable[[Shape], str] | None = None
    ) -> tuple[Shape, Usage]:
        """An answer in this shape. A malformed one is sent back for repair once, and so is one of which `wrong` says, in words for the
        model, what is wrong with it ("" for nothing). There is one repair in all; one that fails leaves the first answer, if it had the
        shape. What comes back from a repair is not put to `wrong` again."""
        ...

    async def hint(self, prompt: Sequence[Said], *, most: int) -> str:
        """A few words by a small, quick model, cut off after `most` tokens; "" when it says nothing. Asked once, whatever comes back: who
        asks has no time for a second try, and may cancel."""
        ...
