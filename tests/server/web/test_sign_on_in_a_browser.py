"""Signing in as people do, in Chromium: by the council's sign-on and out again; in an emergency by password, app and paper; every page for all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from demo.provider import CLIENT, Application, CouncilSignOn, Person
from server.actions import sign_on
from server.store.tables import Staff
from tests.server.web.rehearsal import PASSWORD, Served, serving
from tests.server.web.test_second_factor import code_now
from tests.support.browser import OpenPage, Watch, assert_axe_clean, on_one_loop
from wire.vocabulary import Role

pytestmark = on_one_loop
WIDE, NARROW, PHONE = (
    {"width": 1280, "height": 900},
    {"width": 320, "height": 700},
    {"width": 390, "height": 844},
)
ADVISER = "Foyer.Adviser.york-house"


@pytest.fixture
def joined(sqlite_url: str) -> Iterator[Served]:
    """York House, whose staff come by a council's sign-on; Ada's account is for emergencies."""
    people = [
        Person("Amira Khan", "amira.khan@council.test", (ADVISER,)),
        Person("Ivan Petrov", "ivan@council.test"),
    ]
    provider = CouncilSignOn(Application([], secrets={"s"}), people).start()
    settings = {"sso_issuer": provider.issuer, "sso_client_id": CLIENT, "sso_client_secret": "s"}
    with serving(sqlite_url, public_url="http://127.0.0.1:1", **settings) as served:
        served.house.settings.public_url = served.url
        provider.application.redirect.append(f"{served.url}/sign-on/done")

        def prepare(tx: Any) -> None:
            sign_on.set_emergency(tx, tx.session().get_one(Staff, served.ids.staff["ada"]), on=True)
            sign_on.set_table(tx, served.ids.centre, {Role.ADVISER: (ADVISER,)})

        served.run(served.house.change(served.actor("ada"), "prepare", prepare))
        yield served
    provider.stop()


async def look_over(page: Page, name: str) -> None:
    await assert_axe_clean(page)
    for size in (WIDE, NARROW, *((PHONE,) if os.environ.get("FOYER_SHOTS") else ())):
        await page.set_viewport_size(size)
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), (
            f"{name} is too wide"
        )
        if os.environ.get("FOYER_SHOTS"):
            where = f"{os.environ['FOYER_SHOTS']}/sign-on-{name}-{size['width']}.png"
            await page.screenshot(path=where, full_page=True)
    await page.set_viewport_size(WIDE)


async def test_by_the_council_s_sign_on_and_in_an_emergency_past_it(
    open_page: OpenPage, watch: Watch, joined: Served
) -> None:
    watch.expect(r"status of 403")
    await by_the_sign_on_and_out_again(open_page, joined)
    await in_an_emergency_by_password_app_and_paper_with_keys_alone(open_page, joined)


async def by_the_sign_on_and_out_again(open_page: OpenPage, joined: Served) -> None:
    page = await open_page(viewport=WIDE)
    await page.goto(f"{joined.url}/counter")
    await look_over(page, "sign-in")
    await page.get_by_role("link", name="Sign in with your council account").click()
    await page.get_by_role("link", name="Ivan Petrov").click()
    await expect(page.locator(".said")).to_contain_text("has not given you a role")
    await look_over(page, "refused")
    await page.get_by_role("link", name="Sign in with your council account").click()
    await page.get_by_role("link", name="Amira Khan").click()
    await page.goto(f"{joined.url}/account")
    await expect(page.locator(".places")).to_contain_text("by the council's sign-on")
    await look_over(page, "account-by-sign-on")
    await page.locator(".account summary").click()
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await look_over(page, "signed-out")
    await page.get_by_role("link", name="Sign out there too").click()
    await expect(page.locator("h1")).to_have_text("Sign in")


async def in_an_emergency_by_password_app_and_paper_with_keys_alone(
    open_page: OpenPage, joined: Served
) -> None:
    page = await open_page(viewport=WIDE)
    await page.goto(f"{joined.url}/sign-in")
    await page.locator("summary").press("Enter")
    await page.fill("#username", "ada")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await expect(page.locator("h1")).to_have_text("Set up an authenticator app")
    await page.get_by_role("button", name="Begin").press("Enter")
    await expect(page.locator(".qr")).to_be_visible()
    await look_over(page, "square")
    await page.get_by_text("The camera does not work").press("Enter")
    secret = (await page.locator(".secret.key").inner_text()).replace(" ", "")
    await page.fill("#code", code_now(secret, -1))
    await page.press("#code", "Enter")
    await expect(page.locator("h1")).to_have_text("Your recovery codes")
    codes = await page.locator(".recovery li").all_inner_texts()
    await look_over(page, "recovery")
    for path, name in (("/account", "account"), ("/admin/sign-on", "table"), ("/admin/secrets", "secrets")):
        await page.goto(f"{joined.url}{path}")
        await look_over(page, name)
    await page.goto(f"{joined.url}/admin/staff/{joined.ids.staff['tom']}")
    await look_over(page, "person")

    other = await open_page(viewport=WIDE)
    await other.goto(f"{joined.url}/sign-in?next=/admin/sign-on")
    await other.locator("summary").press("Enter")
    await other.fill("#username", "ada")
    await other.fill("#password", PASSWORD)
    await other.press("#password", "Enter")
    await expect(other.locator("#code")).to_be_focused()
    assert await other.locator("#code").get_attribute("autocomplete") == "one-time-code"
    await look_over(other, "code")
    await other.locator("summary").press("Enter")
    await other.fill("#recovery", "abcd-efgh-ijkl-mnop")
    await other.press("#recovery", "Enter")
    await expect(other.locator(".said")).to_contain_text("not right")
    await other.fill("#recovery", codes[3])
    await other.press("#recovery", "Enter")
    await expect(other.locator(".alarm")).to_contain_text("An emergency account was used")

    joined.house.settings.confirm_minutes = -2  # whatever is grave asks again
    await other.fill("#of-manager", "Foyer.Manager.york-house")
    await other.press("#of-manager", "Enter")
    await expect(other.locator("h1")).to_have_text("Is it still you?")
    await look_over(other, "still-you")
    await other.fill("#code", code_now(secret))
    await other.press("#code", "Enter")
    await expect(other.locator("h1")).to_have_text("Thank you")
    await look_over(other, "go-on")
    joined.house.settings.confirm_minutes = 15
    await other.get_by_role("button", name="Go on").press("Enter")
    await expect(other).to_have_url(re.compile("/admin/sign-on$"))
    await expect(other.locator("#of-manager")).to_have_value("Foyer.Manager.york-house")
