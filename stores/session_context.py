"""What a long thread is about so far, and a pointer to each conversation: state, replaced as it goes on."""

from __future__ import annotations

from collections.abc import Sequence

from stores import Conversation, Insight, Kind, Kit, Question, quote

POINTERS = 2  # in one context: they only say where to look


class SessionContext:
    """Recalls in a thread that is too long to be read whole what went before, and elsewhere where something was talked about."""

    name = "session_context"
    kinds = (
        Kind(
            "summary",
            "beside the others, once and only of a conversation of more than 20 messages or with `not_shown`: what it has come to from its "
            "beginning on, with what of `so_far` still holds",
            ("goal", "plan", "state"),
            one_per="conversation",
            lasts=60,
        ),
        Kind(
            "pointer",
            "beside the others, once for every conversation that is more than small talk: what all of it is about, as a title",
            one_per="conversation",
            lasts=60,
        ),
    )

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        """This thread's own summary if the thread was cut, then pointers to others that fit."""
        here = f"conversation:{question.conversation}"
        own = await self._kit.states(here, question.readers) if question.cut else []
        summaries = sorted((i for i in own if i.kind == "summary"), key=lambda i: i.newest)
        found = await self._kit.search(question)
        pointers = [i for i in found if i.kind == "pointer" and i.state_of != here]
        return [*summaries[-1:], *pointers[:POINTERS]]  # the newest carries on the others, whoever may see them

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        return await self._kit.keep(conversation.drafts)

    def build_context(self, insights: Sequence[Insight]) -> str:
        """A summary says that it stands for the part of this thread that is not shown. One heading for all of a kind: it costs tokens."""
        summaries = [quote(i) for i in insights if i.kind == "summary"]
        pointers = [quote(i) for i in insights if i.kind == "pointer"]
        first = ["Earlier in this thread:", *summaries] if summaries else []
        return "\n".join([*first, *(["Talked about elsewhere (read_source):", *pointers] if pointers else [])])
