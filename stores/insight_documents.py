"""An insight as the database holds it: its document, the fields that follow from its evidence, and the way back."""

from __future__ import annotations

import time
from dataclasses import asdict, fields
from types import MappingProxyType
from typing import Any

from stores.documents import Document
from stores.insights import Evidence, Insight
from stores.terms import terms

CONTENT = ("sentence", "cues", "things", "fields", "about", "standing", "source", "edited_by", "holds_from", "drawn_from")
"""What is kept of an insight as it was learned. `drawn_from`: its first evidence, each message with its version then."""

PENDING = 14 * 86_400.0  # seconds for which something waits for a person's word; then its words are gone


def insight_of(workspace: str, d: Document) -> Insight:
    """The insight that a document holds, with all its evidence, oldest first."""
    evidence = _oldest_first(d["evidence"])
    return Insight(
        id=d["_id"],
        workspace=workspace,
        store=d["store"],
        kind=d["kind"],
        sentence=d["sentence"],
        evidence=evidence,
        cues=tuple(d["cues"]),
        things=tuple(d["things"]),
        fields=MappingProxyType(d["fields"]),
        about=d["about"],
        standing=d["standing"],
        superseded_by=tuple(d["superseded_by"]),
        learned_at=d["learned_at"],
        source=d["source"],
        state_of=d.get("state_of", ""),
        belongs_to=d.get("belongs_to", ""),
        status=d.get("status", ""),
        decided=d.get("decided", "new"),
        uses=int(d.get("uses", 0)),
        used_at=float(d.get("used_at", 0.0)),
        doubts=_oldest_first(d.get("doubts", {})),
        edited_by=d.get("edited_by", ""),
        holds_from=float(d.get("holds_from", 0.0)),
        agreed=bool(d.get("agreed")),
    )


def document_of(insight: Insight) -> Document:
    """A new insight as the database holds it."""
    document: Document = {f.name: getattr(insight, f.name) for f in fields(insight)} | {
        "_id": insight.id,
        "cues": list(insight.cues),
        "things": list(insight.things),
        "fields": dict(insight.fields),
        "superseded_by": list(insight.superseded_by),
        "evidence": {key(e.message): asdict(e) | {"terms": list(e.terms)} for e in insight.evidence},
        "doubts": {},
        "drawn_from": {key(e.message): e.version for e in insight.evidence},
        "learned_at": insight.learned_at or time.time(),
        "withdrawn": {},
        "purge_at": None,
        "revision": 1,
    }
    if insight.status == "pending":
        document |= {"purge_at": time.time() + PENDING, "ask_at": time.time()}
    for name in ("id", "workspace", "handle"):
        del document[name]
    return document | derived(document)


def derived(document: Document) -> dict[str, Any]:
    """The fields that follow from the evidence. With the last of it, and nothing to undo, only a tombstone without words is left."""
    agreed, withdrawn = bool(document.get("agreed")), document.get("withdrawn", {})
    evidence = confirmed(document["evidence"], agreed)
    said = [document["sentence"], *document["cues"], *document["things"]]
    words = {stem for text in said for stem in terms(text)} | {t for e in evidence.values() for t in e["terms"]}
    fields: dict[str, Any] = {name: document[name] for name in (*CONTENT, "status", "learned_at") if name in document} | {
        "evidence": evidence,
        "withdrawn": withdrawn,
        "doubts": document.get("doubts", {}),
        "agreed": agreed,
        "purge_at": document.get("purge_at"),
        "places": sorted({e["place"] for e in evidence.values()}),
        "teachers": sorted({e["teammate"] for e in evidence.values()}),
        "messages": sorted(e["message"] for e in evidence.values()),
        "words": sorted(words) if evidence else [],
        "live": bool(evidence) and not document.get("status"),
    }
    if not evidence and not withdrawn:
        fields |= {"sentence": "", "cues": [], "things": [], "fields": {}, "source": None, "purge_at": None, "doubts": {}}
        fields |= {"agreed": False, "drawn_from": {}}
    return fields


def confirmed(evidence: dict[str, Document], agreed: bool) -> dict[str, Document]:
    """The evidence as it counts now: what one teammate alone said stays unconfirmed, what a second one says or agreed to is public."""
    if all(e["taught"] != "unconfirmed" for e in evidence.values()):
        return evidence
    vouched = {name: e for name, e in evidence.items() if e["taught"] in ("public", "unconfirmed")}
    taught = "public" if agreed or len({e["teammate"] for e in vouched.values()}) > 1 else "unconfirmed"
    return evidence | {name: e | {"taught": taught} for name, e in vouched.items()}


def _oldest_first(said: dict[str, Document]) -> tuple[Evidence, ...]:
    return tuple(sorted((Evidence(**{**e, "terms": tuple(e["terms"])}) for e in said.values()), key=lambda e: e.at))


def key(message: str) -> str:
    """A message's id as a field's name, which may hold no dot."""
    return message.replace(".", "_")
