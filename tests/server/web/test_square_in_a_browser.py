"""The square as a phone's camera sees it on a greeter's screen: large, white around, and right at every width."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator

import cv2
import numpy
import pytest

from tests.server.web.rehearsal import PASSWORD, Served, serving
from tests.support.browser import OpenPage, on_one_loop

pytestmark = on_one_loop

SIZES = (("tablet", 820, 1180), ("landscape", 1280, 800), ("phone", 390, 844), ("narrow", 320, 568))
NEAR = (1, 1.5, 2, 2.5, 3, 4, 5)


@pytest.fixture
def served(sqlite_url: str) -> Iterator[Served]:
    with serving(sqlite_url, public_url="https://queue.leicester.example.gov.uk") as running:
        yield running


def read(picture: bytes) -> set[str]:
    """What OpenCV reads in a picture, held nearer and further as a hand does: at some sizes it sees nothing, but never anything else."""
    seen = cv2.imdecode(numpy.frombuffer(picture, numpy.uint8), cv2.IMREAD_GRAYSCALE)
    detector = cv2.QRCodeDetector()
    sizes = (cv2.resize(seen, None, fx=near, fy=near, interpolation=cv2.INTER_CUBIC) for near in NEAR)
    return {detector.detectAndDecode(size)[0] for size in sizes} - {""}


async def test_a_camera_reads_the_square_from_the_screen_at_every_size(
    served: Served, open_page: OpenPage
) -> None:
    ticket, code, _ = await asyncio.to_thread(served.visitor)
    # Without script the form is answered with a page of its own; with it the same part stands in a dialogue.
    page = await open_page(f"{served.url}/sign-in?next=/floor/ticket/{ticket}", java_script_enabled=False)
    await page.fill("#username", "grace")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(f"**/floor/ticket/{ticket}")
    await page.locator("details:has(form[action$='/qr']) > summary").click()
    await page.locator("form[action$='/qr'] button").click()
    await page.wait_for_url("**/qr")
    assert await page.locator("h1").inner_text() == f"{code} on their phone"
    told = re.search(r"https://queue\S+/t/[\w-]+", await page.locator("main").inner_text())
    assert told is not None
    for name, width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        if os.environ.get("FOYER_SHOTS"):
            await page.screenshot(path=f"{os.environ['FOYER_SHOTS']}/square-{name}.png", full_page=True)
        assert read(await page.locator(".square").screenshot()) == {told.group()}, name
        box = await page.locator(".square").bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 220, name
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
