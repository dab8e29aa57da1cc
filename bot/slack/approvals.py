"""Asking a person whether something may be kept, by a card with buttons: how it looks, and what pressing them does.

Whoever presses is checked again at that moment. A card says what became of it when it is pressed a second time, or by a second person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.approvals import ApprovalLedger, Card, How, deciding, looks, seen_by
from bot.citations import mrkdwn
from bot.learnings import Refused
from bot.slack import instructions
from bot.slack.blocks import sections
from bot.slack.calls import Json
from bot.slack.replies import Reply, context, name_of
from bot.slack.shown import facts, quoted
from bot.slack.workspaces import SlackParts
from stores.audience import Readers, look
from stores.drafting import CODE_POINTS, SENTENCE_LIMIT, fits
from stores.insight_documents import PENDING
from stores.insights import Insight
from stores.pending import accept, drop, waits
from stores.redaction import redact
from workers.agreeing import agreed_before

KEEP, EDIT, SAVE, BACK, DROP, KEEP_ALL = (f"approval_{name}" for name in ("keep", "edit", "save", "back", "drop", "keep_all"))
TYPED = "approval_sentence"
"""The block and the action of the field for a sentence."""
MOST = 8
"""Insights that one card asks about: with five blocks each it stays within Slack's fifty."""
EXPIRES = f"Without an answer it is gone in {PENDING // 86_400:.0f} days."
NOT_YOURS = "This is not yours to see any more."
AWAY = "I cannot look up just now whether you may see this."
NOTHING: Mapping[str, str] = MappingProxyType({})

Show = Callable[[Insight, SlackParts], Awaitable[str]]
Below = Callable[[Insight, Readers, SlackParts], Awaitable[list[str]]]
Ready = Callable[[Insight, SlackParts], Awaitable[bool]]
Kept = Callable[[Insight, str, SlackParts], Awaitable[None]]


async def _sentence(insight: Insight, slack: SlackParts) -> str:
    return "\n".join(f"> {line}" for line in mrkdwn(insight.sentence, ()).splitlines())


async def source(insight: Insight, slack: SlackParts) -> str:
    """What is to be known of what waits: its kind, who would see it, where it comes from."""
    return f"Once kept: {await facts(insight, slack)}"


async def _source(insight: Insight, readers: Readers, slack: SlackParts) -> list[str]:
    return [await source(insight, slack)]


async def _at_once(insight: Insight, slack: SlackParts) -> bool:
    """People are asked as soon as it waits."""
    return True


async def _nothing(insight: Insight, by: str, slack: SlackParts) -> None:
    """Being in force is all that there is to it."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How people are asked about what waits in one store. `ready`: whether they are asked yet. `teachers`: they may decide themselves; else
    approvers alone may. `show`: what is to be decided about, as markup; `below`: small lines on what it rests on. `kept`: what else happens
    once somebody (an id) has put it in force; it may be repeated."""

    question: str = "*May I keep this?*"
    ready: Ready = _at_once
    teachers: bool = True
    show: Show = _sentence
    below: Below = _source
    kept: Kept = _nothing


USUAL = Asking()
WISH = Asking(
    "*May I answer everybody like this?*",
    ready=instructions.ready,
    teachers=False,
    show=instructions.difference,
    below=instructions.grounds,
    kept=instructions.adopt,
)
ASKING: Mapping[str, Asking] = MappingProxyType({"instructions": WISH})
"""Store → how people are asked about what waits in it, where that is not as usual."""


def asking_of(insight: Insight) -> Asking:
    return ASKING.get(insight.store, USUAL)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a card was pressed. `value` is the insight's id, followed by those of all that the card asks about where these are
    several; `typed` what stands in the card's field, `ts` the message with it."""

    action: str
    value: str
    caller: str
    place: str
    typed: str
    ts: str = ""

    @property
    def of(self) -> str:
        """The insight that it is about."""
        return self.value.partition(" ")[0]

    @property
    def ids(self) -> Sequence[str]:
        """All that the card asks about, in order."""
        return self.value.split()[1:] or [self.value]


@dataclass(frozen=True, slots=True)
class Answer:
    """What pressing led to; `replaces`: it takes the card's place, else it is shown to the presser beside it."""

    reply: Reply
    replaces: bool = True


