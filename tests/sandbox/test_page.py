"""The page in a browser: written, clicked and looked at as people do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from tests.sandbox.browsing import NARROW, World, expect, sandbox, window
from tests.servers import chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")

BUTTONS = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Bold*, _leaning_, `code` and <https://example.com|a link> :brain:"}},
    {"type": "actions", "elements": [{"type": "button", "action_id": "retry", "text": {"type": "plain_text", "text": "Retry"}}]},
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    """One browser for all of these tests, each of which opens a window of its own: starting it takes seconds."""
    async with chromium.launch(chromium_path) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def world() -> AsyncIterator[World]:
    async with sandbox() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def page(world: World, browser: Browser) -> AsyncIterator[Page]:
    async with window(browser, world.slack.url) as opened:
        yield opened


async def write(page: Page, text: str, field: str = "#composer") -> None:
    await page.locator(field).fill(text)
    await page.locator(field).press("Enter")


async def speak_as(page: Page, name: str) -> None:
    await page.get_by_role("radio", name=re.compile(name)).check()


async def sees(page: Page, text: str, within: str = "#place") -> None:
    await expect(page.locator(f"{within} .message", has_text=text).last).to_be_visible()


async def test_a_newcomer_is_told_what_answers_and_what_to_try(page: Page) -> None:
    await expect(page.locator("#banner")).to_contain_text("it is no language model")
    await expect(page.locator("#inspector")).to_contain_text("No reply yet")
    await page.locator("#place").get_by_role("button", name="Ask as somebody else").click()
    await expect(page.get_by_role("radio", name=re.compile("Bo"))).to_be_checked()
    await expect(page.locator("#composer")).to_have_value(re.compile("Datadog and Grafana"))
    await page.locator("#composer").press("Enter")
    await sees(page, "I'm deciding between Datadog and Grafana")


async def test_a_mention_is_answered_in_a_thread_that_opens_by_itself(world: World, page: Page) -> None:
    await write(page, "@tacit which region do we use?")
    event = (await world.tacit.next("events_api"))["event"]
    await world.tacit.web.api_call(
        "assistant.threads.setStatus", json={"channel_id": event["channel"], "thread_ts": event["ts"], "status": "is thinking…"}
    )
    await expect(page.locator("#place .status")).to_have_text("Tacit is thinking…")
    await world.tacit.say("infra", "Frankfurt, since May.", event["ts"])
    await sees(page, "Frankfurt, since May.", "#thread")
    await write(page, "Thanks, that helps", "#reply")
    await sees(page, "Thanks, that helps", "#thread")
    await expect(page.locator("#place .replies")).to_contain_text("2 replies")
    await page.keyboard.press("Escape")
    await expect(page.locator("#thread")).to_be_hidden()


async def test_a_speaker_sees_what_they_may_see_and_nothing_else(world: World, page: Page) -> None:
    await world.tacit.say("infra", "For the team")
    ana = world.slack.world.find_user("ana")
    assert ana is not None
    await world.tacit.web.chat_postEphemeral(channel=world.tacit.channel("infra"), user=ana.id, text="For Ana alone")
    await sees(page, "For Ana alone")
    await expect(page.locator("#place .ephemeral")).to_contain_text("Only visible to you")
    await expect(page.locator("#sidebar")).to_contain_text("legal")
    await speak_as(page, "Bo")
    await sees(page, "For the team")
    await expect(page.locator("#place")).not_to_contain_text("For Ana alone")
    await expect(page.locator("#sidebar")).not_to_contain_text("legal")
    await speak_as(page, "Gus")
    await expect(page.locator("#sidebar .entry")).to_have_text(["help", "Tacit"])


async def test_a_slash_command_goes_to_the_bot_and_not_into_the_channel(world: World, page: Page) -> None:
    await write(page, "/learnings egress")
    command = await world.tacit.next("slash_commands")
    assert (command["command"], command["text"]) == ("/learnings", "egress")
    await expect(page.locator("#place .message")).to_have_count(0)
    root = await world.tacit.say("infra", "A thread")
    await world.tacit.say("infra", "goes on", root)
    await page.locator("#place .replies").click()
    await write(page, "/learnings", "#reply")
    await expect(page.locator("#notices")).to_contain_text("no slash commands in threads")


async def test_a_button_is_drawn_and_its_click_arrives(world: World, page: Page) -> None:
    await world.tacit.say("infra", "fallback", blocks=BUTTONS)
    row = page.locator("#place .message", has_text="Bold")
    await expect(row.locator("strong", has_text="Bold")).to_be_visible()
    await expect(row.locator("em")).to_have_text("leaning")
    await expect(row.locator("a")).to_have_attribute("href", "https://example.com")
    await row.get_by_role("button", name="Retry").click()
    click = await world.tacit.next("interactive")
    assert [action["action_id"] for action in click["actions"]] == ["retry"]


async def test_a_field_is_filled_and_sent_by_keyboard(world: World, page: Page) -> None:
    field = {"type": "plain_text_input", "action_id": "words", "initial_value": "as it was", "multiline": True, "max_length": 300}
    entry = {"type": "input", "block_id": "row", "label": {"type": "plain_text", "text": "In which words?"}, "element": field}
    save = {"type": "button", "action_id": "save", "text": {"type": "plain_text", "text": "Save"}}
    ts = await world.tacit.say("infra", "fallback", blocks=[entry, {"type": "actions", "elements": [save]}])
    words = page.get_by_role("textbox", name="In which words?")
    await expect(words).to_have_value("as it was")
    await words.focus()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("never replaced")  # letters that mean something on a message
    await world.tacit.web.reactions_add(channel=world.tacit.channel("infra"), name="eyes", timestamp=ts)
    await expect(page.locator("#place .reaction")).to_be_visible()  # the message was drawn again
    await page.keyboard.type(", else")
    await world.tacit.say("infra", "Something comes meanwhile.")
    await sees(page, "comes meanwhile")
    await expect(words).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    click = await world.tacit.next("interactive")
    assert click["state"]["values"]["row"]["words"]["value"] == "never replaced, else"


async def test_markup_is_text(world: World, page: Page) -> None:
    nasty = "<img src=x onerror=\"document.title='broken'\"> <script>alert(1)</script> & &lt;b&gt;"
    await write(page, nasty)
    await expect(page.locator("#place .body")).to_have_text(nasty)
    await world.tacit.say("infra", "<javascript:alert(1)|press me> <img onerror=alert(1)>")
    await sees(page, "press me")
    assert await page.locator("#place .body").locator("img, script, a, b").count() == 0
    assert "broken" not in await page.title()


async def test_reactions_are_counted_and_toggled(world: World, page: Page) -> None:
    await write(page, "A thing worth keeping")
    row = page.locator("#place .message")
    await row.hover()
    await row.get_by_role("button", name="Learn from this thread").click()
    chip = row.locator(".reaction")
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await speak_as(page, "Bo")
    await chip.click()
    await expect(chip).to_contain_text("2")
    await chip.click()
    await expect(chip).to_have_attribute("aria-pressed", "false")


async def test_own_messages_are_edited_and_deleted_by_keyboard(page: Page) -> None:
    await write(page, "@bo look at #infra")
    row = page.locator("#place .message")
    await row.focus()
    await page.keyboard.press("e")
    field = page.get_by_role("textbox", name="Edit message")
    await expect(field).to_have_value("@bo look at #infra")
    await field.fill("@bo never mind")
    await field.press("Enter")
    await sees(page, "never mind (edited)")
    await row.focus()
    await page.keyboard.press("Delete")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
    await expect(row).to_have_count(0)


async def test_a_permalink_opens_at_its_message(world: World, page: Page) -> None:
    root = await world.tacit.say("legal", "The contract")
    reply = await world.tacit.say("legal", "ends in March", root)
    channel = world.tacit.channel("legal")
    link = f"/archives/{channel}/p{reply.replace('.', '')}?thread_ts={root}&cid={channel}"
    await world.tacit.say("infra", f"See <{world.slack.url}{link}|the source>")
    await page.get_by_role("link", name="the source").click()
    await expect(page.locator("#thread .highlighted")).to_contain_text("ends in March")
    await page.goto(link)
    await expect(page.locator("#thread .highlighted")).to_contain_text("ends in March")
    await speak_as(page, "Bo")
    await page.goto(link)
    await expect(page.get_by_role("alert")).to_contain_text("Bo cannot see this place")
    await expect(page.locator("body")).not_to_contain_text("The contract")


async def test_unread_places_are_marked_for_each_person(world: World, page: Page) -> None:
    await expect(page.locator("#place h1")).to_contain_text("infra")
    await world.tacit.say("legal", "News")
    legal = page.locator("#sidebar .entry", has_text="legal")
    await expect(legal).to_have_class(re.compile("unread"))
    await legal.click()
    await sees(page, "News")
    await expect(legal).not_to_have_class(re.compile("unread"))


async def test_the_inspector_shows_what_a_reply_rests_on(world: World, page: Page) -> None:
    await write(page, "@tacit why?")
    event = (await world.tacit.next("events_api"))["event"]
    where = event["channel"]
    reply = await world.tacit.say("infra", "Because of egress.", event["ts"])
    said = {"message": f"{where}:{event['ts']}", "place": where, "teammate": event["user"], "at": float(event["ts"]), "taught": "public"}
    insight = {"_id": "i1", "kind": "goal", "sentence": "Egress costs go down.", "evidence": {"a": said}, "learned_at": 1.0, "live": True}
    await world.documents.insert("insights", insight)
    summary = {"_id": "s1", "kind": "summary", "sentence": "They talk about egress.", "state_of": f"conversation:{where}:{event['ts']}"}
    await world.documents.insert("insights", insight | summary)
    question = {"_id": f"{where}:{event['ts']}", "asker": event["user"], "reply": reply, "state": "answered"}
    await world.documents.insert(
        "questions",
        question
        | {"recalled": ["i1"], "cited": ["i1"], "withheld": {"i2": "superseded"}}
        | {"explained": {"i1": {"why": "shown: it fits", "scores": {"score": 0.5}}}},
    )
    await page.locator("#thread").get_by_role("button", name="Why this answer?").click()
    await expect(page.locator("#inspector .cited")).to_contain_text("Egress costs go down.")
    await expect(page.locator("#inspector .cited .audience")).to_contain_text("everybody in Acme")
    await expect(page.locator("#inspector .cited .ranked")).to_contain_text("shown: it fits (score 0.5)")
    await expect(page.locator("#inspector .withheld")).to_contain_text("superseded")
    await page.get_by_role("tab", name="Learned").click()
    await expect(page.locator("#inspector")).to_contain_text("Ana in #infra")
    await expect(page.get_by_role("tab", name="Learned")).to_contain_text("1")
    await expect(page.locator("#inspector section", has_text="Summaries, pointers, profiles")).to_contain_text("They talk about egress.")


async def test_a_narrow_screen_shows_one_pane_at_a_time(world: World, browser: Browser) -> None:
    root = await world.tacit.say("infra", "word" * 200)
    await world.tacit.say("infra", "```" + "x" * 300 + "```", root)
    async with window(browser, world.slack.url, NARROW) as page:
        for step in (".entry:has-text('infra')", "#place .replies", "#thread .why", "#inspector .back", "#thread .back", "#place .back"):
            await page.locator(step).last.click()
            assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW[0], f"after {step}"
        await expect(page.locator("#sidebar")).to_be_visible()
        await expect(page.locator("#place")).to_be_hidden()


async def test_everything_can_be_done_by_keyboard(world: World, page: Page) -> None:
    await expect(page.locator("#place h1")).to_contain_text("infra")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the message field")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.type("@ta")
    await expect(page.get_by_role("option", name="@tacit")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.type("first line")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second line")
    await page.keyboard.press("Enter")
    await sees(page, "second line")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("r")
    await expect(page.locator("#reply")).to_be_focused()
    await page.keyboard.type("a reply")
    await page.keyboard.press("Enter")
    await sees(page, "a reply", "#thread")
    await page.keyboard.press("Escape")
    await expect(page.locator("#place .message:focus")).to_contain_text("first line")


async def test_a_server_that_went_away_is_said_and_found_again(browser: Browser) -> None:
    async with sandbox() as world, window(browser, world.slack.url) as page:
        await expect(page.locator("#place h1")).to_contain_text("infra")
        await world.slack.stop()
        await expect(page.locator("#banner")).to_contain_text("does not answer")
        await write(page, "kept as a draft")
        await expect(page.locator("#notices")).to_contain_text("Is it still running?")
        async with sandbox(port=world.slack.port) as again:
            await expect(page.locator("#banner")).not_to_contain_text("does not answer")
            await again.tacit.say("infra", "Here I am again")
            await sees(page, "Here I am again")
            await expect(page.locator("#composer")).to_have_value("kept as a draft")


async def test_a_thousand_messages_are_no_trouble(world: World, page: Page) -> None:
    async with ClientSession(world.slack.url) as session:
        for number in range(1000):
            async with session.post("/control/post", json={"as": "ana", "in": "infra", "text": f"Message {number}"}) as posted:
                assert posted.status == 200
    await expect(page.locator("#place .message").last).to_contain_text("Message 999", timeout=15_000)
    await expect(page.locator("#place .message")).to_have_count(1000)
    first = page.locator("#place .message").first
    await first.evaluate("node => { node.dataset.same = 'yes'; }")
    await write(page, "One more")
    await expect(page.locator("#place .message").last).to_contain_text("One more", timeout=2_000)
    await expect(page.locator("#place .message").last).to_be_in_viewport()
    assert await first.get_attribute("data-same") == "yes", "rows that did not change are not drawn again"
