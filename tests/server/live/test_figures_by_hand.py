"""The figures against sums made by hand: random days of tickets, taps, imports and door counts, on both databases.

The oracle is slow and plain: it follows docs/counting.md ticket by ticket and shares nothing with what it judges but the tables.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from server.domain.tallies import LEAST_SHOWN
from server.live.figures import Figures, read_figures
from server.store.database import open_database
from server.store.tables import (
    Centre,
    DoorCount,
    PastCount,
    PastImport,
    Service,
    Tally,
    Ticket,
    Visit,
)
from wire.vocabulary import Activity, TicketState, new_id

BEGINS = date(2026, 9, 1)
DAYS = 61
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
STATES = [*TicketState]
KINDS = [Activity.ADVICE, Activity.SUPPORT, Activity.FORMS]


@dataclass
class Rows:
    """What was put into the database, for adding up by hand."""

    visits: dict[str, Visit] = field(default_factory=dict)
    tickets: list[Ticket] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    past: list[tuple[PastCount, bool]] = field(default_factory=list)
    doors: list[DoorCount] = field(default_factory=list)
    services: dict[int, Service] = field(default_factory=dict)


def fill(session: Session, chance: random.Random) -> Rows:
    rows = Rows()
    for slug in ("here", "there"):
        session.add(Centre(slug=slug, name=slug.title(), languages=["en"], wait_here={}))
    session.flush()
    for centre in (1, 2):
        for number in range(5):
            service = Service(
                centre_id=centre,
                slug=f"s{number}",
                names={"en": f"Need {number}"},
                position=number,
                activity=KINDS[number % 3],
                private=number == 4,
                discreet=number == 3,
            )
            session.add(service)
            session.flush()
            assert service.id is not None
            rows.services[service.id] = service
    for _ in range(500):
        _visit(session, rows, chance, centre=1 if chance.random() < 0.9 else 2)
    _merge_some(rows, chance)
    for _ in range(300):
        _tap(session, rows, chance)
    _past(session, rows, chance)
    for day in range(0, DAYS, 3):
        for door in ("Main", ""):
            begins = datetime.combine(BEGINS + timedelta(days=day), datetime.min.time(), UTC) + timedelta(
                hours=9
            )
            span = DoorCount(
                centre_id=chance.choice([1, 1, 2]),
                door=door,
                counted_on=begins.date(),
                from_at=begins,
                until_at=begins + timedelta(hours=1),
                went_in=chance.randrange(40),
                went_out=chance.randrange(40),
            )
            session.add(span)
            rows.doors.append(span)
    return rows


def _visit(session: Session, rows: Rows, chance: random.Random, centre: int) -> None:
    on = BEGINS + timedelta(days=chance.randrange(DAYS))
    at = datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=10)
    number = len(rows.visits)
    visit = Visit(
        id=new_id(),
        centre_id=centre,
        arrived_on=on,
        code=f"K{number}",
        follow_hash=f"{number:064x}",
        arrived_at=at,
        discreet=chance.random() < 0.1,
        people=chance.choice([1, 1, 1, 2, 5]),
        ended_at=at,
    )
    session.add(visit)
    session.flush()
    rows.visits[visit.id] = visit
    for _ in range(chance.choice([1, 1, 1, 2])):
        follows = None
        for link in reversed(range(chance.choice([1, 1, 2, 3]))):
            served = chance.random() < 0.6
            state = TicketState.TRANSFERRED if link else chance.choice(STATES)
            ticket = Ticket(
                id=new_id(),
                visit_id=visit.id,
                centre_id=centre,
                service_id=chance.choice(
                    [each for each, s in rows.services.items() if s.centre_id == centre]
                ),
                state=state,
                arrived_at=at,
                counts_from=at,
                follows=follows,
                served_at=at if served else None,
                ended_at=at,
                counted=chance.random() < 0.9,
                booking_id=new_id() if chance.random() < 0.2 else None,
            )
            session.add(ticket)
            rows.tickets.append(ticket)
            follows = ticket.id


def _merge_some(rows: Rows, chance: random.Random) -> None:
    """Each into a later one of the same day, so that there are merges of merged ones and no rings."""
    of: dict[tuple[int, date], list[Visit]] = defaultdict(list)
    for visit in rows.visits.values():
        of[visit.centre_id, visit.arrived_on].append(visit)
    for together in of.values():
        for at, visit in enumerate(together[:-1]):
            if chance.random() < 0.3:
                visit.merged_into = chance.choice(together[at + 1 :]).id


def _tap(session: Session, rows: Rows, chance: random.Random) -> None:
    on = BEGINS + timedelta(days=chance.randrange(DAYS))
    centre = chance.choice([1, 1, 1, 2])
    help_given = chance.random() < 0.2
    tally = Tally(
        id=new_id(),
        centre_id=centre,
        activity=Activity.DOOR_HELP if help_given else chance.choice([*KINDS, Activity.TELEPHONE, ""]),
        source="door" if help_given else chance.choice(["tap", "tap", "tally_sheet"]),
        counted_on=on,
        at=NOON,
        entered_at=NOON,
        people=chance.choice([1, 1, 1, 30]),
        service_id=chance.choice([None, centre * 5, centre * 5 - 4]) if help_given else None,
        solved=chance.random() < 0.5 if help_given else None,
        avoidable=chance.choice([None, "chasing"]) if help_given else None,
    )
    if tally.activity == "" or chance.random() < 0.15:
        tally.withdrawn_at = NOON
    session.add(tally)
    rows.tallies.append(tally)


def _past(session: Session, rows: Rows, chance: random.Random) -> None:
    for number in range(6):
        made = PastImport(
            centre_id=chance.choice([1, 1, 2]),
            file_name=f"{number}.csv",
            digest=str(number),
            kind="activities",
            lines=1,
            at=NOON,
            withdrawn_at=NOON if number % 3 == 0 else None,
        )
        session.add(made)
        session.flush()
        first = BEGINS + timedelta(days=chance.randrange(DAYS))
        line = PastCount(
            import_id=made.id or 0,
            centre_id=made.centre_id,
            first_on=first,
            last_on=first + timedelta(days=chance.choice([0, 6, 20])),
            activity=chance.choice(KINDS),
            visitors=chance.randrange(500),
        )
        session.add(line)
        rows.past.append((line, made.withdrawn_at is None))


# By hand -------------------------------------------------------------------------------------------------------------


def one_and_the_same(rows: Rows, visit: str) -> str:
    further = rows.visits[visit].merged_into
    return visit if further is None else one_and_the_same(rows, further)


def activities_by_hand(rows: Rows, first: date, last: date) -> dict[tuple[str, Activity], list[Ticket]]:
    """The tickets of each activity, by the ticket a chain began with."""
    known = {each.id: each for each in rows.tickets}
    found: dict[tuple[str, Activity], list[Ticket]] = defaultdict(list)
    for ticket in rows.tickets:
        visit = rows.visits[ticket.visit_id]
        if visit.centre_id != 1 or not first <= visit.arrived_on <= last or not ticket.counted:
            continue
        if ticket.state == TicketState.TRANSFERRED and ticket.served_at is None:
            continue
        began = ticket
        while began.follows is not None:
            began = known[began.follows]
        kind = Activity(rows.services[ticket.service_id].activity)
        found[began.id, kind if ticket.booking_id is None else Activity.APPOINTMENT].append(ticket)
    return found


def check(seen: Figures, rows: Rows, first: date, last: date) -> None:
    done = activities_by_hand(rows, first, last)
    taps = [
        each
        for each in rows.tallies
        if each.centre_id == 1 and first <= each.counted_on <= last and each.withdrawn_at is None
    ]
    past = [
        each
        for each, stands in rows.past
        if stands and each.centre_id == 1 and first <= each.first_on and each.last_on <= last
    ]
    for row in seen.rows:
        own = [chain for (_, kind), chain in done.items() if kind is row.activity]
        assert row.tickets == len(own)
        assert row.left == sum(
            all(
                t.served_at is None and t.state in ("cancelled", "no_show", "finished", "transferred")
                for t in chain
            )
            for chain in own
        )
        mine = [each for each in taps if each.activity == row.activity]
        assert row.taps + row.sheets == sum(each.people for each in mine)
        assert row.sheets == sum(each.people for each in mine if each.source == "tally_sheet")
        assert row.imported == sum(each.visitors for each in past if each.activity == row.activity)
    assert seen.total == len(done) + sum(t.people for t in taps) + sum(p.visitors for p in past)
    of: dict[str, int] = defaultdict(int)
    for chain in done.values():
        visit = one_and_the_same(rows, chain[0].visit_id)
        of[visit] = max(of[visit], rows.visits[chain[0].visit_id].people)
    assert (seen.visits.visits, seen.visits.visitors) == (len(of), sum(of.values()))
    went_in = sum(d.went_in for d in rows.doors if d.centre_id == 1 and first <= d.counted_on <= last)
    assert (seen.door.went_in, seen.door.counted) == (went_in, len(done) + sum(t.people for t in taps))
    if seen.parts:
        assert sum(part.tickets for part in seen.parts) == len(done)
        assert sum(part.taps for part in seen.parts) == sum(t.people for t in taps)
        assert sum(part.went_in or 0 for part in seen.parts) == went_in
    check_needs(seen, rows, [*done.values()], taps)


def check_needs(seen: Figures, rows: Rows, done: list[list[Ticket]], taps: list[Tally]) -> None:
    if seen.needs is None:
        return
    truly: dict[str, int] = defaultdict(int)
    whole = 0
    for chain in done:
        whole += 1
        service = rows.services[chain[-1].service_id]  # ids rise along a chain
        if not (rows.visits[chain[-1].visit_id].discreet or service.private or service.discreet):
            truly[service.names["en"]] += 1
    for tap in taps:
        if tap.activity == Activity.DOOR_HELP:
            whole += tap.people
            if tap.service_id is not None and not rows.services[tap.service_id].private:
                truly[rows.services[tap.service_id].names["en"]] += tap.people
    assert sum(each.number for each in seen.needs) == whole
    for name, number in seen.needs:
        if name.startswith("Need"):
            assert number == truly[name]
            assert number >= LEAST_SHOWN
    assert not {"Need 3", "Need 4"} & {each.name for each in seen.needs}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_figures_are_what_one_adds_up_by_hand(database_url: str, seed: int) -> None:
    chance = random.Random(seed)
    database = open_database(database_url)
    try:
        with database.writing() as session:
            rows = fill(session, chance)
            session.flush()
            for visit in rows.visits.values():
                session.add(visit)
            session.flush()
            session.expunge_all()
        spans = [(BEGINS, BEGINS + timedelta(days=DAYS)), (BEGINS, date(2026, 9, 30)), (BEGINS, BEGINS)]
        for _ in range(25):
            begins = BEGINS + timedelta(days=chance.randrange(-3, DAYS))
            spans.append((begins, begins + timedelta(days=chance.choice([0, 0, 1, 6, 29, 50, 90]))))
        micros = int(NOON.timestamp() * 1_000_000)
        with database.session() as session:
            for first, last in spans:
                seen = read_figures(session.connection(), 1, "Here", first, last, micros)
                check(seen, rows, first, last)
    finally:
        database.close()
