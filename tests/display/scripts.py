"""Runs a piece of JavaScript that imports the board's own modules, on a page of the stand-in server."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from tests.display.standin import Standin
from tests.support.browser import OpenPage


async def module_page(open_page: OpenPage, standin: Standin) -> Page:
    """A page from which `/display/static/*.js` can be imported, with nothing running on it."""
    return await open_page(standin.address + "/blank")


async def run(page: Page, module: str, body: str, argument: Any = None) -> Any:
    """What `body` returns, given the module as `m` and `argument` as `a`."""
    script = f"async (a) => {{ const m = await import('/display/static/{module}'); {body} }}"
    return await page.evaluate(script, argument)
