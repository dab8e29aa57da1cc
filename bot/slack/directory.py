"""Who is who and who is where, asked of Slack and kept for minutes: the `Directory` that the audience rule looks into."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

from bot.slack.calls import Json, SlackFailed, SlackRefused, ask, pages
from bot.slack.installations import Installation
from bot.slack.people import SLACKBOT, UNKNOWN, person_of, stranger
from bot.slack.places import Privacy, place_of
from bot.slack.remembered import Remembered
from stores.audience import LookupFailed, Person, Place
from stores.documents import Documents

MINUTES = 5
FEW = 40
"""Up to so many unknown members are looked up one by one; beyond that the list of all teammates is cheaper."""
AT_ONCE = 8
LONGEST = 30.0
"""Seconds that a look at all members of a place may take."""
NOT_THERE = frozenset({"channel_not_found", "not_in_channel"})


class SlackDirectory:
    """`stores.audience.Directory` of one workspace. Raises `LookupFailed` when Slack does not say, `Unavailable` without a database.

    Answers are `MINUTES` old at most. Call `refresh` at the start of each question and each run: it drops what another process saw change.
    """

    def __init__(
        self,
        installation: Installation,
        documents: Documents,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.installation, self.documents = installation, documents
        self.privacy = Privacy(documents, now)
        self._client = installation.client
        seconds = MINUTES * 60.0
        self.people: Remembered[Person] = Remembered(self._person, seconds=seconds, most=20_000, clock=clock)
        self.places: Remembered[Place] = Remembered(self._place, seconds=seconds, clock=clock)
        self.rooms: Remembered[frozenset[str]] = Remembered(self._rooms, seconds=seconds, clock=clock)
        self.outsiders: Remembered[bool] = Remembered(self._outsiders, seconds=seconds, clock=clock)
        self._dms: Remembered[str] = Remembered(self._dm, seconds=24 * 3600.0, clock=clock)
        self._some = asyncio.Semaphore(AT_ONCE)
        self._revision: int | None = None

    async def person(self, teammate: str) -> Person:
        return await self.people.get(teammate)

    async def place(self, place: str) -> Place:
        return await self.places.get(place)

    async def rooms_of(self, teammate: str) -> frozenset[str]:
        return await self.rooms.get(teammate)

    async def has_outsiders(self, place: str) -> bool:
        return (await self.place(place)).shared or await self.outsiders.get(place)

    async def dm_of(self, teammate: str) -> str:
        """The id of the DM that this teammate has with Tacit, opened when there is none yet."""
        return await self._dms.get(teammate)

    async def admins(self) -> list[str]:
        """The workspace's admins, asked of Slack now."""
        found: list[Person] = []
        async with _looking(LONGEST):
            async for page in pages(self._client.users_list, "members", limit=1000):
                found += [person_of(user, self.installation) for user in page]
        return sorted(p.id for p in found if p.admin and not p.bot and not p.outsider)

    async def refresh(self) -> None:
        """Drop every answer when another process has seen people or places change. One small read of the database."""
        found = await self.documents.find("places", {"_id": "revision"}, limit=1)
        revision = int(found[0]["n"]) if found else 0
        if revision != self._revision:
            self.forget_all()
            self._revision = revision

    async def changed(self) -> None:
        """Tell the other processes that their answers may be wrong now. Call it after dropping one's own."""
        await self.documents.update("places", {"_id": "revision"}, {"$inc": {"n": 1}}, upsert=True)
        if self._revision is not None:
            self._revision += 1  # Our own step is no news to us. Had another process raised it too, the numbers differ still.

    def forget_all(self) -> None:
        """Drop every answer but the ids of DMs, which never change."""
        for remembered in (self.people, self.places, self.rooms, self.outsiders):
            remembered.forget()

    async def _person(self, teammate: str) -> Person:
        if teammate == SLACKBOT:
            return Person(SLACKBOT, "Slackbot", bot=True)
        async with _looking():
            try:
                return person_of((await ask(self._client.users_info(user=teammate)))["user"], self.installation)
            except SlackRefused as e:
                if e.error in UNKNOWN:
                    return stranger(teammate)
                raise

    async def _place(self, place: str) -> Place:
        if place.startswith("D"):
            return Place(place, "dm")
        async with self._some, _looking():
            try:
                channel = (await ask(self._client.conversations_info(channel=place)))["channel"]
            except SlackRefused as e:
                if e.error not in NOT_THERE:
                    raise
                # Definitive: a private channel that Tacit is not in, or one that is gone.
                return Place(place, "private", private_until=await self.privacy.seen(place, "private"))
            found = place_of(channel, 0.0)
            return place_of(channel | {"id": place}, await self.privacy.seen(place, found.room))

    async def _rooms(self, teammate: str) -> frozenset[str]:
        kinds: Json = {"types": "private_channel,mpim", "exclude_archived": False, "limit": 200}
        found: set[str] = set()
        async with _looking():
            try:
                async for page in pages(self._client.users_conversations, "channels", user=teammate, **kinds):
                    found |= {channel["id"] for channel in page if _theirs_and_ours(channel)}
            except SlackRefused as e:
                if e.error not in UNKNOWN:
                    raise
                return frozenset()
        return frozenset(found)

    async def _outsiders(self, place: str) -> bool:
        async with _looking(LONGEST):
            try:
                pages_of_members = pages(self._client.conversations_members, "members", channel=place, limit=1000)
                members = [member async for page in pages_of_members for member in page]
            except SlackRefused as e:
                if e.error not in NOT_THERE:
                    raise
                return True  # Tacit cannot look into it, so anybody may be there.
            people = await self._everybody({str(member) for member in members} - {self.installation.bot_user})
        return any(person.outsider and not person.bot for person in people)

    async def _dm(self, teammate: str) -> str:
        async with _looking():
            return str((await ask(self._client.conversations_open(users=teammate)))["channel"]["id"])

    async def _everybody(self, teammates: Iterable[str]) -> Sequence[Person]:
        """All of these people: from what is kept, one by one while they are few, else from the list of all."""
        wanted = set(teammates)
        found = {each: known for each in wanted if (known := self.people.known(each))}
        if len(wanted) - len(found) > FEW:
            found |= await self._listed(wanted)
        try:
            found |= await self._one_by_one(wanted - found.keys())
        except LookupFailed as e:
            if not isinstance(e.__cause__, SlackRefused) or e.__cause__.error != "unknown_method":
                raise
            found |= await self._listed(wanted)
        if wanted - found.keys():
            raise LookupFailed("Slack names members whom it does not list.")
        return list(found.values())

    async def _one_by_one(self, teammates: Iterable[str]) -> dict[str, Person]:
        async def one(teammate: str) -> Person:
            async with self._some:
                return await self.people.get(teammate)

        return {person.id: person for person in await asyncio.gather(*(one(each) for each in teammates))}

    async def _listed(self, wanted: set[str]) -> dict[str, Person]:
        """Those of `wanted` whom users.list names; everybody on it is kept. None when Slack has no such method."""
        found: dict[str, Person] = {}
        generation = self.people.generation
        try:
            async for page in pages(self._client.users_list, "members", limit=1000):
                for person in (person_of(user, self.installation) for user in page):
                    self.people.put(person.id, person, generation)
                    found |= {person.id: person} if person.id in wanted else {}
        except SlackRefused as e:
            if e.error != "unknown_method":
                raise
        return found


@asynccontextmanager
async def _looking(seconds: float | None = None) -> AsyncIterator[None]:
    """Turn whatever keeps Slack from answering into `LookupFailed`."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (SlackFailed, SlackRefused, TimeoutError, KeyError, TypeError) as e:
        raise LookupFailed(f"Slack did not say: {e or type(e).__name__}.") from e


def _theirs_and_ours(channel: Json) -> bool:
    private = bool(channel.get("is_private") or channel.get("is_group") or channel.get("is_mpim"))
    return private and not channel.get("is_im") and channel.get("is_member", True) is not False
