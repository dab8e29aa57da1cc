"""The Bolt app: Slack's events, commands and buttons, each handed to what carries it out. An event is acknowledged when it is noted."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from weakref import WeakValueDictionary

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.doubts import Doubted
from bot.questions import QuestionLedger
from bot.slack import approvals, learnings
from bot.slack.asking_back import ask_back
from bot.slack.calls import Json, SlackFailed
from bot.slack.desk import Desk
from bot.slack.events import Events, Noted
from bot.slack.installations import Installations, NotInstalled
from bot.slack.replies import RETRY, Reply
from bot.slack.workspaces import SlackWorkspaces
from stores.audience import LookupFailed
from stores.documents import Unavailable
from workers.doorbell import Doorbell, QueueAway

log = logging.getLogger(__name__)
quiet = logging.getLogger("tacit.slack_bolt")
quiet.setLevel(logging.ERROR)  # Bolt logs the raw body of a request whose signature is wrong.

LEARN_THREAD = "learn_thread"
"""The message shortcut that does what 🧠 does."""
AWAY = "I cannot reach my memory just now. Nothing is lost; please try again in a minute."
SECONDS = 2.5
"""An answer to a command must be there within Slack's 3 seconds (https://docs.slack.dev/interactivity/implementing-slash-commands)."""

Respond = Callable[..., Awaitable[Any]]


class SlackApp:
    """Routes what Slack sends. `bolt` is the app, over whichever transport."""

    def __init__(
        self,
        installations: Installations,
        workspaces: SlackWorkspaces,
        desk: Desk,
        doorbell: Doorbell,
        *,
        learn_after: float,
        signing_secret: str | None,
    ) -> None:
        self._installations, self._workspaces, self._desk, self._doorbell = installations, workspaces, desk, doorbell
        self._learn_after = learn_after
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.bolt = AsyncApp(
            logger=quiet,
            signing_secret=signing_secret or "",
            request_verification_enabled=bool(signing_secret),
            authorize=_authorize(installations),
            process_before_response=True,  # acknowledge after the listener, not before
        )
        self._route()

    async def event(self, body: Json) -> None:
        """Note an event; what it calls for is begun once this returns. Raises when it must be delivered again."""
        workspace, event = _workspace(body), body.get("event") or {}
        async with self._lines.setdefault(_thread(event), asyncio.Lock()):  # in the order in which they came, also in a burst
            try:
                slack = await self._workspaces.of(workspace)
            except NotInstalled as e:
                log.error("event.not_installed", extra={"workspace": workspace, "reason": str(e)})
                return
            noted = await Events(slack, self._learn_after).note(event, str(body.get("event_id") or ""))
        self._begin(workspace, noted)

    async def command(self, body: Json, ack: Respond, respond: Respond) -> None:
        """Answer `/learnings`, in the acknowledgement when that is quick enough."""
        work = asyncio.create_task(self._answer(body))
        done, _ = await asyncio.wait([work], timeout=SECONDS)
        if done:
            await ack(**_ephemeral(work.result()))
            return
        await ack()
        await respond(**_ephemeral(await work))

    async def button(self, body: Json, ack: Respond, respond: Respond) -> None:
        """Carry out a click on one of our buttons."""
        await _in_time(asyncio.create_task(self._click(body, respond)), ack)

    async def shortcut(self, body: Json, ack: Respond, respond: Respond) -> None:
        """Carry out the message shortcut: learn from the message's thread."""
        await _in_time(asyncio.create_task(self._learn_thread(body, respond)), ack)

    async def _click(self, body: Json, respond: Respond) -> None:
        action = (body.get("actions") or [{}])[0]
        name, value, caller = str(action.get("action_id") or ""), str(action.get("value") or ""), str(body["user"]["id"])
        try:
            slack = await self._workspaces.of(_workspace(body))
            if name == RETRY:
                await self._retry(_workspace(body), value)
            elif answer := await approvals.click(_pressed(body), slack):
                shown = _message(answer.reply) if answer.replaces else _ephemeral(answer.reply)
                await respond(**shown, replace_original=answer.replaces)
            elif reply := await learnings.click(name, value, caller, slack):
                await respond(**_ephemeral(reply), replace_original=True)
        except (Unavailable, SlackFailed):
            await respond(text=AWAY, response_type="ephemeral", replace_original=False)

    async def _learn_thread(self, body: Json, respond: Respond) -> None:
        workspace, place = _workspace(body), str((body.get("channel") or {}).get("id") or "")
        message, by = body.get("message") or {}, str(body["user"]["id"])
        try:
            slack = await self._workspaces.of(workspace)
            noted = await Events(slack, self._learn_after).mark(place, str(message.get("ts") or ""), by)
        except (Unavailable, SlackFailed, LookupFailed):
            noted, text = Noted(), AWAY
        else:
            text = "I am learning from this thread and will mark what I learned from with :brain:." if noted.ring else NOT_HERE
        self._begin(workspace, noted)
        await respond(text=text, response_type="ephemeral", replace_original=False)

    async def close(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, workspace: str, noted: Noted) -> None:
        if noted.wake:
            self._desk.wake(workspace, *noted.wake, noted.words)
        if noted.ring:
            self._later(self._ring(workspace, *noted.ring))
        if noted.doubted:
            self._later(self._ask_back(workspace, *noted.doubted))

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ring(self, workspace: str, conversation: str, rung: tuple[str, int]) -> None:
        try:
            await self._doorbell.ring(workspace, conversation, *rung)
        except QueueAway as e:
            log.warning("queue.away", extra={"reason": str(e)})

    async def _ask_back(self, workspace: str, place: str, teammate: str, doubted: Doubted) -> None:
        try:
            await ask_back(await self._workspaces.of(workspace), place, teammate, doubted)
        except (Unavailable, NotInstalled) as e:
            log.warning("asking_back.lost", extra={"question": doubted.reply.question, "reason": type(e).__name__})

    async def _answer(self, body: Json) -> Reply:
        try:
            slack = await self._workspaces.of(str(body.get("team_id") or ""))
            return await learnings.answer(str(body.get("text") or ""), str(body.get("user_id") or ""), slack)
        except (Unavailable, SlackFailed, NotInstalled) as e:
            log.warning("command.failed", extra={"reason": type(e).__name__})
            return Reply(AWAY, ())

    async def _retry(self, workspace: str, question: str) -> None:
        slack = await self._workspaces.of(workspace)
        asked = await QuestionLedger(slack.parts.documents).retry(question)
        if asked is not None:
            self._desk.wake(workspace, asked.place, asked.root)

    def _route(self) -> None:
        async def event(body: Json) -> None:
            await self.event(body)

        async def command(body: Json, ack: Respond, respond: Respond) -> None:
            await self.command(body, ack, respond)

        async def button(body: Json, ack: Respond, respond: Respond) -> None:
            await self.button(body, ack, respond)

        async def shortcut(body: Json, ack: Respond, respond: Respond) -> None:
            await self.shortcut(body, ack, respond)

        self.bolt.error(_failed)
        self.bolt.event(re.compile(".*"))(event)
        self.bolt.command("/learnings")(command)
        self.bolt.action(re.compile(".*"))(button)
        self.bolt.shortcut(LEARN_THREAD)(shortcut)


