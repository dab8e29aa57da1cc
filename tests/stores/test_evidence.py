"""Whose words a sentence holds: an outsider's, if it holds what only they said."""

from __future__ import annotations

import pytest

from stores.conversations import Message
from stores.evidence import borrowed

# What the guest says, what a teammate says, what is learned, and whether it is the guest's.
CASES = {
    "a teammate's own words": ("Hello!", "The dock opens at six.", "The dock opens at six.", False),
    "mere assent": ("The dock opens at six.", "Yes, exactly.", "The dock opens at six.", True),
    "one telling word": ("It is Heron.", "The password of the vault is what he says.", "The password of the vault is Heron.", True),
    "one figure": ("At 1830.", "The dock opens in the evening, as he says.", "The dock opens in the evening at 1830.", True),
    "a longer figure": ("Gate 123456.", "The trucks use gate 12345, as ever.", "The trucks use gate 123456, as ever.", True),
    "a short name": ("By IBM.", "Our parent company is being bought by them.", "Our parent company is being bought by IBM.", True),
    "a little word": ("they open at six", "The dock opens earlier from Monday on.", "The dock opens at six from Monday on.", True),
    "a like name": ("Martinez.", "Martin or so is the name of the new driver.", "The name of the new driver is Martinez.", True),
}


@pytest.mark.parametrize("case", CASES)
def test_whose_words_a_sentence_holds(case: str) -> None:
    guest, teammate, learned, theirs = CASES[case]
    said = [Message("C1", "1.0", "gus", "Gus", guest, outsider=True), Message("C1", "2.0", "ana", "Ana", teammate)]
    assert borrowed([learned], said) is theirs
