"""A visitor entered by hand and a ticket sent to a printer, told as what may go wrong; on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from server.clock import from_micros
from server.edge import House
from server.jobs.watching import watch
from server.settings import Settings
from server.store.database import open_database
from server.store.tables import Audit, Centre, Device, Note, Opening, PrintJob, Service, Ticket, Visit
from tests.support.house import TUESDAY, Rehearsal, cast_of, fill
from wire import asks, frames
from wire.vocabulary import Language, Need, RefusalCode, new_id


def welcome(**more: Any) -> asks.Welcome:
    return asks.Welcome(**{"visit": new_id(), "ticket": new_id(), "service": "housing", **more})


async def change(rehearsal: Rehearsal, table: type, **values: Any) -> None:
    """Set columns of every row of a table, behind the rules' back."""

    def setting(tx: Any) -> None:
        for row in tx.session().exec(select(table)):
            for name, value in values.items():
                setattr(row, name, value)
            if isinstance(row, Centre):
                row.version += 1
            tx.session().add(row)

    await rehearsal.house.change(rehearsal.people["ada"], "set", setting)


async def row_of(rehearsal: Rehearsal, table: type, key: Any) -> Any:
    def read(session: Any) -> Any:
        found = session.get(table, key)
        session.expunge_all()
        return found

    return await rehearsal.house.read(read)


async def all_of(rehearsal: Rehearsal, table: type) -> list[Any]:
    def read(session: Any) -> list[Any]:
        found = list(session.exec(select(table)))
        session.expunge_all()
        return found

    return await rehearsal.house.read(read)


async def test_everything_a_greeter_says_of_a_visitor_is_kept(rehearsal: Rehearsal) -> None:
    ask = welcome(
        language=Language.PL,
        needs=(Need.STEP_FREE, Need.CHILD),
        people=4,
        wants="pl",
        quick=True,
        note="Brings two letters.",
        apart="hg-12",
        age_ms=60_000,
    )
    answer = await rehearsal.ask("greta", ask)
    assert answer == {"ticket": ask.ticket, "visit": ask.visit, "code": "G01", "apart": [], "closed": ""}
    visit, ticket = await row_of(rehearsal, Visit, ask.visit), await row_of(rehearsal, Ticket, ask.ticket)
    assert (visit.language, visit.needs, visit.people) == ("pl", ["step_free", "child"], 4)
    assert (visit.channel, visit.device_id, visit.apart, visit.discreet) == ("greeter", None, "HG-12", False)
    assert visit.arrived_at == ticket.counts_from == TUESDAY - timedelta(minutes=1)
    assert (ticket.wants, ticket.quick, ticket.added_by) == ("pl", True, rehearsal.people["greta"].id)
    assert (ticket.ticket_class, ticket.state, ticket.counted) == ("soon", "waiting", True)
    assert [note.text for note in await all_of(rehearsal, Note)] == ["Brings two letters."]
    await rehearsal.sit("ann", "desk-1", ("housing",))
    assert (await rehearsal.ask("ann", asks.CallNext()))["code"] == "G01"


async def test_the_same_tap_twenty_times_enters_one_visitor(rehearsal: Rehearsal) -> None:
    tap, ask = new_id(), welcome()
    answers = await asyncio.gather(*(rehearsal.answer("greta", ask, tap) for _ in range(20)))
    later = await rehearsal.answer("greta", ask.model_copy(update={"age_ms": 90_000}), tap)
    assert {each.model_dump_json() for each in (*answers, later)} == {answers[0].model_dump_json()}
    assert len(await all_of(rehearsal, Visit)) == 1
    again = await rehearsal.refused("greta", ask)
    assert again.code is RefusalCode.ID_REUSED
    other = await rehearsal.refused("greta", welcome(ticket=ask.ticket))
    assert other.code is RefusalCode.ID_REUSED
    assert len(await all_of(rehearsal, Visit)) == 1
    assert (await rehearsal.ask("greta", welcome()))["code"] == "G02"


async def test_twenty_at_once_get_twenty_numbers_without_a_gap(rehearsal: Rehearsal) -> None:
    who = ["greta", "ann", "bob"] * 7
    answers = await asyncio.gather(*(rehearsal.ask(name, welcome()) for name in who[:20]))
    assert sorted(each["code"] for each in answers) == [f"G{number:02d}" for number in range(1, 21)]


