"""Appointments for staff over real HTTP: who sees what, booking, moving, finding, blocking; what goes wrong is said and nothing is typed twice."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import select

from server.clock import to_micros
from server.store.tables import Block, Booking
from server.web.pages.appointment_asks import instant_of
from tests.server.web.diary import TEN, Diary, diary, make_partner
from tests.server.web.rehearsal import Served, token_of
from wire.references import show_reference
from wire.vocabulary import BookingState, new_id

ELEVEN = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


@pytest.fixture
def house(served: Served) -> Diary:
    return diary(served)


def post(client: httpx.Client, path: str, **fields: object) -> httpx.Response:
    form = {"csrf": token_of(client), "command": new_id(), **fields}
    return client.post(path, data=form)


def test_the_day_shows_who_comes_when_and_its_list_says_the_same(house: Diary) -> None:
    made = house.book("housing", ELEVEN, "Siân O\u2019Neil", named={"person": house.persons["priya"]})
    late = house.book("council-tax", TEN - timedelta(minutes=7), "Derek Hallam")
    client = house.served.signed_in("grace")
    for view in ("day", "list"):
        page = client.get(f"/appointments?view={view}").text
        assert "Siân O\u2019Neil" in page
        assert "Late 7 min" in page
    assert show_reference(made.reference) in page
    by_service = client.get("/appointments?by=service").text
    assert re.search(r"Somewhere to live.*Siân", by_service, re.S)
    assert "Siân" not in client.get("/appointments?on=2026-11-25").text
    week = client.get("/appointments?view=week&on=2026-11-28").text
    assert "Derek Hallam" in week
    one = client.get(f"/appointments/{late.id}").text
    assert "Your last bill" in one


def test_a_time_is_the_centres_own_and_the_hour_the_clock_skips_is_none() -> None:
    london = ZoneInfo("Europe/London")
    assert instant_of(date(2027, 3, 28), "01:30", london) is None
    assert instant_of(date(2026, 10, 25), "1.30", london) == to_micros(
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    )
    assert instant_of(date(2026, 7, 1), "10:15", london) == to_micros(datetime(2026, 7, 1, 9, 15, tzinfo=UTC))
    assert [instant_of(date(2026, 7, 1), each, london) for each in ("", "24:00", "ten", "10:75")] == [
        None
    ] * 4


def test_nonsense_in_the_address_is_today(house: Diary) -> None:
    client = house.served.signed_in("grace")
    for query in (
        "on=2026-02-31",
        "on=9999-12-31",
        "on=0001-01-01",
        "view=x&by=y&of=person:999999999999999999",
        "view=week&of=private",
    ):
        answer = client.get(f"/appointments?{query}")
        assert answer.status_code == 200, query
        assert "24 November 2026" in answer.text or "23 November 2026" in answer.text, query
    assert client.get(f"/appointments/{new_id()}").status_code == 404


def test_a_private_appointment_shows_its_time_and_nothing_else_until_somebody_with_the_right_looks(
    house: Diary,
) -> None:
    made = house.book("private", ELEVEN, "Rosa Parks", note="Came on foot")
    reference = show_reference(made.reference)
    max_, tom = house.served.signed_in("max"), house.served.signed_in("tom")
    for client in (max_, tom):
        for path in (
            "/appointments",
            "/appointments?view=list",
            "/appointments?by=room",
            "/appointments?by=service",
            f"/appointments/{made.id}",
        ):
            page = client.get(path).text
            assert "Private appointment" in page, path
            for secret in ("Rosa", "Talk in private", "Came on foot", reference, made.reference):
                assert secret not in page, (path, secret)
    assert house.audited("looked at private booking") == []
    refused = post(max_, f"/appointments/{made.id}/look")
    assert refused.status_code == 403
    assert "Rosa" not in refused.text
    looked = post(tom, f"/appointments/{made.id}/look")
    assert "Rosa Parks" in looked.text
    assert "Came on foot" in looked.text
    assert "Rosa" not in tom.get(f"/appointments/{made.id}").text
    (noted,) = house.audited("looked at private booking")
    assert noted.staff_id == house.served.ids.staff["tom"]
    assert len(house.audited("was refused a look")) == 1
    assert "Rosa" not in house.everything_audited()


def test_a_partner_sees_its_own_surgery_and_of_the_rest_not_even_that_it_is(house: Diary) -> None:
    make_partner(house, "tom", "council-tax")
    own = house.book("council-tax", ELEVEN, "Own Visitor")
    other = house.book("housing", ELEVEN, "Other Visitor", named={"person": house.persons["priya"]})
    shared = house.book(
        "housing", ELEVEN + timedelta(hours=1), "Third Visitor", named={"person": house.persons["tom"]}
    )
    client = house.served.signed_in("tom")
    for path in (
        "/appointments",
        "/appointments?view=list",
        "/appointments?view=week",
        "/appointments?by=service",
    ):
        page = client.get(path).text
        assert "Own Visitor" in page, path
        for hidden in ("Other Visitor", "Third Visitor", "Somewhere to live", "Priya"):
            assert hidden not in page, (path, hidden)
    assert "Taken" in client.get("/appointments").text  # of his own time he must know that it is gone
    assert (
        client.get("/appointments?view=week").text.count("appt taken") == 1
    )  # Priya's is nobody's business there
    assert client.get(f"/appointments/{other.id}").status_code == 404
    assert client.get(f"/appointments/{shared.id}").status_code == 404
    assert client.get(f"/appointments/{own.id}").status_code == 200
    for words in ("Other", other.reference, "Visitor"):
        found = post(client, "/appointments/find", words=words)
        assert "Other Visitor" not in found.text
        assert other.id not in (found.headers.get("location") or "")
    assert "Somewhere to live" not in client.get("/appointments/new").text
    assert "Next free" not in client.get("/appointments/times?service=housing").text
    assert "Next free" in client.get("/appointments/times?service=council-tax").text
    # Who else works here is nobody's business either, in no list to choose from.
    for path in ("/appointments/new", f"/appointments/{own.id}/move"):
        for hidden in ("Priya", "Quiet room"):
            assert hidden not in client.get(path).text, (path, hidden)


def test_a_partner_chooses_among_those_who_take_its_own_appointments(house: Diary) -> None:
    make_partner(house, "tom", "housing")
    page = house.served.signed_in("tom").get("/appointments/new").text
    assert ">Tom</option>" in page
    assert ">Priya</option>" in page
    assert "Quiet room" not in page


def test_numbers_no_calendar_has_are_nonsense_and_no_fault_of_the_server(house: Diary) -> None:
    made = house.book("council-tax", ELEVEN, "Ada Lovelace")
    client = house.served.signed_in("max")
    huge = "9" * 40
    for query in (f"starts_at={huge}", f"person={huge}", f"room={huge}", "starts_at=99999999999999"):
        assert client.get(f"/appointments/{made.id}/move?{query}").status_code == 200, query
        assert client.get(f"/appointments/new?service=council-tax&{query}").status_code == 200, query
    fields = {"reason": "Ill", "tell": "false", "command": new_id()}
    for starts in (huge, "99999999999999"):
        refused = post(client, f"/appointments/{made.id}/move", **fields, starts_at=starts)
        assert refused.status_code == 422, (starts, refused.status_code)


def test_booking_keeps_everything_that_was_typed_and_says_what_is_wrong_beside_it(house: Diary) -> None:
    client = house.served.signed_in("grace")
    form = {"booking": new_id(), "service": "housing", "name": "Siân O'Neil", "phone": "07700 90", "note": "Rings <b>back</b>",
            "safe_to_text": "true", "people": "3", "housing.tenure": "yes", "language": "pl"}  # fmt: skip
    wrong = post(client, "/appointments/new", **form)
    assert wrong.status_code == 422
    assert 'id="starts_at-wrong"' in wrong.text
    assert 'id="phone-wrong"' in wrong.text
    for kept in (
        "Siân O&#39;Neil",
        "07700 90",
        "Rings &lt;b&gt;back&lt;/b&gt;",
        'value="yes" selected',
        "<option selected>3</option>",
    ):
        assert kept in wrong.text, kept
    slot = re.search(r'name="starts_at" value="(\d+)"', wrong.text)
    assert slot is not None
    right = post(client, "/appointments/new", **{**form, "phone": "07700 900123", "starts_at": slot[1]})
    assert right.status_code == 303, right.text
    done = client.get(right.headers["location"])
    made = house.read(lambda session: session.get_one(Booking, form["booking"]))
    assert show_reference(made.reference) in done.text
    assert " ".join(made.reference) in done.text
    assert (made.name, made.phone, made.people, made.answers, made.language) == (
        "Siân O'Neil",
        "+447700900123",
        3,
        {"tenure": "yes"},
        "pl",
    )
    assert made.booked_by == house.served.ids.staff["grace"]
    again = post(client, "/appointments/new", **{**form, "phone": "07700 900123", "starts_at": slot[1]})
    assert again.headers["location"] == right.headers["location"]  # sent twice, booked once


def test_without_script_choosing_a_day_keeps_the_form(house: Diary) -> None:
    client = house.served.signed_in("grace")
    shown = post(
        client,
        "/appointments/new",
        booking=new_id(),
        service="council-tax",
        name="Ada",
        on="2026-11-26",
        show="yes",
    )
    assert shown.status_code == 200
    assert 'value="Ada"' in shown.text
    assert "Thursday 26 November 2026" in shown.text
    assert "wrong" not in re.sub(r"<style.*?</style>", "", shown.text).replace("-wrong", "")


def test_a_full_time_is_refused_with_a_sentence_and_the_form_as_it_was(house: Diary) -> None:
    for name in ("priya", "tom"):
        house.book("housing", ELEVEN, named={"person": house.persons[name]})
    client = house.served.signed_in("grace")
    at = int(ELEVEN.timestamp() * 1000)
    answer = post(client, "/appointments/new", booking=new_id(), service="housing", name="Ada", starts_at=at)
    assert answer.status_code == 410
    assert 'value="Ada"' in answer.text
    assert '<p class="said">' in answer.text


def test_moving_and_cancelling_ask_for_a_reason_and_leave_a_history(house: Diary) -> None:
    made = house.book("housing", ELEVEN, "Ada Lovelace", named={"person": house.persons["priya"]})
    client = house.served.signed_in("max")
    to = int((ELEVEN + timedelta(hours=2)).timestamp() * 1000)
    wrong = post(client, f"/appointments/{made.id}/move", starts_at=to, tell="true")
    assert wrong.status_code == 422
    assert 'id="reason-wrong"' in wrong.text
    moved = post(client, f"/appointments/{made.id}/move", starts_at=to, tell="true", reason="Adviser ill")
    assert moved.status_code == 303, moved.text
    assert house.now_is(made).starts_at == ELEVEN + timedelta(hours=2)
    assert "Moved an appointment" in client.get(f"/appointments/{made.id}").text
    assert post(client, f"/appointments/{made.id}/do", do="cancel_booking", reason="x").status_code == 422
    assert (
        post(
            client,
            f"/appointments/{made.id}/do",
            do="cancel_booking",
            reason="No longer needed",
            tell="false",
        ).status_code
        == 303
    )
    assert house.now_is(made).state == BookingState.CANCELLED
    day = client.get("/appointments?view=list").text
    assert "1 cancelled" in day
    assert "No longer needed" in client.get(f"/appointments/{made.id}").text


def test_a_manager_moves_to_a_time_that_is_not_offered_and_an_adviser_does_not(house: Diary) -> None:
    made = house.book("housing", ELEVEN, "Ada", named={"person": house.persons["priya"]})
    fields = {"on": "2026-11-24", "at": "13:20", "over": "true", "reason": "Works until six"}
    adviser = house.served.signed_in("priya")
    assert post(adviser, f"/appointments/{made.id}/move", **fields).status_code == 403
    moved = post(house.served.signed_in("max"), f"/appointments/{made.id}/move", **fields)
    assert moved.status_code == 303, moved.text
    assert house.now_is(made).starts_at == datetime(2026, 11, 24, 13, 20, tzinfo=UTC)


def test_late_missed_and_here_by_one_press_without_script(house: Diary) -> None:
    made = house.book("council-tax", TEN - timedelta(minutes=7), "Ada")
    client = house.served.signed_in("grace")

    def press(**fields: object) -> str:
        answer = post(client, f"/appointments/{made.id}/do", **fields)
        assert answer.status_code == 303, answer.text
        return client.get(f"/appointments/{made.id}").text

    assert "Late, about 10:20" in press(do="mark_booking", mark="late", late_minutes=20)
    assert "Missed" in press(do="mark_booking", mark="missed")
    assert "Late 7 min" in press(do="mark_booking", mark="expected")
    assert "Here since 10:07" in press(do="arrive_booking", visit=new_id(), ticket=new_id())
    assert post(client, f"/appointments/{made.id}/do", do="evacuate").status_code == 422


def test_find_forgives_spelling_and_writes_down_that_somebody_searched_but_not_what_for(house: Diary) -> None:
    made = house.book(
        "council-tax",
        ELEVEN,
        "Katarzyna Lewandowska-Zielińska",
        phone="+447700900456",
        email="kasia@example.org",
    )
    house.book("council-tax", ELEVEN, "Katherine Other", phone="+447700900999")
    client = house.served.signed_in("grace")
    for words in (
        "zielinska",
        "LEWANDOWSKA kat",
        "katarzina",
        "900456",
        "456",
        "07700 900 456",
        "kasia@example.org",
        "11:00",
    ):
        found = post(client, "/appointments/find", words=words)
        assert "Lewandowska" in found.text, words
    assert "Lewandowska" not in post(client, "/appointments/find", words="900999").text
    house.book("council-tax", ELEVEN + timedelta(days=2), "Thursday Only")
    for words in ("11:00 Thursday", "thu 11.00", "26 Nov 11:00", "11:00 26.11.", "11:00 on 2026-11-26"):
        found = post(client, "/appointments/find", words=words)
        assert "Thursday Only" in found.text, words
        assert "Lewandowska" not in found.text, words
    by_reference = post(client, "/appointments/find", words=f" {show_reference(made.reference).lower()} ")
    assert by_reference.headers["location"] == f"/appointments/{made.id}"
    assert post(client, "/appointments/find", words="k").status_code == 422
    assert "Nothing found" in post(client, "/appointments/find", words="zz%").text
    assert len(house.audited("searched appointments")) == 16
    for secret in ("kasia", "456", "zielinska", "Lewandowska"):
        assert secret not in house.everything_audited()


def test_a_private_appointment_is_found_by_its_reference_only_and_stays_private(house: Diary) -> None:
    made = house.book("private", ELEVEN, "Rosa Parks", phone="+447700900111")
    client = house.served.signed_in("tom")
    for words in ("Rosa", "900111", "11:00"):
        assert "Rosa" not in post(client, "/appointments/find", words=words).text.replace('value="Rosa"', "")
        assert made.id not in post(client, "/appointments/find", words=words).text
    assert (
        post(client, "/appointments/find", words=made.reference).headers["location"]
        == f"/appointments/{made.id}"
    )


def test_time_is_blocked_shown_and_given_back(house: Diary) -> None:
    client = house.served.signed_in("max")
    fields = {
        "about": f"bookable:{house.persons['priya']}",
        "on": "2026-11-26",
        "until": "2026-11-26",
        "starts": "13:00",
        "ends": "12:00",
    }
    wrong = post(client, "/appointments/blocks", block=new_id(), reason="", **fields)
    assert wrong.status_code == 422
    assert 'id="ends-wrong"' in wrong.text
    assert 'id="reason-wrong"' in wrong.text
    right = post(
        client, "/appointments/blocks", block=new_id(), reason="Training", **{**fields, "ends": "15:30"}
    )
    assert right.status_code == 303, right.text
    assert "Training" in client.get("/appointments?on=2026-11-26").text
    shown = client.get("/appointments/blocks").text
    assert "13:00 to  15:30" in shown or "13:00 to 15:30" in " ".join(shown.split())
    (row,) = house.read(lambda session: list(session.exec(select(Block))))
    assert post(client, f"/appointments/blocks/{row.id}/lift").status_code == 303
    assert "Training" not in client.get("/appointments?on=2026-11-26").text


def test_a_counter_sees_who_is_expected_there_and_who_is_here(house: Diary) -> None:
    mine = house.book(
        "housing",
        TEN + timedelta(minutes=23),
        "Mine Next",
        named={"person": house.persons["priya"]},
        answers={"tenure": "yes"},
    )
    house.book("housing", TEN + timedelta(minutes=23), "Of Tom", named={"person": house.persons["tom"]})
    house.book("council-tax", TEN + timedelta(minutes=53), "Anybodys")
    house.served.sit("priya", "desk-1", ("council-tax", "housing"))
    client = house.served.signed_in("priya")
    page = client.get("/counter/now").text
    assert "Mine Next" in page
    assert "Yes, I rent" in page
    assert "Anybodys" in page
    assert "Your last bill" in page
    assert "Of Tom" not in page
    assert "nobody here yet" in page
    here = post(
        client,
        "/counter/ask",
        do="arrive_booking",
        booking=mine.id,
        visit=new_id(),
        ticket=new_id(),
        back="counter",
    )
    assert here.status_code == 303, here.text
    assert "Here since 10:07" in client.get("/counter/now").text
    called = post(client, "/counter/ask", do="serve_booking", booking=mine.id, back="counter")
    assert called.status_code == 303, called.text
    page = client.get("/counter/now").text
    assert "Mine Next" not in page.split('id="today-h"')[-1]
