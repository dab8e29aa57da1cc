"""Answering by rule: with the insights that share a word with the question, standing ones for a choice, or the thread itself."""

from __future__ import annotations

import json
import re
from itertools import takewhile
from typing import Any, NamedTuple

from bot.sandbox.offline_model.reading import ASKS_TO_LEARN, is_question, plain, sentences, statements
from bot.sandbox.offline_model.settling import settle
from bot.sandbox.offline_model.words import CUES, WORDS, content, cue, written

MOST = 3  # insights in one answer
STANDING = ("goal", "constraint", "policy", "decision")

_CHOICE, _HANDLE = cue("talk", "choice", r"\b", r"\b"), re.compile(r"\[(i\d+)\]")
_INSIGHT = re.compile(r'^> \[(i\d+)\] ([\w-]+)[^"\n]*("(?:[^"\\]|\\.)*")', re.M)


class Insight(NamedTuple):
    """One quoted insight with its handle. What looks like a handle within the sentence is none."""

    handle: str
    kind: str
    sentence: str


class Prompt(NamedTuple):
    """What a reply is made from. `earlier` are speakers ("": Tacit) and their words; `text` is to be answered, quick messages as one."""

    insights: list[Insight]
    earlier: list[tuple[str, str]]
    text: str
    tools: set[str]


class Reply(NamedTuple):
    """What is said, and the tool that is called, if any."""

    text: str
    tool: str = ""


def read_prompt(body: dict[str, Any]) -> Prompt:
    """The product's prompt for a reply, read as text. Words that nobody is quoted with are somebody's."""
    learned, said = "", []
    for role, text in ((m["role"], m["content"] or "") for m in body["messages"] if m["role"] in ("user", "assistant")):
        if text.startswith("LEARNED\n"):
            learned = text
        elif text.startswith('{"speaker": '):
            said.append((json.loads(text)["speaker"], json.loads(text)["text"]))
        else:
            said.append(("" if role == "assistant" else "somebody", text))
    last = list(takewhile(lambda saying: saying[0] == said[-1][0], reversed(said)))
    insights = [Insight(handle, kind, _HANDLE.sub(r"(\1)", json.loads(quoted))) for handle, kind, quoted in _INSIGHT.findall(learned)]
    text = "\n".join(text for _, text in reversed(last))
    return Prompt(insights, said[: len(said) - len(last)], text, {tool["function"]["name"] for tool in body.get("tools", [])})


def reply(prompt: Prompt) -> Reply:
    """The next turn. `stay_silent` and `learn_now` are called only where they are offered."""
    little = {word.lower() for word in written(prompt.text)}
    says = CUES["says"]["german" if len(little & WORDS["german"]) > len(little & WORDS["english"]) else "english"]
    said = [plain(sentence) for sentence in sentences(prompt.text)]
    asked = " ".join(filter(is_question, said))
    to_learn = any(map(ASKS_TO_LEARN.search, said))
    told = to_learn or bool(statements(prompt.text))
    found = _answer(prompt, asked, says) if asked else []
    if "stay_silent" in prompt.tools and not _for_us(prompt, helps=bool(found) or to_learn, says_something=bool(asked) or told):
        return Reply("", "stay_silent")
    lines = found or [says["noted"]] * told + [says["nothing"]] * bool(asked) or [says["listening"]]
    return Reply("\n".join(lines) + " " + says["honest"], "learn_now" if to_learn and "learn_now" in prompt.tools else "")


def _for_us(prompt: Prompt, *, helps: bool, says_something: bool) -> bool:
    """Whether a message that may not be meant for us is: it names us, or nobody else, and we can help or it stands behind our words."""
    if re.search(r"\btacit\b", prompt.text, re.I):
        return True
    spoken_to = re.match(r"\W*(?:(?:hey|hi|ok|hallo) )?([\w.-]+)\s*[,:]", prompt.text, re.I)
    names = {speaker.lower().partition(" ")[0] for speaker, _ in prompt.earlier}
    to_others = "@" in prompt.text or (spoken_to and spoken_to[1].lower() in names)
    return not to_others and (helps or (says_something and [speaker for speaker, _ in prompt.earlier[-1:]] == [""]))


def _answer(prompt: Prompt, asked: str, says: dict[str, str]) -> list[str]:
    """The lines of an answer, best first; none when nothing is known. "Any ideas?" alone is about what was said before it."""
    people = [(speaker, text) for speaker, text in prompt.earlier if speaker]
    words = content(asked) or content(prompt.text) or content(" ".join(text for _, text in people))
    known = sorted(((len(words & content(i.sentence)), i) for i in prompt.insights), key=lambda each: -each[0])
    most = known[0][0] if known else 0
    stated = [(len(words & content(s)), speaker, s) for speaker, text in reversed(people) for s in reversed(statements(text))]
    count, speaker, here = max(stated, key=lambda each: each[0], default=(0, "", ""))
    here = here if count >= max(most, 1) else ""  # what the thread says counts for as much as what was learned
    fitting = {i: [*settle(here, [("", i.sentence)])] for n, i in known if 0 < n >= most / 2}
    lines = [f"{i.sentence} [{i.handle}]" for i, ways in fitting.items() if "contradicts" not in ways]
    if here and ["same"] not in fitting.values():
        lines.insert(0 if count > most else 1, says["here"].format(speaker) + here)
    if most < 2 and _CHOICE.search(asked):
        lines += [f"{says['bear in mind']}{i.sentence} [{i.handle}]" for i in prompt.insights if i.kind in STANDING and i not in fitting]
    return lines[:MOST]
