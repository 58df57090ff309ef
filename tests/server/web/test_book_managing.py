"""An appointment that is booked: found, seen, put into a calendar, moved, cancelled; and what a stranger learns, which is nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from server.clock import from_micros, to_micros
from server.store.tables import Booking
from server.store.tx import Tx
from tests.server.web.booked_house import Booked, Visitor, booked_house, copied
from wire.references import new_reference, show_reference
from wire.vocabulary import BookingState

PUBLIC = "https://appointments.leicester.example.gov.uk"


@pytest.fixture(scope="module")
def one_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booked]:
    with booked_house(copied(sqlite_template, tmp_path_factory), public_url=PUBLIC) as running:
        yield running


@pytest.fixture
def house(one_house: Booked) -> Booked:
    return one_house.afresh()


def link_of(visitor: Visitor) -> str:
    found = re.search(r'href="(/b/[^"/]+)"', visitor.text)
    assert found is not None
    return found[1]


def later(house: Booked, **fields: str) -> Visitor:
    """Somebody with an appointment on Tuesday next week."""
    visitor = house.visitor().go("/book").send("/book", service="council-tax")
    visitor.go("/book/when?on=2026-12-01")
    visitor.send("/book/when", at=visitor.times()[-1])
    given = {"name": "Amina Khan", "email": "amina@example.org", **fields}
    visitor.send("/book/you/name", name=given.pop("name"))
    return visitor.send("/book/you/contact", **given).send("/book/you/needs", people="1").confirm()


def test_found_by_the_reference_and_what_one_gave(house: Booked) -> None:
    with_phone = later(house, phone="07700 900123", safe="no", email="")
    with_neither = later(house, email="", name="Zofia Nowak-Żak")
    first, second = (show_reference(each.reference) for each in house.bookings())
    for reference, fact, link in (
        (first, "+44 7700 900 123", link_of(with_phone)),
        (first.lower().replace("-", " "), "07700900123", link_of(with_phone)),
        (second, "nowak-żak", link_of(with_neither)),
        (second, "Zofia NOWAK-ŻAK", link_of(with_neither)),
    ):
        visitor = house.visitor().go("/book/find").send("/book/find", reference=reference, second=fact)
        assert visitor.path == link, (reference, fact)
    wrong = [
        (first, "Khan"),  # a name does not open what a telephone was given for
        (first, "07700 900124"),
        (first, ""),
        (second, "Zofia"),
        (second, ""),
        (show_reference(new_reference(lambda signs: signs[0])), "07700 900123"),
        ("nonsense", "Khan"),
    ]
    answers = set()
    for reference, fact in wrong:
        visitor = house.visitor().go("/book/find").send("/book/find", reference=reference, second=fact)
        assert visitor.page is not None
        answers.add((visitor.page.status_code, visitor.text.replace(reference, "")))
    assert len(answers) == 1, "every wrong guess gets one and the same answer"
    assert "We could not find it" in answers.pop()[1]


def test_guessing_at_one_reference_is_stopped_also_for_the_right_guess(house: Booked) -> None:
    later(house)
    reference = house.bookings()[0].reference
    visitor = house.visitor().go("/book/find")
    for _ in range(6):
        visitor.send("/book/find", reference=reference, second="wrong@example.org")
        assert "We could not find it" in visitor.text
    visitor.send("/book/find", reference=reference, second="amina@example.org")
    assert "Please wait a little" in visitor.text
    assert "0116 454 1000" in visitor.text
    house.clock.turn(timedelta(minutes=16))
    assert visitor.send("/book/find", reference=reference, second="amina@example.org").path.startswith("/b/")


def test_moved_to_a_free_time_and_the_calendar_learns_of_it(house: Booked) -> None:
    visitor = later(house)
    link = link_of(visitor)
    before = Calendar.from_ical(visitor.client.get(f"{link}/appointment.ics").content).events[0]
    visitor.go(f"{link}/move")
    assert "Tuesday 1 December, 12:00" in visitor.text
    wanted = visitor.go(f"{link}/move?on=2026-12-01").times()[-2]
    visitor.send(f"{link}/move", at=wanted)
    assert visitor.path == f"{link}?moved=1"
    assert "Your appointment has moved to this time" in visitor.text
    (booking,) = house.bookings()
    assert (to_micros(booking.starts_at), booking.state) == (wanted, BookingState.BOOKED)
    answer = visitor.client.get(f"{link}/appointment.ics")
    after = Calendar.from_ical(answer.content).events[0]
    assert answer.headers["content-type"].startswith("text/calendar")
    assert before["uid"] == after["uid"]
    assert int(str(before["sequence"])) + 1 == int(str(after["sequence"]))
    assert f"{PUBLIC}{link}" in str(after["description"])
    taken = house.visitor().go("/book").send("/book", service="council-tax")
    taken.send("/book/when", at=taken.times()[0])
    visitor.go(f"{link}/move").send(f"{link}/move", at=to_micros(house.bookings()[1].starts_at))
    assert f"{link}/move?lost=" in visitor.path
    assert "This time is not free any more" in visitor.text


def test_mornings_stay_mornings_while_one_looks_for_another_time(house: Booked) -> None:
    link = link_of(later(house))
    visitor = house.visitor().go(f"{link}/move").send(f"{link}/move", show="1", mornings="yes")
    assert visitor.path == f"{link}/move?mornings=yes"
    days = re.findall(rf'href="({link}/move[^"#]*on=[^"#]*)#times"', visitor.text)
    assert days, visitor.text
    assert all("mornings=yes" in day for day in days)


def test_one_appointment_is_not_moved_for_ever(house: Booked) -> None:
    visitor = later(house)
    link = link_of(visitor)
    visitor.go(f"{link}/move?on=2026-12-03")
    one, two = visitor.times()[-2:]
    for turn in range(6):
        visitor.go(f"{link}/move").send(f"{link}/move", at=(one, two)[turn % 2])
        assert visitor.path == f"{link}?moved=1", turn
    visitor.go(f"{link}/move").send(f"{link}/move", at=one)
    assert visitor.heading == "This appointment was moved very often"
    assert "0116 454 1000" in visitor.text
    (booking,) = house.bookings()
    assert (to_micros(booking.starts_at), booking.sequence) == (two, 6)
    house.clock.turn(timedelta(minutes=61))
    assert visitor.go(f"{link}/move").send(f"{link}/move", at=one).path == f"{link}?moved=1"


def test_cancelled_by_oneself_and_however_late(house: Booked) -> None:
    visitor = house.visitor().book()
    link = link_of(visitor)
    visitor.go(link)
    assert "Choose another time" not in visitor.text, "it is today: too near to be moved here"
    assert visitor.go(f"{link}/move").path == link
    free = house.visitor().go("/book").send("/book", service="council-tax").times()[0]
    assert visitor.post(f"{link}/move", at=free).headers["location"].startswith(f"{link}/move?lost=")
    visitor.go(f"{link}/cancel")
    assert visitor.heading == "You cannot come?"
    visitor.send(f"{link}/cancel")
    assert "This appointment is cancelled" in visitor.text
    assert visitor.send(f"{link}/cancel").path == link, "twice is once"
    (booking,) = house.bookings()
    assert (booking.state, booking.sequence, booking.cancelled_by) == (BookingState.CANCELLED, 1, None)
    cancelled = Calendar.from_ical(visitor.client.get(f"{link}/appointment.ics").content)
    assert cancelled["method"] == "CANCEL"
    again = house.visitor().go("/book").send("/book", service="council-tax")
    assert again.times()[0] == to_micros(booking.starts_at), "the place is free for somebody else"


def test_what_has_begun_cannot_be_cancelled(house: Booked) -> None:
    visitor = house.visitor().book()
    link = link_of(visitor)
    house.clock.turn(timedelta(hours=1, minutes=30))
    assert "I cannot come" not in visitor.go(link).text
    assert visitor.send(f"{link}/cancel").path == link
    assert house.bookings()[0].state == BookingState.BOOKED
    house.clock.turn(timedelta(hours=1))
    assert "This appointment is over" in visitor.go(link).text


def test_a_stranger_learns_nothing(house: Booked) -> None:
    visitor = later(house)
    link, reference = link_of(visitor), house.bookings()[0].reference
    stranger = house.visitor()
    known = stranger.go(f"/check-in/{reference}").text
    unknown = stranger.go("/check-in/BCDF3467").text
    assert known.replace(reference, "BCDF3467") == unknown
    assert "Show this at the screen by the door" in known
    for bad in (
        link[:-1] + ("A" if link[-1] != "A" else "B"),
        "/b/nothing",
        "/b/" + "A" * 300,
        link.split(".")[0],
    ):
        for path in (bad, f"{bad}/move", f"{bad}/cancel", f"{bad}/appointment.ics"):
            answer = stranger.client.get(path)
            assert answer.status_code == 404, path
            assert "This appointment cannot be found" in answer.text, path
    assert stranger.client.post(f"{link[:-2]}xx/cancel").status_code == 404
    seen = visitor.client.get(link)
    assert "amina@example.org" not in seen.text, "a page somebody looks over the shoulder at tells no contact"
    assert seen.headers["x-robots-tag"] == "noindex"
    assert seen.headers["referrer-policy"] == "no-referrer"
    assert seen.headers["cache-control"] == "no-store"


def test_an_erased_appointment_is_gone(house: Booked) -> None:
    visitor = later(house)
    link, reference = link_of(visitor), house.bookings()[0].reference

    def erasing(tx: Tx) -> None:
        session = tx.session()
        booking = session.query(Booking).one()
        booking.name = booking.email = ""
        booking.erased_at = from_micros(tx.now)

    house.change(erasing)
    assert visitor.client.get(link).status_code == 404
    assert (
        "We could not find it"
        in visitor.go("/book/find").send("/book/find", reference=reference, second="").text
    )
