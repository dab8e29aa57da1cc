"""Where open questions are answered: one task per thread, under the thread's lease; a sweep takes up what a dead process left."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from bot.expansions import Expansions, Words
from bot.questions import OPEN, TRIES, Asked, QuestionLedger, thread_lease
from bot.slack.answer import Answerer, StillOurs
from bot.slack.calls import SlackFailed
from bot.slack.installations import NotInstalled
from bot.slack.spoken import Spoken
from bot.slack.workspaces import SlackWorkspaces
from stores.audience import LookupFailed
from stores.documents import Database, Unavailable
from workers.conversations import ConversationLedger
from workers.doorbell import Doorbell
from workers.ending import end
from workers.leases import LeaseLost, Leases, new_owner, renewing

log = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
MOST = 200  # questions that one sweep looks at

Thread = tuple[str, str, str]  # workspace, place, root


class Desk:
    """Answers the questions of all workspaces in this process. `wake` and `sweep` may be called at any time."""

    def __init__(self, workspaces: SlackWorkspaces, database: Database, doorbell: Doorbell, expansions: Expansions) -> None:
        self._workspaces, self._database, self._doorbell, self._expansions = workspaces, database, doorbell, expansions
        self._tasks: dict[Thread, asyncio.Task[None]] = {}
        self._again: set[Thread] = set()
        self._closed = False

    def wake(self, workspace: str, place: str, root: str, words: Words | None = None) -> None:
        """There is a question in this thread: answer it soon, after those before it. `words`: what it says, where that is known already."""
        thread = (workspace, place, root)
        if self._closed:
            return
        if words is not None:
            self._expansions.begin(workspace, words)
        if thread in self._tasks:
            self._again.add(thread)
            return
        task = asyncio.create_task(self._serve(thread))
        self._tasks[thread] = task
        task.add_done_callback(lambda _: self._served(thread))

    async def sweep(self) -> None:
        """Wake every thread that has an open question, and let the indexes keep up. Raises `Unavailable`."""
        now = {"state": {"$in": list(OPEN)}, "after": {"$lte": time.time()}}  # those put off must not keep the others from being seen
        for workspace, document in await self._database.sweep("questions", now, limit=MOST):
            thread = (workspace, document["place"], document["root"])
            if thread not in self._tasks:
                self.wake(*thread)
        await self._workspaces.keep_up()

    async def keep_sweeping(self) -> None:
        """Sweep about once a second, for ever."""
        while True:
            try:
                await self.sweep()
            except Unavailable as e:
                log.warning("database.away", extra={"reason": str(e)})
            except Exception:  # one sweep of many: without the next ones what a dead process left would stay
                log.exception("sweep.crashed")
            await asyncio.sleep(SWEEP_SECONDS)

    async def close(self) -> None:
        """Stop. What is unanswered is taken up by the next process."""
        self._closed = True
        await end(*self._tasks.values())
        await self._expansions.close()

    def _served(self, thread: Thread) -> None:
        del self._tasks[thread]
        if thread in self._again:
            self._again.discard(thread)
            self.wake(*thread)

    async def _serve(self, thread: Thread) -> None:
        workspace, place, root = thread
        try:
            slack = await self._workspaces.of(workspace)
            leases, name, owner = Leases(slack.parts.documents), thread_lease(place, root), new_owner()
            if not await leases.claim(name, owner):
                return
            try:
                async with renewing(lambda: leases.renew(name, owner)):
                    await self._answer_all(thread, leases, name, owner)
            finally:
                await asyncio.shield(leases.release(name, owner))
        except (Unavailable, NotInstalled, SlackFailed, LeaseLost) as e:
            log.warning("thread.put_off", extra={"workspace": workspace, "conversation": f"{place}:{root}", "reason": type(e).__name__})
        except Exception:  # one listener's work among many
            log.exception("thread.crashed", extra={"workspace": workspace, "conversation": f"{place}:{root}"})

    async def _answer_all(self, thread: Thread, leases: Leases, name: str, owner: str) -> None:
        workspace, place, root = thread
        slack = await self._workspaces.of(workspace)
        questions = QuestionLedger(slack.parts.documents)
        conversations = ConversationLedger(slack.parts.documents)
        answerer = Answerer(slack, questions, conversations, self._doorbell, Spoken(slack), self._expansions)

        async def still_ours() -> None:
            if not await leases.renew(name, owner):
                raise LeaseLost

        while asked := await questions.next(place, root, owner):
            await self._workspaces.of(workspace)  # what may be seen is looked at anew for each question
            if not await _answer_one(answerer, asked, still_ours):
                return


async def _answer_one(answerer: Answerer, asked: Asked, still_ours: StillOurs) -> bool:
    """Whether to go on with the thread's next question. A question that fails again and again ends in a sentence that says so."""
    try:
        await answerer.answer(asked, still_ours)
        return True
    except (SlackFailed, LookupFailed) as e:
        reason = str(e)
    except (Unavailable, LeaseLost):
        raise
    except Exception:  # one listener's work among many
        log.exception("question.crashed", extra={"question": asked.id, "tries": asked.tries})
        reason = "crashed"
        if asked.tries + 1 >= TRIES:
            with contextlib.suppress(SlackFailed):
                await answerer.fail(asked, "Something went wrong inside me.", still_ours)
                return True
    log.warning("question.put_off", extra={"question": asked.id, "tries": asked.tries, "reason": reason})
    await answerer.questions.put_off(asked)
    return False
