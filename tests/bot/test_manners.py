"""When to speak in a thread without a mention."""

from __future__ import annotations

import pytest

from bot.manners import manner
from stores.conversations import Message


def thread(*said: tuple[str, str]) -> list[Message]:
    """Messages as (speaker, text), oldest first; "tacit" is us."""
    return [
        Message(
            *("C1", f"{n}.000100", f"U{who.upper()}", who.capitalize(), text),
            ours=who == "tacit",
            question=f"C1:{n - 1}.000100" if who == "tacit" else "",
        )
        for n, (who, text) in enumerate(said, 1)
    ]


OPENING = (("ana", "@Tacit where are the signed leases?"), ("tacit", "In the blue cabinet."))

CASES = {
    "the asker asks on": ((*OPENING, ("ana", "And the drafts?")), "answer"),
    "the asker tells something": ((*OPENING, ("ana", "Actually they moved to the archive.")), "answer"),
    "somebody else speaks right behind our reply to another": ((*OPENING, ("bo", "What about the old ones?")), "unsure"),
    "two messages in a row by the asker": ((*OPENING, ("ana", "Hm."), ("ana", "And the drafts?")), "answer"),
    "our name is called": ((*OPENING, ("bo", "@Ana no idea"), ("ana", "tacit, what do you say?")), "answer"),
    "somebody else is mentioned": ((*OPENING, ("bo", "@Ana shall we go for lunch?")), "silent"),
    "somebody else is called by name": ((*OPENING, ("bo", "And the drafts?"), ("ana", "Bo, are you free at noon?")), "silent"),
    "thanks": ((*OPENING, ("ana", "thanks, that helps!")), "silent"),
    "thanks in German": ((*OPENING, ("ana", "Super, vielen Dank!")), "silent"),
    "only an emoji": ((*OPENING, ("ana", ":thumbsup:")), "silent"),
    "an answer to somebody else": ((*OPENING, ("bo", "I put them there."), ("ana", "When was that?")), "unsure"),
}


@pytest.mark.parametrize("case", CASES)
def test_manners(case: str) -> None:
    said, expected = CASES[case]
    messages = thread(*said)
    assert manner(messages[-1], messages, "Tacit") == expected


def test_what_was_said_later_does_not_count() -> None:
    messages = thread(*OPENING, ("ana", "And the drafts?"), ("bo", "I know!"))
    assert manner(messages[2], messages, "Tacit") == "answer"
