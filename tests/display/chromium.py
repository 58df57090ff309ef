"""A real Chromium for the tests of everything that runs in a browser.

The machine's own Chromium is driven, so what is tested is what a lobby's screen runs. Tests that use it run on
one event loop for the whole session (`pytestmark = on_one_loop`): starting a browser for each test would cost more
than all the tests.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).resolve().parents[2]
on_one_loop = pytest.mark.asyncio(loop_scope="session")

_QUIET = (
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-default-browser-check",
    "--font-render-hinting=none",
    "--mute-audio",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    executable = (
        os.environ.get("FOYER_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    assert executable, "These tests need Chromium: `make test` installs it."
    arguments = [*_QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=executable, args=arguments)
        yield chromium
        await chromium.close()
