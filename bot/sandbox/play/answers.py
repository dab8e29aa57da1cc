"""Which messages of ours answer what was asked last, and whether the answer is complete."""

from __future__ import annotations

import time

from bot.sandbox.play.control import Json
from bot.sandbox.play.ledgers import OPEN
from bot.sandbox.play.play import PATIENCE, Asked, Differed, Play, content
from bot.slack.thread import CARD
from stores.insights import message_id

AFTER_A_CLICK = 3.0  # seconds in which something changes because of a click, if anything does
SILENT = 5.0  # seconds after which a question that was answered by nothing is known to stay so


async def wait_for_answer(play: Play) -> list[Json]:
    """The complete answer to the last say or command, or to the click since. Raises `Differed` when none comes in time."""
    assert play.asked is not None
    if play.clicked and (changed := await _after_click(play, play.clicked)):
        return changed
    return await (_to_message(play, play.asked) if play.asked.ts else _to_command(play, play.asked))


async def answers(play: Play) -> list[Json]:
    """The messages of ours that answer the last say or command now."""
    assert play.asked is not None
    if not play.asked.ts:
        return await _fresh(play, play.asked, alone=True)
    return await _answering(play, play.asked)


async def _to_message(play: Play, asked: Asked) -> list[Json]:
    silent_since = 0.0

    async def look() -> list[Json]:
        nonlocal silent_since
        question = await play.ledgers.question(asked.channel, asked.ts)
        found = await _answering(play, asked)
        done = question is None or question["state"] not in OPEN
        silent_since = (silent_since or time.monotonic()) if question and done and not found else 0.0
        if silent_since and time.monotonic() - silent_since > SILENT:
            raise Differed("Tacit decided to say nothing.")
        return found if done else []

    return await play.until(look, play.patience, "There is no complete reply")


async def _to_command(play: Play, asked: Asked) -> list[Json]:
    async def look() -> list[Json]:
        [delivery] = (await play.control.look("deliveries", ids=asked.delivery))["deliveries"]
        if delivery["state"] == "failed":  # it is not sent again
            raise Differed(f"Tacit did not acknowledge the command: {delivery['error']}.")
        return await _fresh(play, asked, alone=True)

    return await play.until(look, PATIENCE, f"{play.control.name(asked.user)} got no answer to the command")


async def _after_click(play: Play, clicked: Asked) -> list[Json]:
    """What changed because of a click, once no question waits for its reply; [] when nothing changes."""
    deadline = time.monotonic() + AFTER_A_CLICK

    async def look() -> tuple[list[Json]] | None:
        busy = await play.ledgers.unanswered()
        found = await _fresh(play, clicked)
        return (found,) if not busy and (found or time.monotonic() > deadline) else None

    done = await play.until(look, play.patience, "There is no complete reply after the click")
    return done[0] if done else []


async def _fresh(play: Play, asked: Asked, *, alone: bool = False) -> list[Json]:
    """What of ours is new or changed since, and seen by who asked; `alone`: by nobody else."""
    fresh = [each for each in await play.control.ours() if asked.before.get((each["channel"], each["ts"])) != content(each)]
    return [each for each in fresh if each.get("ephemeral_to", None if alone else asked.user) == asked.user]


async def _answering(play: Play, asked: Asked) -> list[Json]:
    """Those that name the question or that it names; and those that name none and stand in its thread or reach its asker alone."""
    question = await play.ledgers.question(asked.channel, asked.ts) or {}
    found = []
    for message in await play.control.ours():
        if _asks_itself(message):
            continue
        if named := _question_of(message):
            fits = named == message_id(asked.channel, asked.ts) or _is_at(message, asked.channel, question.get("reply"))
        else:
            fits = message["ts"] > asked.ts and await _reaches(play, message, asked, question.get("root") or asked.ts)
        if fits:
            found.append(message)
    return found


def _is_at(message: Json, channel: str, ts: str | None) -> bool:
    return bool(message["channel"] == channel and message["ts"] == ts)


async def _reaches(play: Play, message: Json, asked: Asked, root: str) -> bool:
    if "ephemeral_to" in message:
        return bool(message["ephemeral_to"] == asked.user)
    if message["channel"] == asked.channel and message.get("thread_ts") == root:
        return True
    return "thread_ts" not in message and await play.control.is_dm_of(message["channel"], asked.user)


def _asks_itself(message: Json) -> bool:
    """Whether it asks somebody whether something may be kept: that answers nobody."""
    return bool((message.get("metadata") or {}).get("event_type") == CARD)


def _question_of(message: Json) -> str:
    """The id of the question that a reply's metadata names, "" for none."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("question") or "")
