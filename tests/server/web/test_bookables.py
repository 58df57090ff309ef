"""Who and what can be booked, through the pages; and appointments that no longer fit: shown before, listed after, mended."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from sqlmodel import Session, select

from server.actions import booking
from server.actions.booking import Who
from server.clock import from_micros, to_micros
from server.connectors import open_carriers
from server.domain.access import SYSTEM
from server.live import offered
from server.store.tables import Bookable, Booking, Service
from server.store.tx import Tx
from tests.server.web.forms import filled, form_in
from tests.server.web.rehearsal import Served
from wire.vocabulary import BookingChannel, BookingState, new_id

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PEOPLE = "/appointments/people"


@pytest.fixture
def max_(served: Served) -> httpx.Client:
    served.set_clock(MONDAY)
    offer(served, "housing", {"minutes": 30, "every_minutes": 30, "by_people": True, "at_once": 9})
    return served.signed_in("max")


def offer(served: Served, slug: str, told: dict[str, Any]) -> None:
    def write(tx: Tx) -> None:
        service = tx.session().exec(select(Service).where(Service.slug == slug, Service.centre_id == 1)).one()
        service.booking, service.by_appointment = told, True
        tx.session().flush()
        tx.touch(1)

    served.run(served.house.change(SYSTEM, "offer", write))


def post(client: httpx.Client, path: str, page: str, **changes: Any) -> httpx.Response:
    shown = client.get(page)
    assert shown.status_code == 200, shown.text
    return client.post(path, data=filled(form_in(shown.text, path), **changes))


def add_colleague(served: Served, client: httpx.Client, username: str, *days: str) -> int:
    """Somebody takes appointments on these days, from ten until twelve; their number."""
    token = filled(form_in(client.get(PEOPLE).text, PEOPLE))["csrf"]
    number = served.ids.staff[username]
    sent = {"csrf": token, "kind": "colleague", "staff": str(number)}
    added = client.post(PEOPLE, data=sent)
    assert added.status_code == 303, added.text
    here = int(re.findall(r"/people/(\d+)", added.headers["location"])[0])
    one = f"{PEOPLE}/{here}"
    saved = post(client, one, one, rota__0__days=list(days), rota__0__opens="10:00", rota__0__closes="12:00")
    assert saved.status_code == 303, saved.text
    return here


def book(served: Served, slug: str, count: int, *, on: date = date(2026, 11, 24)) -> list[str]:
    """The first free times of a day; their ids."""

    def make(tx: Tx) -> list[str]:
        session = tx.session()
        service = session.exec(select(Service).where(Service.slug == slug, Service.centre_id == 1)).one()
        [day] = offered.days(session, 1, service, on, on, tx.now, public=False)
        made = []
        for number, slot in enumerate(day.slots[:count]):
            found = booking.make(
                tx,
                1,
                slug,
                slot.starts_at,
                new_id(),
                Who(name=f"Visitor {number}"),
                channel=BookingChannel.STAFF,
            )
            made.append(found.id)
        assert len(made) == count, day
        return made

    return served.run(served.house.change(SYSTEM, "book", make))


def kept(served: Served, booking_id: str) -> Booking:
    return served.run(served.house.read(lambda session: session.get_one(Booking, booking_id)))


def broken(client: httpx.Client) -> str:
    answer = client.get("/appointments/broken")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_colleague_takes_appointments_at_the_times_of_their_rota(
    served: Served, max_: httpx.Client
) -> None:
    add_colleague(served, max_, "priya", "tuesday", "thursday")
    listed = max_.get(PEOPLE).text
    assert "Tuesdays and Thursdays 10:00 to 12:00" in listed
    assert len(book(served, "housing", 4)) == 4
    assert "Every appointment fits" in broken(max_)


def test_a_service_that_nobody_can_be_booked_for_is_said_until_somebody_can(
    served: Served, max_: httpx.Client
) -> None:
    said = "No time can be booked for Somewhere to live."
    ada = served.signed_in("ada")
    for page in (max_.get(PEOPLE), ada.get("/setup")):
        assert said in page.text
        assert "Nobody who may serve it has times on the rota." in page.text
    add_colleague(served, max_, "priya", "tuesday")
    offer(served, "parking", {"minutes": 30, "rooms": ["room-1"]})
    for page in (max_.get(PEOPLE), ada.get("/setup")):
        assert said not in page.text
        assert "None of the rooms it takes can be booked." in page.text
    offer(served, "parking", {"minutes": 30})
    assert "No time can be booked" not in max_.get(PEOPLE).text


def test_an_interpreter_and_somebody_from_elsewhere_are_added_once(max_: httpx.Client) -> None:
    token = filled(form_in(max_.get(PEOPLE).text, PEOPLE))["csrf"]
    sent = {"csrf": token, "kind": "interpreter", "name": "Ewa Nowak", "languages": ["pl", "sign_language"]}
    assert max_.post(PEOPLE, data=sent).status_code == 303
    again = max_.post(PEOPLE, data=sent)
    assert again.status_code == 409
    assert "Ewa Nowak is there already" in again.text
    without = max_.post(PEOPLE, data={"csrf": token, "kind": "interpreter", "name": "Ivo"})
    assert without.status_code == 400 or without.status_code == 422, without.status_code
    assert "An interpreter needs" in without.text
    listed = max_.get(PEOPLE).text
    assert "Polish and British Sign Language" in listed
    assert "No times yet, so nobody can book them." in listed


def test_times_that_cannot_be_are_said_at_their_field_and_kept(served: Served, max_: httpx.Client) -> None:
    one = f"{PEOPLE}/{add_colleague(served, max_, 'priya', 'tuesday')}"
    told = post(max_, one, one, rota__0__opens="12:00", rota__0__closes="11:00")
    assert told.status_code == 422
    assert 'id="fault-rota.0.closes"' in told.text
    assert 'value="11:00"' in told.text


def test_two_who_change_the_same_person_do_not_overwrite_each_other(
    served: Served, max_: httpx.Client
) -> None:
    one = f"{PEOPLE}/{add_colleague(served, max_, 'priya', 'tuesday')}"
    before = filled(form_in(max_.get(one).text, one), rota__0__closes="15:00")
    assert post(max_, one, one, rota__0__closes="16:00").status_code == 303
    late = max_.post(one, data=before)
    assert late.status_code == 409
    assert "Somebody changed this" in late.text
    assert "10:00 to 16:00" in max_.get(PEOPLE).text


def test_other_times_are_shown_with_what_they_break_and_done_only_when_that_was_seen(
    served: Served, max_: httpx.Client
) -> None:
    one = f"{PEOPLE}/{add_colleague(served, max_, 'priya', 'tuesday')}"
    first, *_ = book(served, "housing", 2)
    shown = post(max_, one, one, rota__0__days="wednesday")
    assert shown.status_code == 409
    assert "2 appointments would not fit any more" in shown.text
    assert "Priya Shah is not on the rota then." in shown.text
    assert "Tuesdays" in max_.get(PEOPLE).text, "showing is not doing"
    done = max_.post(one, data=filled(form_in(shown.text, one), anyway="yes"))
    assert done.status_code == 303
    told = broken(max_)
    assert "Visitor 0" in told
    assert kept(served, first).state == BookingState.BOOKED, "nothing is cancelled by itself"


def test_one_is_moved_with_a_tap_and_one_cancelled_with_a_reason(served: Served, max_: httpx.Client) -> None:
    add_colleague(served, max_, "tom", "tuesday", "thursday")
    first, second = book(served, "housing", 2)
    served.run(served.house.change(SYSTEM, "close", _close))
    page = broken(max_)
    assert "The centre is closed then." in page
    to = re.findall(r'name="to" value="(\d+)"', page)
    form = filled(form_in(page, "/appointments/broken"), booking=first, to=to[0])
    assert max_.post("/appointments/broken", data=form).status_code == 303
    assert kept(served, first).starts_at == from_micros(int(to[0]))
    page = broken(max_)
    cancelling = filled(form_in(page, "/appointments/broken"), booking=second, reason="  ")
    assert max_.post("/appointments/broken", data=cancelling).status_code == 422
    cancelling["reason"] = ["The pipes burst."]
    assert max_.post("/appointments/broken", data=cancelling).status_code == 303
    assert (kept(served, second).state, kept(served, second).reason) == ("cancelled", "The pipes burst.")
    assert "Every appointment fits" in broken(max_)


def test_nobody_is_moved_to_a_time_they_may_not_read_of_before_it_is_over(
    served: Served, max_: httpx.Client
) -> None:
    add_colleague(served, max_, "tom", "monday", "tuesday", "thursday")
    book(served, "housing", 1)
    served.run(served.house.change(SYSTEM, "close", _close))
    [monday] = served.run(served.house.read(_free_today))
    assert monday.slots, "today there are times, and they are nearer"
    tuesday, wednesday = datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)
    for page in (broken(max_), max_.get("/appointments/broken/all").text):
        found = re.findall(r'(?:name="to" value="|name="step" value="\w+:)(\d+)', page)
        assert found
        assert all(from_micros(int(each)) > wednesday for each in found)
    served.set_clock(tuesday)
    assert re.findall(r'name="to" value="(\d+)"', broken(max_)), "later than its own it may go at once"


def test_whom_no_message_reaches_is_not_moved_in_silence(
    served: Served, max_: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_colleague(served, max_, "tom", "tuesday", "thursday")
    silent, reached = book(served, "housing", 2)

    def give(tx: Tx) -> None:
        tx.session().get_one(Booking, reached).email = "somebody@example.org"

    served.run(served.house.change(SYSTEM, "give", give))
    served.run(served.house.change(SYSTEM, "close", _close))
    assert "Foyer sends no messages here: ring every visitor." in broken(max_)
    mail = {"smtp_host": "mail.invalid", "smtp_from": "centre@example.org"}
    monkeypatch.setattr(
        served.house, "carriers", open_carriers(served.house.settings.model_copy(update=mail))
    )
    assert broken(max_).count("No message reaches this visitor.") == 1
    preview = max_.get("/appointments/broken/all").text
    assert dict(re.findall(r'name="step" value="(\w+):\d+:\w+"( checked)?', preview)) == {
        silent: "",
        reached: " checked",
    }
    assert preview.count("No message reaches them: ring first") == 1


def _free_today(session: Session) -> list[offered.Day]:
    service = session.exec(select(Service).where(Service.slug == "housing", Service.centre_id == 1)).one()
    today = MONDAY.date()
    return offered.days(session, 1, service, today, today, to_micros(MONDAY), public=False)


def _close(tx: Tx) -> None:
    from server.store.tables import Centre, Closure

    tuesday = date(2026, 11, 24)
    tx.session().add(Closure(centre_id=1, first_on=tuesday, last_on=tuesday, reason={"en": "Pipes."}))
    tx.session().get_one(Centre, 1).version += 1
    tx.session().flush()
    tx.touch(1)


def test_all_are_moved_at_once_to_the_times_that_were_shown_each_to_its_own(
    served: Served, max_: httpx.Client
) -> None:
    add_colleague(served, max_, "tom", "tuesday", "thursday")
    ids = book(served, "housing", 3)
    served.run(served.house.change(SYSTEM, "close", _close))
    preview = max_.get("/appointments/broken/all").text
    steps = re.findall(r'name="step" value="(\w+):(\d+):\w+" checked', preview)
    assert {booked for booked, _ in steps} == set(ids)
    assert len({to for _, to in steps}) == 3
    assert kept(served, ids[0]).starts_at < datetime(2026, 11, 25, tzinfo=UTC), "looking is not doing"
    form = filled(form_in(preview, "/appointments/broken/all"))
    assert max_.post("/appointments/broken/all", data=form).status_code == 303
    assert {(each, to_micros(kept(served, each).starts_at)) for each in ids} == {
        (booked, int(to)) for booked, to in steps
    }
    again = max_.post("/appointments/broken/all", data=form)
    assert again.status_code == 303, "a second tap does nothing more"


def test_an_absence_and_taking_somebody_away_show_what_they_break_first(
    served: Served, max_: httpx.Client
) -> None:
    one = f"{PEOPLE}/{add_colleague(served, max_, 'priya', 'tuesday')}"
    book(served, "housing", 1)
    form = filled(
        form_in(max_.get(one).text, f"{one}/away"), away__first="2026-11-24", away__reason="Training"
    )
    shown = max_.post(f"{one}/away", data=form)
    assert shown.status_code == 409
    assert "Priya Shah is away then." in shown.text
    assert max_.post(f"{one}/away", data={**form, "anyway": ["yes"]}).status_code == 303
    assert "away Tue 24 Nov" in max_.get(PEOPLE).text
    assert "Visitor 0" in broken(max_)
    retire = post(max_, f"{one}/retire", one)
    assert retire.status_code == 303, "what is broken already is not broken by it"
    assert "Whom or what it takes cannot be booked any more." in broken(max_)
    assert post(max_, f"{one}/take-up", one).status_code == 303
    bad = max_.post(f"{one}/away", data={**form, "away.first": ["soon"], "anyway": ["yes"]})
    assert (bad.status_code, "Say from which day" in bad.text) == (422, True)
    for far in ("9999-12-31", "0001-01-01"):
        bad = max_.post(f"{one}/away", data={**form, "away.first": [far], "anyway": ["yes"]})
        assert (bad.status_code, "Look at the year" in bad.text) == (422, True), far


@pytest.mark.parametrize(
    ("deed", "changes", "why"),
    [
        ("disable", {}, "Priya Shah does not work here any more."),
        ("skills", {"services": ["parking"]}, "Priya Shah"),
        ("roles", {"roles": ["greeter"]}, ""),
        ("roles", {"roles": None}, "Priya Shah does not work here any more."),
    ],
)
def test_an_account_roles_and_skills_go_only_after_their_appointments_were_seen(
    served: Served, max_: httpx.Client, deed: str, changes: dict[str, Any], why: str
) -> None:
    add_colleague(served, max_, "priya", "tuesday")
    book(served, "housing", 1)
    ada = served.signed_in("ada")
    page = f"/admin/staff/{served.ids.staff['priya']}"
    shown = post(ada, f"{page}/{deed}", page, **changes)
    if not why:
        assert shown.status_code == 303, "a greeter may serve it too"
        return
    assert shown.status_code == 409
    assert "One appointment would not fit any more" in shown.text
    assert "Visitor 0" not in shown.text, "an administrator need not know who comes"
    assert "Every appointment fits" in broken(max_), "showing is not doing"
    again = form_in(shown.text, f"{page}/{deed}")
    assert ada.post(f"{page}/{deed}", data=filled(again, anyway="yes")).status_code == 303
    assert why in broken(max_)


def test_who_may_not_know_is_not_told_what_a_discreet_appointment_is_about(
    served: Served, max_: httpx.Client
) -> None:
    offer(served, "private", {"minutes": 30, "public": False})
    book(served, "private", 1)
    served.run(served.house.change(SYSTEM, "close", _close))
    for username in ("max", "ada", "grace"):
        told = served.signed_in(username).get("/appointments/broken").text
        assert "Private appointment" in told
        assert "Talk in private" not in told
        assert "Visitor 0" not in told
    assert "Visitor 0" in served.signed_in("amina").get("/appointments/broken").text


def test_no_page_leads_an_administrator_where_they_may_not_go(served: Served, max_: httpx.Client) -> None:
    one = add_colleague(served, max_, "priya", "tuesday")
    ada = served.signed_in("ada")
    for path in (PEOPLE, f"{PEOPLE}/{one}", "/appointments/broken"):
        shown = ada.get(path)
        assert shown.status_code == 200
        for address in set(re.findall(r'<a [^>]*href="(/[^"#]*)"', shown.text)):
            assert ada.get(address).status_code in (200, 303), (path, address)


def test_a_room_of_another_centre_is_nobodys_business(served: Served, max_: httpx.Client) -> None:
    def elsewhere(tx: Tx) -> int:
        row = Bookable(centre_id=served.ids.other, kind="person", name="Far Away")
        tx.session().add(row)
        tx.session().flush()
        return row.id or 0

    number = served.run(served.house.change(SYSTEM, "elsewhere", elsewhere))
    assert max_.get(f"{PEOPLE}/{number}").status_code == 404
    assert "Far Away" not in max_.get(PEOPLE).text


def test_blocking_everybodys_time_shows_first_what_it_breaks(served: Served, max_: httpx.Client) -> None:
    add_colleague(served, max_, "priya", "tuesday")
    book(served, "housing", 1)
    page, typed = "/appointments/blocks", {"on": "2026-11-24", "reason": "Fire drill"}
    for about in ("", "service:housing"):
        shown = post(max_, page, page, about=about, **typed)
        assert shown.status_code == 409
        assert "One appointment would not fit any more" in shown.text
        assert "Every appointment fits" in broken(max_)
    assert post(max_, page, page, about="service:parking", **typed).status_code == 303
    form = filled(form_in(shown.text, page), anyway="yes")
    assert max_.post(page, data=form).status_code == 303
    assert "This time is blocked." in broken(max_)
