"""From the model's words to a safe reply."""

from __future__ import annotations

from bot.citations import addresses, mrkdwn, permalink, sources, used, without_handles
from stores.insights import Evidence, Insight


def insight(name: str, *evidence: Evidence) -> Insight:
    return Insight(name, "T1", "team_knowledge", "fact", f"Sentence {name}.", evidence)


def evidence(teammate: str, ts: str, conversation: str = "1.000100") -> Evidence:
    return Evidence(f"C1:{ts}", "C1", conversation, teammate, float(ts), "public")


KNOWN = {"i1": insight("a"), "i2": insight("b"), "i12": insight("c")}


def test_only_what_the_model_marked_is_used_in_its_order() -> None:
    assert [i.id for i in used("First [i2]. Then [i1, i12] and again [i2].", KNOWN)] == ["b", "a", "c"]


def test_unknown_handles_are_not_used_and_not_shown() -> None:
    assert used("Made up [i99].", KNOWN) == []
    assert without_handles("Made up [i99]. Right [i1][i2].") == "Made up. Right."


def test_code_is_left_alone() -> None:
    assert used("`list[i1]`", KNOWN) == []
    assert without_handles("Use `list[i1]` here [i1].") == "Use `list[i1]` here."


def test_nobody_is_addressed() -> None:
    assert mrkdwn("<!channel> and <@U1> & co", ()) == "&lt;!channel&gt; and &lt;@U1&gt; &amp; co"
    assert "<!here>" not in mrkdwn("```<!here>```", ())


def test_only_known_addresses_stay_links() -> None:
    known = addresses(["See https://wiki.example/a."])
    assert mrkdwn("[the page](https://wiki.example/a) or https://evil.example/x.", known) == (
        "<https://wiki.example/a|the page> or (link left out)."
    )
    assert mrkdwn("<https://evil.example|click>", known) == "click (link left out)"
    assert mrkdwn("https://wiki.example/a.", known) == "<https://wiki.example/a>."


def test_bold_becomes_slacks() -> None:
    assert mrkdwn("**Yes**, *no*", ()) == "*Yes*, *no*"


def test_sources_name_each_teammate_once() -> None:
    found = sources(insight("a", evidence("UA", "1.000100"), evidence("UA", "2.000100"), evidence("UB", "3.000100")))
    assert [(s.teammate, s.ts) for s in found] == [("UA", "1.000100"), ("UB", "3.000100")]


def test_permalinks_are_slacks() -> None:
    first, reply = sources(insight("a", evidence("UA", "1.000100"), evidence("UB", "3.000200")))
    assert permalink("https://acme.slack.com/", first) == "https://acme.slack.com/archives/C1/p1000100"
    assert permalink("https://acme.slack.com/", reply) == "https://acme.slack.com/archives/C1/p3000200?thread_ts=1.000100&cid=C1"


def test_nothing_turns_round_what_stands_behind_it() -> None:
    assert mrkdwn("אצל \u202eאב\u202c `a\u2067b`", ()) == "אצל אב `ab`"
    assert mrkdwn("\u200fהמפתח\u200e", ()) == "\u200fהמפתח\u200e"  # marks that concern their own place alone
