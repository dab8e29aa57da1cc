"""Answering by rule: with the insights that share a word with the question, a standing one for a choice, or the thread itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.sandbox.offline_model.extracting import statements
from bot.sandbox.offline_model.prompts import STANDING, Insight, Prompt
from bot.sandbox.offline_model.sentences import sentences
from bot.sandbox.offline_model.settling import relation
from bot.sandbox.offline_model.talk import ASKS_TO_LEARN, CHOICE, asks, is_small_talk, without_address
from bot.sandbox.offline_model.words import Word, content, is_german, shared

MOST = 3  # insights in one answer

HONEST = {False: "_(offline model: plain rules, no language model)_", True: "_(Offline-Modell: einfache Regeln, kein Sprachmodell)_"}
NOTED = {False: "Noted.", True: "Notiert."}
NOTHING = {False: "I know nothing about that yet.", True: "Darüber weiß ich noch nichts."}
NOTED_NOTHING = {False: "Noted. I know nothing yet that helps with it.", True: "Notiert. Dazu weiß ich noch nichts, was hilft."}
LISTENING = {False: "I'm here. Tell me something, or ask.", True: "Ich bin da. Erzähl mir etwas oder frag mich."}
BEAR_IN_MIND = {False: "Bear in mind: ", True: "Zu bedenken: "}
SAID_HERE = {False: "As {} said here: ", True: "Wie {} hier gesagt hat: "}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said, and the tool that is called, if any."""

    text: str
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An insight, and how many words of the question it shares."""

    count: int
    insight: Insight


@dataclass(frozen=True, slots=True)
class Here:
    """What somebody stated in the thread, and how many words of the question it shares."""

    count: int
    speaker: str
    sentence: str


def reply(prompt: Prompt) -> Reply:
    """The next turn. `stay_silent` and `learn_now` are called only where they are offered."""
    text, german = prompt.last.text, is_german(prompt.last.text)
    asked = [s for s in sentences(text) if asks(s) and not is_small_talk(s)]
    wants_learning = any(ASKS_TO_LEARN.search(without_address(s)) for s in sentences(text))
    found = _answer(prompt, asked, german) if asked else ""
    if "stay_silent" in prompt.tools and not _for_us(prompt, bool(found), wants_learning):
        return Reply("", "stay_silent")
    said = _said(found, bool(asked), bool(statements(text)) or wants_learning, german)
    tool = "learn_now" if wants_learning and "learn_now" in prompt.tools and not prompt.after_tool else ""
    return Reply(f"{said} {HONEST[german]}", tool)


def _said(found: str, asked: bool, told: bool, german: bool) -> str:
    if found:
        return found
    if asked:
        return (NOTED_NOTHING if told else NOTHING)[german]
    return (NOTED if told else LISTENING)[german]


def _for_us(prompt: Prompt, answered: bool, wants_learning: bool) -> bool:
    """Whether a message that may not be meant for us is: it names us, or names nobody and stands behind our words or can be helped."""
    text = prompt.last.text
    if re.search(r"(?i)@?\btacit\b|<@\w+>.{0,40}\btacit\b", text):
        return True
    spoken_to = re.match(r"\s*(?:(?:hey|hi|ok|hallo|thanks|danke)[ ,]+)?@?([\w.-]+)\s*[,:]|\s*(?:<@\w+>|@[\w.-]+)", text, re.I)
    names = {name.lower() for name in prompt.others} | {name.lower().split()[0] for name in prompt.others if name}
    if spoken_to and (spoken_to[1] is None or spoken_to[1].lower() in names):
        return False
    behind_us = len(prompt.thread) > 1 and not prompt.thread[-2].speaker and any(asks(s) or statements(s) for s in sentences(text))
    return (answered or wants_learning or behind_us) and "@" not in text


def _answer(prompt: Prompt, asked: list[str], german: bool) -> str:
    """The lines of an answer, best first; "" where nothing is known."""
    question = " ".join(asked)
    here, fitting = next(filter(any, (_found(prompt, words, german=german) for words in _wordings(prompt, question))), (None, []))
    best = fitting[0].count if fitting else 0
    lines = [_quoted(match.insight) for match in fitting]
    if here and here.count >= best and all(relation(here.sentence, match.insight.sentence) != "same" for match in fitting):
        line = SAID_HERE[german].format(here.speaker) + here.sentence
        lines.insert(0 if here.count > best else 1, line)
    if CHOICE.search(question) and best < 2:
        used = {match.insight for match in fitting}
        lines += [BEAR_IN_MIND[german] + _quoted(i) for i in prompt.insights if i.kind in STANDING and i not in used]
    return "\n".join(lines[:MOST])


def _found(prompt: Prompt, words: list[Word], *, german: bool) -> tuple[Here | None, list[Match]]:
    """What the thread says, and the insights that fit, without those that the thread has overtaken."""
    here = _from_thread(prompt, words)
    fitting = _fitting(prompt.insights, words, german=german)
    return here, [m for m in fitting if not (here and relation(here.sentence, m.insight.sentence) == "contradicts")]


def _wordings(prompt: Prompt, question: str) -> list[list[Word]]:
    """The words to look for: the question's own; where they find nothing, the whole message's; for "any ideas?" alone, the thread's."""
    own, message = content(without_address(question)), content(without_address(prompt.last.text))
    thread = [word for s in prompt.thread[:-1] if s.speaker for word in content(s.text)]
    return [words for words in (own, message, [] if message else thread) if words]


def _fitting(insights: tuple[Insight, ...], words: list[Word], *, german: bool) -> list[Match]:
    """The insights that share a word, those that share most first; those that share much less than the best are left out."""
    found = [Match(shared(words, i.sentence, german=german or is_german(i.sentence)), i) for i in insights]
    best = max((match.count for match in found), default=0)
    return sorted((m for m in found if m.count and m.count * 2 >= best), key=lambda match: -match.count)


def _from_thread(prompt: Prompt, words: list[Word]) -> Here | None:
    """What a person stated earlier in the thread that shares most words; among equals the last."""
    said = [(s.speaker, sentence) for s in prompt.thread[:-1] if s.speaker for sentence in statements(s.text)]
    found = [Here(shared(words, sentence, german=is_german(sentence)), speaker, sentence) for speaker, sentence in said]
    return max(reversed(found), key=lambda here: here.count) if any(here.count for here in found) else None


def _quoted(insight: Insight) -> str:
    """The sentence with its handle. What looks like a handle within it is none."""
    return re.sub(r"\[(i\d+)\]", r"(\1)", insight.sentence) + f" [{insight.handle}]"
