"""The Chromium that tests of the page drive, through the playwright package and without its browser download."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.servers import machine
from tests.servers.machine import Say, Unavailable

if TYPE_CHECKING:
    from playwright.async_api import Browser

COMMANDS = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ["chromium", "fonts-liberation", "fonts-noto-color-emoji"]
REMEDY = "Put one of chromium, chromium-browser or google-chrome on PATH (on Debian: `apt-get install chromium`)."
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def path() -> str:
    """The path of Chromium's executable; Unavailable, with the remedy, where there is none."""
    for command in COMMANDS:
        found = shutil.which(command)
        if found:
            return found
    raise Unavailable(f"No Chromium on PATH. {REMEDY}")


def missing() -> list[str]:
    """What will be installed before Chromium can be used; Unavailable where it neither is nor may be installed."""
    try:
        path()
    except Unavailable:
        if not machine.may_install():
            raise
        return [f"{', '.join(PACKAGES)} (Debian packages)"]
    return []


def prepare(say: Say) -> None:
    """Install Chromium where it is missing and may be installed."""
    if missing():
        machine.install(PACKAGES, say)
        path()


@asynccontextmanager
async def launch(executable: str) -> AsyncIterator["Browser"]:
    """Yield a browser that reaches this machine alone; it ends with the block."""
    from playwright.async_api import async_playwright  # 0.3 s, which a run without a browser need not spend

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()
