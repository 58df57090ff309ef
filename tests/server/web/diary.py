"""York House with a diary: people and a room whose time is booked, on a Tuesday morning in November; ways to fill it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import Session, select

from server.actions import booking
from server.actions.booking import Who
from server.clock import to_micros
from server.domain.access import SYSTEM, Actor
from server.store.tables import Audit, Bookable, Booking, Counter, StaffRole, StaffSkill
from server.store.tx import Tx
from tests.server.web.rehearsal import Hands, Served
from tests.support.offering import add_bookable, offer
from wire.vocabulary import BookableKind, BookingChannel, Role, SkillKind, new_id

T = TypeVar("T")
TEN = datetime(2026, 11, 24, 10, 7, tzinfo=UTC)
ALL_WEEK = dict.fromkeys(range(7), ("09:00", "17:00"))
QUESTION = {
    "slug": "tenure",
    "text": {"en": "Do you rent?"},
    "choice": [{"slug": "yes", "names": {"en": "Yes, I rent"}}, {"slug": "no", "names": {"en": "No"}}],
}


@dataclass
class Diary:
    served: Served
    clock: Hands
    persons: dict[str, int]
    room: int

    def change(self, work: Callable[[Tx], T], who: Actor = SYSTEM) -> T:
        return self.served.run(self.served.house.change(who, "test", work))

    def read(self, work: Callable[[Session], T]) -> T:
        return self.served.run(self.served.house.read(work))

    def book(self, service: str, at: datetime, name: str = "Jo Bloggs", **more: Any) -> Booking:
        """An appointment that somebody made on the web."""
        who = Who(
            name=name, **{key: more.pop(key) for key in ("phone", "email", "note", "answers") if key in more}
        )

        def make(tx: Tx) -> Booking:
            return booking.make(
                tx, self.served.ids.centre, service, to_micros(at), new_id(), who, channel=BookingChannel.WEB, over=True, **more
            )  # fmt: skip

        now = self.clock.now()
        self.clock.turn(min(timedelta(), at - now - timedelta(hours=1)))
        try:
            return self.change(make)
        finally:
            self.clock.turn(now - self.clock.now())

    def now_is(self, of: Booking) -> Booking:
        return self.read(lambda session: session.get_one(Booking, of.id))

    def all_booked(self) -> list[Booking]:
        return self.read(lambda session: list(session.exec(select(Booking))))

    def audited(self, what: str) -> list[Audit]:
        return self.read(lambda session: list(session.exec(select(Audit).where(Audit.what == what))))

    def everything_audited(self) -> str:
        return self.read(
            lambda session: repr([(each.about, each.detail) for each in session.exec(select(Audit))])
        )


def diary(served: Served, at: datetime = TEN) -> Diary:
    """Council tax by places, homes by Priya and Tom, a private talk in its room; and Max, who is a manager, may see nothing private."""
    clock = served.set_clock(at)
    centre = served.ids.centre

    def furnish(tx: Tx) -> tuple[dict[str, int], int]:
        session = tx.session()
        offer(
            session,
            centre,
            "council-tax",
            every_minutes=30,
            at_once=2,
            bring=[{"en": "Your last bill"}],
            notice_hours=0,
        )
        offer(
            session,
            centre,
            "housing",
            minutes=30,
            every_minutes=30,
            at_once=2,
            by_people=True,
            question=[QUESTION],
            notice_hours=0,
        )
        desk = session.exec(
            select(Counter).where(Counter.centre_id == centre, Counter.slug == "desk-3")
        ).one()
        room = add_bookable(session, centre, BookableKind.ROOM, "Quiet room", counter_id=desk.id)
        offer(session, centre, "private", minutes=60, rooms=["desk-3"], public=False)
        persons = {
            name: add_bookable(
                session, centre, BookableKind.PERSON, name.title(), ALL_WEEK, staff_id=served.ids.staff[name], services=["housing"]
            )
            for name in ("priya", "tom")
        }  # fmt: skip
        return persons, room

    persons, room = served.run(served.house.change(SYSTEM, "furnish", furnish))
    return Diary(served, clock, persons, room)


def make_partner(diary: Diary, username: str, service: str) -> None:
    """This person is of another organisation from now on, and runs one service here."""

    def change(tx: Tx) -> None:
        session, centre = tx.session(), diary.served.ids.centre
        staff = diary.served.ids.staff[username]
        for role in session.exec(select(StaffRole).where(StaffRole.staff_id == staff)):
            session.delete(role)
        session.flush()
        session.add(StaffRole(staff_id=staff, centre_id=centre, role=Role.PARTNER))
        session.add(StaffSkill(staff_id=staff, centre_id=centre, kind=SkillKind.SERVICE, value=service))

    diary.change(change)


__all__ = ["TEN", "Bookable", "Diary", "diary", "make_partner"]
