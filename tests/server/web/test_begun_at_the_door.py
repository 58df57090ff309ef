"""Somebody began a form at home and tells the greeter their reference: a number, with what they filled in, once; and everything that can be wrong with a reference."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import expect
from sqlmodel import col, select

from forms.carrying import id_of, secret_of
from server.actions import begun_forms, tries
from server.store.tables import Audit, BookingTry, Carried, Centre, Piece, Service, Submission, Ticket, Visit
from server.web.pages import greeter_begun
from tests.server.web.booked_house import copied
from tests.server.web.formed_house import PUBLIC, Formed, formed_house
from tests.server.web.rehearsal import TOKENS, token_of
from tests.server.web.test_forms_web import photo, to_pictures
from tests.server.web.test_greeter_journeys import enter, tablet
from tests.server.web.test_pages_for_all import LEAST_TARGET, SMALL_TARGETS
from tests.support.browser import OpenPage, axe_faults, on_one_loop
from wire import asks
from wire.vocabulary import DeviceKind, HandedIn, new_id


@pytest.fixture(scope="module")
def one_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formed]:
    with formed_house(copied(sqlite_template, tmp_path_factory)) as running:
        yield running


@pytest.fixture
def house(one_house: Formed) -> Formed:
    return one_house.afresh()


def kept(house: Formed, slug: str = "every-kind") -> str:
    """A reference for what somebody has filled in so far: of the long form their name, and half a date."""
    visitor = house.visitor().begin(slug)
    if slug == "every-kind":
        visitor.answer({"answer-first": "Amina", "answer-last": "Khan"}).send(do="person", answer__day="31")
    return visitor.send(f"/forms/{slug}/person").reference()


def said(answer: httpx.Response) -> str:
    found = re.search(r'role="alert">(?:<p class="said">(.*?)</p>)?', answer.text)
    return unescape(found[1] or "") if found else ""


SIGNED_IN: dict[tuple[str, str], httpx.Client] = {}
"""Signing in is slow on purpose."""


class Greeter:
    def __init__(self, house: Formed, who: str = "grace") -> None:
        if (house.served.url, who) not in SIGNED_IN:
            SIGNED_IN[house.served.url, who] = house.served.signed_in(who)
        self.client = SIGNED_IN[house.served.url, who]
        self.token = token_of(self.client)

    def find(self, reference: str) -> httpx.Response:
        return self.client.post("/greeter/begun", data={"csrf": self.token, "reference": reference})

    def give(self, reference: str, service: str = "housing", ticket: str = "") -> httpx.Response:
        ticket = ticket or new_id()
        data = {"reference": reference, "service": service, "ticket": ticket, "visit": ticket[::-1]}
        return self.client.post("/greeter/begun/ticket", data={"csrf": self.token, **data})


def only(house: Formed, kind: Any) -> Any:
    (found,) = house.rows(kind)
    return found


def on_the_floor(house: Formed) -> list[str]:
    """The codes of who was entered with a form, since `house` was fresh."""
    with_form = [each.visit_id for each in house.rows(Submission)]
    return [each.code for each in house.rows(Visit) if each.id in with_form]


def test_the_reference_gives_a_number_and_the_form_goes_with_it(house: Formed) -> None:
    visitor = to_pictures(house)
    picture = ("files", ("a.jpg", photo(), "image/jpeg"))
    reference = visitor.send(files=[picture], do="person").send().reference()
    greeter = Greeter(house)
    assert "/greeter/begun" in greeter.client.get("/greeter").text
    shown = greeter.find(f" {reference[:4].lower()}-{reference[4:].lower()} ")
    assert (shown.status_code, said(shown)) == (200, "")
    assert "Every kind of question" in shown.text
    assert re.search(r'value="housing" required checked', shown.text), "the form's own line is chosen"
    assert "Amina" not in shown.text
    assert house.rows(Submission) == []
    ticket = new_id()
    given = greeter.give(reference, ticket=ticket)
    assert (given.status_code, given.headers["location"]) == (303, f"/greeter/arrived/{ticket}")
    submission = only(house, Submission)
    assert (submission.kind, submission.ticket_id, submission.visit_id) == (
        HandedIn.BEGUN,
        ticket,
        ticket[::-1],
    )
    assert house.answers(submission.id)["who"] == {"first": "Amina", "last": "Khan"}
    assert "photo-1.jpg" in house.documents(submission.id)
    assert reference != submission.reference, "what opened it stands nowhere"
    row = house.read(lambda session: session.get(Carried, id_of(secret_of(reference, PUBLIC))))
    assert row.body is None
    assert not [each for each in house.rows(Piece) if each.document_id.startswith(row.id[:28])]

    sheet = Greeter(house, "amina").client.get(f"/floor/ticket/{ticket}").text
    assert "A form begun" in sheet
    assert "Amina" not in greeter.client.get(f"/floor/ticket/{ticket}").text
    noted = [each for each in house.rows(Audit) if each.what == "begun_form_at_the_door"][-1]
    assert noted.staff_id == house.served.ids.staff["grace"]
    told = json.dumps([[each.about, each.detail] for each in house.rows(Audit)], default=str)
    assert reference not in told
    assert "Amina" not in told


def test_it_is_used_once_by_whom_and_however_often_it_is_pressed(house: Formed) -> None:
    reference = kept(house)
    one, other = Greeter(house), Greeter(house, "amina")
    ticket = new_id()
    first = one.give(reference, ticket=ticket)
    assert one.give(reference, ticket=ticket).headers["location"] == first.headers["location"]
    code = on_the_floor(house)[0]
    late = other.give(reference)
    for answer in (late, other.find(reference)):
        assert answer.status_code == 409
        assert (
            said(answer)
            == f"This reference was used at 08:00: they have number {code}. What they filled in is with it."
        )
    assert len(house.rows(Submission)) == 1
    with house.served.client(headers={"authorization": f"Bearer {TOKENS[DeviceKind.KIOSK]}"}) as kiosk:
        assert kiosk.post(f"/api/carried/{id_of(secret_of(reference, PUBLIC))}/open").status_code == 404
    assert house.visitor().go(f"/carry-on/{reference}").heading == "This was opened already"


def test_two_greeters_at_the_same_moment_give_one_number(house: Formed) -> None:
    reference = kept(house)
    greeters = [Greeter(house), Greeter(house, "amina")]
    before = len(house.rows(Ticket))

    async def both() -> list[int]:
        answers = await asyncio.gather(*(asyncio.to_thread(each.give, reference) for each in greeters))
        return [each.status_code for each in answers]

    assert sorted(asyncio.run(both())) == [303, 409]
    assert len(house.rows(Ticket)) == before + 1
    assert only(house, Submission).ticket_id is not None


def test_where_a_server_stopped_in_between_who_looks_again_finishes_it(house: Formed) -> None:
    reference = kept(house)
    ask = asks.Welcome(visit=new_id(), ticket=new_id(), service="housing")
    giving = partial(begun_forms.give_number, carried_id=id_of(secret_of(reference, PUBLIC)), ask=ask)
    house.served.run(house.served.house.change(house.served.actor("grace"), "begun_form", giving))
    assert house.rows(Submission) == []
    assert "they have number" in said(Greeter(house).find(reference))
    submission = only(house, Submission)
    assert (submission.ticket_id, submission.visit_id) == (ask.ticket, ask.visit)
    assert house.answers(submission.id)["who"]["first"] == "Amina"


def test_a_number_that_was_taken_back_is_given_again_with_the_form(house: Formed) -> None:
    reference = kept(house)
    greeter, first, second = Greeter(house), new_id(), new_id()
    greeter.give(reference, ticket=first)
    house.served.ask(house.served.actor("grace"), asks.Withdraw(ticket=first))
    assert greeter.find(reference).status_code == 200
    assert greeter.give(reference, "council-tax", second).status_code == 303
    submission = only(house, Submission)
    assert (submission.ticket_id, submission.visit_id) == (second, second[::-1])
    assert "they have number" in said(greeter.find(reference))
    assert greeter.give(reference, ticket=second).status_code == 303, "pressed twice"


def test_a_form_that_leads_to_no_line_lets_the_greeter_choose(house: Formed) -> None:
    reference = kept(house, "feedback-on-your-visit")
    greeter = Greeter(house)
    shown = greeter.find(reference)
    assert "What do they need?" in shown.text
    assert "checked" not in shown.text
    nothing = greeter.give(reference, "")
    assert (nothing.status_code, said(nothing)) == (422, greeter_begun.CHOOSE)

    def by_appointment(walk_in: bool, tx: Any) -> None:
        found = tx.session().exec(
            select(Service).where(col(Service.slug) == "housing", col(Service.centre_id) == 1)
        )
        found.one().walk_in = walk_in

    house.change(partial(by_appointment, False))
    refused = greeter.give(reference, "housing")
    assert (refused.status_code, "by appointment only" in said(refused)) == (410, True)
    assert "What do they need?" in greeter.find(kept(house)).text, "its line takes nobody now"
    house.change(partial(by_appointment, True))
    assert greeter.give(reference, "council-tax").status_code == 303, "a refusal does not use it up"


def test_what_is_wrong_with_a_reference_is_said(house: Formed, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = kept(house)
    greeter = Greeter(house)
    for typed in ("", "BCDF", "BCDF-3468", "x" * 500, "<b>"):
        answer = greeter.find(typed)
        assert (answer.status_code, said(answer)) == (422, greeter_begun.NOT_ONE)
    unknown = greeter.find("BBBB-BBBB")
    assert (unknown.status_code, said(unknown)) == (404, greeter_begun.UNKNOWN)
    away = Greeter(house, "olga").find(reference)
    here = house.read(lambda session: session.get_one(Centre, 1).name)
    assert (away.status_code, said(away)) == (
        404,
        f"This form is kept for {here} and can be opened only there.",
    )
    house.clock.turn(timedelta(hours=17))
    SIGNED_IN.clear()
    late = Greeter(house).give(reference)
    SIGNED_IN.clear()
    assert (late.status_code, "until the end of Tuesday 24 November" in said(late)) == (410, True)
    assert house.rows(Submission) == []


def test_references_are_not_walked_through_at_a_greeters_tablet(
    house: Formed, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = BookingTry.__table__.c.what.type.length  # type: ignore[attr-defined]  # SQLModel does not say that it is there
    assert not [each for each in tries.LIMITS if len(each) > longest], "PostgreSQL takes no longer one"
    monkeypatch.setitem(tries.LIMITS, "at_door", tries.Limit(15, 3, 2))
    grace, max_ = Greeter(house), Greeter(house, "amina")
    assert [grace.find("BBBB-BBBB").status_code for _ in range(3)] == [404, 404, 429]
    assert [max_.give("BBBB-BBBB").status_code for _ in range(2)] == [404, 429], "by address too"
    assert "BBBBBBBB" not in json.dumps([[each.subject, each.address] for each in house.rows(BookingTry)])


@on_one_loop
async def test_a_greeter_types_the_reference_on_the_tablet(house: Formed, open_page: OpenPage) -> None:
    reference = await asyncio.to_thread(kept, house)
    page = await tablet(open_page, house.served.url)
    await enter(page, "arrive")
    await page.locator("#fold-begun > summary").tap()
    assert not await axe_faults(page)
    await page.locator("#begun-reference").fill(reference)
    await page.locator(".begun-ask button").tap()
    await expect(page.locator(".begun-title")).to_have_text("Every kind of question")
    assert not await axe_faults(page)
    assert not await page.evaluate(SMALL_TARGETS, LEAST_TARGET)
    await page.locator("#fold-others > summary").tap()
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name="Give a number").tap()
    await expect(page.locator(".given-code")).to_have_text(re.compile(r"^[A-Z]\d\d$"))
    assert await page.locator(".given-code").inner_text() in await asyncio.to_thread(on_the_floor, house)