async def click(pressed: Pressed, slack: SlackParts) -> Answer | None:
    """Carry out a press; None when the button is none of these. May be repeated: what is decided stays so."""
    if pressed.action == KEEP_ALL:
        return await _keep_all(pressed, slack)
    press = PRESSES.get(pressed.action)
    if press is None:
        return None
    try:
        waiting = await _theirs(pressed, slack)
    except Refused as e:
        return Answer(_plain(str(e)), replaces=False)
    answer = await press(waiting, pressed, slack) if waiting else None
    return answer or await _shown(pressed, slack, NOTHING)


async def card_about(ids: Sequence[str], looks: Sequence[Readers], slack: SlackParts, done: Mapping[str, str] = NOTHING) -> Reply:
    """A card about these insights, as one of these `looks` may see them: those that wait with their buttons, of each other one what became
    of it. `done`: what to say of some instead."""
    blocks: list[Json] = []
    lines: list[str] = []
    waiting: list[str] = []
    for identity in ids:
        told = done.get(identity) or await _question(identity, ids, looks, slack) or await closing(identity, slack)
        waiting += [] if isinstance(told, str) else [identity]
        one = _plain(told) if isinstance(told, str) else told
        blocks += one.blocks
        lines.append(one.text)
    if len(waiting) > 1:
        keep_all = _button(f"Keep all {len(waiting)}", KEEP_ALL, " ".join([ids[0], *ids]), "primary")
        blocks += [context(EXPIRES.replace("it is", "they are")), {"type": "actions", "elements": [keep_all]}]
    return Reply("\n".join(lines), tuple(blocks))


async def _question(identity: str, ids: Sequence[str], looks: Sequence[Readers], slack: SlackParts) -> Reply | str:
    """What is asked about one of a card's insights; a sentence where that may not be told, "" when it does not wait any more."""
    waiting = await waits(identity, slack.parts.repository)
    for readers in looks:
        if waiting and (seen := await seen_by(waiting, readers, slack.parts)):
            return await _asked(seen, ids, readers, slack)
    return "" if waiting is None else AWAY if any(readers.missing for readers in looks) else NOT_YOURS


async def _asked(insight: Insight, ids: Sequence[str], readers: Readers, slack: SlackParts) -> Reply:
    asking, parts = asking_of(insight), slack.parts
    below = [f"{name}: {mrkdwn(value, ())}" for name, value in insight.fields.items()]
    below += await asking.below(insight, readers, slack)
    in_force = [i for i in await parts.repository.older_than(insight.id) if i.status != "pending"]
    older = await look(in_force, readers, parts.directory, parts.repository)
    below += [f"It would replace {', '.join(quoted(i) for i in older.insights)}"] if older.insights else []
    below = [*below, EXPIRES] if len(ids) == 1 else ["\n".join(below)]  # several share their blocks
    text = f"{asking.question}\n{await asking.show(insight, slack)}"
    value = insight.id if len(ids) == 1 else " ".join([insight.id, *ids])
    buttons = [_button("Keep", KEEP, value, "primary"), _button("Edit", EDIT, value), _button("Drop", DROP, value, "danger")]
    actions = {"type": "actions", "block_id": insight.id, "elements": buttons}
    return Reply(text, (*sections(text, most=3), *(context(line) for line in below), actions))


async def closing(identity: str, slack: SlackParts) -> str:
    """What a card says once its question is decided, or came to nothing. It quotes nothing: whoever reads it may not be who decided."""
    approval = await ApprovalLedger(slack.parts.documents).of(identity)
    by = f" by {await name_of(approval.by, slack.directory)}" if approval.by else ""
    words = {"kept": f"This was kept{by}.", "dropped": f"This was dropped{by}."}
    return words.get(approval.how or "", "This is not waiting any more: it was decided, taken back, or nobody answered in time.")


async def _theirs(pressed: Pressed, slack: SlackParts) -> Insight | None:
    """What waits there, if the presser may decide about it; None when it waits no more. Raises `Refused`."""
    known = await slack.parts.repository.get([pressed.of], status="pending")
    teachers = asking_of(known[0]).teachers if known else True
    return await deciding(pressed.of, pressed.caller, pressed.place, slack.parts, slack.approvers, teachers=teachers)


async def _shown(pressed: Pressed, slack: SlackParts, done: Mapping[str, str]) -> Answer:
    """The card after a press, as the presser may see it, and decide about it still."""
    ids = pressed.ids[:MOST]
    refused = {i: await _refusal(replace(pressed, value=i), slack) for i in ids if i not in done}
    return Answer(await card_about(ids, await looks(pressed.caller, pressed.place, slack.parts), slack, {**refused, **done}))


