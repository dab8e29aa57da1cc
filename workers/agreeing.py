"""👍 by a second teammate of which no event tells: it came before what it agrees to was learned, or its event was lost."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from stores.audience import LookupFailed
from stores.trust import confirm, may_agree, one_word
from workers.parts import Parts
from workers.transcripts import Hidden, ReadFailed, Seen

log = logging.getLogger(__name__)

MOST = 5  # messages that are looked at after one run; what is left is found when it is checked whether they still stand (see `checking.py`)


async def agreed_before(messages: Iterable[str], parts: Parts) -> None:
    """Let what rests on these messages, and waits for a second teammate, wait no more where one has agreed already. A call of Slack for
    each on which something waits; what Slack does not say now is found later, in the background. May be repeated."""
    messages = set(messages)
    waiting = {e.message for i in await parts.repository.supported_by(*messages) if i.unconfirmed for e in i.evidence}
    try:
        for message in sorted(waiting & messages)[:MOST]:
            place, _, ts = message.rpartition(":")
            if seen := await parts.transcripts.look(place, ts):
                await agree(message, seen, parts)
    except (Hidden, LookupFailed, ReadFailed) as e:
        log.info("agreement.unknown", extra={"reason": type(e).__name__, "detail": str(e)})


async def agree(message: str, seen: Seen, parts: Parts) -> None:
    """One of those who have put 👍 on a message may confirm what was drawn from it. Slack does not say when they did, so what was edited or
    goes on in a later message is not meant. May be repeated. Raises `LookupFailed`."""
    at = float(message.rpartition(":")[2])
    meant = await one_word(message, parts.repository, at) if seen.agreed else []
    unknown = None
    for teammate in seen.agreed if meant else ():
        try:
            if await may_agree(teammate, meant, at, parts.repository, parts.directory):
                return await confirm(meant, message, seen.version, parts.repository)
        except LookupFailed as e:
            unknown = e
    if unknown:
        raise unknown
