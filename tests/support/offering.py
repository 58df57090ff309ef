"""A centre that offers appointments: what a service offers, who takes them and when; and somebody who books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from server.domain.access import Actor
from server.live import offered
from server.store.tables import Bookable, Centre, Rota, Service
from server.store.tx import Tx
from tests.support.house import Rehearsal
from wire.vocabulary import BookableKind

Times = Mapping[int, tuple[str, str]]
"""By weekday (0 Monday), from and until."""
WEEKDAYS: Times = dict.fromkeys(range(5), ("09:30", "16:30"))


def service_of(session: Session, centre: int, slug: str) -> Service:
    return session.exec(select(Service).where(Service.centre_id == centre, Service.slug == slug)).one()


def offer(session: Session, centre: int, slug: str, **document: Any) -> Service:
    """The service takes appointments as the document says."""
    service = service_of(session, centre, slug)
    service.booking = {"minutes": 20, **document}
    service.by_appointment = True
    session.get_one(Centre, centre).version += 1
    session.flush()
    return service


def add_bookable(
    session: Session, centre: int, kind: BookableKind, name: str, times: Times | None = None, **more: Any
) -> int:
    """Its number. Without times a room is there while the centre is open."""
    made = Bookable(centre_id=centre, kind=kind, name=name, **more)
    session.add(made)
    session.flush()
    assert made.id is not None
    for weekday, (starts, ends) in (times or {}).items():
        session.add(Rota(bookable_id=made.id, weekday=weekday, starts=starts, ends=ends))
    session.flush()
    return made.id


def visitor(rehearsal: Rehearsal) -> Actor:
    """Somebody on the web, at this rehearsal's centre."""
    return Actor(kind="nobody", centre=rehearsal.kiosk.centre)


async def offering(rehearsal: Rehearsal, slug: str, **document: Any) -> list[int]:
    """Let a service take appointments; the first free times from now on, in milliseconds as asks say them."""

    def set_up(tx: Tx) -> None:
        offer(tx.session(), rehearsal.kiosk.centre, slug, **document)

    await rehearsal.house.change(rehearsal.people["ada"], "offer", set_up)
    return [slot.starts_at // 1000 for slot in await free(rehearsal, slug)]


async def people(
    rehearsal: Rehearsal, who: Sequence[str] = ("ann", "bob"), times: Times = WEEKDAYS
) -> dict[str, int]:
    """These of the cast take appointments; their bookables' numbers."""

    def add(tx: Tx) -> dict[str, int]:
        return {
            name: add_bookable(
                tx.session(),
                rehearsal.kiosk.centre,
                BookableKind.PERSON,
                name.title(),
                times,
                staff_id=rehearsal.people[name].id,
            )
            for name in who
        }

    return await rehearsal.house.change(rehearsal.people["ada"], "people", add)


async def free(
    rehearsal: Rehearsal, slug: str, on: date | None = None, *, public: bool = False, **more: Any
) -> list[offered.Slot]:
    """The free slots of a date, by default of today and the six days after."""
    now = rehearsal.clock.micros()
    today = rehearsal.clock.now().date()

    def look(session: Session) -> list[offered.Slot]:
        service = service_of(session, rehearsal.kiosk.centre, slug)
        first, last = (on, on) if on else (today, today + timedelta(days=6))
        days = offered.days(session, rehearsal.kiosk.centre, service, first, last, now, public=public, **more)
        return [slot for day in days for slot in day.slots]

    return await rehearsal.house.read(look)
