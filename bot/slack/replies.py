"""Replies as Slack shows them: text, sources, notices, buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.citations import Source, addresses, day, mrkdwn, permalink, sources, used, without_handles
from bot.compose import Composed
from bot.slack.blocks import marked, sections
from bot.slack.calls import Json
from bot.slack.directory import SlackDirectory
from stores.audience import LookupFailed
from stores.conversations import Message
from stores.insights import Insight

RETRY = "retry_question"
"""The action of the button on a reply that says that something went wrong; its value is the question's id."""

LEARNS = (
    "I learn from conversations that I take part in, and mark what I learned from with :brain:. "
    "`/learnings` shows it, `/learnings forget N` forgets it; to stop me learning here, remove me from the channel."
)
MISSING = "I could not look up just now who may see what, so something may be missing here."
_LEARNED_FROM = "learned from"
HELP = (
    "Ask me something, or tell me what the team should know: `@Tacit where do we keep the release notes?` or "
    "`@Tacit remember that releases go out on Tuesdays`. `/learnings help` says what else I can do."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One message. `text` is what notifications and screen readers get."""

    text: str
    blocks: tuple[Json, ...]


async def reply_of(made: Composed, thread: Sequence[Message], url: str, directory: SlackDirectory, *, introduce: bool) -> Reply:
    """The model's words with the sources of what they used, and nothing that was not used. The last message of `thread` is the question."""
    cited = used(made.text, made.insights)
    asker = thread[-1].speaker if thread else ""
    given = [m.text for m in thread if m.speaker == asker] + [text for i in cited for text in (i.sentence, *i.fields.values())]
    text = mrkdwn(without_handles(made.text), addresses(given)) or "I have nothing to say to that."
    named = [await source_line(insight, url, directory) for insight in cited]
    notes = [line for line in dict.fromkeys(named) if line] + ([MISSING] if made.missing else []) + ([LEARNS] if introduce else [])
    blocks = [*sections(text, most=40), *(context(note) for note in notes)]
    return Reply("\n".join([text, *notes]), tuple(blocks))


async def source_line(insight: Insight, url: str, directory: SlackDirectory) -> str:
    """Who taught an insight, where and when: `learned from @ana in #infra, 22 Nov 2026`, with links, and who says that it is wrong. "" when
    nobody may be named."""
    named = [await said_by(s, url, directory) for s in sources(insight)]
    doubters = [await name_of(teammate, directory) for teammate in dict.fromkeys(d.teammate for d in insight.doubts)]
    doubted = f"; {' and '.join(doubters)} {'says' if len(doubters) == 1 else 'say'} that this is wrong" if doubters else ""
    return f"{_LEARNED_FROM} {' and '.join(named)}{doubted}" if named else ""


async def said_by(source: Source, url: str, directory: SlackDirectory) -> str:
    """Who said something, where and when: `@ana in #infra, 22 Nov 2026`, with a link."""
    label = f"{await place_name(source.place, directory)}, {day(source.at)}"
    where = f"<{permalink(url, source)}|{label}>" if url else label
    return f"{await name_of(source.teammate, directory)} in {where}"


async def name_of(teammate: str, directory: SlackDirectory) -> str:
    """A teammate's name, not as a mention: being cited must not ring anybody's phone."""
    try:
        return f"@{_plain((await directory.person(teammate)).name)}"
    except LookupFailed:
        return "a teammate"


async def place_name(place: str, directory: SlackDirectory) -> str:
    """A place's name, such as #infra or "a direct message"."""
    if place.startswith("D"):
        return "a direct message"
    try:
        found = await directory.place(place)
    except LookupFailed:
        return "a channel"
    return f"#{_plain(found.name)}" if found.name else "a private channel"


def without_notes(text: str) -> str:
    """A reply of ours without the lines that stand below its words: the model must not take them for its own and imitate them."""
    lines = text.rstrip().split("\n")
    while lines and lines[-1].startswith((_LEARNED_FROM, LEARNS[:40], MISSING[:40])):
        lines.pop()
    return "\n".join(lines)


def help_reply() -> Reply:
    """What a bare mention gets."""
    return Reply(HELP, tuple(sections(HELP)))


def failure_reply(sentence: str, reference: str) -> Reply:
    """One honest sentence, a reference to find it in the log, and a button to try again."""
    text = f"{mrkdwn(sentence, ())} I could not answer. Your question is kept; reference `{reference}`."
    button = {"type": "button", "text": {"type": "plain_text", "text": "Retry"}, "action_id": RETRY, "value": reference}
    return Reply(text, (*sections(text), {"type": "actions", "elements": [button]}))


def not_there_text(place: str) -> str:
    """What somebody gets who mentions Tacit where it is not."""
    return f"You mentioned me in <#{place}>, but I am not in that channel and cannot answer there. Invite me with `/invite @Tacit`."


def context(text: str) -> Json:
    """A small grey line."""
    return {"type": "context", "elements": [marked(text[:3000])]}


def _plain(text: str) -> str:
    """A name without anything that Slack would read as markup, without addresses, and without what turns around the text beside it."""
    words = " ".join(word for word in text.split() if "://" not in word)
    return "".join(c for c in words if c.isprintable() and c not in "<>&|*_~`")[:80].strip() or "somebody"
