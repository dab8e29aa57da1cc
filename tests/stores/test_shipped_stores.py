"""The stores that are shipped keep the contract that third parties' stores keep."""

from __future__ import annotations

from collections.abc import Sequence

from stores.conversations import Conversation
from stores.decisions import Decisions
from stores.entities import Entities
from stores.insights import Draft
from stores.instructions import Instructions
from stores.project_context import ProjectContext
from stores.session_context import SessionContext
from stores.team_knowledge import TeamKnowledge
from stores.testing import Rig, StoreContract
from stores.user_memory import UserMemory
from stores.user_profile import UserProfile


class TestTeamKnowledge(StoreContract):
    store = TeamKnowledge
    says = "The team is trying to cut down on egress costs."
    asks = "What about egress?"


class TestInstructions(StoreContract):
    store = Instructions
    says = "Answer in two sentences at most."
    asks = "How do you answer?"

    def test_what_one_instance_learns_another_recalls(self) -> None:
        """It waits for an approver, and is never recalled: what was approved goes with each question by itself (bot/instructions.py)."""

        async def promise(rig: Rig) -> None:
            assert await self._learn(rig) == []
            assert [i.sentence for i in await rig.repository.with_status("pending")] == [self.says]
            assert await self._recall(rig, self.says) == []

        self._run(promise)


class TestDecisions(StoreContract):
    store = Decisions
    says = "Letters go out on paper from now on."
    asks = "How do letters go out?"


class TestEntities(StoreContract):
    store = Entities
    says = "Kroll delivers the flour on Mondays."
    asks = "When does Kroll deliver?"


class TestProjectContext(StoreContract):
    store = ProjectContext
    says = "The sources of Heron lie in the cellar."
    asks = "Where are the sources of Heron?"
    aside = ""  # in the place where it was taught it comes with every question


class TestUserMemory(StoreContract):
    store = UserMemory
    says = "Ana prefers short answers."
    asks = "Which answers does Ana prefer?"
    asker = "ana"
    aside = ""  # the latest preferences come with every question


class TestUserProfile(StoreContract):
    store = UserProfile
    says = "Ana is the notary."
    asks = "Who is the notary?"
    asker = "ana"
    aside = ""  # who asks is told with every question


class TestSessionContext(StoreContract):
    store = SessionContext
    says = "Whether to rent the mill."
    asks = "Did we talk about the mill?"

    def drafts(self, rig: Rig, conversation: Conversation) -> Sequence[Draft]:
        pointer = SessionContext.kinds[1]
        return [rig.draft(conversation, "session_context", pointer, self.says)] if conversation.new else []
