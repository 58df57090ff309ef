"""The page of how long things are kept: who may set it, what it refuses, and that nothing goes before somebody has read how much and meant it."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta

import httpx

from server.actions import erasing
from server.domain.retention import Name
from server.store.sql import Sql
from tests.server.web.rehearsal import NOON, PASSWORD, Served, token_of
from tests.support.browser import OpenPage, Watch, axe_faults, on_one_loop

pytestmark = on_one_loop


def rules(served: Served) -> dict[str, int]:
    return served.run(served.house.look(lambda connection: erasing.rules(Sql(connection))))


def keep(client: httpx.Client, name: str, days: str, **more: str) -> httpx.Response:
    form = {"csrf": token_of(client), "name": name, "days": days, **more}
    return client.post("/admin/keeping", data=form)


def visitors_of_the_past(served: Served) -> None:
    """Two of a hundred days ago, one of ten."""
    for days in (100, 100, 10):
        served.set_clock(NOON - timedelta(days=days))
        served.visitor()
    served.set_clock(NOON)


def rights_and_refusals(served: Served) -> None:
    visitors_of_the_past(served)
    for nobody in ("max", "priya", "petra"):
        client = served.signed_in(nobody)
        assert client.get("/admin/keeping").status_code == 403, nobody
        assert keep(client, "visits", "500").status_code == 403, nobody
    ada = served.signed_in("ada")
    for typed in ("", "many", "-5", "1.5", "٩٠", "²"):
        refused = keep(ada, "visits", typed)
        assert (refused.status_code, "Write a whole number of days" in refused.text) == (422, True), typed
    for typed in ("59", "3651", "9999999999"):
        refused = keep(ada, "visits", typed)
        assert refused.status_code == 422
        assert "Detail of visits can be kept from 60 to 3650 days." in refused.text
        assert f'value="{typed}"' in refused.text
    assert keep(ada, "everything", "90").status_code == 422
    assert rules(served) == {}
    asked = keep(ada, "visits", "060")
    assert asked.status_code == 409
    assert "2 visits of all centres would be erased within the next rounds" in asked.text
    other = keep(ada, "visits", "90", sure="60")
    assert (other.status_code, rules(served)) == (409, {}), "meant for another number"
    assert "No complaints and compliments are older than 400 days yet" in keep(ada, "complaints", "400").text
    for name in Name:
        assert keep(ada, name.value, "365" if name not in (Name.CONTACTS,) else "5").status_code in (303, 409)
    longer = keep(ada, "visits", "800")
    assert (longer.status_code, longer.headers["location"]) == (303, "/admin/keeping?saved=visits#visits")
    assert rules(served)["visits"] == 800


async def test_who_may_set_it_what_is_refused_and_what_must_be_meant(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    await asyncio.to_thread(rights_and_refusals, served)
    watch.expect(r"status of 409")
    page = await open_page(f"{served.url}/sign-in?next=/admin/keeping")
    await page.fill("#username", "ada")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/admin/keeping")
    await page.fill("#days-visits", "60")
    await page.press("#days-visits", "Enter")
    card = page.locator("#visits")
    assert "2 visits of all centres would be erased" in await card.inner_text()
    await page.keyboard.press("Tab")
    for name, width, height in (("desk", 1280, 900), ("tablet", 820, 1180), ("phone", 390, 844), ("narrow", 320, 640)):  # fmt: skip
        await page.set_viewport_size({"width": width, "height": height})
        if os.environ.get("FOYER_SHOTS"):
            await page.screenshot(path=f"{os.environ['FOYER_SHOTS']}/keeping-{name}.png", full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth") == width, name
        assert await axe_faults(page) == []
    tick = card.get_by_role("checkbox", name="I mean it: keep 60 days, what is older shall go")
    await tick.focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    assert await card.locator("button").evaluate("button => button === document.activeElement")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/admin/keeping?saved=visits#visits")
    assert "Saved: kept for 60 days." in await card.inner_text()
    assert rules(served)["visits"] == 60
