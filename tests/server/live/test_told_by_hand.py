"""A month of a busy centre: what the pages tell of waits, service, reasons and one person, against plain sums over the raw rows.

The month has the day on which the clock goes back, services that may not be named, one that another continues, appointments kept and missed, tickets parked, passed on, taken back, and some
that were left open overnight. Nothing of the code under test is used to work out what it should say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, text

from demo.years import make_years
from server.domain.asked import ask
from server.domain.figure import Figure
from server.domain.spans import Kind, span_of
from server.live.told import persons, waits, why
from server.store.database import open_database

LONDON = ZoneInfo("Europe/London")
OCTOBER = span_of(Kind.MONTH, date(2026, 10, 1))
NOW = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
Raw = dict[str, Any]
OUTCOMES = ("resolved", "referred", "appointment_made", "needs_documents", "not_ours", "left")
CHANGES = (
    # One service goes on under another; who had an appointment and came in time keeps its place; five were forgotten overnight.
    "UPDATE service SET continues = '[\"blue-badge\"]' WHERE slug = 'school-place'",
    "UPDATE ticket SET ticket_class = 'booked' WHERE booking_id IN (SELECT id FROM booking WHERE starts_at >= ticket.arrived_at)",
    """UPDATE ticket SET left_open = TRUE, outcome = NULL WHERE id IN (SELECT id FROM ticket WHERE state = 'finished'
    AND visit_id IN (SELECT id FROM visit WHERE arrived_on = '2026-10-13') ORDER BY id LIMIT 5)""",
)


class Rows:
    """The raw rows, as they lie in the database."""

    def __init__(self, connection: Connection) -> None:
        def read(table: str) -> list[Raw]:
            return [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]

        self.services = {row["id"]: row for row in read("service")}
        self.visits = {row["id"]: row for row in read("visit") if str(row["arrived_on"])[:7] == "2026-10"}
        every = [row for row in read("ticket") if row["visit_id"] in self.visits]
        self.tickets = {row["id"]: row for row in every if row["counted"]}
        self.bookings = {row["id"]: row for row in read("booking")}
        self.steps = [row for row in read("step") if row["ticket_id"] in self.tickets]
        self.held: dict[str, dict[str, int]] = defaultdict(dict)
        for row in self.steps:
            if row["undone_at"] is None:
                self.held[row["ticket_id"]][row["action"]] = row["at"]
        self.busiest = Counter(
            row["staff_id"] for row in self.tickets.values() if row["staff_id"]
        ).most_common(1)[0][0]
        self.seats, self.pauses, self.counters = read("seat"), read("pause"), read("counter")
        self.helps = [
            row
            for row in read("tally")
            if row["activity"] == "door_help" and str(row["counted_on"])[:7] == "2026-10"
        ]
        badge, school = (
            next(each["id"] for each in self.services.values() if each["slug"] == slug)
            for slug in ("blue-badge", "school-place")
        )
        self.heirs = {badge: school}

    def name(self, ticket: Raw) -> str | None:
        """What a figure calls the service of a ticket; None where it may not be named."""
        service = self.services[self.heirs.get(ticket["service_id"], ticket["service_id"])]
        private = service["discreet"] or service["private"] or self.visits[ticket["visit_id"]]["discreet"]
        return None if private else english(service)

    def chain(self, ticket: Raw) -> str:
        while ticket["follows"] in self.tickets:
            ticket = self.tickets[ticket["follows"]]
        return str(ticket["id"])

    def kind(self, ticket: Raw) -> str:
        if ticket["booking_id"] is None:
            return "walk_in"
        return "booked" if ticket["ticket_class"] == "booked" else "late"

    def parked(self, ticket: Raw) -> int:
        """Demo days park a ticket once at most, and take it up again."""
        at = self.held[ticket["id"]]
        return int(at["unpark"] - at["park"]) if "park" in at else 0


def english(service: Raw) -> str:
    names = service["names"]
    return str((eval(names) if isinstance(names, str) else names)["en"])


def october(at: int) -> bool:
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(LONDON)
    return (local.year, local.month) == (2026, 10)


def half(at: int) -> str:
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(LONDON)
    return f"{local.hour:02d}:{'30' if local.minute >= 30 else '00'}"


def times(micros: Iterable[int]) -> tuple[Any, ...]:
    """How many, median, mean, 90th percentile, by hand."""
    every = sorted(micros)
    minutes = [ceil(each / 60_000_000) for each in every]
    if not minutes:
        return (0, None, None, None)
    mean = sum(round(each / 1_000_000) for each in every) / 60 / len(every)
    return (
        len(every),
        minutes[ceil(len(every) * 0.5) - 1],
        pytest.approx(mean),
        minutes[ceil(len(every) * 0.9) - 1],
    )


def folded(sizes: dict[str | None, int]) -> set[str | None]:
    """The services that go into the last line: the private, those below five, and the smallest of the rest as long as that line is below five."""
    rest = {name for name, size in sizes.items() if name is None or size < 5}
    for name in sorted((each for each in sizes if each not in rest), key=lambda each: sizes[each]):
        if not 0 < sum(sizes[each] for each in rest) < 5:
            break
        rest.add(name)
    return rest


@pytest.fixture(scope="module")
def month(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Rows, dict[str, Figure], dict[str, Figure], list[Figure]]:
    address = f"sqlite:///{tmp_path_factory.mktemp('month')}/month.db"
    make_years(address, centres=1, first=date(2026, 9, 21), last=date(2026, 11, 6), visits=60, seed=4)
    database = open_database(address)
    with database.writer.connect() as connection, connection.begin():
        for change in CHANGES:
            connection.execute(text(change))
    now = round(NOW.timestamp()) * 1_000_000
    asked = ask(OCTOBER, date(2026, 11, 10), now, 1, "York House", LONDON)
    with database.session() as session:
        connection = session.connection()
        rows = Rows(connection)
        told = {each.slug: each for each in waits.read(connection, 1, asked)}
        reasons = {each.slug: each for each in why.read(connection, 1, asked)}
        person = persons.read(connection, asked, rows.busiest, "Somebody")
    database.close()
    return rows, told, reasons, person


Month = tuple[Rows, dict[str, Figure], dict[str, Figure], list[Figure]]


def waited(rows: Rows) -> list[tuple[Raw, int]]:
    """Of each need the ticket it was first called with, and how long it had waited."""
    first: dict[str, Raw] = {}
    for ticket in sorted(rows.tickets.values(), key=lambda row: (row["first_called_at"] or 0, row["id"])):
        if ticket["first_called_at"]:
            first.setdefault(rows.chain(ticket), ticket)
    found = []
    for ticket in first.values():
        begins = ticket["arrived_at"]
        if rows.kind(ticket) == "booked":
            begins = max(begins, rows.bookings[ticket["booking_id"]]["starts_at"])
        if not ticket["left_open"]:
            found.append((ticket, max(0, ticket["first_called_at"] - begins)))
    return found


def served(rows: Rows) -> list[tuple[Raw, int]]:
    ends = [
        row for row in rows.tickets.values() if row["served_at"] and row["ended_at"] and not row["left_open"]
    ]
    return [(row, row["ended_at"] - row["served_at"] - rows.parked(row)) for row in ends]


def test_waits_walks_service_and_parking(month: Month) -> None:
    rows, told, _, _ = month
    every = waited(rows)
    by_kind = {
        kind: [micros for ticket, micros in every if rows.kind(ticket) == kind]
        for kind in ("walk_in", "booked", "late")
    }
    table = {row[0]: row[1:5] for row in told["how-long"].table.rows}
    assert len(by_kind["booked"]) > 5, "the month has appointments that were kept"
    assert table["Waiting, without an appointment"] == times(by_kind["walk_in"])
    assert table["Waiting, with an appointment"] == times(by_kind["booked"])
    assert table["Waiting, too late for the appointment"] == times(by_kind["late"])
    assert table["Walking to the counter"] == times(
        row["served_at"] - row["called_at"] for row, _ in served(rows)
    )
    assert table["Being served"] == times(micros for _, micros in served(rows))
    assert table["Parked"] == times(parked for row, _ in served(rows) if (parked := rows.parked(row)))
    within = [
        micros
        <= rows.services[rows.heirs.get(t["service_id"], t["service_id"])]["target_minutes"] * 60_000_000
        for t, micros in every
        if rows.kind(t) == "walk_in" and rows.name(t)
    ]
    least = min(each["target_minutes"] for each in rows.services.values() if each["discreet"])
    private = [
        micros <= least * 60_000_000 for t, micros in every if rows.kind(t) == "walk_in" and not rows.name(t)
    ]
    (row,) = (row for row in told["how-long"].table.rows if row[0] == "Waiting, without an appointment")
    assert row[5] == pytest.approx((sum(within) + sum(private)) / len(by_kind["walk_in"]))
    (row,) = (row for row in told["how-long"].table.rows if row[0] == "Waiting, with an appointment")
    assert row[5] == pytest.approx(
        sum(each <= 5 * 60_000_000 for each in by_kind["booked"]) / len(by_kind["booked"])
    )
    forgotten = sum(bool(ticket["left_open"]) for ticket in rows.tickets.values())
    assert forgotten >= 5
    assert f"{forgotten} tickets were left open" in told["how-long"].notes[0]


def test_waits_by_service_and_by_the_hour(month: Month) -> None:
    rows, told, _, _ = month
    every = waited(rows)
    sizes: dict[str | None, int] = Counter(rows.name(ticket) for ticket, _ in every)
    rest = folded(sizes)
    of: dict[str, list[int]] = defaultdict(list)
    for ticket, micros in every:
        if rows.kind(ticket) == "walk_in":
            name = rows.name(ticket)
            of["Other" if name in rest or name is None else name].append(micros)
    assert {row[0]: row[1:5] for row in told["waits-by-service"].table.rows} == {
        name: times(each) for name, each in of.items()
    }
    hours: dict[str, list[int]] = defaultdict(list)
    for ticket, micros in every:
        if rows.kind(ticket) == "walk_in":
            hours[half(ticket["arrived_at"])].append(micros)
    table = {row[0]: row[1:5] for row in told["waits-by-hour"].table.rows if row[1]}
    assert table == {hour: times(each) for hour, each in hours.items()}
    days: dict[date, list[int]] = defaultdict(list)
    for ticket, micros in every:
        if rows.kind(ticket) == "walk_in":
            days[date.fromisoformat(str(rows.visits[ticket["visit_id"]]["arrived_on"]))].append(micros)
    over_time = {row[0]: row[1:5] for row in told["waits-over-time"].table.rows if row[1]}
    assert over_time == {on: times(each) for on, each in days.items()}


def test_what_became_of_those_who_came(month: Month) -> None:
    rows, told, _, _ = month
    groups: dict[tuple[str, str], list[Raw]] = defaultdict(list)
    for ticket in rows.tickets.values():
        activity = "appointment" if ticket["booking_id"] else rows.services[ticket["service_id"]]["activity"]
        if not (ticket["state"] == "transferred" and not ticket["served_at"]):
            groups[rows.chain(ticket), activity].append(ticket)
    left = sum(not any(each["served_at"] for each in group) for group in groups.values())
    states = Counter(ticket["state"] for ticket in rows.tickets.values())
    back = sum(
        row["undone_at"] is not None and row["action"] in ("finish", "no_show", "cancel", "transfer")
        for row in rows.steps
    )
    table = {row[0]: row[1] for row in told["what-became"].table.rows}
    assert table == {
        "Needs visitors came with": len(groups),
        "Called": sum(ticket["first_called_at"] is not None for ticket in rows.tickets.values()),
        "Served to an end": states["finished"],
        "Left unserved": left,
        "Gave up before they were served": states["cancelled"],
        "Did not come when called": states["no_show"],
        "Passed on to another service or counter": states["transferred"],
        "End taken back": back,
        "Left open, ended by the house": sum(bool(ticket["left_open"]) for ticket in rows.tickets.values()),
    }
    missed = sum(row["state"] == "missed" and october(row["starts_at"]) for row in rows.bookings.values())
    came = Counter(
        rows.kind(ticket)
        for ticket in rows.tickets.values()
        if ticket["booking_id"] and not ticket["follows"]
    )
    appointments = {row[0]: row[1] for row in told["appointments"].table.rows}
    assert (appointments["Kept"], appointments["Came too late"], appointments["Missed"]) == (
        came["booked"],
        came["late"],
        missed,
    )
    stood = came["booked"] + came["late"] + missed
    assert [row[2] for row in told["appointments"].table.rows] == [
        came["booked"] / stood,
        came["late"] / stood,
        missed / stood,
        None,
    ]


def test_how_counters_were_used(month: Month) -> None:
    rows, told, _, _ = month
    names = {row["id"]: row["name"] for row in rows.counters}
    sittings = [row for row in rows.seats if october(row["since_at"])]
    forgotten = [row for row in sittings if row["left_open"]]
    hours: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for row in sittings:
        if not row["left_open"]:
            hours[names[row["counter_id"]]][0] += row["until_at"] - row["since_at"]
    for ticket, _ in served(rows):
        since, until = ticket["served_at"], ticket["ended_at"]
        if not any(
            row["counter_id"] == ticket["counter_id"] and row["since_at"] < until and since < row["until_at"]
            for row in forgotten
        ):
            hours[names[ticket["counter_id"]]][1] += until - since - rows.parked(ticket)
    kept = {row["id"]: row for row in sittings if not row["left_open"]}
    for row in rows.pauses:
        if row["seat_id"] in kept:
            hours[names[kept[row["seat_id"]]["counter_id"]]][2] += row["until_at"] - row["since_at"]
    table = {row[0]: row[1:4] for row in told["counters"].table.rows}
    hour = 3_600_000_000
    assert table == {
        name: tuple(pytest.approx(each / hour, abs=0.02) for each in spent)
        for name, spent in hours.items()
        if spent[0]
    }


def ended(rows: Rows) -> list[tuple[Raw, bool]]:
    """Needs served to an end in the order they were served, and whether their visitor had been here about it."""
    found, before = [], set()
    for ticket in sorted(rows.tickets.values(), key=lambda row: (row["served_at"] or 0, row["id"])):
        if ticket["state"] == "finished":
            about = (ticket["visit_id"], ticket["service_id"])
            found.append((ticket, bool(ticket["again"]) or about in before))
            before.add(about)
    return found


def test_resolved_in_one_visit_avoidable_and_again(month: Month) -> None:
    rows, _, reasons, _ = month
    every = ended(rows)
    noted = [(ticket, again) for ticket, again in every if ticket["outcome"] in OUTCOMES]
    first = [ticket for ticket, again in noted if ticket["outcome"] == "resolved" and not again]
    total = reasons["one-visit"].table.total
    assert total is not None
    assert total[1:3] == (len(noted), len(first))
    assert total[5] == pytest.approx(len(first) / len(noted))
    sizes: dict[str | None, int] = Counter(rows.name(ticket) for ticket, _ in noted)
    rest = folded(sizes)
    shares = {
        name: sum(rows.name(t) == name for t in first) / size
        for name, size in sizes.items()
        if name not in rest
    }
    table = {row[0]: row[5] for row in reasons["one-visit"].table.rows}
    other = sum(sizes[name] for name in rest)
    assert table.pop("Other") == pytest.approx(sum(rows.name(t) in rest for t in first) / other)
    assert table == {name: pytest.approx(share) for name, share in shares.items()}
    causes = Counter(ticket["avoidable"] for ticket, _ in every if ticket["avoidable"])
    labels = {
        "Chasing an answer": "chasing",
        "Letter was unclear": "unclear_letter",
        "Not our service": "not_our_service",
        "Could be done online": "could_be_online",
        "Our mistake": "our_mistake",
    }
    assert {row[0]: row[1] for row in reasons["avoidable"].table.rows} == {
        label: causes[cause] for label, cause in labels.items()
    }
    pairs = Counter((rows.name(ticket), ticket["avoidable"]) for ticket, _ in every if ticket["avoidable"])
    named = {
        (name, cause): number
        for (name, cause), number in pairs.items()
        if name not in folded(Counter(rows.name(t) for t, _ in every)) and number >= 5
    }
    shown = [(str(row[0]), labels[str(row[1])], row[2]) for row in reasons["act-first"].table.rows]
    assert [number for *_, number in shown] == sorted(named.values(), reverse=True)[:5]
    assert all(named[service, cause] == number for service, cause, number in shown)
    assert reasons["again"].table.total is not None
    assert reasons["again"].table.total[1:3] == (len(every), sum(again for _, again in every))
    helped = {row[0]: row[1] for row in reasons["at-the-door"].table.rows}
    assert helped == {
        "Helped at the door": sum(row["people"] for row in rows.helps),
        "Solved on the spot": sum(row["people"] for row in rows.helps if row["solved"]),
        "Need not have come": sum(row["people"] for row in rows.helps if row["avoidable"]),
    }


def test_one_person(month: Month) -> None:
    rows, _, _, person = month
    who = rows.busiest
    told = {each.slug: each for each in person}
    mine = [row for row in rows.tickets.values() if row["staff_id"] == who and row["served_at"]]
    assert told["needs"].table.rows[0][1] == sum(row["state"] == "finished" for row in mine)
    assert told["needs"].table.rows[1][1] == sum(row["state"] == "transferred" for row in mine)

    def sat(row: Raw) -> bool:
        """Whoever ended it sat somewhere when it began; otherwise somebody else had begun it."""
        at = row["served_at"]
        return any(
            each["staff_id"] == row["staff_id"] and each["since_at"] <= at <= each["until_at"]
            for each in rows.seats
        )

    table = {row[0]: row[1:] for row in told["serving"].table.rows}
    every = [(row, micros) for row, micros in served(rows) if sat(row)]
    assert len(every) < len(served(rows)), "the month has some that another had begun"
    assert table["Somebody"] == times(micros for row, micros in every if row["staff_id"] == who)
    assert table["Everybody else together"] == times(
        micros for row, micros in every if row["staff_id"] != who
    )
    sittings = [
        row
        for row in rows.seats
        if row["staff_id"] == who and october(row["since_at"]) and not row["left_open"]
    ]
    hours = told["time"].table.rows[0][1]
    assert hours == pytest.approx(sum(row["until_at"] - row["since_at"] for row in sittings) / 3_600_000_000)
