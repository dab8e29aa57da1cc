"""What a team has learned and the rules for learning it. These names are the public plugin API; everything else may change."""

from stores.context import CONTEXT_TOKENS, STANDING_TOKENS, named, quote, standing_first, tokens
from stores.conversations import Conversation, Message, Question
from stores.evidence import evidence_of
from stores.insights import Draft, Evidence, Insight, Kind
from stores.model import ModelFailed, Said
from stores.store import Kit, LearningStore

__all__ = [
    "CONTEXT_TOKENS",
    "STANDING_TOKENS",
    "Conversation",
    "Draft",
    "Evidence",
    "Insight",
    "Kind",
    "Kit",
    "LearningStore",
    "Message",
    "ModelFailed",
    "Question",
    "Said",
    "evidence_of",
    "named",
    "quote",
    "standing_first",
    "tokens",
]
