"""Slack's markup as a person reads it."""

import pytest

from bot.slack.plain import mentioned, plain, source_of

PEOPLE, PLACES = {"U1": "ana", "U2": "<b>"}, {"C2": "infra"}


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("<@U1> and <@U9> and <@U9|old>", "@ana and @U9 and @old"),
        ("<@U2> &lt;b&gt; &amp;amp;", "@<b> <b> &amp;"),
        ("<#C2|old> <#C2> <#C2|> <#C3> <#C3|legal>", "#infra #infra #infra #private-channel #private-channel"),
        ("<!here> <!channel> <!everyone>", "@here @channel @everyone"),
        ("<!subteam^S1|@infra> <!subteam^S2>", "@infra @S2"),
        ("<!date^1392734382^{date}|18 Feb>", "18 Feb"),
        ("<https://a.b/c?x=1&amp;y=2>", "https://a.b/c?x=1&y=2"),
        ("<https://a.b/c|the &lt;guide&gt;>", "the <guide> (https://a.b/c)"),
        ("<http://a.b|a.b> <https://a.b/|https://a.b/>", "http://a.b https://a.b/"),
        ("<mailto:a@b.c|a@b.c> <mailto:a@b.c|Ana>", "a@b.c Ana (a@b.c)"),
        ("2 &lt; 3 *bold* `code`", "2 < 3 *bold* `code`"),
        ("", ""),
    ],
)
def test_markup_is_turned_into_words(markup: str, read: str) -> None:
    assert plain(markup, PEOPLE, PLACES) == read


def test_mentions_are_found_so_that_they_can_be_named() -> None:
    assert mentioned("<@U1> <@U2|x> <#C1|help> <#C2> <#C3|> <!here> <https://a.b>") == ({"U1", "U2"}, {"C1", "C2", "C3"})


def test_a_message_without_text_is_read_from_its_blocks() -> None:
    rich = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "user", "user_id": "U1"},
                    {"type": "text", "text": " a < b "},
                    {"type": "link", "url": "https://a.b", "text": "here"},
                    {"type": "emoji", "name": "tada"},
                    {"type": "channel", "channel_id": "C2"},
                    {"type": "broadcast", "range": "here"},
                ],
            },
            {"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}]},
        ],
    }
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "S"}, "fields": [{"type": "mrkdwn", "text": "F"}]}
    context = {"type": "context", "elements": [{"type": "plain_text", "text": "C"}, {"type": "image"}]}
    actions = {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Click"}}]}
    source = source_of({"text": "", "blocks": [rich, section, context, actions, {"type": "divider"}]})
    assert plain(source, PEOPLE, PLACES) == "@ana a < b here (https://a.b):tada:#infra@here\n• one\nS\nF\nC"


@pytest.mark.parametrize(
    ("message", "read"),
    [
        ({"text": "t", "files": [{"title": "plan"}]}, "t"),
        ({"text": " ", "attachments": [{"title": "T", "text": "quoted", "fallback": "f"}]}, "T\nquoted"),
        ({"attachments": [{"fallback": "f"}]}, "f"),
        ({"files": [{"title": "plan.pdf"}, {"name": "b.txt"}]}, "plan.pdf, b.txt"),
        ({}, ""),
    ],
)
def test_then_from_attachments_and_files(message: dict[str, object], read: str) -> None:
    assert source_of(message) == read