NOT_HERE = """I cannot learn from this thread: I am not in this channel, or you turned learning off (`/learnings on`), or you are not a \
full member of the workspace, who alone can ask for it."""


async def _failed(error: Exception) -> None:
    """What a listener raised; Bolt answers with status 500, or not at all, so that Slack delivers again. Its own log would quote it."""
    if isinstance(error, Unavailable | SlackFailed):
        log.warning("event.put_off", extra={"reason": type(error).__name__})
    else:
        log.error("event.crashed", exc_info=error)


def _authorize(installations: Installations) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Whose token: asked of our own installations, so that Bolt does not ask Slack about every event."""

    async def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult | None:
        try:
            found = await installations.of(team_id) if team_id else (await installations.all())[0]
        except NotInstalled:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=found.workspace,
            bot_user_id=found.bot_user,
            bot_id=found.bot_id,
            bot_token=found.client.token,
        )

    return authorize  # type: ignore[return-value]  # None is how Bolt is told that the app is not installed


async def _in_time(work: asyncio.Task[None], ack: Respond) -> None:
    """Acknowledge what a person clicked once it is carried out, so that a crash in between shows; after `SECONDS` at the latest."""
    await asyncio.wait([work], timeout=SECONDS)
    await ack()
    await work


def _thread(event: Json) -> str:
    """What tells the messages of one thread from those of others, and from reactions: to judge one may take Slack long."""
    sort = "said" if event.get("type") in ("app_mention", "message") else str(event.get("type")).partition("_")[0]
    inner = event.get("message") or event.get("item") or event
    return f"{sort}:{event.get('channel') or inner.get('channel')}:{inner.get('thread_ts') or inner.get('ts')}"


def _workspace(body: Json) -> str:
    """The workspace that an event is for. In a shared channel `team_id` may be the other side's; the authorization is ours."""
    authorizations = body.get("authorizations") or [{}]
    return str(authorizations[0].get("team_id") or body.get("team_id") or (body.get("team") or {}).get("id") or "")


def _pressed(body: Json) -> approvals.Pressed:
    """A press on a card, with what stands in its field (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload)."""
    action = (body.get("actions") or [{}])[0]
    entered = ((body.get("state") or {}).get("values") or {}).get(approvals.TYPED) or {}
    typed = (entered.get(approvals.TYPED) or {}).get("value")
    place, caller = str((body.get("channel") or {}).get("id") or ""), str(body["user"]["id"])
    ts = str((body.get("container") or {}).get("message_ts") or "")
    return approvals.Pressed(str(action.get("action_id") or ""), str(action.get("value") or ""), caller, place, str(typed or ""), ts)


def _message(reply: Reply) -> Json:
    return {"text": reply.text} | ({"blocks": list(reply.blocks)} if reply.blocks else {})


def _ephemeral(reply: Reply) -> Json:
    return _message(reply) | {"response_type": "ephemeral"}
