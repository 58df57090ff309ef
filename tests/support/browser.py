"""A real Chromium for the tests of everything that runs in a browser, and what every page must keep to.

The machine's own Chromium is driven, so what is tested is what a lobby's screen runs. It is started once
for each test process and lives on one event loop (`pytestmark = on_one_loop`): a browser for each test
would cost more than all the tests. Each test gets pages without any history.

Where Debian's `chromium-headless-shell` is installed, pages are opened in that: the same engine of the same
build, without the windows, menus and profiles of a person's browser, which took more than half of the time.
Tests of the program as a screen runs it, or of what it keeps on its disk, start the whole Chromium.

Every page opened here is watched. A request to another machine, an error in the console, a script's
exception or a breach of the page's own content security policy fails the test that caused it, even if the
page looks right. A test that causes an error on purpose says so: `watch.expect(r"status of 403")`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.support.loopback import is_local

VENDOR = Path(__file__).resolve().parents[1] / "vendor"
AXE = VENDOR / "axe-core" / "axe.min.js"
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--font-render-hinting=none",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    # Whatever a page asks for, no other machine is reached: not by name, not by address.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1 , EXCLUDE [::1]",
)
LINK_LOST = "net::ERR_CONNECTION"
on_one_loop = pytest.mark.asyncio(loop_scope="session")


def chromium_path() -> str:
    found = os.environ.get("FOYER_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "Chromium is not installed here. `make setup-test` installs it."
    return found


def shell_path() -> str:
    """What draws the tests' pages: the engine alone, or the whole Chromium where there is no such package."""
    return os.environ.get("FOYER_CHROMIUM") or shutil.which("chromium-headless-shell") or chromium_path()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium, started at its first use. Use it from tests marked `on_one_loop`; most want
    `open_page`.
    """
    flags = [
        *FLAGS,
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]  # Chromium's sandbox cannot be had by root
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=shell_path(), args=flags)
        yield chromium
        await chromium.close()


@dataclass
class Watch:
    """What pages did that they must not. `expect` lets through errors that the test causes on purpose."""

    server_may_be_gone: bool = False
    """Set when the test is over: its servers may end before its pages are closed."""
    faults: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        self._expected.append(re.compile(pattern))

    def note(self, fault: str) -> None:
        let_through = any(pattern.search(fault) for pattern in self._expected)
        if not let_through and not (self.server_may_be_gone and LINK_LOST in fault):
            self.faults.append(fault)

    def note_address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and not is_local(parts.hostname or "?"):
            fault = f"asked another machine: {url}"
            if not any(pattern.pattern and pattern.search(fault) for pattern in self._expected):
                self.faults.append(fault)

    def follow(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self.note_address(request.url))
        context.on("weberror", lambda error: self.note(f"exception in a script: {error.error}"))
        context.on(
            "console",
            lambda message: (
                self.note(f"console: {message.text} ({message.page.url if message.page else ''})")
                if message.type == "error"
                else None
            ),
        )
        context.on(
            "page", lambda page: page.on("websocket", lambda websocket: self.note_address(websocket.url))
        )


@pytest.fixture
def watch() -> Watch:
    return Watch()


OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, watch: Watch) -> AsyncIterator[OpenPage]:
    """`await open_page(url=None, **context)`: a page in a browser context of its own, watched.

    `context` is what Playwright's `new_context` takes: `viewport={"width": 1920, "height": 1080}`,
    `locale="pl-PL"`, `java_script_enabled=False`, `reduced_motion="reduce"` and so on. The page opens
    `url` if one is given.
    """
    contexts: list[BrowserContext] = []

    async def open_one(url: str | None = None, **options: Any) -> Page:
        context = await browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        watch.follow(context)
        page = await context.new_page()
        if url is not None:
            await page.goto(url)
        return page

    yield open_one
    for context in contexts:
        await context.close()
    assert not watch.faults, "pages did what they must not:\n" + "\n".join(watch.faults)


async def axe_faults(page: Page, tags: tuple[str, ...] = WCAG) -> list[str]:
    """What axe-core finds wrong on the page as it is now, one line for each element."""
    if not await page.evaluate("typeof window.axe !== 'undefined'"):
        await page.evaluate(
            AXE.read_text(encoding="utf-8")
        )  # past the page's policy, as a person's own tool would
    # What is still fading in is judged as it will stand.
    await page.evaluate(
        "document.getAnimations().filter(each => each.effect.getComputedTiming().endTime !== Infinity).forEach(each => each.finish())"
    )
    found = await page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
        list(tags),
    )
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}: "
        f"{' '.join(map(str, node['target']))}: {node['html'][:200]}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


async def assert_axe_clean(page: Page, tags: tuple[str, ...] = WCAG) -> None:
    """Fails with every breach of WCAG 2.2 AA that a machine can find on the page."""
    faults = await axe_faults(page, tags)
    assert not faults, f"{page.url} is not accessible to all:\n" + "\n".join(faults)