async def test_two_servers_number_one_desk_without_a_gap(rehearsal: Rehearsal) -> None:
    database = rehearsal.house.database
    if database.is_sqlite:
        return  # one server only: the file's lock sees to that
    beside = open_database(database.url.render_as_string(hide_password=False))
    house = House(Settings(database="", public_url=""), beside, rehearsal.clock)
    await house.start()
    try:
        actor = rehearsal.people["greta"]
        both = (rehearsal.house, house)
        answers: list[frames.Answer] = await asyncio.gather(
            *(both[each % 2].perform(actor, new_id(), welcome()) for each in range(40))
        )
    finally:
        await house.stop()
        beside.close()
    assert all(each.refusal is None for each in answers)
    codes = sorted(str((each.result or {})["code"]) for each in answers)
    assert codes == [f"G{number:02d}" for number in range(1, 41)]


async def test_numbers_begin_anew_each_local_day_and_go_past_a_hundred(rehearsal: Rehearsal) -> None:
    await rehearsal.ask("greta", welcome())
    rehearsal.clock.set(TUESDAY + timedelta(days=1))
    assert (await rehearsal.ask("greta", welcome()))["code"] == "G01"
    await change(rehearsal, Visit, code="G99")
    assert (await rehearsal.ask("greta", welcome()))["code"] == "G100"
    assert (await rehearsal.ask("greta", welcome()))["code"] == "G101"


async def test_a_centre_without_a_desk_letter_gets_one_that_is_free_and_keeps_it(
    rehearsal: Rehearsal,
) -> None:
    await change(rehearsal, Centre, desk_letter="")
    codes = [(await rehearsal.ask("greta", welcome()))["code"] for _ in range(2)]
    assert codes == ["A01", "A02"]
    centre = await row_of(rehearsal, Centre, rehearsal.kiosk.centre)
    assert (centre.desk_letter, centre.version) == (
        "A",
        3,
    )  # one more for the letter, one for the test's own change


async def test_a_paper_ticket_of_the_emergency_pack_keeps_its_code_and_arrival(rehearsal: Rehearsal) -> None:
    ask = welcome(code="E07", age_ms=3 * 3_600_000)
    assert (await rehearsal.ask("greta", ask))["code"] == "E07"
    visit = await row_of(rehearsal, Visit, ask.visit)
    assert (visit.channel, visit.arrived_at) == ("paper", TUESDAY - timedelta(hours=3))
    assert visit.ended_at is None
    twice = await rehearsal.refused("greta", welcome(code="E07"))
    assert twice.code is RefusalCode.CODE_TAKEN
    assert "E07 is already entered" in twice.say
    for code in ("K07", "G07"):
        wrong = await rehearsal.refused("greta", welcome(code=code))
        assert wrong.code is RefusalCode.CODE_TAKEN
        assert "begin with E" in wrong.say
    assert (await rehearsal.ask("greta", welcome()))["code"] == "G01"


async def test_paper_of_an_earlier_day_is_entered_for_the_figures_and_calls_nobody(
    rehearsal: Rehearsal,
) -> None:
    ask = welcome(code="E01", age_ms=26 * 3_600_000)
    await rehearsal.ask("greta", ask)
    visit, ticket = await row_of(rehearsal, Visit, ask.visit), await row_of(rehearsal, Ticket, ask.ticket)
    assert visit.arrived_on == (TUESDAY - timedelta(days=1)).date()
    assert ticket.state == "cancelled"
    assert visit.ended_at is not None


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ({"service": "no-such"}, RefusalCode.UNKNOWN, "no such service"),
        ({"wants": "xx"}, RefusalCode.MALFORMED, "Nobody can be asked for in that language"),
    ],
)
async def test_what_cannot_be_served_is_refused_with_a_sentence(
    rehearsal: Rehearsal, more: dict[str, str], code: RefusalCode, says: str
) -> None:
    refused = await rehearsal.refused("greta", welcome(**more))
    assert refused.code is code
    assert says in refused.say
    assert await all_of(rehearsal, Visit) == []


async def test_signing_may_be_asked_for(rehearsal: Rehearsal) -> None:
    ask = welcome(wants="sign_language")
    await rehearsal.ask("greta", ask)
    assert (await row_of(rehearsal, Ticket, ask.ticket)).wants == "sign_language"


async def test_a_service_by_appointment_only_or_retired_takes_nobody(rehearsal: Rehearsal) -> None:
    await change(rehearsal, Service, walk_in=False)
    refused = await rehearsal.refused("greta", welcome())
    assert refused.code is RefusalCode.CLOSED
    assert "housing is by appointment only" in refused.say
    await change(rehearsal, Service, walk_in=True, retired_at=TUESDAY)
    assert (await rehearsal.refused("greta", welcome())).code is RefusalCode.UNKNOWN


