"""Staff book for visitors: who may, whom it takes, beyond what is offered; time blocked and given back. On both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from server.clock import from_micros
from server.domain.access import Actor
from server.store.tables import Bookable, Staff, StaffRole, StaffSkill
from server.store.tx import Tx
from tests.server.actions.test_needs import rows
from tests.support.house import Rehearsal
from tests.support.offering import add_bookable, free, offering, people
from wire import asks
from wire.vocabulary import BookableKind, RefusalCode, Role, new_id

TAX = "council-tax"
WEDNESDAY = date(2026, 11, 25)
MINUTE_MS = 60_000


def at(hour: int, minute: int = 0, day: int = 25) -> int:
    return int(datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp()) * 1000


def booked(starts_at: int, slug: str = TAX, **more: Any) -> asks.Book:
    return asks.Book(booking=new_id(), service=slug, starts_at=starts_at, **{"name": "Jo", **more})


async def skilled(rehearsal: Rehearsal, who: str, *skills: tuple[str, str]) -> None:
    person = rehearsal.people[who]

    def add(tx: Tx) -> None:
        for kind, value in skills:
            tx.session().add(StaffSkill(staff_id=person.id, centre_id=person.centre, kind=kind, value=value))

    await rehearsal.house.change(rehearsal.people["ada"], "skills", add)


async def partner(rehearsal: Rehearsal, *services: str) -> Actor:
    centre = rehearsal.kiosk.centre

    def add(tx: Tx) -> int:
        person = Staff(username="pat", name="Pat")
        tx.session().add(person)
        tx.session().flush()
        assert person.id is not None
        tx.session().add(StaffRole(staff_id=person.id, centre_id=centre, role=Role.PARTNER))
        for slug in services:
            tx.session().add(StaffSkill(staff_id=person.id, centre_id=centre, kind="service", value=slug))
        return person.id

    number = await rehearsal.house.change(rehearsal.people["ada"], "partner", add)
    return Actor(kind="staff", id=number, centre=centre, roles=frozenset({Role.PARTNER}))


async def test_whoever_is_free_and_can_serve_is_taken_the_least_booked_first(rehearsal: Rehearsal) -> None:
    numbers = await people(rehearsal, ("ann", "bob", "mia", "greta"))
    await skilled(rehearsal, "greta", ("service", "housing"))
    await skilled(rehearsal, "mia", ("language", "pl"))
    await offering(rehearsal, TAX, by_people=True, at_once=9)
    taken = []
    for hour in (10, 10, 10, 11, 12, 13):
        taken.append((await rehearsal.ask("greta", booked(at(hour))))["person"])
    assert taken == ["Ann", "Bob", "Mia", "Ann", "Bob", "Mia"]
    polish = await rehearsal.ask("greta", booked(at(14), language="pl"))
    assert polish["person"] == "Mia"
    named = await rehearsal.ask("greta", booked(at(14), person=numbers["bob"]))
    assert named["person"] == "Bob"
    assert (
        "Greta does not serve"
        in (await rehearsal.refused("greta", booked(at(14), person=numbers["greta"]))).say
    )

    def change(tx: Tx) -> None:
        tx.session().get_one(Staff, rehearsal.people["ann"].id).disabled_at = from_micros(tx.now)
        tx.session().get_one(Bookable, numbers["bob"]).retired_at = from_micros(tx.now)

    await rehearsal.house.change(rehearsal.people["ada"], "leave", change)
    # Ann is disabled and Bob retired, Mia is taken at two: nobody is left then, and only she at three.
    assert at(14) * 1000 not in [slot.starts_at for slot in await free(rehearsal, TAX, WEDNESDAY)]
    assert (await rehearsal.ask("greta", booked(at(15))))["person"] == "Mia"
    await rehearsal.refused("greta", booked(at(15)))


async def test_a_private_service_is_booked_and_run_by_those_with_the_right(rehearsal: Rehearsal) -> None:
    await people(rehearsal, ("greta", "bob"))
    await offering(rehearsal, "private", by_people=True, at_once=9)
    refusal = await rehearsal.refused("greta", booked(at(10), "private"))
    assert refusal.code == RefusalCode.NOT_ALLOWED
    body = booked(at(10), "private")
    assert (await rehearsal.ask("mia", body))["person"] == "Bob"  # Greta has no right to see it
    assert (await rehearsal.refused("mia", booked(at(10), "private"))).code == RefusalCode.CLOSED
    for change in (
        asks.CancelBooking(booking=body.booking, reason="rang us"),
        asks.MoveBooking(booking=body.booking, starts_at=at(12), reason="rang us"),
        asks.AmendBooking(booking=body.booking, name="Al"),
    ):
        assert (await rehearsal.refused("greta", change)).code == RefusalCode.NOT_ALLOWED
    noted = await rows(
        rehearsal, "SELECT about, CAST(detail AS TEXT) FROM audit WHERE what = 'booked an appointment'"
    )
    assert len(noted) == 1
    assert "private" not in str(noted)


async def test_a_partner_books_for_its_own_surgery_and_knows_of_no_other(rehearsal: Rehearsal) -> None:
    await offering(rehearsal, TAX)
    await offering(rehearsal, "housing")
    pat = await partner(rehearsal, "housing")
    own, others = booked(at(10), "housing"), booked(at(10))
    await rehearsal.ask(pat, own)
    await rehearsal.ask("greta", others)
    [(channel, by)] = await rows(
        rehearsal, f"SELECT channel, booked_by FROM booking WHERE id = '{own.booking}'"
    )
    assert (channel, by) == ("partner", pat.id)
    assert (await rehearsal.refused(pat, booked(at(11)))).code == RefusalCode.NOT_ALLOWED
    for one, code in ((others.booking, RefusalCode.UNKNOWN), ("0" * 32, RefusalCode.UNKNOWN)):
        refusal = await rehearsal.refused(pat, asks.CancelBooking(booking=one, reason="rang us"))
        assert (refusal.code, refusal.say) == (code, "There is no such appointment at this centre.")
    await rehearsal.ask(pat, asks.MoveBooking(booking=own.booking, starts_at=at(12), reason="rang us"))
    await rehearsal.ask(pat, asks.CancelBooking(booking=own.booking, reason="rang us"))


async def test_beyond_what_is_offered_go_greeter_and_manager_with_a_reason(rehearsal: Rehearsal) -> None:
    numbers = await people(rehearsal, ("ann", "bob"))
    await offering(rehearsal, TAX, by_people=True, at_once=1, walk_in_share=50)
    await rehearsal.ask("greta", booked(at(10)))
    full = await rehearsal.refused("greta", booked(at(10)))
    assert "Still free that day" in full.say
    assert (
        await rehearsal.refused("ann", booked(at(10), over=True, note="In tears."))
    ).code == RefusalCode.NOT_ALLOWED
    assert "Say why" in (await rehearsal.refused("greta", booked(at(10), over=True))).say
    over = booked(at(10), over=True, note="In tears.")
    assert (await rehearsal.ask("greta", over))["person"] == "Bob"
    nobody = await rehearsal.refused("greta", booked(at(10, 5), over=True, note="In tears."))
    assert "no person who is there is free" in nobody.say
    twice = await rehearsal.refused("mia", booked(at(10), over=True, note="In tears.", person=numbers["ann"]))
    assert twice.say.startswith("Ann is taken or away")
    early = booked(at(8), over=True, note="Works all day.")
    by_name = await rehearsal.refused("greta", early)
    assert "Choose by name: Ann and Bob" in by_name.say
    named = early.model_copy(update={"person": numbers["ann"]})
    assert (await rehearsal.ask("greta", named))["starts_at"] == at(8)
    move = asks.MoveBooking(
        booking=over.booking, starts_at=at(8), reason="Works all day.", over=True, person=numbers["ann"]
    )
    assert "taken or away" in (await rehearsal.refused("greta", move)).say
    free_again = move.model_copy(update={"starts_at": at(8, 20)})
    assert (await rehearsal.ask("greta", free_again))["person"] == "Ann"
    assert await rows(rehearsal, "SELECT COUNT(*) FROM booking WHERE over") == [(2,)]


async def test_a_room_and_an_interpreter_are_taken_with_the_person(rehearsal: Rehearsal) -> None:
    centre = rehearsal.kiosk.centre

    def add(tx: Tx) -> None:
        session = tx.session()
        add_bookable(session, centre, BookableKind.ROOM, "Room 1", counter_id=3)
        add_bookable(session, centre, BookableKind.ROOM, "Room 9", counter_id=1)
        mornings = {2: ("09:30", "12:00")}
        add_bookable(session, centre, BookableKind.INTERPRETER, "Ewa", mornings, languages=["pl"])
        add_bookable(session, centre, BookableKind.INTERPRETER, "Sue", mornings, languages=["sign_language"])

    await rehearsal.house.change(rehearsal.people["ada"], "rooms", add)
    await people(rehearsal)
    await offering(rehearsal, TAX, by_people=True, at_once=9, rooms=["room-1"], minutes=30, clear_minutes=15)
    first = await rehearsal.ask("greta", booked(at(10), interpreter="pl"))
    assert (first["person"], first["room"]) == ("Ann", "Room 1")
    [(taken,)] = await rows(
        rehearsal, "SELECT b.name FROM booking k JOIN bookable b ON b.id = k.interpreter_id"
    )
    assert taken == "Ewa"
    assert (
        "10:45" in (await rehearsal.refused("greta", booked(at(10)))).say
    )  # Bob is free, the one room is not, and is cleared until then
    slots = [slot.starts_at // 1000 for slot in await free(rehearsal, TAX, WEDNESDAY, interpreter="pl")]
    assert slots == [at(10, 45), at(11), at(11, 15), at(11, 30)]  # after the first, and while she is there
    assert (await rehearsal.refused("greta", booked(at(14), interpreter="pl"))).code == RefusalCode.CLOSED
    assert (await rehearsal.ask("greta", booked(at(14))))["room"] == "Room 1"


async def test_what_is_typed_wrong_is_said_and_what_is_amended_is_kept(rehearsal: Rehearsal) -> None:
    question = {
        "slug": "debt",
        "text": {"en": "What sort?"},
        "choice": [{"slug": "rent", "names": {"en": "Rent"}}],
    }
    await offering(rehearsal, TAX, asks={"name": "required"}, question=[question])
    await offering(rehearsal, "housing")
    for wrong, words in (
        ({"phone": "07700"}, "too short"),
        ({"email": "jo.example.org"}, "one @"),
        ({"name": ""}, "name"),
        ({"answers": {"debt": "cars"}}, "Choose one"),
        ({"answers": {"else": "x"}}, "Load the page again"),
    ):
        refusal = await rehearsal.refused("greta", booked(at(10), **wrong))
        assert refusal.code == RefusalCode.MALFORMED
        assert words in refusal.say
    body = booked(
        at(10), name="O'Neil محمد", phone="07700 900 123", safe_to_text=True, answers={"debt": "rent"}
    )
    first = await rehearsal.ask("greta", body)
    assert await rehearsal.ask("greta", body) == first  # sent again by a second click, under another number
    another = await rehearsal.refused(
        "greta", body.model_copy(update={"service": "housing", "answers": {}})
    )  # the same form, for something else
    assert another.code == RefusalCode.ID_REUSED
    nameless = await rehearsal.refused("greta", asks.AmendBooking(booking=body.booking, name=""))
    assert "name" in nameless.say
    safe = "SELECT phone, safe_to_text FROM booking"
    await rehearsal.ask("greta", asks.AmendBooking(booking=body.booking, phone="07700 900123", people=2))
    assert [tuple(row) for row in await rows(rehearsal, safe)] == [("+447700900123", True)]
    await rehearsal.ask("greta", asks.AmendBooking(booking=body.booking, phone="07700 900456"))
    assert [tuple(row) for row in await rows(rehearsal, safe)] == [
        ("+447700900456", False)
    ]  # not asked of it
    said = asks.AmendBooking(booking=body.booking, phone="07700 900457", safe_to_text=True)
    await rehearsal.ask("greta", said)
    assert [tuple(row) for row in await rows(rehearsal, safe)] == [("+447700900457", True)]
    await rehearsal.ask(
        "greta", asks.AmendBooking(booking=body.booking, phone="", people=3, needs=("step_free",))
    )
    kept = await rows(rehearsal, "SELECT name, phone, safe_to_text, people, CAST(needs AS TEXT) FROM booking")
    assert [tuple(row) for row in kept] == [("O'Neil محمد", "", False, 3, '["step_free"]')]


async def test_time_is_blocked_by_whose_it_is_and_what_it_meets_is_told(rehearsal: Rehearsal) -> None:
    numbers = await people(rehearsal)
    await offering(rehearsal, TAX, by_people=True, at_once=9)
    met = booked(at(10), person=numbers["ann"])
    await rehearsal.ask("greta", met)
    mine = asks.BlockTime(
        block=new_id(), bookable=numbers["ann"], starts_at=at(9), ends_at=at(12), reason="a training"
    )
    assert (await rehearsal.refused("bob", mine)).code == RefusalCode.NOT_ALLOWED
    assert (await rehearsal.ask("ann", mine))["bookings"] == [met.booking]
    assert (await rehearsal.ask("ann", mine))["bookings"] == [met.booking]
    for _ in range(2):
        taken = await rehearsal.answer("greta", booked(at(11)))
    assert taken.refusal is not None, "Bob took the first, and Ann is away"
    whole = asks.BlockTime(block=new_id(), starts_at=at(0), ends_at=at(23), reason="a drill")
    assert (await rehearsal.refused("ann", whole)).code == RefusalCode.NOT_ALLOWED
    await rehearsal.ask("mia", whole)
    assert await free(rehearsal, TAX, WEDNESDAY) == []
    assert (
        await rehearsal.refused("ann", asks.UnblockTime(block=whole.block))
    ).code == RefusalCode.NOT_ALLOWED
    for block in (whole.block, whole.block, mine.block):
        await rehearsal.ask("greta", asks.UnblockTime(block=block))
    assert len(await free(rehearsal, TAX, WEDNESDAY)) > 20
    for wrong in (
        {"starts_at": at(12), "ends_at": at(12)},
        {"starts_at": at(9, day=20), "ends_at": at(10, day=20)},
        {"starts_at": at(9), "ends_at": at(9) + 400 * 24 * 3600 * 1000},
        {"starts_at": at(9), "ends_at": at(10), "bookable": 999},
        {"starts_at": at(9), "ends_at": at(10), "service": "no-such"},
        {"starts_at": at(9), "ends_at": at(10), "service": TAX, "bookable": numbers["ann"]},
    ):
        await rehearsal.refused("mia", asks.BlockTime(block=new_id(), reason="a drill", **wrong))


async def test_nobodys_hours_are_everybodys(rehearsal: Rehearsal) -> None:
    """Who has no rota takes no appointments, and who works at another time only then."""
    centre = rehearsal.kiosk.centre

    def add(tx: Tx) -> None:
        add_bookable(tx.session(), centre, BookableKind.PERSON, "Ann", staff_id=rehearsal.people["ann"].id)
        late = {2: ("15:00", "20:00")}
        add_bookable(
            tx.session(), centre, BookableKind.PERSON, "Bob", late, staff_id=rehearsal.people["bob"].id
        )

    await rehearsal.house.change(rehearsal.people["ada"], "people", add)
    await offering(rehearsal, TAX, by_people=True)
    slots = [slot.starts_at // 1000 for slot in await free(rehearsal, TAX, WEDNESDAY)]
    assert slots == [at(15, minute) for minute in (0, 15, 30, 45)] + [at(16)]
