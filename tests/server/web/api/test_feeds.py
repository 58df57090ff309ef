"""A person's or room's appointments in a calendar program: what is in it, who may have it, and what it never says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from icalendar import Calendar
from sqlmodel import select

from server.actions import feeds
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.store.sql import Sql, Statement
from server.store.tables import Bookable, Booking, Service
from server.store.tx import Tx
from server.web.api import feeds as pages
from server.web.throttle import Throttle
from tests.server.web.api.programs import NOW, booking_house
from tests.server.web.rehearsal import Hands, Served, token_of
from wire.vocabulary import BookingState, Role, new_id

TEN = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Hands]]:
    with booking_house(str(tmp_path_factory.mktemp("feeds"))) as found:
        yield found


@pytest.fixture
def house(running: tuple[Served, Hands], monkeypatch: pytest.MonkeyPatch) -> Served:
    """With nothing booked, and Priya and Room 2 to be booked."""
    house, hands = running
    hands.turn(NOW - hands.now())
    monkeypatch.setattr(pages, "_each_feed", Throttle(per_minute=60, burst=50))
    monkeypatch.setattr(pages, "_strangers", Throttle(per_minute=60, burst=50))

    def furnish(tx: Tx) -> None:
        for table in ("booking", "calendar_feed", "bookable"):
            tx.sql.run(Statement(f"DELETE FROM {table}"))
        session, centre = tx.session(), tx.actor.centre
        session.add(
            Bookable(id=1, centre_id=centre, kind="person", name="Priya", staff_id=house.ids.staff["priya"])
        )
        session.add(Bookable(id=2, centre_id=centre, kind="room", name="Room 2"))

    house.run(house.house.change(house.actor("ada"), "furnish", furnish))
    return house


def booked(house: Served, service: str = "council-tax", **more: Any) -> str:
    """An appointment at ten tomorrow with Priya in Room 2, under its id."""

    def add(tx: Tx) -> str:
        found = select(Service).where(Service.slug == service, Service.centre_id == tx.actor.centre)
        given = {
            "id": new_id(),
            "centre_id": tx.actor.centre,
            "service_id": tx.session().exec(found).one().id,
            "reference": "BCDF3467",
            "state": BookingState.BOOKED,
            "starts_at": TEN,
            "ends_at": TEN + timedelta(minutes=20),
            "held_from": TEN,
            "held_until": TEN + timedelta(minutes=20),
            "made_at": NOW,
            "person_id": 1,
            "room_id": 2,
            "name": "Meera Patel",
            "phone": "+447700900123",
            "note": "is afraid of dogs",
        }
        tx.session().add(booking := Booking(**{**given, **more}))
        return booking.id

    return house.run(house.house.change(house.actor("ada"), "add", add))


def feed(house: Served, bookable: int = 1, who: str | Actor = "ada") -> str:
    actor = house.actor(who) if isinstance(who, str) else who
    secret = house.run(house.house.change(actor, "make_feed", partial(feeds.make, bookable_id=bookable)))
    return f"/calendar/{secret}.ics"


def events(raw: bytes) -> list[Any]:
    calendar: Any = Calendar.from_ical(raw)
    return list(calendar.walk("VEVENT"))


def test_a_persons_and_a_rooms_calendar_say_when_what_and_where(house: Served) -> None:
    number = booked(house)
    person, room = (house.client().get(feed(house, bookable)) for bookable in (1, 2))
    for answer in (person, room):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        [event] = events(answer.content)
        assert event["summary"] == "Council tax BCDF-3467"
        assert event["location"] == "Room 2, York House"
        assert event["uid"].startswith(number)
        assert event.decoded("dtstart") == TEN
        for word in ("Meera", "Patel", "7700900123", "dogs", "Priya Shah"):
            assert word not in answer.text


def test_states_are_told_and_what_is_held_or_cancelled_is_not_there(house: Served) -> None:
    at = feed(house)
    booked(house, state=BookingState.HELD, expires_at=NOW + timedelta(minutes=10))
    booked(house, state=BookingState.CANCELLED, reference="BCDF3468", cancelled_at=NOW)
    assert events(house.client().get(at).content) == []
    later: dict[str, Any] = {"starts_at": TEN + timedelta(hours=1), "ends_at": TEN + timedelta(hours=2)}
    booked(house, state=BookingState.ARRIVED, reference="BCDF3469", **later)
    assert [each["summary"] for each in events(house.client().get(at).content)] == [
        "Council tax BCDF-3469 (is here)"
    ]


def test_a_discreet_appointment_is_only_a_time_that_is_taken(house: Served) -> None:
    booked(house, "private")
    answer = house.client().get(feed(house))
    [event] = events(answer.content)
    assert (event["summary"], event["class"], event.get("location")) == ("Busy", "PRIVATE", None)
    assert "BCDF" not in answer.text
    assert "Talk" not in answer.text


def test_who_has_read_it_already_is_told_that_nothing_is_new(house: Served) -> None:
    booked(house)
    client, at = house.client(), feed(house)
    first = client.get(at)
    tag = first.headers["etag"]
    again = client.get(at, headers={"if-none-match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    booked(house, reference="BCDF3468", starts_at=TEN + timedelta(hours=1), ends_at=TEN + timedelta(hours=2))
    changed = client.get(at, headers={"if-none-match": tag})
    assert (changed.status_code, len(events(changed.content))) == (200, 2)
    head = client.head(at)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", changed.headers["etag"])


def test_a_revoked_address_and_one_that_never_was_are_answered_alike(house: Served) -> None:
    at = feed(house)
    [(number,)] = house.run(house.house.look(lambda c: Sql(c).all(Statement("SELECT id FROM calendar_feed"))))
    revoke = partial(feeds.revoke, feed_id=number)
    house.run(house.house.change(house.actor("priya"), "revoke", revoke))
    answers = [house.client().get(path) for path in (at, "/calendar/" + "A" * 43 + ".ics")]
    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].text == answers[1].text


def test_one_makes_ones_own_and_nobody_elses(house: Served) -> None:
    feed(house, 1, "priya")
    for bookable, who in ((2, "priya"), (1, "tom"), (1, "max"), (99, "ada")):
        with pytest.raises(Refused, match="not yours"):
            feed(house, bookable, who)
    stranger = Actor(kind="staff", id=house.ids.staff["olga"], centre=house.ids.other, roles=frozenset(Role))
    with pytest.raises(Refused, match="not yours"):
        feed(house, 1, stranger)
    [(number,)] = house.run(house.house.look(lambda c: Sql(c).all(Statement("SELECT id FROM calendar_feed"))))
    for actor in (house.actor("tom"), stranger):
        with pytest.raises(Refused, match="not yours"):
            house.run(house.house.change(actor, "revoke", partial(feeds.revoke, feed_id=number)))


def test_who_asks_all_the_time_is_told_to_wait(house: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_each_feed", Throttle(per_minute=6, burst=2))
    at, other = feed(house), feed(house)
    client = house.client()
    assert [client.get(at).status_code for _ in range(3)] == [200, 200, 429]
    assert 1 <= int(client.get(at).headers["retry-after"]) <= 10
    assert client.get(other).status_code == 200


def test_when_it_was_read_is_written_down_now_and_then(running: tuple[Served, Hands], house: Served) -> None:
    at, hands = feed(house), running[1]
    read = Statement("SELECT read_at FROM calendar_feed")

    def read_at() -> int | None:
        value: int | None = house.run(house.house.look(lambda c: Sql(c).all(read)))[0][0]
        return value

    assert read_at() is None
    house.client().get(at)
    first = read_at()
    assert first is not None
    hands.turn(timedelta(minutes=5))
    house.client().get(at)
    assert read_at() == first
    hands.turn(timedelta(minutes=6))
    house.client().get(at)
    assert read_at() == first + 11 * 60_000_000


def test_the_address_is_shown_once_and_kept_nowhere(house: Served) -> None:
    client = house.signed_in("priya")
    token = token_of(client)
    made = client.post("/calendars", data={"csrf": token, "bookable": "1"})
    address = made.text.split("https://queue.test/calendar/")[1].split(".ics")[0]
    assert house.client().get(f"/calendar/{address}.ics").status_code == 200
    assert address not in client.get("/calendars").text
    whole = [Statement(f"SELECT * FROM {table}") for table in ("calendar_feed", "audit", "command")]
    kept = str(house.run(house.house.look(lambda c: [Sql(c).all(each) for each in whole])))
    assert address not in kept
    others = house.signed_in("tom").get("/calendars").text
    assert "You take no appointments" in others
