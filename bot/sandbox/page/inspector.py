"""What the inspector shows: read from the product's own documents, never from the chat, so that it cannot flatter.

Every function returns plain JSON. Missing fields are no error: a document of an older or a half-done step is shown as far as it goes.
An insight that nobody's message supports any more was forgotten, and is shown without its sentence even while that can be undone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from stores.documents import Document, Documents

LEARNED_SHOWN = 50
OPEN_SHOWN = 50
RECENT_SHOWN = 20
QUESTION_STATES = ("noted", "leased", "posting", "answered")

Json = dict[str, Any]


async def inspect_reply(documents: Documents, channel: str, ts: str) -> Json:
    """What was recalled, left out, withheld and cited for the reply at `ts` in `channel`, and why; `found` is false without a record.

    What was ranked has `why` and `scores`.
    """
    named = await documents.find("questions", {"reply": {"$in": [ts, f"{channel}:{ts}"]}})
    question = next((one for one in named if _place(one["_id"]) == channel), None)
    if question is None:
        return {"found": False}
    withheld: Mapping[str, str] = question.get("withheld") or {}
    cited = list(question.get("cited") or ())
    recalled = [i for i in question.get("recalled") or () if i not in withheld]
    explained: Mapping[str, Json] = question.get("explained") or {}
    left = [i for i in explained if i not in {*recalled, *withheld, *cited}]
    known = await _insights(documents, [*recalled, *withheld, *cited, *left])
    known = {i: one | _why(explained.get(i) or {}) for i, one in known.items()}
    return {
        "found": True,
        "question": _question(question),
        "cited": [known[i] for i in cited],
        "recalled": [known[i] for i in recalled if i not in cited],
        "left": [known[i] for i in left],
        "withheld": [{**known[i], "reason": reason} for i, reason in withheld.items()],
        "missing": bool(question.get("missing")),
    }


async def inspect_learned(documents: Documents) -> Json:
    """The insights learned last, newest first, and how many there are in all, without what was forgotten. Apart from them the states:
    summaries, pointers and profiles, of which the newest replaces the older; and what waits for a person's word, and whether somebody was
    asked about it."""
    live, state = {"live": True, "state_of": {"$in": ["", None]}}, {"live": True, "state_of": {"$gt": ""}}
    found = {
        name: [_insight(one) for one in await documents.find("insights", where, sort="-learned_at", limit=LEARNED_SHOWN)]
        for name, where in (("insights", live), ("states", state))
    }
    return {"now": time.time(), "total": await documents.count("insights", live), "waiting": await _waiting(documents)} | found


async def _waiting(documents: Documents) -> list[Json]:
    found = await documents.find("insights", {"status": "pending"}, sort="-learned_at", limit=LEARNED_SHOWN)
    waiting = [one for one in map(_insight, found) if not one["forgotten"]]
    notes = await documents.find("approvals", {"_id": {"$in": [one["id"] for one in waiting]}}) if waiting else []
    asked = {note["_id"] for note in notes if note.get("cards")}
    return [one | {"asked": one["id"] in asked} for one in waiting]


async def inspect_states(documents: Documents) -> Json:
    """Which conversations are due, being learned or learned, which questions are open, and how many stand in each state."""
    running = await documents.find("conversations", {"run": {"$ne": None}}, limit=OPEN_SHOWN)
    due = await documents.find("conversations", {"due": {"$ne": None}}, sort="due", limit=OPEN_SHOWN)
    recent = await documents.find("conversations", {}, sort="-moved", limit=RECENT_SHOWN)
    opened = await documents.find("questions", {"state": {"$ne": "answered"}}, limit=OPEN_SHOWN)
    return {
        "now": time.time(),
        "conversations": [_conversation(one) for one in _unique([*running, *due, *recent])],
        "questions": [_question(one) for one in opened],
        "counts": {state: await documents.count("questions", {"state": state}) for state in QUESTION_STATES},
    }


async def _insights(documents: Documents, ids: list[str]) -> dict[str, Json]:
    found = await documents.find("insights", {"_id": {"$in": ids}}) if ids else []
    known = {one["_id"]: _insight(one) for one in found}
    return {i: known.get(i) or _insight({"_id": i}) for i in ids}


def _why(explained: Mapping[str, Any]) -> Json:
    return {"why": str(explained.get("why") or ""), "scores": dict(explained.get("scores") or {})}


def _insight(document: Document) -> Json:
    evidence = _values(document.get("evidence"))
    return {
        "id": document["_id"],
        "store": document.get("store", ""),
        "kind": document.get("kind", ""),
        "sentence": document.get("sentence", "") if evidence else "",
        "forgotten": not evidence,
        "about": document.get("about"),
        "standing": bool(document.get("standing")),
        "state": bool(document.get("state_of")),
        "superseded": bool(document.get("superseded_by")),
        "learned_at": document.get("learned_at"),
        "evidence": sorted(map(_evidence, evidence), key=lambda one: -one["at"]),
    }


def _evidence(document: Document) -> Json:
    message = document.get("message") or ""
    place, _, ts = message.partition(":")
    return {
        "place": document.get("place") or place,
        "ts": ts,
        "thread": document.get("conversation") or "",
        "teammate": document.get("teammate", ""),
        "at": document.get("at") or 0,
        "taught": document.get("taught", ""),
    }


def _question(document: Document) -> Json:
    place, _, ts = document["_id"].partition(":")
    return {
        "place": place,
        "ts": ts,
        "thread": str(document.get("thread") or "").rpartition(":")[2] or ts,
        "asker": document.get("asker", ""),
        "state": document.get("state", ""),
        "failed": bool(document.get("failed")),
    }


def _conversation(document: Document) -> Json:
    place, _, thread = document["_id"].partition(":")
    run = document.get("run") or {}
    return {
        "place": place,
        "thread": thread,
        "phase": _phase(document),
        "step": _step(run),
        "attempt": run.get("attempt"),
        "due": document.get("due"),
        "through": document.get("through"),
        "error": document.get("error"),
    }


def _phase(document: Document) -> str:
    if (document.get("run") or {}).get("lease", 0.0) > time.time():
        return "learning"
    if document.get("due") is not None:
        return "due"
    return "learned" if document.get("through") else "open"


def _step(run: Mapping[str, Any]) -> str:
    """What a run is at: it reads and drafts, then settles the drafts, then keeps what it settled."""
    if run.get("drafts") is None:
        return "reading"
    return "keeping" if run.get("settled") else "settling"


def _place(message: str) -> str:
    return message.partition(":")[0]


def _values(evidence: Any) -> list[Document]:
    """Evidence is kept by key, so that adding the same twice changes nothing; a plain list is read as well."""
    return list(evidence.values()) if isinstance(evidence, Mapping) else list(evidence or ())


def _unique(documents: Iterable[Document]) -> list[Document]:
    return list({one["_id"]: one for one in documents}.values())
