"""The pages of papers, the counter and the figures in a browser: every size, for all, by keyboard; and the file of the figures."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import Any

from playwright.async_api import Page, expect

from kiosk.flow.filling import shown as filling
from kiosk.flow.finding import shown as finding
from kiosk.flow.scanning import shown as scanning
from server.actions import forms as form_actions
from server.centrefile.handing import OfferedForm
from server.domain.access import SYSTEM
from server.papers.sealing import Facts
from server.store.tables import SelfServiceUse, Sighting, Submission, Ticket
from server.store.tx import Tx
from server.web.pages.self_service import STEPS, said_step
from tests.server.web.rehearsal import NOON, Served
from tests.server.web.test_pages_for_all import enter, look_over
from tests.server.web.test_papers import Desk, hand_in, rows, served
from tests.support.browser import OpenPage, on_one_loop
from tests.support.handed_in import page_picture
from wire.asks import CallNext, SeePaper, UnseePaper
from wire.vocabulary import HandedIn, UseEnd, UseKind, new_id

__all__ = ["served"]

ANSWERS: dict[str, Any] = {
    "moving": "within",
    "moves_on": "2026-12-01",
    "name": {"first": "મીરા", "last": "પટેલ"},
    "old_home": {"lines": ["1 High Street", "Leicester"], "postcode": "LE1 1AA"},
    "old_tie": "tenant",
}


def fill(served: Served) -> tuple[str, str]:
    """A busy list; the ids of scanned papers and of a form begun in Gujarati."""
    actor = served.actor("ada")

    def offer(tx: Tx) -> None:
        form = OfferedForm("change-of-address", team="benefits")
        form_actions.offer(tx.session(), actor.centre, [form], NOON)

    served.run(served.house.change(actor, "offer", offer))
    papers = hand_in(
        served,
        made_at=NOON - timedelta(minutes=40),
        readable="poor",
        facts=Facts("HB 12345", "", "jane@example.org"),
    )
    hand_in(served, made_at=NOON - timedelta(minutes=39))
    begun = hand_in(
        served,
        kind=HandedIn.BEGUN,
        what="change-of-address",
        version=1,
        language="gu",
        facts=Facts(answers=ANSWERS),
        files=[("photo-1.jpg", "image/jpeg", page_picture("Photo"), 1)],
    )
    hand_in(served, what="housing", team="housing", language="ur")
    hand_in(served, team="nobody-any-more")
    hand_in(served, virus="found", language="pl")

    def use(tx: Tx) -> None:
        for number in range(40):
            ended = (UseEnd.DONE, UseEnd.DONE, UseEnd.LEFT, UseEnd.PERSON)[number % 4]
            kind, slug = (
                (UseKind.SCAN, "housing"),
                (UseKind.SCAN, "benefits"),
                (UseKind.FORM, "change-of-address"),
            )[number % 3]
            tx.session().add(
                SelfServiceUse(
                    id=new_id(),
                    centre_id=actor.centre,
                    kind=kind,
                    slug=slug,
                    ended=ended,
                    step=("page" if kind == UseKind.FORM else "plate") if ended == UseEnd.LEFT else "",
                    seconds=60 + number,
                    pages=number % 5,
                    retakes=number % 2,
                    used_on=NOON.date(),
                    at=NOON,
                )
            )

    served.run(served.house.change(SYSTEM, "uses", use))
    first = SeePaper(sighting=new_id(), seen="passport", case="HB 12345", submission=papers)
    second = SeePaper(sighting=new_id(), seen="driving_licence", case="PK 7")
    for seen in (first, second):
        served.ask(served.actor("dora"), seen)
    served.ask(served.actor("dora"), UnseePaper(sighting=second.sighting, reason="It was somebody else's."))
    return papers, begun


async def picture_of(page: Page, name: str) -> None:
    """For whoever looks at them; only where it is asked for."""
    if folder := os.environ.get("FOYER_PICTURES"):
        for width in (1280, 820, 390, 320):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        await page.set_viewport_size({"width": 1280, "height": 900})


@on_one_loop
async def test_at_the_counter_one_sees_what_they_handed_in_and_notes_what_one_saw(
    served: Served, open_page: OpenPage
) -> None:
    _, begun = fill(served)
    ticket, _, _ = served.visitor()
    visit = next(each.visit_id for each in rows(served, Ticket) if each.id == ticket)
    papers = hand_in(served, visit_id=visit)

    def belongs(tx: Tx) -> None:
        tx.session().get_one(Submission, begun).ticket_id = ticket

    served.run(served.house.change(SYSTEM, "belongs", belongs))
    served.sit("priya")
    served.ask(served.actor("priya"), CallNext())
    page = await enter(open_page, served, "priya")
    await page.goto(f"{served.url}/counter")
    await expect(page.locator(".stage .flags").first).to_contain_text("3 pages received")
    await page.locator("summary", has_text="Saw a paper").click()
    await picture_of(page, "counter")
    await look_over(page)
    await page.get_by_label("Which paper of theirs you saw").select_option("passport")
    await page.get_by_role("button", name="Note it").click()
    await expect(page.get_by_text("It is noted that you saw it.")).to_be_visible()
    (noted,) = [each for each in rows(served, Sighting) if each.ticket_id == ticket]
    assert (noted.detail, noted.visit_id, noted.staff_id) == ("passport", visit, served.ids.staff["priya"])
    await page.get_by_role("link", name="Go on with it").click()
    await expect(page.get_by_role("heading", name="What they have filled in so far")).to_be_visible()
    await page.go_back()
    await page.get_by_role("link", name="See it").click()
    await expect(page.locator(".sheets img")).to_have_count(3)
    assert page.url.endswith(f"/papers/{papers}/look")
    await expect(page.get_by_role("button", name="Download")).to_have_count(0)
    await picture_of(page, "adviser")


@on_one_loop
async def test_every_page_fits_every_screen_and_is_for_all(
    served: Served, open_page: OpenPage, watch: Any
) -> None:
    papers, begun = fill(served)
    page = await enter(open_page, served, "dora")
    for name, address in (
        ("list", "/papers"),
        ("one", f"/papers/{papers}/look"),
        ("begun", f"/papers/{begun}/look"),
        ("seen", "/papers/seen"),
        ("figures", "/papers/figures"),
    ):
        await page.goto(f"{served.url}{address}")
        await page.wait_for_load_state("networkidle")
        for each in await page.locator("main details.fold > summary").all():
            if await each.is_visible():
                await each.click()
        await picture_of(page, name)
        await look_over(page)
    await page.goto(f"{served.url}/papers/{papers}/look")
    await page.locator("#turn-form").scroll_into_view_if_needed()
    drawn = page.locator(".sheets img").first
    assert await drawn.evaluate("image => image.decode().then(() => image.naturalWidth)") > 900
    before = await drawn.get_attribute("src")
    await page.get_by_label("Page 2").focus()
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="To the right").focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert await page.locator(".sheets img").first.get_attribute("src") != before


def test_figures_are_for_managers_and_their_file_holds_what_the_page_shows(served: Served) -> None:
    fill(served)
    dora, paula = Desk(served, "dora"), Desk(served, "paula")
    assert paula.client.get("/papers/figures").status_code == 403
    lines = dora.client.get("/papers/figures", params={"file": "csv"}).text.splitlines()
    assert lines[0].startswith("\ufeffKind,What for,Uses,Finished")
    assert lines[1].startswith("Scan station,Housing,14,7,3,")
    assert "Form,Tell us you are moving home,13,6,4," in "\n".join(lines)
    assert lines[-2:] == ["Scan station,Laying pages on the plate,6", "Form,Answering a question,4"]
    shown = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", dora.client.get("/papers/figures").text.partition("<tbody>")[2])
    )
    # reckoned by hand: numbers 0, 3 ... 39 of forty
    assert shown.startswith(
        " Housing 14 7 50% 3 0 15 7 4 1 min 21 s Benefits 13 7 54% 3 0 14 7 3 1 min 16 s Together 27 14 52% 6 0 29 14 7 1 min 18 s"
    )
    assert dora.client.get("/papers/figures", params={"first": "31 February"}).status_code == 400


def test_every_page_of_the_kiosk_s_journeys_has_a_name_in_the_figures() -> None:
    journeys = {
        UseKind.SCAN: scanning.At,
        UseKind.FORM: filling.At,
        UseKind.ONLINE: finding.At,
        UseKind.SEARCH: finding.At,
    }
    for kind, pages in journeys.items():
        assert set(STEPS[kind]) - {""} == {each.value for each in pages}, kind
    assert said_step(UseKind.SCAN, "") == "At the very beginning"
    assert said_step(UseKind.SCAN, "of_a_newer_kiosk") == "Of a newer kiosk"
