"""The pages Waits and service, Why people came and Persons: who may look at whom, what a look leaves behind, and that everybody can read them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
from sqlmodel import col, select

from server.domain import spans
from server.domain.sums import Sums
from server.store.queries.persons import LOOKED
from server.store.queries.sum_copies import keep_sums
from server.store.tables import Audit
from tests.server.web.rehearsal import NOON, PASSWORD, Served, token_of
from tests.support.browser import OpenPage, axe_faults, on_one_loop
from wire import asks
from wire.vocabulary import Avoidable

pytestmark = on_one_loop
TODAY = NOON.date().isoformat()


def a_day(served: Served) -> None:
    """Three are served by Priya, one of them had been here before and need not have come."""
    served.set_clock(NOON)
    served.sit("priya")
    for number in range(3):
        ticket, _, _ = served.visitor(minutes_ago=5 * number)
        served.ask(served.actor("priya"), asks.CallNext())
        served.ask(served.actor("priya"), asks.Arrive(ticket=ticket))
        more = {"avoidable": Avoidable.CHASING, "again": True} if number == 0 else {}
        served.ask(served.actor("priya"), asks.Finish(ticket=ticket, outcome="resolved", **more))


def looks(served: Served) -> list[Audit]:
    return served.run(
        served.house.read(
            lambda session: list(session.exec(select(Audit).where(col(Audit.what) == LOOKED)).all())
        )
    )


def look(client: httpx.Client, path: str, **form: object) -> httpx.Response:
    return client.post(
        path, data={"csrf": token_of(client), **{name: str(value) for name, value in form.items()}}
    )


def addresses_and_answers(served: Served) -> None:
    a_day(served)
    max_ = served.signed_in("max")
    moved = max_.get("/appointments/waits?first=2026-10-01&last=2026-10-09")
    assert (moved.status_code, moved.headers["location"]) == (
        303,
        "/figures/waits?first=2026-10-01&last=2026-10-09",
    )
    shown = max_.get(moved.headers["location"]).text
    assert "1 October to 9 October 2026" in shown
    assert "Visitors without an appointment were called 3 times" in max_.get("/figures/waits").text
    assert (
        "2 of 3 needs were resolved in one visit (67%)"
        in max_.get(f"/figures/why?kind=day&first={TODAY}").text
    )
    assert "Choose another" in max_.get("/figures/why?kind=range&first=2026-13-01").text
    for path in ("/figures/waits", "/figures/why"):
        assert served.signed_in("priya").get(path).status_code == 403


def a_look_is_written_down(served: Served) -> None:
    a_day(served)
    fay, priya = served.signed_in("fay"), served.ids.staff["priya"]
    asked = fay.get("/figures/persons").text
    assert "Priya Shah" in asked
    assert "Olga Berg" not in asked  # of another centre
    assert not looks(served)
    shown = look(fay, "/figures/persons", person=priya, first=TODAY, last=TODAY)
    assert shown.status_code == 200
    assert "Priya Shah: 3 needs served to an end" in shown.text
    assert "It is written down that you looked at the figures of Priya Shah" in shown.text
    assert "Tom Baker: " not in shown.text
    (entry,) = looks(served)
    assert (entry.staff_id, entry.about) == (served.ids.staff["fay"], f"staff:{priya}")
    assert entry.detail == {"username": "priya", "first": TODAY, "last": TODAY}
    mine = served.signed_in("priya").get(f"/figures/persons/me?first={TODAY}&last={TODAY}").text
    assert "Priya Shah: 3 needs served to an end" in mine
    assert "Fay Osei" in mine
    assert "Nobody did in the last twelve months" in served.signed_in("grace").get("/figures/persons/me").text
    assert len(looks(served)) == 1  # one's own is no look
    assert "Looked at the figures of a person" in served.signed_in("ada").get("/admin/audit").text


def what_is_refused_leaves_nothing_behind(served: Served) -> None:
    fay, days = served.signed_in("fay"), {"first": "2026-10-01", "last": "2026-10-31"}
    for who in ("olga", "grace"):  # of another centre; who serves nobody
        answer = look(fay, "/figures/persons", person=served.ids.staff[who], **days)
        assert answer.status_code == 404, who
        assert "Nobody of this name serves visitors at this centre" in answer.text
    priya = served.ids.staff["priya"]
    for form, why in (
        ({"person": priya, "first": "2026-07-01", "last": "2026-10-31"}, "At most 92 days"),
        ({"person": priya, "first": "2026-10-31", "last": "2026-10-01"}, "The last day is before the first"),
        ({"person": "priya", **days}, "Choose whose figures"),
        ({"person": "", **days}, "Choose whose figures"),
    ):
        answer = look(fay, "/figures/persons", **form)
        assert (answer.status_code, why in answer.text) == (422, True), why
        assert "needs served" not in answer.text
    for who in ("max", "priya", "ada"):  # a manager without the right, whom it is about, an administrator
        client = served.signed_in(who)
        assert client.get("/figures/persons").status_code == 403, who
        assert look(client, "/figures/persons", person=priya, **days).status_code == 403, who
    assert (
        served.signed_in("priya").get("/figures/persons/me?first=2020-01-01&last=2026-01-01").status_code
        == 422
    )
    assert not looks(served)


async def test_the_pages_of_waits_and_reasons_and_the_address_that_was(served: Served) -> None:
    await asyncio.to_thread(addresses_and_answers, served)


async def test_a_look_at_a_person_is_written_down_and_told_to_them(served: Served) -> None:
    await asyncio.to_thread(a_look_is_written_down, served)


def what_was_erased_is_not_told_as_nothing(served: Served) -> None:
    a_day(served)
    fay, on = served.signed_in("fay"), NOON.date() - timedelta(days=70)
    asked = {"person": served.ids.staff["priya"], "first": on, "last": TODAY}
    assert "was erased because it was due" not in look(fay, "/figures/persons", **asked).text
    served.run(
        served.house.change(
            served.actor("ada"), "test", lambda tx: keep_sums(tx, served.ids.centre, on, Sums())
        )
    )
    shown = look(fay, "/figures/persons", **asked).text
    assert f"The detail of days up to {spans.say(spans.span_of(spans.Kind.DAY, on))} was erased" in shown


async def test_what_was_erased_is_not_told_as_nothing(served: Served) -> None:
    await asyncio.to_thread(what_was_erased_is_not_told_as_nothing, served)


async def test_what_is_refused_leaves_nothing_behind(served: Served) -> None:
    await asyncio.to_thread(what_is_refused_leaves_nothing_behind, served)


async def test_they_are_for_everybody_and_by_keyboard(served: Served, open_page: OpenPage) -> None:
    await asyncio.to_thread(a_day, served)
    page = await open_page(f"{served.url}/sign-in?next=/figures/persons")
    await page.fill("#username", "fay")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/figures/persons")
    await page.focus("#person")
    await page.keyboard.type("Priya")
    button = page.get_by_role("button", name="Look, and have it written down")
    while not await button.evaluate("button => button === document.activeElement"):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Priya Shah", level=1).wait_for()
    assert not await axe_faults(page)
    await page.set_viewport_size({"width": 320, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    other = await open_page(f"{served.url}/sign-in?next=/figures/waits")
    await other.fill("#username", "max")
    await other.fill("#password", PASSWORD)
    await other.press("#password", "Enter")
    await other.wait_for_url("**/figures/waits")
    assert not await axe_faults(other)
    await other.goto(f"{served.url}/figures/why?kind=day&first={TODAY}")
    await other.set_viewport_size({"width": 320, "height": 800})
    assert not await axe_faults(other)
    assert await other.evaluate("document.documentElement.scrollWidth <= innerWidth")
