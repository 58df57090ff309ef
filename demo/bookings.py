"""Appointments of the demonstration: some weeks ahead, and today's in every state a day knows.

They are booked by the same actions that serve the web and the counters, at moments before the demonstration's own, so nothing in its database could
not have come about. Of those whose time has passed when the day begins some were served, one was missed, one has rung; of those near, some are
here. The people are invented; their telephones are numbers that Ofcom keeps for plays, their e-mail addresses of a domain kept for examples.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from server.actions import booking
from server.actions.booking import Who
from server.actions.table import ACTIONS
from server.clock import from_micros, to_micros
from server.domain.access import SYSTEM, Actor
from server.domain.offers import Offer, read_offer
from server.domain.refusals import Refused
from server.live import offered
from server.store.database import Database
from server.store.sql import Sql
from server.store.tables import Booking, Centre, Service, Staff, StaffRole
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import BookingChannel, BookingState, Language, Need, Outcome, Role, new_id

WEEKS = 3
SHARE = 0.45
"""Of the free times of a day, how many are taken today; fewer the further ahead."""
MINUTE = 60_000_000

PEOPLE = (
    ("Margaret Ellison", Language.EN), ("Tom\u00e1\u0161 Nov\u00e1k", Language.EN), ("Hetal Solanki", Language.GU), ("Yusuf Adeyemi", Language.EN),
    ("Zofia Wi\u015bniewska", Language.PL), ("Gurpreet Kaur Dhaliwal", Language.PA), ("\u0641\u0627\u0637\u0645\u0629 \u0627\u0644\u062d\u0633\u0646", Language.AR),
    ("Sean O\u2019Brien", Language.EN), ("Nasreen Akhtar", Language.UR), ("Jignesh Parmar", Language.GU), ("Precious Moyo", Language.EN),
    ("Ibrahim Warsame", Language.EN), ("Katarzyna Lewandowska-Zieli\u0144ska", Language.PL), ("Daniel Price", Language.EN), ("Asha Mistry", Language.GU),
    ("Oluwaseun Featherstonehaugh-Cholmondeley", Language.EN), ("Li", Language.EN), ("Rukhsana Mahmood", Language.UR), ("Ioana Popescu", Language.EN),
    ("Derek Hallam", Language.EN), ("\u0645\u062d\u0645\u062f \u062e\u0627\u0646", Language.UR), ("Kamala Devi Patel", Language.GU), ("Ewa Mazur", Language.PL), ("Winston Clarke", Language.EN),
)  # fmt: skip
NOTES = (
    "Has the letter of 9 November with her.",
    "Her son comes with her and speaks for her.",
    "Rang twice about the same letter.",
    "Needs time: has trouble reading small print.",
)
LINES = {"household": "Two adults and a child", "form": "School meals"}
"""Answers to questions without choices, by question."""


@dataclass(frozen=True)
class _Cast:
    """Who does what in the morning that has passed."""

    centre: int
    greeter: Actor
    adviser: Actor
    services: tuple[str, ...]


def add_bookings(database: Database, now: datetime, seed: int = 19) -> int:
    """Fill the diary of a fresh demonstration; how many were booked. One that has appointments already is left as it is."""
    chance = random.Random(seed)
    before = to_micros(now - timedelta(days=3))
    with database.session() as session:
        to_come = select(Booking.id).where(col(Booking.starts_at) >= now - timedelta(hours=12))
        if session.exec(to_come).first() is not None:
            return 0
        centre = session.exec(select(Centre.id)).first()
        assert centre is not None, "the centre's file was loaded before"
        free = [
            (each, list(_free(session, centre, each, now, before))) for each in _bookable(session, centre)
        ]
        cast = _cast(session, centre)
        session.expunge_all()
    made = 0
    for service, starts in free:
        offer = read_offer(service.booking)
        assert offer is not None, "only those with an offer were read"
        for starts_at in starts:
            share = SHARE * (1 - (starts_at - before) / (8 * WEEKS * 7 * 24 * 60 * MINUTE))
            if chance.random() < share:
                who = _who(chance, offer, nameless=service.discreet and chance.random() < 0.5)
                made += _book(database, centre, service.slug, starts_at, before, who, chance)
    _play_the_morning(database, cast, to_micros(now))
    return made


def _bookable(session: Session, centre: int) -> list[Service]:
    rows = session.exec(select(Service).where(Service.centre_id == centre).order_by(col(Service.position)))
    return [row for row in rows if read_offer(row.booking) is not None]


def _free(session: Session, centre: int, service: Service, now: datetime, before: int) -> Iterator[int]:
    today = now.date()
    last_on = today + timedelta(weeks=WEEKS)
    for day in offered.days(session, centre, service, today, last_on, before, public=False):
        yield from (slot.starts_at for slot in day.slots)


def _book(
    database: Database, centre: int, slug: str, starts_at: int, at: int, who: Who, chance: random.Random
) -> int:
    channel = chance.choice((BookingChannel.WEB, BookingChannel.WEB, BookingChannel.STAFF))
    wants = who.language if who.language != Language.EN and chance.random() < 0.4 else None
    for interpreter in dict.fromkeys((wants, None)):

        def make(tx: Tx, interpreter: str | None = interpreter) -> None:
            booking.make(
                tx, centre, slug, starts_at, new_id(), who, channel=BookingChannel.STAFF, interpreter=interpreter, tell=False
            ).channel = channel  # fmt: skip

        if _done(database, SYSTEM, at, make):
            return 1  # otherwise taken by another service's appointment just made, or no interpreter is there then
    return 0


def _done(database: Database, actor: Actor, at: int, deed: Callable[[Tx], object]) -> bool:
    """Do it as of an earlier moment; what is refused did not happen then."""
    try:
        with database.writing() as session:
            tx = Tx(Sql(session.connection()), actor, at)
            deed(tx)
            tx.finish()
    except Refused:
        return False
    return True


def _who(chance: random.Random, offer: Offer, *, nameless: bool) -> Who:
    name, language = chance.choice(PEOPLE)
    number = chance.randrange(1000)
    answers = {
        each.slug: chance.choice(sorted(each.choices)) if each.choices else LINES.get(each.slug, "A letter")
        for each in offer.questions
        if each.required or chance.random() < 0.5
    }
    phone = (
        f"+447700900{number:03d}" if chance.random() < 0.85 or offer.asks.get("phone") == "required" else ""
    )
    mail = chance.random() < 0.5 or offer.asks.get("email") == "required"
    return Who(
        name="" if nameless else name,
        phone=phone,
        email=f"visitor{number}@example.org" if mail and offer.asks.get("email") != "no" else "",
        safe_to_text=bool(phone) and chance.random() < 0.8,
        language=language,
        needs=(chance.choice((Need.STEP_FREE, Need.HEARING_LOOP, Need.READING_HELP, Need.CHILD)).value,)
        if chance.random() < 0.2
        else (),
        people=chance.choice((1, 1, 1, 2, 3)),
        answers=answers,
        note=chance.choice(NOTES) if chance.random() < 0.2 else "",
    )


# The morning so far ----------------------------------------------------------------------------------------------


def _cast(session: Session, centre: int) -> _Cast:
    def actor(role: Role, *also: Role) -> Actor:
        person = session.exec(
            select(Staff)
            .join(StaffRole)
            .where(StaffRole.centre_id == centre, StaffRole.role == role.value)
            .order_by(col(Staff.username))
        ).first()
        assert person is not None, "the centre's file has somebody in each role"
        assert person.id is not None
        return Actor(
            kind="staff", id=person.id, centre=centre, roles=frozenset({role, *also}), name=person.name
        )

    services = tuple(each.slug for each in _bookable(session, centre))
    # Who may see discreet visits is an adviser there, and serves the private appointments too.
    return _Cast(centre, actor(Role.GREETER), actor(Role.DISCREET, Role.ADVISER), services)


def _play_the_morning(database: Database, cast: _Cast, now: int) -> None:
    """What the appointments of today have come to: those long past are over, of those near some are here."""
    with database.session() as session:
        today = list(
            session.exec(
                select(Booking.id, Booking.starts_at)
                .where(Booking.centre_id == cast.centre, Booking.state == BookingState.BOOKED.value)
                .where(
                    col(Booking.starts_at) > from_micros(now - 12 * 60 * MINUTE),
                    col(Booking.starts_at) < from_micros(now + 45 * MINUTE),
                )
                .order_by(col(Booking.starts_at), col(Booking.id))
            )
        )
    served = _Serving(database, cast)
    for turn, (number, at) in enumerate(today):
        starts = to_micros(at)
        if starts > now:
            if turn % 2:
                served.arrive(number, min(now - MINUTE, starts - 9 * MINUTE))
        elif turn % 5 == 3:
            recent = now - starts < 15 * MINUTE
            mark = asks.MarkBooking(
                booking=number, mark="late" if recent else "missed", late_minutes=20 * recent
            )
            served.ask(cast.greeter, mark, now - 2 * MINUTE)
        elif turn % 5 != 4 or now - starts > 20 * MINUTE:
            ticket = served.arrive(number, starts - 6 * MINUTE)
            if now - starts > 20 * MINUTE:
                served.serve(number, ticket, starts + MINUTE, min(now - MINUTE, starts + 19 * MINUTE))
    served.get_up(now - MINUTE // 2)


class _Serving:
    """One greeter and one adviser after another do what a morning takes; each deed at its moment."""

    def __init__(self, database: Database, cast: _Cast) -> None:
        self.database = database
        self.cast = cast
        self.sits = False

    def ask(self, actor: Actor, ask: asks.AnyAsk, at: int) -> bool:
        return _done(self.database, actor, at, lambda tx: ACTIONS[ask.do](tx, ask))

    def arrive(self, number: str, at: int) -> str:
        ticket = new_id()
        self.ask(self.cast.greeter, asks.ArriveBooking(booking=number, visit=new_id(), ticket=ticket), at)
        return ticket

    def serve(self, number: str, ticket: str, at: int, until: int) -> None:
        if not self.sits:
            sit = asks.SitDown(counter="desk-6", services=self.cast.services)
            self.sits = self.ask(self.cast.adviser, sit, at - MINUTE)
        self.ask(self.cast.adviser, asks.ServeBooking(booking=number), at)
        self.ask(self.cast.adviser, asks.Arrive(ticket=ticket), at + MINUTE)
        self.ask(self.cast.adviser, asks.Finish(ticket=ticket, outcome=Outcome.RESOLVED), until)

    def get_up(self, at: int) -> None:
        if self.sits:
            self.ask(self.cast.adviser, asks.GetUp(), at)
