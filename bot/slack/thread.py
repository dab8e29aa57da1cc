"""Threads, read from Slack as they stand now: every message of every speaker, as plain text."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from bot.slack.calls import Json, SlackFailed, SlackRefused, ask, pages
from bot.slack.directory import AT_ONCE, SlackDirectory
from bot.slack.installations import Installation
from bot.slack.people import SLACKBOT, name_of
from bot.slack.plain import mentioned, plain, source_of
from bot.slack.replies import without_notes
from stores.audience import LookupFailed, Person
from stores.conversations import Message
from workers.transcripts import Seen, ThreadGone

REPLY = "tacit_reply"
"""The `event_type` of the metadata that a reply of ours carries."""
CARD = "tacit_approval"
"""The `event_type` of the metadata of a card that asks whether something may be kept. No model reads a card."""
SAID = frozenset({"", "file_share", "thread_broadcast", "me_message", "bot_message"})
"""The subtypes of messages that somebody wrote; joins, tombstones and the like are none."""
AGREED = frozenset({"+1", "thumbsup"})
PAGE = 1000


class NotThere(Exception):
    """Tacit is not in the place that the thread stands in, or the place is gone. The text is Slack's word for it."""


class SlackThreads:
    """The threads of one workspace. Every method raises `ThreadGone`, `NotThere`, or `SlackFailed` (try again later)."""

    def __init__(self, installation: Installation, directory: SlackDirectory) -> None:
        self._installation, self._directory = installation, directory
        self._some = asyncio.Semaphore(AT_ONCE)

    async def thread(self, place: str, ts: str, *, since: str = "") -> list[Message]:
        """All that was said in the thread of this message, oldest first; with `since`, only from that ts on. Whoever cannot be looked up
        counts as an outsider. Raises `Unavailable` only while the database is away."""
        said = [m for m in await self._said(place, ts) if not since or float(m["ts"]) >= float(since)]
        sources = [source_of(message) for message in said]
        people, places = _ids(said, sources)
        known = await self._people(people)
        names = {i: person.name for i, person in known.items()}
        channels = await self._channels(places)
        return [self._message(place, m, plain(s, names, channels), known) for m, s in zip(said, sources, strict=True)]

    async def root_of(self, place: str, ts: str) -> str:
        """The ts of the first message of the thread that this message stands in; its own when it stands alone."""
        try:
            answer = await ask(self._installation.client.conversations_replies(channel=place, ts=ts, limit=1))
        except SlackRefused as e:
            raise _gone(e) from None
        messages = answer.get("messages") or []
        if not messages:
            raise ThreadGone("thread_not_found")
        return str(messages[0].get("thread_ts") or messages[0]["ts"])

    async def look(self, place: str, ts: str) -> Seen:
        """This message as it stands now. `ThreadGone` says for certain that it does not any more."""
        client = self._installation.client
        try:
            answer = await ask(client.conversations_replies(channel=place, ts=ts, oldest=ts, latest=ts, inclusive=True, limit=2))
        except SlackRefused as e:
            raise _gone(e) from None
        message = next((m for m in answer.get("messages") or [] if m.get("ts") == ts), None)
        if message is None:
            raise SlackFailed("the message is not in the answer")
        if message.get("subtype") == "tombstone":
            raise ThreadGone("tombstone")
        return Seen(str((message.get("edited") or {}).get("ts") or ""), _agreed(message))

    async def find_reply(self, place: str, ts: str, question: str) -> str | None:
        """The ts of our reply to this question, recognised by its metadata; None when it is not in the thread."""
        return await find_reply(self._installation, place, ts, question)

    async def _said(self, place: str, ts: str) -> list[Json]:
        every = await _replies(self._installation, place, ts)
        said = [m for m in every if str(m.get("subtype") or "") in SAID and not m.get("is_ephemeral") and not m.get("hidden")]
        return [m for m in said if not (card_of(m) and is_ours(m, self._installation))]

    def _message(self, place: str, message: Json, text: str, known: dict[str, Person]) -> Message:
        speaker = str(message.get("user") or message.get("bot_id") or "")
        person = known.get(speaker)
        ours = is_ours(message, self._installation)
        app = bool(message.get("bot_id")) or message.get("subtype") == "bot_message" or speaker == SLACKBOT
        return Message(
            place=place,
            ts=str(message["ts"]),
            speaker=speaker,
            name=person.name if person else _own_name(message, speaker),
            text=without_notes(text) if ours else text,
            version=str((message.get("edited") or {}).get("ts") or ""),
            ours=ours,
            bot=not ours and (app or (person is not None and person.bot)),
            outsider=not ours and (person is None or person.outsider),
            question=question_of(message) if ours else "",
        )

    async def _people(self, ids: Iterable[str]) -> dict[str, Person]:
        """Those of these people whom Slack could name."""

        async def one(teammate: str) -> Person | None:
            async with self._some:
                try:
                    return await self._directory.person(teammate)
                except LookupFailed:
                    return None

        found = await asyncio.gather(*(one(each) for each in ids))
        return {person.id: person for person in found if person}

    async def _channels(self, ids: Iterable[str]) -> dict[str, str]:
        """The names of the public ones among these channels. Another's name is nobody's business here."""
        names = {}
        for each in ids:
            try:
                place = await self._directory.place(each)
            except LookupFailed:
                continue
            if place.room == "public":
                names[each] = place.name
        return names


