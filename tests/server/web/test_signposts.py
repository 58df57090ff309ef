"""What can be done online, for whoever looks from home; and where the square in a letter leads on a phone."""

from __future__ import annotations

import os

import httpx
import pytest
from playwright.async_api import expect

from server.store.tables import Centre
from tests.server.web.rehearsal import Served
from tests.support.browser import OpenPage, assert_axe_clean, on_one_loop


@pytest.fixture
def visitor(served: Served) -> httpx.Client:
    def add(tx: object) -> None:
        session = tx.session()  # type: ignore[attr-defined]  # a Tx
        centre = session.get_one(Centre, served.ids.centre)
        centre.extra = {
            **centre.extra,
            "portals": [
                {
                    "slug": "vote",
                    "names": {"en": "Register to vote", "pl": "Zarejestruj się do głosowania"},
                    "url": "https://www.example.org/vote",
                    "ready": {"en": "Your National Insurance number."},
                },
                {
                    "slug": "bus",
                    "names": {"en": "Apply for a bus pass"},
                    "url": "https://www.example.org/bus",
                },
            ],
        }

    served.run(served.house.change(served.actor("ada"), "portals", add))
    return httpx.Client(base_url=served.url)


def test_every_page_is_there_by_need_with_what_to_have_ready(visitor: httpx.Client) -> None:
    page = visitor.get("/online").text
    assert 'href="https://www.example.org/vote" rel="noreferrer"' in page
    assert "Have this ready: Your National Insurance number." in page
    assert "<script" not in page
    polish = visitor.get("/online?lang=pl").text
    assert "Zarejestruj się do głosowania" in polish
    assert '<span lang="en" dir="ltr">Apply for a bus pass</span>' in polish


def test_it_is_searched_in_ones_own_words(visitor: httpx.Client) -> None:
    found = visitor.get("/online", params={"q": "bus pas"}).text
    assert "Apply for a bus pass" in found
    assert "Register to vote" not in found
    nothing = visitor.get("/online", params={"q": "<b>xyzzy</b>"}).text
    assert "We found nothing for this" in nothing
    assert "Register to vote" in nothing, "everything stays there"
    assert "<b>xyzzy" not in nothing


@pytest.mark.parametrize("path", ["/hand-in/housing", "/hand-in/housing/HG-123", "/hand-in/never-heard-of"])
def test_a_letters_square_says_the_same_whatever_stands_in_it(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert "Bring this letter to a scan station" in answer.text
    assert "HG-123" not in answer.text.replace(path, "")


@on_one_loop
@pytest.mark.parametrize(("language", "way"), [("en", "ltr"), ("ur", "rtl")])
async def test_it_is_accessible_narrow_and_searched_by_the_keyboard(
    visitor: httpx.Client, open_page: OpenPage, language: str, way: str
) -> None:
    page = await open_page(
        f"{visitor.base_url}/online?lang={language}", viewport={"width": 320, "height": 700}
    )
    await expect(page.locator("html")).to_have_attribute("dir", way)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await assert_axe_clean(page)
    await page.locator("#q").focus()
    await page.keyboard.type("bus pas")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/online?*q=bus*")
    await expect(page.locator(".forms-list a")).to_have_text(["Apply for a bus pass"])
    await expect(page.locator("html")).to_have_attribute("dir", way)
    await assert_axe_clean(page)
    if os.environ.get("SHOTS"):
        await page.screenshot(path=f"{os.environ['SHOTS']}/online-{language}.png", full_page=True)
