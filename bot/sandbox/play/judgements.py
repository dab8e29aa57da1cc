"""The steps that judge. Each raises `Differed` when things are not as the scenario says."""

from __future__ import annotations

import asyncio
import time

from bot.sandbox.play.answers import answers, wait_for_answer
from bot.sandbox.play.control import Json
from bot.sandbox.play.ledgers import Kept
from bot.sandbox.play.play import LEARNING, Differed, Play
from bot.sandbox.play.scenario import Step
from bot.sandbox.play.words import cites, everything, folded, occurs, sources

QUIET = 3.0  # seconds without a new message by Tacit
LOOKED_AT = 5.0  # seconds after which replies are counted


async def reply(play: Play, step: Step) -> None:
    found = await wait_for_answer(play)
    names = play.control.names
    text = "\n".join(everything(each, names) for each in found)
    wrong = [f"does not mention “{phrase}”" for phrase in step.values.get("mentions", ()) if not occurs(phrase, text)]
    wrong += [f"mentions “{phrase}”" for phrase in step.values.get("not_mentions", ()) if occurs(phrase, text)]
    teacher = step.values.get("cites")
    if teacher and not any(cites(each, teacher, names) for each in found):
        named = " / ".join(line for each in found for line in sources(each, names))
        wrong.append(f"does not cite {teacher}: its sources are {f'“{named}”' if named else 'none'}")
    if wrong:
        raise Differed(f"The reply {', and '.join(wrong)}. It says: {_quoted(found)}")


async def no_reply(play: Play, step: Step) -> None:
    asked = play.asked
    before = await play.snapshot()
    if asked and asked.ts and play.said_just_now:
        before = asked.before
    await asyncio.sleep(QUIET)
    new = [each for each in await play.control.ours() if (each["channel"], each["ts"]) not in before]
    if new:
        raise Differed(f"Tacit was to stay silent, and says: {_quoted(new)}")


async def replies(play: Play, step: Step) -> None:
    wanted = step.values["count"]
    if wanted:
        await wait_for_answer(play)
    await asyncio.sleep(LOOKED_AT)
    found = await answers(play)
    if len(found) != wanted:
        raise Differed(f"{wanted} messages were to answer, and there are {len(found)}: {_quoted(found)}")


async def finish(play: Play, step: Step) -> None:
    assert play.said is not None
    await play.all_answered()
    conversation = play.said.conversation
    began = time.monotonic()
    pending = await play.ledgers.finish(conversation)
    if not step.values.get("wait", True):
        return play.chat.note("the conversation is due")

    async def look() -> bool:
        return not await play.ledgers.finish(conversation)

    await play.until(look, LEARNING + play.model_timeout, "The conversation is not learned")
    play.finished = True
    play.chat.note(f"finished and learned in {time.monotonic() - began:.1f} s" if pending else "nothing is left to learn here")


async def learned(play: Play, step: Step) -> None:
    if play.group is None:
        play.group = await _newly_kept(play)
    new, values = list(play.group.values()), step.values
    wrong = [
        f"“{word}” is in “{one.sentence}”" for one in new for word in values.get("not_mentions", ()) if occurs(word, folded(one.words))
    ]
    if values.get("none") and new:
        wrong.append("nothing was to be learned")
    if "count" in values and len(new) != values["count"]:
        wrong.append(f"{values['count']} insights were to be learned")
    if _asks_for_one(step) and not any(_fits(play, one, step) for one in new):
        wrong.append(f"no insight {_wanted(step)}")
    if wrong:
        raise Differed(f"{'; '.join(wrong)}. Learned: {_listed(play, new)}")


async def _newly_kept(play: Play) -> dict[str, Kept]:
    """What was kept since the previous group, after the run under way unless a `finish` has just waited for it."""
    if not play.finished:
        await play.all_answered()
        await play.until(play.ledgers.nothing_pending, LEARNING + play.model_timeout, "What is due is not learned")
    now = await play.ledgers.insights()
    new = {identity: one for identity, one in now.items() if identity not in play.known}
    play.known |= now
    play.chat.note(f"learned: {_listed(play, list(new.values()))}")
    return new


def _asks_for_one(step: Step) -> bool:
    return "mentions" in step.values or "from" in step.values or not (step.values.keys() - {"none"} or step.values.get("none"))


def _fits(play: Play, one: Kept, step: Step) -> bool:
    words = folded(one.words)
    teacher = step.values.get("from")
    return all(occurs(each, words) for each in step.values.get("mentions", ())) and (
        teacher is None or play.control.user(teacher) in one.teachers
    )


def _wanted(step: Step) -> str:
    parts = [f"mentions {', '.join(step.values['mentions'])}"] if step.values.get("mentions") else []
    parts += [f"is from {step.values['from']}"] if step.values.get("from") else []
    return " and ".join(parts) or "at all"


def _listed(play: Play, new: list[Kept]) -> str:
    return "; ".join(f"“{one.sentence}” (from {', '.join(sorted(map(play.control.name, one.teachers)))})" for one in new) or "nothing"


def _quoted(messages: list[Json]) -> str:
    return " / ".join(f"“{each.get('text', '')}”" for each in messages) or "nothing"