async def find_reply(installation: Installation, place: str, ts: str, question: str) -> str | None:
    """The ts of our reply to this question in the thread, None when there is none. Raises as `SlackThreads` does."""
    for message in await _replies(installation, place, ts):
        if is_ours(message, installation) and question_of(message) == question:
            return str(message["ts"])
    return None


def is_ours(message: Json, installation: Installation) -> bool:
    """Whether Tacit wrote this message (Slack's form)."""
    if message.get("user") == installation.bot_user or (installation.bot_id and message.get("bot_id") == installation.bot_id):
        return True
    return bool(installation.app_id and message.get("bot_id") and message.get("app_id") == installation.app_id)


def question_of(message: Json) -> str:
    """The id of the question that a reply's metadata names, "" for none."""
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("question") or "") if metadata.get("event_type") == REPLY else ""


def card_of(message: Json) -> str:
    """The ids of the insights that a card asks about, with spaces between them; "" for any other message."""
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("approval") or "") if metadata.get("event_type") == CARD else ""


async def find_card(installation: Installation, dm: str, identity: str) -> tuple[str, tuple[str, ...]] | None:
    """The ts of our card about this insight among the last messages of a DM, and all that it asks about; None when it is not there. Raises
    as `SlackThreads` does."""
    try:
        history = installation.client.conversations_history(channel=dm, limit=PAGE, include_all_metadata=True)
        latest = (await ask(history)).get("messages") or []
    except SlackRefused as e:
        raise _gone(e) from None
    cards = [(str(m["ts"]), tuple(card_of(m).split())) for m in latest if is_ours(m, installation)]
    return next((found for found in cards if identity in found[1]), None)


async def _replies(installation: Installation, place: str, ts: str) -> list[Json]:
    """Every message of the thread in Slack's form, oldest first, each once (each page repeats the first message)."""
    found: dict[str, Json] = {}
    arguments = {"channel": place, "ts": ts, "limit": PAGE, "include_all_metadata": True}
    try:
        async for page in pages(installation.client.conversations_replies, "messages", **arguments):
            found |= {str(message["ts"]): message for message in page}
    except SlackRefused as e:
        raise _gone(e) from None
    return sorted(found.values(), key=lambda message: float(message["ts"]))


def _gone(refusal: SlackRefused) -> Exception:
    if refusal.error in ("thread_not_found", "message_not_found"):
        return ThreadGone(refusal.error)
    if refusal.error in ("channel_not_found", "not_in_channel"):
        return NotThere(refusal.error)
    return SlackFailed(refusal.error)


def _ids(said: list[Json], sources: list[str]) -> tuple[set[str], set[str]]:
    people = {str(message["user"]) for message in said if message.get("user")}
    places: set[str] = set()
    for source in sources:
        users, channels = mentioned(source)
        people |= users
        places |= channels
    return people, places


def _agreed(message: Json) -> tuple[str, ...]:
    """Who has put 👍 on it, of whatever skin tone."""
    thumbs = [r for r in message.get("reactions") or [] if str(r.get("name")).partition("::")[0] in AGREED]
    return tuple(dict.fromkeys(str(user) for r in thumbs for user in r.get("users") or []))


def _own_name(message: Json, speaker: str) -> str:
    """The name that a message itself gives for its writer, for bots and people whom Slack does not name otherwise."""
    profile = message.get("user_profile") or message.get("bot_profile") or {}
    return str(message.get("username") or name_of(profile) or speaker)
