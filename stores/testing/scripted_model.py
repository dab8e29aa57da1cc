"""A language model whose answers a test decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stores.model import Said, Shape, Tool, Turn, Usage

Prompt = Sequence[Said]


def _unexpected(prompt: Prompt) -> Any:
    raise AssertionError("the model was asked, and the test says nothing for it: set `says`, `gives` or `hints`")


class ScriptedModel:
    """`stores.model.Model`. `prompts` keeps what was asked, in order.

    Each of `says` (an answer: text or a `Turn`), `gives` (an extraction, as the dictionary of its shape) and `hints` (a few words) is a
    function of the prompt, and may raise `ModelFailed`.
    """

    def __init__(
        self,
        *,
        says: Callable[[Prompt], str | Turn] = _unexpected,
        gives: Callable[[Prompt], Mapping[str, Any]] = _unexpected,
        hints: Callable[[Prompt], str] = _unexpected,
    ) -> None:
        self.says, self.gives, self.hints = says, gives, hints
        self.prompts: list[Prompt] = []

    async def answer(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> Turn:
        self.prompts.append(prompt)
        said = self.says(prompt)
        return Turn(said) if isinstance(said, str) else said

    async def extract(self, prompt: Prompt, shape: type[Shape], *, wrong: Callable[[Shape], str] | None = None) -> tuple[Shape, Usage]:
        """What does not please `wrong` is asked for once more, with that behind it."""
        self.prompts.append(prompt)
        answer = shape.model_validate(self.gives(prompt))
        if not (wrong and (fault := wrong(answer))):
            return answer, Usage()
        again = [*prompt, Said("assistant", answer.model_dump_json()), Said("user", fault)]
        self.prompts.append(again)
        return shape.model_validate(self.gives(again)), Usage(repair=Usage())

    async def hint(self, prompt: Prompt, *, most: int) -> str:
        self.prompts.append(prompt)
        return self.hints(prompt)
