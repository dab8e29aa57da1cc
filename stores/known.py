"""What is known already that a draft is compared with before it is kept: nothing that those may not see with whose eyes it is looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from stores.audience import Directory, LookupFailed, Readers, look, readers_of
from stores.conversations import Conversation
from stores.drafting import Owned
from stores.insights import Draft, Insight
from stores.keeping import insight_from
from stores.pending import proposals
from stores.repository import InsightRepository
from stores.search import KeywordSearch, Search
from stores.settling import NEARER, alike, near

ARCHIVED = 5  # insights that are not in force any more, and that one draft is compared with
OWN = 12  # insights of one teammate and kind, those learned last, that a draft of the same is compared with
PEOPLE = 3  # teammates who took part, for each of whom what they know beside a draft is looked at
BESIDE = 24  # insights that a draft's teacher may see and that are looked at for what not everybody in its place may see
WAITING = 8  # insights that wait, and that a draft which would wait too is compared with


class Known:
    """One workspace's insights, as settling asks for them. `kinds`: every declared kind with the store that it belongs to."""

    def __init__(self, kinds: Mapping[str, Owned], repository: InsightRepository, directory: Directory, finder: Search) -> None:
        self._kinds, self._repository, self._directory, self._finder = kinds, repository, directory, finder
        self._archive = KeywordSearch(repository, directory, status="archived")
        self._pending = KeywordSearch(repository, directory, status="pending")

    async def resembling(
        self, drafts: Sequence[Draft], conversation: Conversation, *, asking: Collection[str] = (), most: int = 5
    ) -> dict[str, list[Insight]]:
        """For each draft the known insights that resemble it and that everybody in the conversation's place may see, archived ones last.
        A draft that is one teammate's own is compared with what else of its kind is theirs, and one that would wait for a person's word
        (its kind always does, or its store is `asking` first) with what waits, for two that say the same may share no word."""
        own = {d.id for d in drafts}
        settled = [d for d in drafts if not d.state_of]
        found = [await self._finder.search(d.sentence, conversation.readers, limit=most + len(own)) for d in settled]
        close = {
            d.id: [i for i in f.insights if near(d.sentence, i.sentence, f.scores.get(i.id, {}))]
            for d, f in zip(settled, found, strict=True)
        }
        known = {d.id: [i for i in close[d.id] if i.id not in own and _comparable(i, d)][:most] for d in settled}
        alone = {d.about: await readers_of(self._directory, conversation.place, d.about) for d in settled if d.about}
        theirs = {d.id: [i for i in await self._theirs(d, alone[d.about]) if i.id not in own][:OWN] for d in settled if d.about}
        waiting = {d.id: [i for i in await self._waiting(d, conversation.readers, asking) if i.id not in own] for d in settled}
        all_of = {d.id: [*known[d.id], *theirs.get(d.id, ()), *waiting[d.id], *await self._archived(d, conversation)] for d in settled}
        return {d: list({i.id: i for i in found}.values()) for d, found in all_of.items()}

    async def _theirs(self, draft: Draft, readers: Readers) -> Sequence[Insight]:
        """What is known of the draft's owner and of its kind, as far as they may see it as one of these readers."""
        assert draft.about
        known = [i for i in await self._repository.about(draft.about, store=draft.store) if i.kind == draft.kind]
        return (await look(known, readers, self._directory, self._repository)).insights

    async def beside(
        self, drafts: Sequence[Draft], conversation: Conversation, *, most: int = 5, patient: bool = False
    ) -> dict[str, list[Insight]]:
        """For each draft the known insights that resemble it most, that a teammate who took part may see by themselves (of `PEOPLE`: first
        those whose words it rests on), and that not everybody in the conversation's place may see: of their other private places and their
        direct message, and of all the workspace where an outsider reads along. An outsider's words are compared with none. Who cannot be
        looked up is left out, or, with `patient`, raises `LookupFailed`."""
        spoke = [m.speaker for m in conversation.messages if not (m.ours or m.bot or m.outsider)]
        alone: dict[str, Readers] = {}
        found: dict[str, list[Insight]] = {}
        for draft in drafts if conversation.readers.room != "dm" else ():
            if draft.state_of or self._always_waits(draft) or any(e.taught == "guest" for e in draft.evidence):
                continue
            close: dict[str, tuple[float, Insight]] = {}
            for teammate in list(dict.fromkeys([*(e.teammate for e in draft.evidence), *spoke]))[:PEOPLE]:
                readers = alone[teammate] = alone.get(teammate) or await readers_of(self._directory, "", teammate, alone=True)
                if readers.missing and patient:
                    raise LookupFailed("what somebody who took part may see is not known just now")
                close |= {} if readers.closed else await self._seen_beside(draft, readers, conversation.readers)
            found[draft.id] = [i for _, i in sorted(close.values(), key=lambda each: (-each[0], each[1].id))][:most]
        return found

    async def _seen_beside(self, draft: Draft, readers: Readers, others: Readers) -> dict[str, tuple[float, Insight]]:
        """What resembles a draft, and how much, of that which these readers may see, and the others may not; nothing if they may not see
        the draft."""
        others = replace(others, asker=draft.about or others.asker)
        drafted = insight_from(draft, self._repository.workspace)
        if not (await look([drafted], readers, self._directory, self._repository)).insights:
            return {}
        theirs = list(await self._theirs(draft, readers)) if draft.about else []
        found = await self._finder.search(draft.sentence, readers, limit=BESIDE)
        close = [i for i in found.insights if near(draft.sentence, i.sentence, found.scores.get(i.id, {}), NEARER)]
        known = [i for i in {i.id: i for i in (*close, *theirs)}.values() if i.id != draft.id and _comparable(i, draft) and _told(i)]
        view = await look(await self._repository.get([i.id for i in known]), others, self._directory, self._repository)
        beside = [i for i in known if i.id not in {seen.id for seen in view.insights}]
        return {i.id: (found.scores.get(i.id, {}).get("score", 0.0), i) for i in beside}

    async def _waiting(self, draft: Draft, readers: Readers, asking: Collection[str]) -> Sequence[Insight]:
        """Of what waits, if the draft would wait too, what shares words with it, then what else there is of its kind, those learned last.
        What merely adds to another is left out."""
        always = self._always_waits(draft)
        if not always and draft.store not in asking:
            return ()
        readers = replace(readers, asker=draft.about or readers.asker)
        shared = () if always else (await self._pending.search(draft.sentence, readers, limit=WAITING)).insights
        known = [
            i for i in await proposals(draft.kind, self._repository, most=WAITING) if i.store == draft.store and i.about == draft.about
        ]
        seen = (await look(known, readers, self._directory, self._repository)).insights
        every = [i for i in {i.id: i for i in (*shared, *seen)}.values() if i.store == draft.store and _comparable(i, draft)]
        silent = await self._repository.silent(e for i in every for e in i.evidence)
        return [i for i in every if silent.isdisjoint(e.message for e in i.evidence)][:WAITING]

    def _always_waits(self, draft: Draft) -> bool:
        owned = self._kinds.get(draft.kind)
        return owned is not None and owned.kind.waits

    async def _archived(self, draft: Draft, conversation: Conversation) -> list[Insight]:
        """What was archived and says much the same: it comes back when it is said again."""
        found = await self._archive.search(draft.sentence, conversation.readers, limit=ARCHIVED)
        return [i for i in found.insights if _comparable(i, draft) and alike(i.sentence, draft.sentence)]

    async def replied(self, drafts: Sequence[Draft], conversation: Conversation, *, most: int = 5) -> dict[str, list[Insight]]:
        """For each draft the known insights that Tacit's last reply before it cited, as far as everybody in the conversation's place may
        see them: what "that's wrong" is about, whatever words it shares with them."""
        last = {d.id: next((m.cited for m in reversed(conversation.messages) if m.cited and m.at < d.at), ()) for d in drafts}
        known = await self._repository.get(sorted({i for ids in last.values() for i in ids}))
        seen = {i.id: i for i in (await look(known, conversation.readers, self._directory, self._repository)).insights}
        return {d.id: [seen[i] for i in last[d.id] if i in seen and _comparable(seen[i], d)][:most] for d in drafts if not d.state_of}


def _told(known: Insight) -> bool:
    """Whether it counts already, and not in one channel alone until a second teammate says so."""
    return any(e.taught != "unconfirmed" for e in known.evidence)


def _comparable(known: Insight, draft: Draft) -> bool:
    return known.about == draft.about and not known.state_of