async def test_somebody_in_the_house_is_entered_up_to_an_hour_after_closing(rehearsal: Rehearsal) -> None:
    rehearsal.clock.set(datetime(2026, 11, 24, 17, 29, tzinfo=UTC))
    await rehearsal.ask("greta", welcome())
    rehearsal.clock.set(datetime(2026, 11, 24, 17, 30, tzinfo=UTC))
    refused = await rehearsal.refused("greta", welcome())
    assert refused.code is RefusalCode.CLOSED
    assert "The centre is closed" in refused.say
    await rehearsal.ask("greta", welcome(age_ms=60_000))  # the tap was held up on its way
    rehearsal.clock.set(datetime(2026, 11, 25, 9, 29, tzinfo=UTC))
    assert (await rehearsal.refused("greta", welcome())).code is RefusalCode.CLOSED
    await rehearsal.ask("greta", welcome(code="E01"))  # they hold its paper


async def test_nobody_is_entered_while_everyone_leaves_the_building(rehearsal: Rehearsal) -> None:
    await change(rehearsal, Centre, evacuated_at=TUESDAY)
    refused = await rehearsal.refused("greta", welcome())
    assert refused.code is RefusalCode.CLOSED
    assert "Wait until it is over" in refused.say


async def test_a_service_discreet_by_nature_makes_the_visit_discreet(rehearsal: Rehearsal) -> None:
    ask, plain = welcome(service="private"), welcome()
    await rehearsal.ask("greta", ask)
    await rehearsal.ask("greta", plain)
    assert (await row_of(rehearsal, Visit, ask.visit)).discreet
    assert not (await row_of(rehearsal, Visit, plain.visit)).discreet


async def test_who_is_kept_apart_is_warned_of_at_the_door(rehearsal: Rehearsal) -> None:
    await rehearsal.ask("greta", welcome(apart="HG 12"))
    answer = await rehearsal.ask("ann", welcome(apart="hg  12"))
    assert answer["apart"] == ["G01"]


async def test_another_centres_greeter_enters_at_their_own_centre_and_prints_nothing_here(
    rehearsal: Rehearsal,
) -> None:
    await rehearsal.house.change(
        rehearsal.people["ada"], "fill", lambda tx: fill(tx.session(), "other-house", "L")
    )
    people, devices = cast_of(rehearsal.house.database, "other-house")
    here = await rehearsal.ask("greta", welcome())
    there = await rehearsal.ask(people["greta"], welcome())
    assert (here["code"], there["code"]) == ("G01", "G01")
    strange = asks.PrintTicket(job=new_id(), ticket=here["ticket"], device=devices["kiosk"].id)
    assert (await rehearsal.refused(people["greta"], strange)).code is RefusalCode.UNKNOWN
    own = asks.PrintTicket(job=new_id(), ticket=there["ticket"], device=rehearsal.kiosk.id)
    assert (await rehearsal.refused(people["greta"], own)).code is RefusalCode.UNKNOWN
    for who in ("mia", "ada", rehearsal.kiosk):
        if who != "mia":  # who is an adviser too
            assert (await rehearsal.refused(who, welcome())).code is RefusalCode.NOT_ALLOWED


# Printing -------------------------------------------------------------------------------------------------------


async def printing(rehearsal: Rehearsal, **more: Any) -> asks.PrintTicket:
    answer = await rehearsal.ask("greta", welcome())
    return asks.PrintTicket(
        **{"job": new_id(), "ticket": answer["ticket"], "device": rehearsal.kiosk.id, **more}
    )


async def test_one_job_is_open_for_a_ticket_and_a_printer_however_often_it_is_pressed(
    rehearsal: Rehearsal,
) -> None:
    first = await printing(rehearsal)
    answers = [
        await rehearsal.ask("greta", first.model_copy(update={"job": new_id()} if press else {}))
        for press in range(20)
    ]
    assert [each["job"] for each in answers] == [first.job] * 20
    elsewhere = first.model_copy(update={"job": new_id(), "device": rehearsal.spare.id})
    assert (await rehearsal.ask("greta", elsewhere))["job"] == elsewhere.job
    assert {each.id for each in await all_of(rehearsal, PrintJob)} == {first.job, elsewhere.job}
    await rehearsal.ask(rehearsal.kiosk, asks.Printed(job=first.job, paper="confirmed", follow_hash="a" * 64))
    again = first.model_copy(update={"job": new_id()})
    assert (await rehearsal.ask("greta", again))["job"] == again.job


