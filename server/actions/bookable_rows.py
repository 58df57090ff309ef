"""Bookables as the centre's file says them, and the rooms that follow from its counters.

A room is there as soon as the centre has a counter of such a kind, and goes with it; taken away by hand, it stays away until the counter itself goes
and comes again. People and interpreters are added and changed by a file and never taken away, as staff are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, time

from sqlmodel import Session, col, delete, select

from server.centrefile import plan as file
from server.centrefile.bookables import ROOMS
from server.domain.hours import Usual
from server.store.tables import Bookable, Counter, Rota, Staff
from wire.vocabulary import BookableKind, CounterKind


def rota_of(session: Session, bookable_ids: Collection[int]) -> dict[int, tuple[Usual, ...]]:
    """The weekly times of each, in the order in which they were written."""
    found: dict[int, list[Usual]] = {}
    query = select(Rota).where(col(Rota.bookable_id).in_(bookable_ids)).order_by(col(Rota.id))
    for row in session.exec(query):
        starts, ends = time.fromisoformat(row.starts), time.fromisoformat(row.ends)
        found.setdefault(row.bookable_id, []).append(
            Usual(row.weekday, starts, ends, row.from_on, row.until_on)
        )
    return {number: tuple(rows) for number, rows in found.items()}


def replace_rota(session: Session, bookable_id: int, rota: Iterable[Usual]) -> None:
    """Nothing points at a row of the rota, so it is replaced whole."""
    session.exec(delete(Rota).where(col(Rota.bookable_id) == bookable_id))
    for each in rota:
        session.add(
            Rota(
                bookable_id=bookable_id,
                weekday=each.weekday,
                starts=f"{each.opens:%H:%M}",
                ends=f"{each.closes:%H:%M}",
                from_on=each.from_on,
                until_on=each.until_on,
            )
        )
        session.flush()  # one by one: their ids keep their order


# Rooms ------------------------------------------------------------------------------------------------


def follow_counters(session: Session, centre_id: int, came_back: Collection[int], now: datetime) -> None:
    """A bookable for every counter that is a room. `came_back`: counters that were retired, or no rooms, until now."""
    rooms = {
        each.counter_id: each
        for each in session.exec(
            select(Bookable).where(Bookable.centre_id == centre_id, Bookable.kind == BookableKind.ROOM)
        )
    }
    for counter in session.exec(
        select(Counter).where(Counter.centre_id == centre_id).order_by(col(Counter.position))
    ):
        row = rooms.get(counter.id)
        if counter.retired_at is not None or CounterKind(counter.kind) not in ROOMS:
            if row is not None and row.retired_at is None:
                row.retired_at = now
        elif row is None:
            row = Bookable(
                centre_id=centre_id, kind=BookableKind.ROOM, name=counter.name, counter_id=counter.id
            )
            session.add(row)
        else:
            row.name = counter.name
            if counter.id in came_back:
                row.retired_at = None
    session.flush()


# From the file, and for it ----------------------------------------------------------------------------


def load_bookables(
    session: Session, centre_id: int, told: Sequence[file.Bookable]
) -> tuple[list[str], list[str]]:
    """Make those of the file what it says; the names of what was added and of what was changed."""
    added: list[str] = []
    changed: list[str] = []
    known = list(session.exec(select(Bookable).where(Bookable.centre_id == centre_id)))
    for each in told:
        fresh = _row(session, centre_id, each)
        row = next((one for one in known if _same(one, fresh)), None)
        name = f"{each.kind} {fresh.name}"
        if row is None:
            session.add(fresh)
            session.flush()
            assert fresh.id is not None
            replace_rota(session, fresh.id, each.rota)
            added.append(name)
        elif _write(session, row, fresh, each.rota):
            changed.append(name)
    return added, changed


def _row(session: Session, centre_id: int, each: file.Bookable) -> Bookable:
    row = Bookable(
        centre_id=centre_id,
        kind=each.kind,
        name=each.name,
        languages=list(each.languages),
        services=list(each.services),
    )
    if each.username:
        person = session.exec(select(Staff).where(Staff.username == each.username)).one()
        row.staff_id, row.name = person.id, person.name
    if each.counter:
        query = select(Counter).where(Counter.centre_id == centre_id, Counter.slug == each.counter)
        counter = session.exec(query).one()
        row.counter_id, row.name = counter.id, counter.name
    return row


def _same(one: Bookable, other: Bookable) -> bool:
    if one.kind != other.kind:
        return False
    if one.staff_id or other.staff_id or one.counter_id or other.counter_id:
        return (one.staff_id, one.counter_id) == (other.staff_id, other.counter_id)
    return one.name == other.name


def _write(session: Session, row: Bookable, fresh: Bookable, rota: tuple[Usual, ...]) -> bool:
    """Whether anything differed."""
    assert row.id is not None
    values = {key: getattr(fresh, key) for key in ("name", "languages", "services")} | {"retired_at": None}
    differing = {key: value for key, value in values.items() if getattr(row, key) != value}
    for key, value in differing.items():
        setattr(row, key, value)
    if rota_of(session, [row.id]).get(row.id, ()) != rota:
        replace_rota(session, row.id, rota)
        return True
    return bool(differing)


def export_bookables(
    session: Session, centre_id: int, usernames: Mapping[int, str], services: Collection[str]
) -> tuple[file.Bookable, ...]:
    """Those that are there: people who work here, and rooms only where something is said of them."""
    query = select(Bookable).where(Bookable.centre_id == centre_id, col(Bookable.retired_at).is_(None))
    rows = list(session.exec(query.order_by(col(Bookable.id))))
    rotas = rota_of(session, [row.id for row in rows if row.id is not None])
    rooms = {
        each.id: each.slug for each in session.exec(select(Counter).where(Counter.centre_id == centre_id))
    }
    return tuple(
        file.Bookable(
            kind=BookableKind(row.kind),
            name="" if row.counter_id or row.staff_id in usernames else row.name,
            username=usernames.get(row.staff_id or 0, ""),
            counter=rooms.get(row.counter_id, "") if row.kind == BookableKind.ROOM else "",
            languages=tuple(row.languages),
            services=tuple(slug for slug in row.services if slug in services),
            rota=rotas.get(row.id or 0, ()),
        )
        for row in rows
        if _is_said(row, rotas, usernames, services)
    )


def _is_said(
    row: Bookable, rotas: Mapping[int, object], usernames: Mapping[int, str], services: Collection[str]
) -> bool:
    if row.services and not any(slug in services for slug in row.services):
        return False  # none of theirs is left; without any they would take every other
    if row.kind == BookableKind.ROOM:
        return row.id in rotas or bool(row.services)
    return row.staff_id is None or row.staff_id in usernames
