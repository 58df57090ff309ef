"""The list of addresses by its page and its line for kiosks: loaded, tried, refused in sentences, and looked over in Chromium."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import httpx

from tests.server.web.rehearsal import TOKENS, Served, serving, token_of
from tests.server.web.test_pages_for_all import enter, look_over
from tests.support.browser import OpenPage, on_one_loop
from wire.vocabulary import DeviceKind

INVENTED = Path(__file__).parents[3] / "demo" / "invented-addresses.csv"
TOKEN = {"Authorization": f"Bearer {TOKENS[DeviceKind.KIOSK]}"}


def send(client: httpx.Client, content: bytes, **more: str) -> httpx.Response:
    form = {"csrf": token_of(client), **more}
    return client.post("/admin/addresses", data=form, files={"file": ("list.csv", content, "text/csv")})


@on_one_loop
async def test_a_list_is_loaded_tried_and_found_by_a_kiosk(served: Served, open_page: OpenPage) -> None:
    with served.client(headers=TOKEN) as kiosk:
        assert kiosk.get("/api/addresses?postcode=LE16ZZ").json() == {"addresses": []}
        assert served.client().get("/api/addresses?postcode=LE16ZZ").status_code == 401
        page = await enter(open_page, served, "ada")
        await page.goto(f"{served.url}/admin/addresses")
        assert await page.get_by_text("Visitors type their whole address.").is_visible()
        await look_over(page)
        await page.set_input_files("#file", INVENTED)
        await page.get_by_role("button", name="Load the list").click()
        await page.get_by_text("300 addresses from invented-addresses.csv").wait_for()
        await page.fill("#postcode", "le1 6zz")
        await page.get_by_role("button", name="Look up").click()
        await page.get_by_text("20 addresses at LE1 6ZZ").wait_for()
        await look_over(page)
        await page.fill("#postcode", "LE1")
        await page.press("#postcode", "Enter")
        await page.get_by_text("This is no whole postcode.").wait_for()
        rows = kiosk.get("/api/addresses", params={"postcode": "LE1 6ZZ"}).json()["addresses"]
        assert rows[0] == {
            "uprn": "990000000001",
            "lines": ["1 Storybook Lane", "Leicester"],
            "postcode": "LE1 6ZZ",
        }
        assert len(rows) == 20
        assert kiosk.get("/api/addresses").json() == {"addresses": []}


def test_what_cannot_be_loaded_is_told_why_and_changes_nothing(served: Served) -> None:
    with closing(served.signed_in("ada")) as ada:
        assert send(ada, INVENTED.read_bytes()).status_code == 303
        for content, sentence in (
            (b"", "The first line names no column for the UPRN"),
            (b"name\nx\n", "The first line names no column for the UPRN"),
            (INVENTED.read_bytes(), "This very file is the list already."),
            (b"UPRN,Address,Postcode\n1,1 A Road,LE1 6RN\n", "This file has 1 addresses; the list has 300."),
        ):
            answer = send(ada, content)
            assert answer.status_code in (409, 403, 422), answer.status_code
            assert sentence in answer.text
            assert "<b>300</b> addresses" in answer.text
        assert "Choose a file first." in ada.post("/admin/addresses", data={"csrf": token_of(ada)}).text
        assert send(ada, b"UPRN,Address,Postcode\n1,1 A Road,LE1 6RN\n", shorter="yes").status_code == 303
        assert "1 A Road" in ada.get("/admin/addresses?postcode=LE1+6RN").text


def test_a_kiosk_that_asks_without_end_is_slowed_and_an_os_that_is_away_is_said(sqlite_url: str) -> None:
    with serving(sqlite_url, os_places_key="k", os_places_url="http://127.0.0.1:9") as away:
        with away.client(headers=TOKEN) as kiosk:
            assert kiosk.get("/api/addresses?postcode=LE1+6RN").status_code == 503
            answers = (kiosk.get("/api/addresses?postcode=x").status_code for _ in range(500))
            assert next(each for each in answers if each != 200) == 429
        with closing(away.signed_in("ada")) as ada:
            assert (
                "Ordnance Survey could not be asked just now."
                in ada.get("/admin/addresses?postcode=LE1+6RN").text
            )
