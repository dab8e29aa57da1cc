"""The steps that do something: what people do, and what happens to the machinery."""

from __future__ import annotations

from functools import partial

from bot.sandbox.play.answers import wait_for_answer
from bot.sandbox.play.control import Json, Refused
from bot.sandbox.play.play import Asked, Differed, Play, Said
from bot.sandbox.play.scenario import Step
from bot.sandbox.play.words import buttons, fields
from bot.sandbox.system import NotUp

SIGNS = {"🧠": "brain", "✅": "white_check_mark", "👍": "+1", "👎": "-1"}
BUTTON = 10.0  # seconds until a button must be there


async def say(play: Play, step: Step) -> None:
    author, where = step.values["as"], step.values["in"]
    body = {"as": author, "in": where, "text": step.values["text"]}
    if where == "thread":
        assert play.said is not None
        body |= {"in": play.said.channel, "thread_ts": play.said.root}
    before = await play.snapshot()
    done = await _act(play, "post", body)
    play.posted += done["events"]
    play.said = Said(done["channel"], done["ts"], done["thread_ts"] or done["ts"])
    play.asked = Asked(play.control.user(author), done["channel"], before, ts=done["ts"])
    play.clicked = None


async def edit(play: Play, step: Step) -> None:
    await play.acknowledged("edit", **_last(play), text=step.values["text"])


async def delete(play: Play, step: Step) -> None:
    await play.acknowledged("delete", **_last(play))


async def react(play: Play, step: Step) -> None:
    emoji = SIGNS.get(step.values["emoji"], step.values["emoji"])
    target = _last(play)
    if step.values.get("to"):
        [*_, ours] = await wait_for_answer(play)
        target = {"channel": ours["channel"], "ts": ours["ts"]}
    await play.acknowledged("react", **target, **{"as": step.values["as"]}, emoji=emoji)


def _last(play: Play) -> dict[str, str]:
    assert play.said is not None
    return {"channel": play.said.channel, "ts": play.said.ts}


async def command(play: Play, step: Step) -> None:
    before = await play.snapshot()
    play.chat.note(f"{step.values['as']} in {step.values['in']}: {step.values['text']}")
    done = await _act(play, "command", dict(step.values))
    play.asked = Asked(play.control.user(step.values["as"]), done["channel"], before, delivery=done["id"])
    play.clicked = None


async def click(play: Play, step: Step) -> None:
    who, label = step.values["as"], step.values["label"]
    message = await play.until(partial(_with_button, play, who, label), BUTTON, f"There is no button “{label}” that {who} can click,")
    assert message is not None
    before = await play.snapshot()
    play.chat.note(f"{who} clicks “{label}”")
    typed = {field: step.values["text"] for field in fields(message)} if "text" in step.values else {}
    done = await play.acknowledged("click", **{"as": who}, channel=message["channel"], ts=message["ts"], label=label, typed=typed)
    play.clicked = Asked(play.control.user(who), message["channel"], before, delivery=done["id"])


async def _with_button(play: Play, who: str, label: str) -> Json | None:
    """The newest message with this button that this person sees."""
    user = play.control.user(who)
    for message in reversed(await play.control.ours()):
        if message.get("ephemeral_to", user) == user and label in buttons(message):
            return message
    return None


async def join(play: Play, step: Step) -> None:
    await play.acknowledged("join", **step.values)


async def leave(play: Play, step: Step) -> None:
    await play.acknowledged("leave", **step.values)


async def model(play: Play, step: Step) -> None:
    play.model.delay = step.values["delay"]
    play.chat.note(f"the model takes {play.model.delay:g} s longer from now on")


async def kill(play: Play, step: Step) -> None:
    child = play.system.children[step.word]
    if not child.alive:
        raise Differed(f"The {step.word} does not run: it {child.how_it_ended or 'was not started'}.")
    await child.kill()
    play.chat.note(f"the {step.word} is killed")


async def restart(play: Play, step: Step) -> None:
    child = play.system.children[step.word]
    await child.stop()
    child.start()
    try:
        await play.system.ready(step.word)
    except NotUp as down:
        raise Differed(f"The {step.word} does not come up. {down}") from None
    play.chat.note(f"the {step.word} is up again")
    if step.word == "bot" and play.unacknowledged:
        late, play.unacknowledged = play.unacknowledged, []
        await play.all_acknowledged(late)


async def wipe(play: Play, step: Step) -> None:
    await play.system.queue.wipe()
    play.chat.note("Redis is wiped")


async def _act(play: Play, path: str, body: dict[str, object]) -> Json:
    try:
        return await play.control.act(path, **body)
    except Refused as refused:
        raise Differed(str(refused)) from None
