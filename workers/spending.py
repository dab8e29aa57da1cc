"""What learning costs in one workspace, day by day (UTC), and the ceiling at which it pauses. Counts only."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from stores.context import tokens
from stores.documents import Documents
from stores.model import Model, ModelFailed, Said, Shape, Tool, Turn, Usage

log = logging.getLogger(__name__)

KEPT = 400 * 86_400.0  # seconds for which a day's counts are kept
PAUSED = "paused until midnight UTC: what LEARN_BUDGET allows for a day is spent. Nothing is lost; it is learned then"


@dataclass(frozen=True, slots=True)
class Budget:
    """`ceiling`: US dollars that learning may cost a workspace and day, None for any. Prices are in dollars per million tokens."""

    ceiling: float | None = None
    prompt_price: float = 0.0
    completion_price: float = 0.0


NO_CEILING = Budget()


@dataclass(frozen=True, slots=True)
class Spending:
    """One workspace's. The day is told by this machine's clock."""

    workspace: str
    documents: Documents
    budget: Budget = NO_CEILING

    async def add(self, usage: Usage) -> None:
        """Count a call of the model. Together with others who count at the same time nothing is lost."""
        counts = {"calls": 1, "prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
        await self.documents.update("spending", {"_id": _today()}, {"$inc": counts, "$set": {"expires": time.time() + KEPT}}, upsert=True)

    async def today(self) -> float:
        """Dollars spent today, at the prices that are set now."""
        found = await self.documents.find("spending", {"_id": _today()}, limit=1)
        spent = found[0] if found else {}
        prompt, completion = int(spent.get("prompt_tokens", 0)), int(spent.get("completion_tokens", 0))
        return (prompt * self.budget.prompt_price + completion * self.budget.completion_price) / 1e6

    async def paused(self) -> bool:
        """Whether no learning begins today any more. Said in the log once a day, whichever process sees it first."""
        if self.budget.ceiling is None or (spent := await self.today()) < self.budget.ceiling:
            return False
        first = {"_id": _today(), "said": None}
        if await self.documents.update("spending", first, {"$set": {"said": True}}) is not None:
            log.warning(
                "learning.paused",
                extra={"workspace": self.workspace, "day": _today(), "spent": round(spent, 4), "ceiling": self.budget.ceiling},
            )
        return True


@dataclass(frozen=True, slots=True)
class Counted:
    """A `Model` whose answers in a shape, by which learning works, are counted; with `all`, its turns as well.

    Where the server does not say what a call cost, its length is. What a call cost that failed counts as far as it is known.
    """

    model: Model
    spending: Spending
    all: bool = False

    async def answer(self, prompt: Sequence[Said], tools: Sequence[Tool] = ()) -> Turn:
        turn = await self.model.answer(prompt, tools)
        if self.all:
            await self._count(turn.usage, prompt, turn.text)
        return turn

    async def extract(
        self, prompt: Sequence[Said], shape: type[Shape], *, wrong: Callable[[Shape], str] | None = None
    ) -> tuple[Shape, Usage]:
        try:
            answer, usage = await self.model.extract(prompt, shape, wrong=wrong)
        except ModelFailed as failed:
            if _reported(failed.usage):
                await self.spending.add(failed.usage)
            raise
        await self._count(usage, prompt, answer.model_dump_json())
        return answer, usage

    async def hint(self, prompt: Sequence[Said], *, most: int) -> str:
        return await self.model.hint(prompt, most=most)

    async def _count(self, usage: Usage, prompt: Sequence[Said], answer: str) -> None:
        asked = sum(tokens(said.content) for said in prompt)
        await self.spending.add(usage if _reported(usage) else Usage(asked, tokens(answer)))


def _reported(usage: Usage) -> bool:
    return usage.prompt_tokens + usage.completion_tokens > 0


def _today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")
