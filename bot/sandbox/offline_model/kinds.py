"""Cue words choose what kind of thing a sentence is, and nothing more. The first kind with a cue wins; a kind must be on offer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.sandbox.offline_model.cues import pattern, starting

_CUES = {kind: pattern(name, r"(?<!\w)", r"(?!\w)") for kind, name in starting("kind: ").items()}
_UNDERWAY = re.compile(
    r"(?:we|the \w+)(?:'re| are| is) \w+ing\b(?! (?:at|in|on|from|until|by)\b)", re.I
)  # "we're swapping plastic for paper"


def kind_of(sentence: str, offered: Sequence[str]) -> str:
    """The kind that the cue words of this sentence speak for; "fact", or the last on offer, where none does."""
    for kind, cues in _CUES.items():
        if kind in offered and cues.search(sentence):
            return kind
    if "goal" in offered and _UNDERWAY.match(sentence):
        return "goal"
    return "fact" if "fact" in offered or not offered else offered[-1]
