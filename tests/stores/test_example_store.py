"""The package that README.md quotes: found by its entry point, enabled by name, at work in the whole of Tacit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from stores.loading import installed
from tests.model_server import draft
from tests.together import together

HANDLE = re.compile(r"\[i\d+\]")


def test_it_is_found_by_its_entry_point() -> None:
    found = next(store for store in installed(["filing_deadlines"]) if store.name == "filing_deadlines")
    assert (found.state, found.kinds) == ("enabled", ("deadline",)), f"{found.why}: `make test` installs tests/example_store"


async def test_what_one_clerk_says_reaches_another_by_it(tmp_path: Path) -> None:
    def drafts(request: Any) -> Any:
        assert "- deadline: what has to be filed" in request["messages"][0]["content"]
        court, due = {"name": "court", "value": "district court"}, {"name": "due", "value": "2026-12-04"}
        return {"drafts": [draft("The appeal in Berger is due on 4 December 2026.", ["m1"], "deadline", fields=[court, due])]}

    async with together(tmp_path, LEARNING_STORES="filing_deadlines") as t:
        t.model.drafts = drafts
        asked = await t.say("ana", "#infra", "@tacit the appeal in Berger must be filed with the district court by 4 December")
        await t.reply(asked)
        [insight] = await t.learn(asked)
        assert (insight.store, insight.kind, insight.fields) == (
            "filing_deadlines",
            "deadline",
            {"court": "district court", "due": "2026-12-04"},
        )

        t.model.reply = lambda request: f"By 4 December {HANDLE.findall(request['messages'][1]['content'])[0]}."
        reply = await t.reply(await t.say("bo", "dm", "When is the appeal due?"))
        assert "learned from @ana" in reply["text"]
        context = t.model.requests[-1]["messages"][1]["content"]
        assert "From filing_deadlines:" in context
        assert 'due: "2026-12-04"' in context