@pytest.mark.parametrize(
    ("health", "says"),
    [
        ({"printer": "out"}, "kiosk has no paper. Put in a new roll, or choose another printer."),
        ({"printer": "missing"}, "kiosk has lost its printer."),
        ({"printer": "cover_open"}, "kiosk has its printer's cover open."),
        ({"printer": "none"}, "kiosk has no printer."),
        ({"printer": "ready", "out_of_order": "The disk is full."}, "kiosk is out of order."),
    ],
)
async def test_a_printer_that_gives_no_paper_is_refused_with_what_to_do(
    rehearsal: Rehearsal, health: dict[str, str], says: str
) -> None:
    ask = await printing(rehearsal)
    await rehearsal.ask(rehearsal.kiosk, asks.Health(**health))
    refused = await rehearsal.refused("greta", ask)
    assert refused.code is RefusalCode.BUSY
    assert says in refused.say
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="low"))
    assert (await rehearsal.ask("greta", ask))["device"] == "kiosk"


async def test_a_printer_that_is_no_kiosks_or_silent_or_gone_is_refused(rehearsal: Rehearsal) -> None:
    ask = await printing(rehearsal)
    for device in (rehearsal.display.id, 999_999):
        refused = await rehearsal.refused("greta", ask.model_copy(update={"device": device}))
        assert refused.code is RefusalCode.UNKNOWN
    rehearsal.clock.go(minutes=4)
    assert "not heard from" in (await rehearsal.refused("greta", ask)).say
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="ready"))
    await change(rehearsal, Device, revoked_at=TUESDAY)
    assert (await rehearsal.refused("greta", ask)).code is RefusalCode.UNKNOWN


async def test_a_ticket_that_has_ended_or_is_none_is_not_printed(rehearsal: Rehearsal) -> None:
    ask = await printing(rehearsal)
    await rehearsal.ask("greta", asks.Cancel(ticket=ask.ticket))
    refused = await rehearsal.refused("greta", ask)
    assert refused.code is RefusalCode.WRONG_STATE
    assert "There is nothing to print" in refused.say
    none = await rehearsal.refused("greta", ask.model_copy(update={"ticket": new_id()}))
    assert none.code is RefusalCode.UNKNOWN


async def test_a_paper_nobody_hears_of_is_given_up_after_two_minutes_and_told(rehearsal: Rehearsal) -> None:
    from tests.server.actions.test_needs_a_person import told

    ask = await printing(rehearsal)
    await rehearsal.ask("greta", ask)
    rehearsal.clock.go(seconds=119)
    assert await watch(rehearsal.house) == 0
    rehearsal.clock.go(seconds=1)
    assert await watch(rehearsal.house) == 1
    assert await watch(rehearsal.house) == 0
    (job,) = await all_of(rehearsal, PrintJob)
    assert job.done_at == from_micros(rehearsal.clock.micros())
    (concern,) = [each for each in await told(rehearsal) if each.subject == f"print:{ask.job}"]
    assert "G01 may not have come out at kiosk" in concern.say
    late = asks.Printed(job=ask.job, paper="confirmed", follow_hash="b" * 64)
    await rehearsal.ask(rehearsal.kiosk, late)  # it was only cut off
    assert [each for each in await told(rehearsal) if each.subject == f"print:{ask.job}"] == []


async def test_what_is_written_down_of_a_welcome_names_no_need(rehearsal: Rehearsal) -> None:
    await rehearsal.ask("greta", welcome(discreet=True, note="Fled last night.", apart="HG-12"))
    written = [(each.what, each.about, repr(each.detail)) for each in await all_of(rehearsal, Audit)]
    assert [each[:2] for each in written] == [("made discreet", "G01")]
    for word in ("Fled", "HG-12", "housing"):
        assert word not in repr(written)


async def test_a_greeter_is_told_when_the_service_opens_and_may_enter_all_the_same(
    rehearsal: Rehearsal,
) -> None:
    services = {each.slug: each.id for each in await all_of(rehearsal, Service)}

    def own_hours(tx: Any) -> None:
        for weekday, opens in ((1, "13:00"), (4, "10:15")):
            values = {
                "weekday": weekday,
                "opens": opens,
                "closes": "16:00",
                "service_id": services["housing"],
            }
            tx.session().add(Opening(centre_id=rehearsal.kiosk.centre, **values))

    await rehearsal.house.change(rehearsal.people["ada"], "hours", own_hours)
    told = []
    for hours in (0, 2, 1.5, 2):
        rehearsal.clock.go(hours=hours)
        told.append((await rehearsal.ask("greta", welcome()))["closed"])
    assert told == [
        "housing is not open now. It opens at 13:00.",
        "housing is not open now. It opens at 13:00.",
        "",
        "",
    ]
    rehearsal.clock.go(hours=1)
    answer = await rehearsal.ask("greta", welcome())
    assert answer["closed"] == "housing is not open now. It opens on Friday 27 November at 10:15."
