"""What the README promises, played by a person's hands: `tacit try`, its page in a browser, clicks and keys. Real processes throughout."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.sandbox.browsing import expect

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.usefixtures("redis_server")  # where there is none, none is embedded either

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@asynccontextmanager
async def trying(folder: Path) -> AsyncIterator[str]:
    """`tacit try` in an empty folder with nothing set; the page's address once all of it is up. Ended as Ctrl-C ends it."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI", "MONGODB", "REDIS", "PORT", "MODEL", "LEARN"))}
    env = plain | {"PYTHONPATH": str(ROOT), "PORT": "18700"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.command", "try", cwd=folder, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            while "Open http" not in (line := (await process.stdout.readline()).decode()):
                assert line, "it ended before it was up"
        found = ADDRESS.search(line)
        assert found is not None
        yield found.group()
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 0, rest.decode()


async def speak_as(page: Page, name: str) -> None:
    await page.get_by_role("radio", name=re.compile(name)).check()


async def go(page: Page, entry: str) -> None:
    await page.locator("#sidebar").get_by_role("link", name=re.compile(entry)).click()


async def type_and_send(page: Page, text: str) -> None:
    await page.locator("#composer").click()
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


async def test_the_egress_story_is_played_by_clicking_and_typing(tmp_path: Path, browser: Browser) -> None:
    async with trying(tmp_path) as address, aiohttp.ClientSession() as http:
        async with http.get(f"{address}/healthz") as answer:
            assert answer.status == 200
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(address)
        await speak_as(page, "Ana")
        await go(page, "infra")
        await type_and_send(page, "@tacit We're trying to cut down on egress costs. Any ideas?")
        await expect(page.locator("#thread .message")).to_have_count(2)

        row = page.locator("#place .message", has_text="egress costs").first
        await row.hover()
        await row.get_by_role("button", name="This thread is done").click()
        await expect(row.get_by_role("button", name=re.compile("^brain, "))).to_be_visible(timeout=15_000)

        await speak_as(page, "Bo")
        await go(page, "Tacit")
        await type_and_send(page, "I'm deciding between Datadog and Grafana. Any recommendations?")
        reply = page.locator("#thread .message").nth(1)
        await expect(reply).to_contain_text("cut down on egress costs")
        await expect(reply).to_contain_text("learned from @ana in #infra")
        await expect(page.locator("#inspector")).to_contain_text("Used and cited")

        await reply.get_by_role("link", name=re.compile("infra")).click()
        await expect(page.locator("#place .message", has_text="egress costs").first).to_be_visible()
        await speak_as(page, "Gus")
        await go(page, "Tacit")
        await type_and_send(page, "Datadog or Grafana, which one should we take?")
        await expect(page.locator("#thread .message")).to_have_count(2)
        await expect(page.locator("#thread")).not_to_contain_text("egress")
