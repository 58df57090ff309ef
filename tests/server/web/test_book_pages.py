"""The booking pages as a browser without scripts meets them: the whole way, every way back, lost times, tampered forms, limits."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from server.actions import booking as bookings
from server.actions.tries import HELD_AT_ONCE, LIMITS, may_try, network_of
from server.clock import from_micros, to_micros
from server.domain.retention import Name
from server.store.tables import Centre, Closure, Draft, KeepingRule, Service
from server.store.tx import Tx
from tests.server.web.booked_house import TUESDAY, Booked, booked_house, copied, interpreter
from wire.vocabulary import BookingState, new_id
from words import isolate

PUBLIC = "https://appointments.leicester.example.gov.uk"


@pytest.fixture(scope="module")
def one_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booked]:
    with booked_house(copied(sqlite_template, tmp_path_factory), public_url=PUBLIC) as running:
        yield running


@pytest.fixture
def house(one_house: Booked) -> Booked:
    return one_house.afresh()


def somebody_takes(house: Booked, at: int, service: str = "council-tax") -> None:
    def taking(tx: Tx) -> None:
        number = new_id()
        bookings.hold(tx, 1, service, at, number)
        bookings.confirm(tx, number, bookings.Who(name="Quicker"))

    house.change(taking)


def test_from_the_first_page_to_the_reference(house: Booked) -> None:
    visitor = house.visitor().go("/book")
    assert "Elsewhere" not in visitor.text, "no centre is chosen where only one offers it"
    visitor.to_check("housing", phone="07700 900123", safe="yes")
    assert visitor.path == "/book/check"
    for said in ("Amina Khan", "I rent", "07700 900123", "amina@example.org", "Tuesday 24 November, 09:30"):
        assert said in visitor.text, said
    visitor.confirm()
    assert (visitor.path, visitor.heading) == ("/book/done", "Your appointment is booked")
    (booking,) = house.bookings()
    assert (booking.state, booking.name, booking.phone) == ("booked", "Amina Khan", "+447700900123")
    assert (booking.answers, booking.safe_to_text, booking.language) == ({"tenure": "rent"}, True, "en")
    assert f"{booking.reference[:4]}-{booking.reference[4:]}" in visitor.text
    assert "Your last letter from us" in visitor.text
    drafts: list[Draft] = house.read(lambda session: session.query(Draft).all())
    assert [set(draft.answers) for draft in drafts] == [{"service", "centre", "done"}], (
        "nothing is kept twice"
    )


def test_each_page_says_how_long_what_is_told_is_kept(house: Booked) -> None:
    visitor = house.visitor().go("/book")
    assert "delete it 28 days after it." in visitor.text
    name = Name.CONTACTS.value
    house.change(lambda tx: tx.session().add(KeepingRule(name=name, days=60, set_at=from_micros(tx.now))))
    try:
        assert "delete it 60 days after it." in visitor.go("/book").text
    finally:
        house.change(lambda tx: tx.session().delete(tx.session().get_one(KeepingRule, name)))


def test_it_books_once_however_often_the_button_is_pressed(house: Booked) -> None:
    visitor = house.visitor().to_check()
    at = visitor.times()[0]
    answers = []
    twins = [
        threading.Thread(target=lambda: answers.append(visitor.post("/book/check", at=at))) for _ in "ab"
    ]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()
    assert [answer.headers["location"] for answer in answers] == ["/book/done", "/book/done"]
    assert visitor.post("/book/check", at=at).headers["location"] == "/book/done"
    assert [each.state for each in house.bookings()] == [BookingState.BOOKED]
    assert visitor.go("/book/you/name").path == "/book/done", "back shows what was booked, not an empty form"


def test_back_and_change_lose_no_answer(house: Booked) -> None:
    visitor = house.visitor().to_check()
    visitor.go("/book/you/name")
    assert 'value="Amina Khan"' in visitor.text
    visitor.send("/book/you/name", name="Amina K. Khan")
    assert visitor.path == "/book/check", "one comes straight back"
    visitor.go("/book/when").send("/book/when", at=visitor.times()[1])
    assert visitor.path == "/book/check"
    assert "Amina K. Khan" in visitor.text
    assert "10:00" in visitor.text
    assert len(house.bookings(BookingState.HELD)) == 1, "the time chosen before was let go"


def test_who_came_for_something_else_after_all_tells_nothing_twice(house: Booked) -> None:
    visitor = house.visitor().to_check()
    assert 'href="/book?change=1"' in visitor.text
    visitor.go("/book?change=1")
    assert "We are keeping Tuesday 24 November, 09:30 for you." in visitor.text
    assert 'name="change" value="1"' in visitor.text
    visitor.send("/book", service="council-tax", change="1")
    assert visitor.path == "/book/when"
    assert visitor.go("/book/check").path == "/book/check", "the same again: nothing has changed"
    visitor.go("/book?change=1").send("/book", service="housing", change="1")
    visitor.send("/book/when", at=visitor.times()[0])
    assert visitor.path == "/book/you/questions", "its own questions are asked, and nothing else"
    visitor.send("/book/you/questions", **{"answer-tenure": "rent"})
    assert visitor.path == "/book/you/contact", "it must have a telephone number"
    assert 'value="amina@example.org"' in visitor.text
    visitor.send("/book/you/contact", phone="07700 900123", safe="yes", email="amina@example.org").confirm()
    assert [each.name for each in house.bookings()] == ["Amina Khan"], "and the time held before is let go"


def test_the_next_person_at_a_librarys_computer_finds_no_name(house: Booked) -> None:
    visitor = house.visitor().to_check()
    assert "We are keeping" not in visitor.go("/book").text
    visitor.send("/book", service="council-tax").send("/book/when", at=visitor.times()[0])
    assert visitor.path == "/book/you/name"
    assert "Amina" not in visitor.text


def test_another_language_in_the_middle_keeps_what_is_being_typed(house: Booked) -> None:
    visitor = house.visitor().chosen()
    visitor.send("/book/you/name", name="Amina", lang="ur")
    assert visitor.path == "/book/you/name?lang=ur"
    assert '<html lang="ur" dir="rtl"' in visitor.text
    assert 'value="Amina"' in visitor.text
    assert visitor.heading == "آپ کا نام کیا ہے؟"
    visitor.send("/book/you/name", name="Amina")
    assert '<html lang="ur" dir="rtl"' in visitor.text, "the language stays"
    visitor.send("/book/you/contact").send("/book/you/needs", people="1").confirm()
    assert house.bookings()[0].language == "ur"


def test_a_time_that_ran_out_is_taken_again_without_a_word_if_it_is_free(house: Booked) -> None:
    visitor = house.visitor().chosen()
    assert "is kept for you until 08:10" in visitor.text
    house.clock.turn(timedelta(minutes=11))
    visitor.go("/book/you/name")
    assert "We are not keeping this time for you any more" in visitor.text
    visitor.send("/book/keep")
    assert "is kept for you until 08:21" in visitor.text
    house.clock.turn(timedelta(minutes=11))
    visitor.send("/book/you/name", name="Amina Khan")
    assert visitor.path == "/book/you/contact"
    assert "is kept for you until 08:32" in visitor.text


def test_a_lost_time_is_said_before_anything_is_typed_again_and_the_answers_stay(house: Booked) -> None:
    visitor = house.visitor().to_check()
    at = visitor.times()[0]
    house.clock.turn(timedelta(minutes=11))
    somebody_takes(house, at)
    visitor.send("/book/check", at=at)
    assert visitor.path == "/book/when?lost=1"
    assert visitor.title.startswith("Error: ")
    assert "Tuesday 24 November, 09:30 cannot be booked any more" in visitor.text
    nearest = visitor.times()[0]
    assert nearest == at + 30 * 60_000_000
    visitor.send("/book/when", at=nearest)
    assert visitor.path == "/book/check", "nothing is asked twice"
    visitor.confirm()
    assert [each.name for each in house.bookings(BookingState.BOOKED)] == ["Quicker", "Amina Khan"]


def test_a_time_taken_while_one_looked_leads_to_the_nearest(house: Booked) -> None:
    visitor = house.visitor().go("/book").send("/book", service="council-tax")
    second = visitor.times()[1]
    somebody_takes(house, second)
    visitor.send("/book/when", at=second)
    assert visitor.path == "/book/when?lost=1"
    assert second not in visitor.times()
    assert visitor.times()[:2] == [second - 30 * 60_000_000, second + 30 * 60_000_000]
    assert house.bookings(BookingState.HELD) == []


@pytest.mark.parametrize("at", ["1", "99999999999999999", str(to_micros(TUESDAY - timedelta(days=7))), str(to_micros(TUESDAY) + 1)])  # fmt: skip
def test_a_time_that_is_no_time_is_refused_kindly(house: Booked, at: str) -> None:
    visitor = house.visitor().go("/book").send("/book", service="council-tax").send("/book/when", at=at)
    assert visitor.path == "/book/when?lost=1"
    assert "This time is not free any more" in visitor.text
    for nonsense in ("", "x", "-1", "٣", "9" * 18, "9" * 20, "9" * 999):
        assert visitor.send("/book/when", at=nonsense).path == "/book/when"
    assert house.bookings() == []


def test_who_reaches_for_a_taken_time_may_go_on_with_the_one_they_have(house: Booked) -> None:
    visitor = house.visitor().to_check()
    kept = visitor.times()[0]
    visitor.go("/book/when")
    taken = visitor.times()[2]
    somebody_takes(house, taken)
    visitor.send("/book/when", at=taken)
    assert visitor.path == "/book/when?lost=1"
    assert "We are keeping Tuesday 24 November, 09:30 for you." in visitor.text
    assert visitor.go("/book/check").path == "/book/check", "the way on that the page names leads on"
    visitor.send("/book/check", at=kept)
    assert visitor.heading == "Your appointment is booked"


def test_who_needs_an_interpreter_after_all_is_not_led_back_to_a_time_without_one(house: Booked) -> None:
    house.change(lambda tx: interpreter(tx.session()))
    visitor = house.visitor().chosen()
    visitor.go("/book/when").send("/book/when", show="1", interpreter="ur")
    assert "We are keeping" not in visitor.text


def test_what_was_cancelled_is_not_called_booked_on_the_way_back(house: Booked) -> None:
    visitor = house.visitor().book()
    link = re.search(r'href="(/b/[^"/]+)"', visitor.text)
    assert link is not None
    visitor.client.post(f"{link[1]}/cancel")
    visitor.go("/book/done")
    assert "This appointment is cancelled" in visitor.text
    assert "Your appointment is booked" not in visitor.text


def closed(house: Booked, on: date) -> None:
    def closing(tx: Tx) -> None:
        tx.session().add(Closure(centre_id=1, first_on=on, last_on=on, reason={"en": "Flooded"}))
        centre = tx.session().get(Centre, 1)
        assert centre is not None
        centre.version += 1

    house.change(closing)


def test_a_day_closed_while_somebody_fills_in_the_form_is_not_booked(house: Booked) -> None:
    visitor = house.visitor().to_check()
    closed(house, date(2026, 11, 24))
    visitor.confirm()
    assert visitor.path == "/book/when?lost=1"
    assert "Tuesday 24 November, 09:30 cannot be booked any more" in visitor.text
    assert house.bookings(BookingState.BOOKED) == []
    visitor.send("/book/when", at=visitor.times()[0]).confirm()
    assert visitor.heading == "Your appointment is booked"
    (booking,) = house.bookings(BookingState.BOOKED)
    assert booking.starts_at.date() == date(2026, 11, 26)


def test_a_held_time_is_booked_also_when_the_notice_for_it_has_begun(house: Booked) -> None:
    house.clock.turn(timedelta(minutes=29))
    visitor = house.visitor().to_check()
    house.clock.turn(timedelta(minutes=5))
    assert visitor.confirm().heading == "Your appointment is booked"


def test_a_service_turned_off_while_somebody_fills_in_the_form_is_said(house: Booked) -> None:
    visitor = house.visitor().chosen()

    def turning_off(tx: Tx) -> None:
        service = tx.session().get(Service, 1)
        assert service is not None
        service.booking = {**service.booking, "public": False}

    house.change(turning_off)
    visitor.send("/book/you/name", name="Amina Khan")
    assert visitor.heading == "This cannot be booked here any more"
    assert "0116 454 1000" in visitor.text
    assert visitor.go("/book/check").heading == "This cannot be booked here any more"


def test_forms_from_elsewhere_old_pages_and_no_cookie(house: Booked) -> None:
    visitor = house.visitor().chosen()
    forged = visitor.client.post("/book/you/name", data={"name": "Eve", "token": "0" * 32})
    assert forged.status_code == 403
    assert "Nothing was changed" in forged.text
    stranger = visitor.client.post(
        "/book", data={"service": "housing"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert stranger.status_code == 403
    assert visitor.client.post("/book", data={"service": "nothing-like-it"}).status_code == 404
    bare = house.visitor()
    answer = bare.post("/book", service="council-tax")
    bare.client.cookies.clear()
    assert "Your browser keeps no cookies" in bare.go(answer.headers["location"]).text
    assert "This form is not open any more" in bare.go("/book/check").text
    house.clock.turn(timedelta(minutes=61))
    assert "This form is not open any more" in visitor.go("/book/you/name").text


def test_pages_are_not_skipped_by_their_address(house: Booked) -> None:
    visitor = house.visitor().go("/book").send("/book", service="housing")
    for path in ("/book/check", "/book/done", "/book/you/contact", "/book/you/nonsense", "/book/where"):
        found = visitor.go(path).path
        assert found in ("/book/when", "/book/where"), (path, found)
    visitor.go("/book/when").send("/book/when", at=visitor.times()[0])
    assert visitor.go("/book/check").path == "/book/you/name"


def test_where_is_asked_when_two_centres_offer_it(house: Booked) -> None:
    def offering(tx: Tx) -> None:
        here = tx.session().get(Service, 1)
        there = tx.session().query(Service).filter_by(centre_id=2, slug="council-tax").one()
        assert here is not None
        there.booking, there.names = here.booking, here.names

    house.change(offering)
    visitor = house.visitor().go("/book")
    assert visitor.text.count('value="council-tax"') == 1
    visitor.send("/book", service="council-tax")
    assert visitor.path == "/book/where?begun=1"
    assert "York House" in visitor.text
    visitor.send("/book/where", centre="elsewhere")
    visitor.send("/book/when", at=visitor.times()[0])
    assert [each.centre_id for each in house.bookings()] == [2]
    visitor.go("/book/where").send("/book/where", centre="york-house")
    assert visitor.path == "/book/when"
    visitor.send("/book/when", at=visitor.times()[0])
    assert [each.centre_id for each in house.bookings()] == [1], "and the other is let go"


def test_who_needs_an_interpreter_sees_only_times_with_one(house: Booked) -> None:
    house.change(lambda tx: interpreter(tx.session()))
    visitor = house.visitor().go("/book").send("/book", service="council-tax")
    visitor.send("/book/when", show="1", interpreter="ur")
    first = datetime.fromtimestamp(visitor.times()[0] / 1_000_000, UTC)
    assert (first.date().isoformat(), first.hour) == ("2026-11-26", 9)
    visitor.send("/book/when", at=visitor.times()[0])
    (booking,) = house.bookings()
    assert (booking.interpreter, booking.interpreter_id) == ("ur", 1)
    visitor.go("/book/you/needs")
    assert 'value="interpreter"' not in visitor.text, "it is not asked twice"
    assert visitor.go("/book/when").send("/book/when", show="1", interpreter="xx").times()
    visitor.send("/book/when", show="1", mornings="yes")
    assert all(datetime.fromtimestamp(at / 1e6, UTC).hour < 12 for at in visitor.times())


def test_a_discreet_service_is_named_nowhere_after_it_was_chosen(house: Booked) -> None:
    visitor = house.visitor().book("private", name="")
    assert [each.state for each in house.bookings()] == [BookingState.BOOKED]
    link = re.search(r'href="(/b/[^"/]+)"', visitor.text)
    assert link is not None
    assert "Talk in private" not in visitor.text
    assert "Talk in private" not in visitor.go(link[1]).text
    assert "Talk in private" not in visitor.client.get(f"{link[1]}/appointment.ics").text
    assert visitor.title == "Your appointment"


def test_one_contact_has_so_many_and_no_more(house: Booked) -> None:
    for which in range(3):
        assert house.visitor().book(which=0, email="amina@example.org").path == "/book/done", which
    fourth = house.visitor().to_check(email="Amina@example.org".lower())
    fourth.confirm()
    assert fourth.heading == "You have several appointments already"
    assert "0116 454 1000" in fourth.text
    assert len(house.bookings(BookingState.BOOKED)) == 3
    assert house.visitor().book(email="bob@example.org").path == "/book/done"


def test_one_address_cannot_hold_the_whole_diary(house: Booked) -> None:
    for _ in range(HELD_AT_ONCE):
        assert house.visitor().chosen().path == "/book/you/name"
    one_more = house.visitor().chosen()
    assert one_more.heading == "Too many times are being kept from here"
    assert "0116 454 1000" in one_more.text
    assert len(house.bookings(BookingState.HELD)) == HELD_AT_ONCE
    house.clock.turn(timedelta(minutes=11))
    assert one_more.go("/book/when").send("/book/when", at=one_more.times()[0]).path == "/book/you/name"


def test_one_address_cannot_fill_the_house_with_forms(house: Booked) -> None:
    def trying(tx: Tx) -> list[bool]:
        return [may_try(tx, "begin", "::ffff:127.0.0.1") for _ in range(LIMITS["begin"].by_address + 1)]

    assert house.change(trying)[-2:] == [True, False]
    visitor = house.visitor().go("/book")
    answer = visitor.post("/book", service="council-tax")
    assert (answer.status_code, "0116 454 1000" in answer.text) == (429, True)
    assert 'href="/book">Begin again' in answer.text
    house.clock.turn(timedelta(minutes=61))
    assert visitor.send("/book", service="council-tax").path == "/book/when?begun=1"


def test_a_household_on_ipv6_is_one_address() -> None:
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2:bbbb::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.7") == "192.0.2.7"


@pytest.mark.parametrize(("language", "comma"), [("ur", "جیسے"), ("ar", "مثل")])
def test_a_number_shown_as_an_example_reads_from_left_to_right(
    house: Booked, language: str, comma: str
) -> None:
    """Unguarded, `+48` is drawn as `48+` among Urdu words, and `07700 900123` with its halves exchanged."""
    visitor = house.visitor().chosen().go(f"/book/you/contact?lang={language}")
    assert f"{comma} {isolate('+48')}" in visitor.text
    visitor.send("/book/you/contact", phone="x")
    assert f"{comma} {isolate('07700 900123')}" in visitor.text


def test_services_are_found_by_plain_words(house: Booked) -> None:
    visitor = house.visitor()
    assert re.findall(r'name="service" value="([\w-]+)"', visitor.go("/book?q=evic").text) == ["housing"]
    assert re.findall(r'name="service" value="([\w-]+)"', visitor.go("/book?q=podatek&lang=pl").text) == ["council-tax"]  # fmt: skip
    nothing = visitor.go("/book?q=zeppelin&lang=en").text
    assert "We found nothing for these words" in nothing
    assert nothing.count('name="service"') == 3
    assert "&lt;script&gt;" in visitor.go("/book?q=<script>&lang=en").text or "<script>" not in visitor.text


def test_a_service_that_is_not_public_is_not_there(house: Booked) -> None:
    def hiding(tx: Tx) -> None:
        service = tx.session().get(Service, 2)
        assert service is not None
        service.booking = {**service.booking, "public": False}

    visitor = house.visitor().go("/book").send("/book", service="housing")
    house.change(hiding)
    assert "Somewhere to live" not in house.visitor().go("/book").text
    assert visitor.go("/book/when").heading == "This cannot be booked here any more", (
        "also for whoever had begun"
    )
