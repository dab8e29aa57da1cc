"""What a store missed because it is disabled (see `stores.watchdog`): the run goes on without it, what it missed is noted with the
conversation, and a run of its own makes up for it once the store is there again, as after the next start."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from stores.conversations import Message
from workers.conversations import Owed, Run, key
from workers.parts import Parts


def next_served(run: Run, parts: Parts) -> str:
    """A store that something is owed to and that may be called, "" for none."""
    there = parts.machine.names - set(parts.machine.disabled)
    return next((store for store in run.owed if store in there), "")


def served(run: Run, messages: Sequence[Message], parts: Parts) -> tuple[Run, list[Message]]:
    """The run with the store that it is for and those that have no turn, and which of these messages are new to it. News is for all
    stores, and comes first."""
    new = [m for m in messages if _is_new(m, run)]
    if run.drafts is None:
        run = replace(run, store="" if new else next_served(run, parts), absent=frozenset(parts.machine.disabled))
    missed = run.owed.get(run.store, {})
    return run, [m for m in messages if missed.get(key(m.id)) == m.version] if run.store else new


def still_owed(run: Run, rest: Sequence[Message], seen: Mapping[str, str], missed: Collection[str]) -> Owed:
    """What is owed after a run that learned from what it has `seen`, without the stores that `missed` it, and left the `rest`."""
    owed = {store: dict(messages) for store, messages in run.owed.items()}
    if run.store:
        owed[run.store] = {key(m.id): m.version for m in rest}
    for store in missed:
        owed[store] = owed.get(store, {}) | {key(m): version for m, version in seen.items()}
    return {store: messages for store, messages in owed.items() if messages}


def left_out(run: Run, parts: Parts) -> frozenset[str]:
    """The stores whose kinds the run's drafts lack, because they were disabled when these were made; also one that is there by now."""
    return run.absent & {owned.store for owned in parts.machine.kinds.values()}


def _is_new(message: Message, run: Run) -> bool:
    """By a person, from where Tacit takes part, and not learned from in its present version."""
    if message.ours or message.bot or message.ts < run.since:
        return False
    return run.learned.get(key(message.id)) != message.version
