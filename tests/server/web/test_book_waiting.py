"""The waiting list: joined when nothing is free, told in turn, a place really kept, passed on when it is not taken, left by the link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from server.actions import wishes
from server.clock import from_micros, to_micros
from server.connectors import Carriers
from server.jobs.places import offer_places
from server.jobs.sweeping import sweep
from server.store.tables import Booking, BookingTry, Draft, Post, Service, Wish
from server.store.tx import Tx
from tests.server.web.booked_house import Booked, Visitor, booked_house, copied, interpreter
from wire.vocabulary import BookingState, Way

TWO_TIMES = [{"days": ["tuesday"], "opens": "09:30", "closes": "10:30"}]


MAIL = {
    "smtp_host": "127.0.0.1",
    "smtp_from": "foyer@example.gov.uk",
    "public_url": "https://a.example.gov.uk",
}


@pytest.fixture(scope="module")
def one_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booked]:
    with booked_house(copied(sqlite_template, tmp_path_factory), **MAIL) as running:
        yield running


def narrowed(house: Booked) -> Booked:
    """Two times today."""

    def narrowing(tx: Tx) -> None:
        service = tx.session().get(Service, 1)
        assert service is not None
        service.booking = {**service.booking, "hours": TWO_TIMES, "ahead_days": 3}

    house.afresh().change(narrowing)
    return house


@pytest.fixture
def house(one_house: Booked) -> Booked:
    return narrowed(one_house)


def full(house: Booked) -> list[Visitor]:
    return [house.visitor().book(email=f"{name}@example.org") for name in ("first", "second")]


def join(house: Booked, email: str) -> Visitor:
    visitor = house.visitor().go("/book").send("/book", service="council-tax").go("/book/wish")
    days = re.findall(r'<option value="(\d{4}-\d\d-\d\d)"', visitor.text)
    return visitor.send("/book/wish", first_on=days[0], last_on=days[-1], wish_email=email)


def cancel(visitor: Visitor) -> None:
    found = re.search(r'href="(/b/[^"/]+)"', visitor.text)
    assert found is not None
    visitor.send(f"{found[1]}/cancel")


def told(house: Booked) -> list[str]:
    def reading(session: Session) -> list[str]:
        found = select(Post.address).where(col(Post.letter) == "place_free").order_by(col(Post.made_at))
        return list(session.exec(found))

    answer: list[str] = house.read(reading)
    return answer


def all_wishes(house: Booked) -> list[Wish]:
    found: list[Wish] = house.read(
        lambda session: list(session.exec(select(Wish).order_by(col(Wish.made_at))))
    )
    return found


def test_who_waits_longest_is_told_and_the_place_is_kept_for_them_alone(house: Booked) -> None:
    first, _second = full(house)
    looking = house.visitor().go("/book").send("/book", service="council-tax")
    assert "No time is free at the moment" in looking.text
    waiting = join(house, "waiting@example.org")
    assert waiting.heading == "You are on the waiting list"
    house.clock.turn(timedelta(seconds=1))
    join(house, "after@example.org")
    cancel(first)
    assert told(house) == ["waiting@example.org"]
    assert looking.go("/book/when").times() == [], "nobody else sees the place"
    waiting.go(waiting.path)
    assert waiting.heading == "A place has come free"
    assert "is kept for you until 08:30" in waiting.text
    waiting.send(waiting.path, do="take")
    assert waiting.path == "/book/you/name?begun=1"
    waiting.send("/book/you/name", name="Amina Khan")
    assert 'value="waiting@example.org"' in waiting.text, "they are not asked again"
    waiting.send("/book/you/contact", email="waiting@example.org").send("/book/you/needs").confirm()
    assert waiting.heading == "Your appointment is booked"
    assert [each.email for each in house.bookings(BookingState.BOOKED)] == ["second@example.org", "waiting@example.org"]  # fmt: skip
    assert [each.ended_at is not None for each in all_wishes(house)] == [True, False]


def test_a_place_not_taken_goes_to_the_next_one_after_the_other(house: Booked) -> None:
    _first, second = full(house)
    one = join(house, "one@example.org")
    house.clock.turn(timedelta(seconds=1))
    two = join(house, "two@example.org")
    cancel(second)
    house.clock.turn(timedelta(minutes=29))
    house.served.run(offer_places(house.served.house))
    assert told(house) == ["one@example.org"]
    house.clock.turn(timedelta(seconds=90))
    house.served.run(offer_places(house.served.house))
    assert told(house) == ["one@example.org", "two@example.org"]
    assert one.go(one.path).heading == "You are not on the waiting list any more"
    assert two.go(two.path).heading == "A place has come free"
    assert [each.email for each in all_wishes(house)] == ["", "two@example.org"], (
        "a contact goes with its wish"
    )
    house.clock.turn(timedelta(minutes=31))
    house.served.run(offer_places(house.served.house))
    assert two.go(two.path).heading == "You are not on the waiting list any more"


def test_who_comes_in_the_last_minute_has_time_for_the_form_and_not_for_ever(house: Booked) -> None:
    first, _second = full(house)
    one = join(house, "one@example.org")
    house.clock.turn(timedelta(seconds=1))
    join(house, "two@example.org")
    cancel(first)
    house.clock.turn(timedelta(minutes=29))
    one.go(one.path).send(one.path, do="take")
    assert one.heading == "What is your name?"
    house.clock.turn(timedelta(minutes=8))
    house.served.run(offer_places(house.served.house))
    assert told(house) == ["one@example.org"], "somebody is filling in the form"
    one.go("/book/you/name").send("/book/you/name", name="Amina Khan")
    assert one.heading == "How can we reach you?"
    one.send("/book/you/contact", email="one@example.org").send("/book/you/needs").confirm()
    assert one.heading == "Your appointment is booked"
    house.clock.turn(timedelta(minutes=10))
    house.served.run(offer_places(house.served.house))
    assert told(house) == ["one@example.org"]


def test_a_kept_place_is_not_kept_for_ever_by_opening_it_again(house: Booked) -> None:
    _first, second = full(house)
    one = join(house, "one@example.org")
    place = one.path
    house.clock.turn(timedelta(seconds=1))
    join(house, "two@example.org")
    cancel(second)
    for _ in range(4):
        house.clock.turn(timedelta(minutes=9))
        one.go(place).send(place, do="take")
    house.clock.turn(timedelta(minutes=5))
    house.served.run(offer_places(house.served.house))
    assert told(house) == ["one@example.org", "two@example.org"]
    assert one.go(place).heading == "You are not on the waiting list any more"


def test_leaving_gives_the_kept_place_to_the_next(house: Booked) -> None:
    first, _second = full(house)
    one = join(house, "one@example.org")
    house.clock.turn(timedelta(seconds=1))
    join(house, "two@example.org")
    cancel(first)
    one.send(one.path, do="leave")
    assert one.heading == "You are not on the waiting list any more"
    assert told(house) == ["one@example.org", "two@example.org"]
    assert len(house.bookings(BookingState.HELD)) == 1


def test_a_block_lifted_is_found_by_the_rounds(house: Booked) -> None:
    full(house)
    join(house, "waiting@example.org")

    def widening(tx: Tx) -> None:
        service = tx.session().get(Service, 1)
        assert service is not None
        longer = [{"days": ["tuesday"], "opens": "09:30", "closes": "11:00"}]
        service.booking = {**service.booking, "hours": longer}

    assert house.served.run(offer_places(house.served.house)) == 0
    house.change(widening)
    assert house.served.run(offer_places(house.served.house)) == 1
    assert house.served.run(offer_places(house.served.house)) == 0, "once"
    assert told(house) == ["waiting@example.org"]
    (held,) = house.bookings(BookingState.HELD)
    assert to_micros(held.starts_at) == to_micros(from_micros(house.clock.micros()).replace(hour=10, minute=30, second=0))  # fmt: skip


def test_nobody_is_woken_at_night_and_mornings_are_mornings(house: Booked) -> None:
    assert not wishes.may_ask(to_micros(from_micros(house.clock.micros()).replace(hour=21)), "Europe/London")
    assert not wishes.may_ask(
        to_micros(from_micros(house.clock.micros()).replace(hour=7, minute=59)), "Europe/London"
    )
    assert wishes.may_ask(
        to_micros(from_micros(house.clock.micros()).replace(hour=20, minute=59)), "Europe/London"
    )
    visitor = house.visitor().go("/book").send("/book", service="council-tax").go("/book/wish")
    visitor.send("/book/wish", first_on="2026-11-24", last_on="2026-11-23", wish_email="a@example.org")
    assert visitor.wrong() == ["Choose both days from the list"]
    visitor.send("/book/wish", first_on="2026-11-24", last_on="2026-11-24", wish_email="")
    assert visitor.wrong() == ["Type a mobile number or an e-mail address, so that we can tell you"]
    assert visitor.title.startswith("Error: ")
    visitor.send("/book/wish", first_on="2026-11-24", last_on="2026-11-24", mornings="yes", wish_email="a@example.org")  # fmt: skip
    afternoon, morning = (from_micros(house.clock.micros()).replace(hour=hour) for hour in (12, 11))
    found = house.change(lambda tx: [len(wishes.waiting_for(tx, 1, 1, at)) for at in (afternoon, morning)])
    assert found == [0, 1]
    again = house.visitor().go("/book").send("/book", service="council-tax").go("/book/wish")
    again.send("/book/wish", first_on="2026-11-24", last_on="2026-11-24", wish_email="a@example.org")
    assert len(all_wishes(house)) == 1, "asked twice one is on the list once"


def test_who_needs_an_interpreter_waits_for_a_time_with_one(house: Booked) -> None:
    """Nadia interprets from ten on: the place at half past nine is for somebody who needs nobody else."""

    def working(tx: Tx) -> None:
        interpreter(tx.session(), weekday=1, starts="10:00")

    house.change(working)
    first, second = full(house)
    needing = house.visitor().go("/book").send("/book", service="council-tax")
    needing.send("/book/when", show="1", interpreter="ur").go("/book/wish")
    assert "Interpreter: <strong>اردو</strong>" in needing.text
    needing.send("/book/wish", first_on="2026-11-24", last_on="2026-11-24", wish_email="needs@example.org")
    house.clock.turn(timedelta(seconds=1))
    join(house, "anybody@example.org")
    cancel(first)
    assert told(house) == ["anybody@example.org"]
    cancel(second)
    assert told(house) == ["anybody@example.org", "needs@example.org"]
    needing.go(needing.path).send(needing.path, do="take").send("/book/you/name", name="Amina Khan")
    needing.send("/book/you/contact", email="needs@example.org").send("/book/you/needs").confirm()
    (booked,) = house.bookings(BookingState.BOOKED)
    assert (booked.interpreter, booked.interpreter_id) == ("ur", 1)
    assert "interpreter" in booked.needs


def test_the_rounds_find_a_time_with_the_interpreter_that_is_needed(house: Booked) -> None:
    full(house)
    waiting = house.visitor().go("/book").send("/book", service="council-tax")
    house.change(lambda tx: interpreter(tx.session(), weekday=1, starts="10:00"))
    waiting.send("/book/when", show="1", interpreter="ur").go("/book/wish")
    waiting.send("/book/wish", first_on="2026-11-24", last_on="2026-11-24", wish_email="needs@example.org")
    for booking in house.bookings(BookingState.BOOKED):

        def erased(tx: Tx, number: str = booking.id) -> None:
            """Gone without a word, as a hold that ran out is."""
            found = tx.session().get(Booking, number)
            assert found is not None
            tx.session().delete(found)

        house.change(erased)
        house.served.run(offer_places(house.served.house))
    (held,) = house.bookings(BookingState.HELD)
    assert (held.starts_at.hour, held.interpreter) == (10, "ur")


def test_a_number_that_is_not_safe_to_text_is_not_put_forward_for_it(house: Booked) -> None:
    running, mail_only = house.served.house, house.served.house.carriers
    running.carriers = Carriers({Way.SMS: mail_only.by_way[Way.EMAIL], **mail_only.by_way})
    try:
        for safe, offered in (("no", False), ("yes", True)):
            visitor = house.visitor().chosen().send("/book/you/name", name="Amina Khan")
            visitor.send("/book/you/contact", phone="07700 900123", safe=safe, email="a@example.org")
            visitor.go("/book/wish")
            assert 'value="a@example.org"' in visitor.text
            assert ("07700 900123" in visitor.text) is offered, safe
    finally:
        running.carriers = mail_only


@pytest.mark.postgres
def test_booked_found_freed_and_swept_on_postgresql_too(postgres_url: str) -> None:
    with booked_house(postgres_url, **MAIL) as house:
        first, _second = full(narrowed(house))
        reference = house.bookings()[0].reference
        found = house.visitor().go("/book/find")
        found.send("/book/find", reference=reference, second="FIRST@example.org")
        assert found.heading == "Your appointment"
        waiting = join(house, "waiting@example.org")
        cancel(first)
        assert told(house) == ["waiting@example.org"]
        waiting.go(waiting.path).send(waiting.path, do="take")
        assert waiting.heading == "What is your name?"
        house.clock.turn(timedelta(minutes=31))
        assert house.served.run(offer_places(house.served.house)) == 0
        assert [each.ended_at is not None for each in all_wishes(house)] == [True]
        house.clock.turn(timedelta(days=40))
        house.served.run(sweep(house.served.house))
        assert all_wishes(house) == []
        left = house.read(lambda session: (session.query(Draft).count(), session.query(BookingTry).count()))
        assert left == (0, 0)
