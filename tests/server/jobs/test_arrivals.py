"""Today's references made known to kiosks, and those who did not come marked when their day is over."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import select

from server.clock import to_micros
from server.jobs import arrivals
from server.live import views
from server.live.expected import midnights
from server.live.floor import FloorReader
from server.store.tables import Bookable, Booking, Centre, Counter, Service
from server.store.tx import Tx
from tests.support.booked import appointment, arriving, now_is
from tests.support.house import Rehearsal
from wire import asks
from wire.frames import Row
from wire.references import arrival_hash, arrival_salt
from wire.vocabulary import Activity, Audience, BookingState

SALT = arrival_salt("york-house", "2026-11-24")


def shown(rehearsal: Rehearsal) -> dict[str, Row]:
    floor = FloorReader(rehearsal.house.database, "https://queue.test").read(
        rehearsal.kiosk.centre, rehearsal.clock.micros()
    )
    return {
        key: row
        for key, row in views.view(floor, Audience.KIOSK, "").items()
        if key.startswith(("booking", "expected"))
    }


async def test_a_kiosk_knows_who_comes_today_and_no_name(rehearsal: Rehearsal) -> None:
    """All that could leak is there: a discreet service, a name, another day, one that is cancelled, one that is here."""
    first = await appointment(rehearsal, minutes=60, late_minutes=5, name="Zuzanna Nowak")
    discreet = await appointment(rehearsal, minutes=90, service="private")
    missed = await appointment(rehearsal, minutes=-60, state=BookingState.MISSED)
    await appointment(rehearsal, minutes=30, state=BookingState.CANCELLED)
    await appointment(rehearsal, minutes=35, state=BookingState.HELD)
    await appointment(rehearsal, minutes=24 * 60)
    here = await appointment(rehearsal, minutes=10)
    assert "booking" in shown(rehearsal)
    assert await arrivals.make_known(rehearsal.house) == 4
    assert await arrivals.make_known(rehearsal.house) == 0
    await rehearsal.ask("greta", arriving(here))
    rows = shown(rehearsal)
    at = to_micros(first.starts_at) // 1000
    known = arrival_hash(first.reference, SALT)
    assert rows.pop("booking") == {
        "kind": "booking",
        "on": "2026-11-24",
        "entry": "",
        "otherwise": "council-tax",
    }
    assert rows[f"expected:{known}"] == {
        "kind": "expected",
        "hash": known,
        "starts_at": at,
        "from_at": at - 30 * 60_000,
        "kept_until_at": at + 15 * 60_000,
        "where": "",
    }
    assert set(rows) == {
        f"expected:{arrival_hash(each.reference, SALT)}" for each in (first, discreet, missed)
    }
    text = repr(rows)
    assert "Nowak" not in text
    assert "private" not in text
    assert not any(each.reference in text for each in (first, discreet, missed))


async def test_without_appointments_there_is_no_row_and_the_entry_is_named(rehearsal: Rehearsal) -> None:
    assert shown(rehearsal) == {}

    def offer(tx: Tx) -> None:
        services = {each.slug: each for each in tx.session().exec(select(Service))}
        services["housing"].booking = {"minutes": 30, "early_minutes": 5, "rooms": ["room-1"]}
        services["safety"].activity = Activity.APPOINTMENT
        centre = tx.session().exec(select(Centre)).one()
        centre.extra = {
            "counter_areas": {"desk-1": "ground", "desk-2": "ground", "room-1": "first"},
            "areas": [
                {"slug": "ground", "names": {"en": "Ground"}},
                {"slug": "first", "names": {"en": "First floor"}},
            ],
        }
        centre.version += 1

    await rehearsal.house.change(rehearsal.people["ada"], "offer", offer)
    assert shown(rehearsal)["booking"]["entry"] == "safety"
    booking = await appointment(rehearsal, minutes=60, service="housing")
    await arrivals.make_known(rehearsal.house)
    row = shown(rehearsal)[f"expected:{arrival_hash(booking.reference, SALT)}"]
    assert row["where"] == "First floor"
    assert row["starts_at"] - row["from_at"] == 5 * 60_000
    found = await rehearsal.ask(rehearsal.kiosk, asks.LookUpBooking(reference=booking.reference))
    assert (found["where"], found["from_at"]) == ("First floor", row["from_at"])

    def take_a_desk(tx: Tx) -> None:
        desk = tx.session().exec(select(Counter).where(Counter.slug == "desk-2")).one()
        room = Bookable(centre_id=desk.centre_id, kind="room", name="Desk 2", counter_id=desk.id)
        tx.session().add(room)
        tx.session().flush()
        tx.session().get_one(Booking, booking.id).room_id = room.id

    await rehearsal.house.change(rehearsal.people["ada"], "room", take_a_desk)
    assert shown(rehearsal)[f"expected:{arrival_hash(booking.reference, SALT)}"]["where"] == ""


async def test_one_moved_while_its_hash_is_made_is_not_known_by_the_old_day(rehearsal: Rehearsal) -> None:
    booking = await appointment(rehearsal, minutes=60)
    await arrivals.make_known(rehearsal.house)
    assert (await now_is(rehearsal, booking)).arrival_hash == arrival_hash(booking.reference, SALT)

    def move(tx: Tx) -> None:
        found = tx.session().get_one(Booking, booking.id)
        for time in ("starts_at", "ends_at", "held_from", "held_until"):
            setattr(found, time, getattr(found, time) + timedelta(days=1))
        found.arrival_hash = ""

    await rehearsal.house.change(rehearsal.people["ada"], "move", move)
    late = {"id": booking.id, "starts_at": to_micros(booking.starts_at), "hash": "f" * 32}

    def keep_too_late(tx: Tx) -> int:
        return tx.sql.run(arrivals._KEEP, late)

    assert await rehearsal.house.change(rehearsal.people["ada"], "keep", keep_too_late) == 0
    rehearsal.clock.go(days=1)
    await arrivals.make_known(rehearsal.house)
    other = arrival_salt("york-house", "2026-11-25")
    assert (await now_is(rehearsal, booking)).arrival_hash == arrival_hash(booking.reference, other)


async def test_who_did_not_come_is_marked_when_the_day_is_over(rehearsal: Rehearsal) -> None:
    gone = await appointment(rehearsal, minutes=60)
    here = await appointment(rehearsal, minutes=70)
    tomorrow = await appointment(rehearsal, minutes=24 * 60)
    held = await appointment(rehearsal, minutes=80, state=BookingState.HELD)
    await rehearsal.ask("greta", arriving(here))
    rehearsal.clock.set(datetime(2026, 11, 24, 23, 59, tzinfo=UTC))
    assert await arrivals.mark_missed(rehearsal.house) == 0
    rehearsal.clock.go(minutes=1)
    assert await arrivals.mark_missed(rehearsal.house) == 1
    after = await now_is(rehearsal, gone)
    assert (after.state, after.missed_at) == (
        BookingState.MISSED,
        datetime(2026, 11, 25, tzinfo=UTC),
    )
    assert (await now_is(rehearsal, here)).state == BookingState.ARRIVED
    assert (await now_is(rehearsal, tomorrow)).state == BookingState.BOOKED
    assert (await now_is(rehearsal, held)).state == BookingState.HELD
    assert await arrivals.mark_missed(rehearsal.house) == 0


def test_a_day_is_23_or_25_hours_where_the_clock_is_changed() -> None:
    hours = {
        on: (ends - begins) / 3_600_000_000
        for on in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 24))
        for begins, ends in [midnights(on, "Europe/London")]
    }
    assert list(hours.values()) == [23, 25, 24]
