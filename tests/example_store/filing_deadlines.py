"""A store of your own: what a law firm has to file, with which court, until when."""

from collections.abc import Sequence

from stores import Conversation, Insight, Kind, Kit, Question, quote


class FilingDeadlines:
    name = "filing_deadlines"
    kinds = (Kind("deadline", "what has to be filed, with which court, until when (YYYY-MM-DD)", fields=("court", "due")),)

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    async def recall(self, question: Question) -> Sequence[Insight]:
        return await self.kit.search(question)

    async def process(self, conversation: Conversation) -> Sequence[Insight]:
        return await self.kit.keep(conversation.drafts)

    def build_context(self, insights: Sequence[Insight]) -> str:
        return "\n".join(quote(insight) for insight in sorted(insights, key=lambda i: i.fields.get("due", "")))
