"""Tools by which the answering model decides what is kept, where a store learns in that way. They act with the asker's rights.

What the model saves rests on the message that it answers, and is kept as anything that is learned. It corrects and forgets nothing by
itself: it can only have the asker be asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.learnings import Learnings, Refused
from stores.audience import LookupFailed, Place
from stores.conversations import Conversation, Message, Question
from stores.drafting import Owned, Proposal, SoFar, drafted
from stores.insights import Draft, Insight
from stores.isolation import StoreFailed
from stores.model import Tool, ToolCall
from stores.redaction import redact
from stores.terms import terms
from workers.parts import Parts
from workers.retold import retold

SAVES, REQUESTS = 5, 2  # for one reply
SECONDS = 5.0  # that a store may take to keep something
SAVE, CORRECT, FORGET = "save_insight", "correct_insight", "forget_insight"

ASKED = "The asker is shown a button with that question below your reply. Nothing has changed yet; do not say that it has."


@dataclass(frozen=True, slots=True)
class Request:
    """Something that the asker is to be asked about: an insight in other words, or, without a sentence, to forget it."""

    insight: Insight
    sentence: str = ""


@dataclass(slots=True)
class Agentic:
    """The tools for one question, and what came of them. `kinds`: those of the stores that learn in this way."""

    question: Question
    parts: Parts
    kinds: Mapping[str, Owned]
    requests: list[Request] = field(default_factory=list)
    _saves: int = 0

    @property
    def tools(self) -> list[Tool]:
        """What the model may call."""
        return [_save(self.kinds), _correct(), _forget()]

    async def carry_out(self, call: ToolCall, insights: Mapping[str, Insight]) -> str:
        """What a tool answers. `insights`: what the model was shown, by handle."""
        given = call.arguments
        sentence = redact(" ".join(str(given.get("sentence") or "").split()))
        if call.name == SAVE:
            cues = given.get("cues")
            told = list(map(str, cues)) if isinstance(cues, list) else []
            return await self._keep(str(given.get("kind") or ""), sentence, told, list(insights.values()))
        insight = insights.get(str(given.get("handle") or "").strip("[] "))
        if insight is None:
            return "There is no insight with that handle."
        return await self._ask_for(Request(insight, sentence if call.name == CORRECT else ""), correcting=call.name == CORRECT)

    async def _keep(self, kind: str, sentence: str, cues: list[str], shown: Sequence[Insight]) -> str:
        if self._saves == SAVES:
            return "Not kept: nothing more can be kept for this reply."
        self._saves += 1
        said = Proposal(kind=kind, sentence=sentence, cues=cues, things=[], evidence=["m1"], fields=[])
        try:  # the same call again, after a crash, keeps nothing twice
            return await keep_said(self.question.thread[-1], said, f"{self.question.id}/saved/{self._saves}", self, shown=shown)
        except (StoreFailed, LookupFailed):
            return "Not kept: it cannot be done just now."

    async def _ask_for(self, request: Request, *, correcting: bool) -> str:
        if len(self.requests) == REQUESTS:
            return "Not done: the asker can be asked about no more for this reply."
        if correcting and request.insight.store not in {owned.store for owned in self.kinds.values()}:
            return "Not needed: this sort of thing is corrected by itself, from what was said here."
        if correcting and not request.sentence:
            return "Not done: say in one sentence what holds instead."
        try:
            await Learnings(self.parts).changeable(request.insight.id, self.question.readers)
        except Refused as e:
            return f"Not done. {e}"
        self.requests.append(request)
        return ASKED


async def agentic(question: Question, parts: Parts) -> Agentic | None:
    """The tools for this question; None where every store learns in another way, or the asker opted out."""
    stores = {store for store, mode in (await parts.modes.all()).items() if mode == "agentic"}
    kinds = {n: o for n, o in parts.machine.kinds.items() if o.store in stores and o.kind.one_per != "conversation"}
    if not kinds or not question.thread or await parts.repository.opted_out.out(question.asker):
        return None
    return Agentic(question, parts, kinds)


async def keep_said(
    message: Message, proposal: Proposal, run: str, work: Agentic, *, instead_of: Insight | None = None, shown: Sequence[Insight] = ()
) -> str:
    """Keep what this message says, by all the rules for what is learned; in words what came of it. `shown`: what the model had read beside
    the thread. Raises `StoreFailed`, `LookupFailed`."""
    parts, question = work.parts, work.question
    place = await parts.directory.place(message.place)
    if _from_a_private_time(message, place) or await parts.repository.forgotten([message.id]):
        return "Not kept: what this message says is not to be learned."
    root = question.conversation or message.id
    said = Conversation(parts.workspace, root, message.place, run, (message,), frozenset({message.id}), question.readers)
    beside = await retold(question.thread, place, parts.repository, parts.directory)
    draft = drafted(0, proposal, said, work.kinds, {"m1": message.id}, place.room, SoFar(tuple(shown)), beside, place.name)
    if isinstance(draft, str):
        return f"Not kept: {draft}."
    if instead_of is not None and not draft.state_of:
        draft = replace(draft, decision="contradicts", of=(instead_of.id,))
    else:
        draft = await _settled(draft, said, parts)
    return await _kept(draft, said, parts)


async def _kept(draft: Draft, said: Conversation, parts: Parts) -> str:
    others = parts.machine.names - {draft.store}
    kept = await parts.machine.process(replace(said, drafts=(draft,)), seconds=SECONDS, without=others)
    for gone in await parts.repository.forgotten(sorted(said.new)):  # deleted meanwhile
        for insight in await parts.repository.supported_by(gone):
            await parts.repository.withdraw(insight.id, [gone])
    if kept:
        return f"Kept: {kept[0].sentence}"
    waiting = await parts.repository.get([draft.id, *draft.of], status="pending")
    return "It waits for somebody to confirm it." if waiting else "Not kept: it is known already, or was dropped or forgotten before."


async def _settled(draft: Draft, said: Conversation, parts: Parts) -> Draft:
    """The draft as it stands to what is known, without asking a model: in the same words it is the same."""
    near = await parts.machine.known.resembling([draft], said)
    same = [i.id for i in near.get(draft.id, ()) if i.kind == draft.kind and set(terms(i.sentence)) == set(terms(draft.sentence))]
    return replace(draft, decision="same", of=tuple(same[:1])) if same else draft


def _from_a_private_time(message: Message, place: Place) -> bool:
    return place.room == "public" and message.at <= place.private_until


_KEEP = """\
Keep something that the last message states, for teammates elsewhere and later. Only you decide about these kinds of things: they are not
learned otherwise. Keep what will be of use in a month; no questions, guesses, small talk, secrets, nothing about anybody's health, pay,
performance or private life, and nothing that is quoted as LEARNED already."""
_SENTENCE = """\
One statement that stands alone, in the message's language, at most 300 characters: names instead of pronouns, dates instead of "yesterday",
nothing that was not said"""
_REPLACE = "Have the asker asked, by a button, whether an insight is to be replaced: the last message says that it is wrong or outdated."
_TAKE_BACK = "Have the asker asked, by a button, whether an insight is to be forgotten: the last message asks for that."


def _save(kinds: Mapping[str, Owned]) -> Tool:
    about = "; ".join(f"{name}: {owned.kind.guidance}" for name, owned in kinds.items())
    cues = {"type": "array", "items": {"type": "string"}, "description": "Up to 3 situations in which it should come to mind"}
    kind = {"type": "string", "enum": list(kinds), "description": about}
    return Tool(SAVE, _KEEP, _object({"kind": kind, "sentence": _text(_SENTENCE), "cues": cues}))


def _correct() -> Tool:
    return Tool(CORRECT, _REPLACE, _object({"handle": _HANDLE, "sentence": _text("What holds instead. " + _SENTENCE)}))


def _forget() -> Tool:
    return Tool(FORGET, _TAKE_BACK, _object({"handle": _HANDLE}))


def _text(description: str) -> dict[str, object]:
    return {"type": "string", "description": description}


_HANDLE = {"type": "string", "description": "The insight's handle, such as i3"}


def _object(properties: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
