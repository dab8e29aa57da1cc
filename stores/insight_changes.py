"""What becomes of an insight's document: each change as a function that says whether there is anything to change.

They are pure but for the clock, and may be computed again on a newer document when somebody else was faster.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

from stores.documents import Document
from stores.insight_documents import CONTENT, PENDING, document_of, key
from stores.insights import OF_CONVERSATION, Evidence, Insight, Status

Change = Callable[[Document], bool]

UNDO = 600.0  # seconds for which something forgotten can be brought back; then its words are gone
REPLACED = (*CONTENT, "evidence", "agreed")


def undo_of(teammate: str, act: str) -> str:
    """The name of an act of forgetting that this teammate, and nobody else, may undo."""
    return f"{teammate}/{act}"


def giving(status: Status) -> Change:
    """Put it in force (""), or out of it."""

    def change(document: Document) -> bool:
        document["status"] = status
        return True

    return change


def replacing(insight: Insight) -> Change:
    """Let a newer state take the place of the older one; see `InsightRepository.replace`."""
    new = document_of(insight)

    def change(document: Document) -> bool:
        if max((e["at"] for e in document["evidence"].values()), default=0.0) > insight.newest and not insight.gathered:
            return False
        before = document["evidence"] if insight.gathered else {}
        document |= {name: new[name] for name in REPLACED} | {"evidence": before | new["evidence"]}
        document["status"] = "" if document.get("status") == "archived" else document.get("status", "")
        return True

    return change


def supporting(evidence: Sequence[Evidence]) -> Change:
    """Add evidence; the same twice is one. What is gone meanwhile stays so, and where a second teammate's word is waited for, more by the
    first one is none."""

    def change(document: Document) -> bool:
        if not document["evidence"]:
            return False
        waits = any(e["taught"] == "unconfirmed" for e in document["evidence"].values())
        if {e.teammate for e in evidence if e.taught == "public"} - {e["teammate"] for e in document["evidence"].values()}:
            document["agreed"] = False  # it is said now
        for one in evidence:
            taught = "unconfirmed" if waits and one.taught == "public" else one.taught
            document["evidence"][key(one.message)] = asdict(one) | {"terms": list(one.terms), "taught": taught}
        return True

    return change


def doubting(doubt: Evidence) -> Change:
    """Note who holds it to be wrong, because of which reply."""

    def change(document: Document) -> bool:
        document["doubts"] = document.get("doubts", {}) | {_doubt(doubt.message, doubt.teammate): asdict(doubt) | {"terms": []}}
        return True

    return change


def trusting(message: str, teammate: str) -> Change:
    """Take such a doubt back."""

    def change(document: Document) -> bool:
        return document.get("doubts", {}).pop(_doubt(message, teammate), None) is not None

    return change


def withdrawing(messages: Iterable[str], undo: str) -> Change:
    """Take evidence away, for ten minutes (with a name for the act) or for good; see `InsightRepository.withdraw`."""
    keys = [key(m) for m in messages]

    def change(document: Document) -> bool:
        whole = document.get("state_of", "").startswith(OF_CONVERSATION) and not undo
        taking = list(document["evidence"]) if whole and set(keys) & set(document["evidence"]) else keys
        taken = {k: document["evidence"].pop(k) for k in taking if k in document["evidence"]}
        withdrawn = document.setdefault("withdrawn", {})
        if undo:
            withdrawn |= {k: {"evidence": e, "undo": undo} for k, e in taken.items()}
            document["purge_at"] = time.time() + UNDO if taken else document.get("purge_at")
            return bool(taken)
        forgotten = [withdrawn.pop(k) for k in keys if k in withdrawn]  # a message that is gone is not brought back either
        return bool(taken or forgotten)

    return change


def restoring(undo: str, back: list[str]) -> Change:
    """Bring back what was taken under this name, if it is not too late. `back`: the messages that are evidence again."""

    def change(document: Document) -> bool:
        in_time = (document.get("purge_at") or 0) > time.time()
        withdrawn = document.get("withdrawn", {})
        given = {k: w["evidence"] for k, w in withdrawn.items() if w["undo"] == undo and in_time}
        back[:] = [e["message"] for e in given.values()]
        document["evidence"] |= given
        document["withdrawn"] = {k: w for k, w in withdrawn.items() if k not in given}
        if given and document.get("status") == "pending":
            document["purge_at"] = time.time() + PENDING
        return bool(given)

    return change


def agreeing(message: str, version: str) -> Change:
    """Note that a second teammate agrees to a message in this version, if its sentence was drawn from that: what was only said to be the
    same, later or by an edit, may be a part of it."""
    name = key(message)

    def change(document: Document) -> bool:
        able = not document.get("agreed") and document.get("drawn_from", {}).get(name) == version and name in document["evidence"]
        document["agreed"] = able or bool(document.get("agreed"))
        return able

    return change


def purging(document: Document) -> bool:
    """Delete the words of what was forgotten, and of what nobody decided about, once their time is over."""
    if (document.get("purge_at") or 0) > time.time():
        return False
    waits, undoable = document.get("status") == "pending", document.get("withdrawn")
    if waits and not undoable:
        document["evidence"] = {}
    document |= {"withdrawn": {}, "purge_at": time.time() + PENDING if waits and undoable and document["evidence"] else None}
    return True


def _doubt(message: str, teammate: str) -> str:
    return f"{key(message)}/{teammate}"
