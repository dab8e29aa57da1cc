"""Insights to measure with: made-up sentences whose words are as unevenly common as real ones, the same in each run."""

from __future__ import annotations

import asyncio
import random
import time

from stores.documents import Database
from stores.insights import Evidence, Insight, insight_id
from stores.repository import InsightRepository
from stores.terms import terms

VOCABULARY = 3000
AT_ONCE = 50
KINDS = ("goal", "policy", "decision", "fact", "how-to", "location", "convention", "gotcha")
STANDING = ("goal", "policy", "decision")
_SYLLABLES = ("ba", "ke", "lo", "mi", "nu", "pra", "ster", "vo", "gri", "ta", "zen", "dor", "fel", "hu", "qua", "ris")


def vocabulary() -> list[str]:
    """Made-up words, the common ones first."""
    chance = random.Random(7)
    return ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) + str(n % 10) for n in range(VOCABULARY)]


async def seed(database: Database, workspace: str, count: int, *, place: str) -> list[str]:
    """Keep so many insights, taught in a public channel; the vocabulary they are made of."""
    chance, words = random.Random(count), vocabulary()
    weights = [1 / (n + 5) for n in range(VOCABULARY)]
    repository = InsightRepository(workspace, database.workspace(workspace))
    now, insights = time.time(), []
    for n in range(count):
        sentence = "We use " + " ".join(chance.choices(words, weights, k=12)) + "."
        kind = chance.choice(KINDS)
        at = now - 60.0 * (count - n)
        ts = f"{at:.6f}"
        evidence = Evidence(f"{place}:{ts}", place, ts, "U1", at, "public", terms=tuple(terms(sentence)))
        insights.append(
            Insight(
                insight_id(f"bench/{n}", "team_knowledge", 0),
                workspace,
                "team_knowledge",
                kind,
                sentence,
                evidence=(evidence,),
                cues=(f"Somebody asks about {words[n % VOCABULARY]}",),
                things=(words[n % VOCABULARY],),
                standing=kind in STANDING,
                learned_at=at,
            )
        )
    for first in range(0, count, AT_ONCE):
        await asyncio.gather(*(repository.keep(insight) for insight in insights[first : first + AT_ONCE]))
    return words