async def _refusal(pressed: Pressed, slack: SlackParts) -> str:
    """Why it is not the presser's to decide, "" where it is, or does not wait any more."""
    try:
        await _theirs(pressed, slack)
    except Refused as e:
        return str(e)
    return ""


async def _keep_all(pressed: Pressed, slack: SlackParts) -> Answer:
    """Keep what of the card waits still and is the presser's to decide."""
    done: dict[str, str] = {}
    for identity in pressed.ids[:MOST]:
        one = replace(pressed, value=identity)
        try:
            waiting = await _theirs(one, slack)
        except Refused as e:
            done[identity] = str(e)
            continue
        if waiting and (said := await _kept(waiting, one, slack)):
            done[identity] = said
    return await _shown(pressed, slack, done)


async def _keep(waiting: Insight, pressed: Pressed, slack: SlackParts, sentence: str = "") -> Answer | None:
    said = await _kept(waiting, pressed, slack, sentence)
    return await _shown(pressed, slack, {waiting.id: said}) if said else None


async def _kept(waiting: Insight, pressed: Pressed, slack: SlackParts, sentence: str = "") -> str:
    kept = await accept(waiting.id, pressed.caller, slack.parts.repository, sentence=sentence)
    if kept is None:
        return ""
    await agreed_before([e.message for e in kept.evidence], slack.parts)
    await asking_of(kept).kept(kept, pressed.caller, slack)
    await _decided(waiting, pressed, slack, "kept")
    return f"Kept: {quoted(kept)}"


async def _drop(waiting: Insight, pressed: Pressed, slack: SlackParts) -> Answer | None:
    if await drop(waiting.id, slack.parts.repository) is None:
        return None
    await _decided(waiting, pressed, slack, "dropped")
    return await _shown(pressed, slack, {waiting.id: "Dropped. I will not learn this from the same messages again."})


async def _decided(waiting: Insight, pressed: Pressed, slack: SlackParts, how: How) -> None:
    ledger = ApprovalLedger(slack.parts.documents)
    own = next((c for c in (await ledger.of(waiting.id)).cards if c.teammate == pressed.caller), Card(pressed.caller, "closed"))
    if own.ts in ("", pressed.ts):  # this answer takes its place; else it is put right as the others' are
        await ledger.note(waiting.id, Card(own.teammate, "closed", own.place, own.ts))
    await ledger.decided(waiting.id, how, pressed.caller)


async def _edit(waiting: Insight, pressed: Pressed, slack: SlackParts) -> Answer | None:
    return Answer(_form(pressed.value, waiting.sentence))


async def _save(waiting: Insight, pressed: Pressed, slack: SlackParts) -> Answer | None:
    sentence = redact(" ".join(pressed.typed.split()))
    if not sentence or not fits(sentence):
        return Answer(_form(pressed.value, pressed.typed[:CODE_POINTS], f"It takes 1 to {SENTENCE_LIMIT} characters."))
    return await _keep(waiting, pressed, slack, sentence)


async def _back(waiting: Insight, pressed: Pressed, slack: SlackParts) -> Answer | None:
    return await _shown(pressed, slack, NOTHING)


def _form(value: str, sentence: str, wrong: str = "") -> Reply:
    field = {"type": "plain_text_input", "action_id": TYPED, "initial_value": sentence, "multiline": True, "max_length": CODE_POINTS}
    label = {"type": "plain_text", "text": "In which words shall I keep it?"}
    entry = {"type": "input", "block_id": TYPED, "label": label, "element": field}
    buttons = [_button("Save", SAVE, value, "primary"), _button("Back", BACK, value)]
    notes = [context(wrong)] if wrong else []
    return Reply(label["text"], (entry, *notes, {"type": "actions", "elements": buttons}))


def _button(label: str, action: str, value: str, style: str = "") -> Json:
    named = {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": action, "value": value}
    return named | ({"style": style} if style else {})


def _plain(text: str) -> Reply:
    return Reply(text, tuple(sections(text)))


Press = Callable[[Insight, Pressed, SlackParts], Awaitable[Answer | None]]
PRESSES: Mapping[str, Press] = MappingProxyType({KEEP: _keep, EDIT: _edit, SAVE: _save, BACK: _back, DROP: _drop})
