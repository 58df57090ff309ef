"""The figures counted anew, by a person's way of counting: all rows read whole, days and times as datetimes, one rule after the other.

For tests alone, and of nothing that the server works out: it reads tables and knows no domain rule, so that a figure that agrees with it was counted twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from server.domain.sums import Sums
from server.store.tables import (
    Booking,
    Centre,
    Feedback,
    GivenEstimate,
    Pause,
    Seat,
    Service,
    Step,
    Tally,
    Ticket,
    Visit,
)

Row = Mapping[str, Any]
OPEN = ("waiting", "called", "serving", "parked")


class Recount:
    """`counts` as in `Sums`; `took`: of each spread, how long each took."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.took: dict[str, list[timedelta]] = defaultdict(list)

    def count(self, key: str, number: int = 1) -> None:
        self.counts[key] += number

    def as_told(self) -> tuple[dict[str, int], dict[str, tuple[int, int, dict[int, int]]]]:
        """Counts that are not nought; spreads as (how many, their seconds, how many took how many whole minutes)."""
        spreads = {
            key: (
                len(took),
                sum(round(each / timedelta(seconds=1)) for each in took),
                dict(Counter(ceil(each / timedelta(minutes=1)) for each in took)),
            )
            for key, took in self.took.items()
            if took
        }
        return {key: number for key, number in self.counts.items() if number}, spreads


def as_told(sums: Sums) -> tuple[dict[str, int], dict[str, tuple[int, int, dict[int, int]]]]:
    """What the server says, in the same shape."""
    return (
        {key: number for key, number in sums.counts.items() if number},
        {
            key: (each.number, each.seconds, {minute: n for minute, n in each.minutes.items() if n})
            for key, each in sums.spreads.items()
            if each.number
        },
    )


class Rows:
    """All rows of one centre, by table."""

    def __init__(self, connection: Connection, centre: int) -> None:
        def all_of(table: type[SQLModel]) -> list[dict[str, Any]]:
            return [dict(row) for row in connection.execute(select(table)).mappings()]

        def own(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [row for row in rows if row["centre_id"] == centre]

        self.zone = ZoneInfo(next(row["timezone"] for row in all_of(Centre) if row["id"] == centre))
        self.services = {row["id"]: row for row in own(all_of(Service))}
        self.visits = {row["id"]: row for row in own(all_of(Visit))}
        self.tickets = sorted(own(all_of(Ticket)), key=lambda row: row["id"])
        self.steps = sorted(all_of(Step), key=lambda row: row["id"])
        self.tallies, self.bookings = own(all_of(Tally)), own(all_of(Booking))
        self.seats, self.pauses = own(all_of(Seat)), all_of(Pause)
        self.feedback, self.given = own(all_of(Feedback)), own(all_of(GivenEstimate))

    def on(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def half(self, at: datetime) -> int:
        local = at.astimezone(self.zone)
        return (local.hour * 60 + local.minute) // 30

    def hidden(self, service: int | None) -> int:
        """0 for what may not be named."""
        if service is None or self.services[service]["discreet"] or self.services[service]["private"]:
            return 0
        return service


def recount(rows: Rows, days: Iterable[date], now: datetime) -> Recount:
    told = Recount()
    for on in days:
        if on <= rows.on(now):
            _Day(rows, told, on, now if rows.on(now) == on else None).count()
    return told


class _Day:
    def __init__(self, rows: Rows, told: Recount, on: date, now: datetime | None) -> None:
        self.rows, self.told, self.on, self.now = rows, told, on, now
        self.visits = {key: visit for key, visit in rows.visits.items() if visit["arrived_on"] == on}
        self.tickets = [ticket for ticket in rows.tickets if ticket["visit_id"] in self.visits]
        self.counted = [ticket for ticket in self.tickets if ticket["counted"]]
        self.seats = [seat for seat in rows.seats if rows.on(seat["since_at"]) == on]

    def count(self) -> None:
        self.needs()
        for ticket in self.counted:
            self.ending(ticket)
            self.times(ticket)
        self.outcomes()
        self.appointments()
        self.counters()
        self.beside()
        self.estimates()

    def service(self, ticket: Row) -> int:
        return 0 if self.visits[ticket["visit_id"]]["discreet"] else self.rows.hidden(ticket["service_id"])

    def who(self, ticket: Row) -> str:
        """The visit it is of in the end."""
        visit: str = ticket["visit_id"]
        for _ in range(len(self.visits) + 1):
            into = self.visits[visit]["merged_into"] if visit in self.visits else None
            if into is None:
                return visit
            visit = into
        return visit

    def lines(self) -> list[list[Row]]:
        """Tickets passed on one to the next, each line from its first."""
        after = {ticket["follows"]: ticket for ticket in self.tickets if ticket["follows"] is not None}
        known = {ticket["id"] for ticket in self.tickets}
        found: list[list[Row]] = []
        for ticket in self.tickets:
            if ticket["follows"] is None or ticket["follows"] not in known:
                line: list[Row] = [ticket]
                while line[-1]["id"] in after:
                    line.append(after[line[-1]["id"]])
                found.append(line)
        return found

    def needs(self) -> None:
        of_visit: dict[str, list[tuple[bool, int]]] = defaultdict(list)
        for line in self.lines():
            self.wait([ticket for ticket in line if ticket["counted"]])
            real = [
                ticket
                for ticket in line
                if ticket["counted"]
                and not (ticket["state"] == "transferred" and ticket["served_at"] is None)
            ]
            for kind in {self.kind(ticket) for ticket in real}:
                same = [ticket for ticket in real if self.kind(ticket) == kind]
                left = all(ticket["served_at"] is None and ticket["state"] not in OPEN for ticket in same)
                self.told.count(f"ticket/{kind}")
                self.told.count(f"service/{self.service(same[-1])}")
                if left:
                    self.told.count(f"ticket/{kind}/left")
                    self.told.count(f"service/{self.service(same[-1])}/left")
                people = max(self.visits[ticket["visit_id"]]["people"] for ticket in same)
                of_visit[self.who(same[-1])].append((left, people))
        for visit, own in of_visit.items():
            if visit in self.visits:
                self.visit(self.visits[visit], own)

    def kind(self, ticket: Row) -> str:
        if ticket["booking_id"] is not None:
            return "appointment"
        activity: str = self.rows.services[ticket["service_id"]]["activity"]
        return activity

    def visit(self, visit: Row, own: list[tuple[bool, int]]) -> None:
        self.told.count("visits")
        self.told.count("visitors", max(people for _, people in own))
        if all(left for left, _ in own):
            self.told.count("visits/left")
        self.told.count(f"visits/channel/{visit['channel']}")
        self.told.count(f"visits/language/{visit['language']}")
        for need in visit["needs"]:
            self.told.count(f"visits/need/{need}")
        self.told.count(f"visits/half/{self.rows.half(visit['arrived_at'])}")
        self.told.count(f"visits/weekday/{self.on.weekday()}")

    def wait(self, line: list[Row]) -> None:
        called = [ticket for ticket in line if ticket["first_called_at"] is not None]
        if not called:
            return
        first = min(called, key=lambda ticket: (ticket["first_called_at"], ticket["id"]))
        if first["left_open"]:
            return
        since, how = first["arrived_at"], "walk_in"
        if first["booking_id"] is not None:
            how = "late"
            if first["ticket_class"] == "booked":
                time = next(
                    each["starts_at"] for each in self.rows.bookings if each["id"] == first["booking_id"]
                )
                since, how = max(since, time), "booked"
        waited = max(timedelta(0), first["first_called_at"] - since)
        self.told.took[f"wait/{how}/{self.service(first)}"].append(waited)
        if how == "walk_in":
            self.told.took[f"wait/half/{self.rows.half(first['arrived_at'])}"].append(waited)

    def ending(self, ticket: Row) -> None:
        service, state = self.service(ticket), ticket["state"]
        if ticket["first_called_at"] is not None:
            self.told.count(f"called/{service}")
        if ticket["left_open"]:
            self.told.count(f"inaccurate/{service}")
        if state in ("no_show", "transferred"):
            self.told.count(f"{state}/{service}")
        if state == "cancelled":
            self.told.count(f"{'cancelled' if ticket['served_at'] is None else 'left_parked'}/{service}")
        for step in self.rows.steps:
            ends = step["action"] in ("finish", "no_show", "cancel", "transfer")
            if step["ticket_id"] == ticket["id"] and ends and step["undone_at"] is not None:
                self.told.count(f"reopened/{service}")

    def times(self, ticket: Row) -> None:
        """Minute by minute, so to say: where the visitor was from being served until the end."""
        if ticket["served_at"] is None or ticket["left_open"]:
            return
        service, over = self.service(ticket), ticket["state"] not in OPEN
        moves = [
            (step["at"], step["action"], step["counter_id"])
            for step in self.rows.steps
            if step["ticket_id"] == ticket["id"]
            and step["undone_at"] is None
            and step["action"] in ("park", "unpark")
        ]
        end = ticket["ended_at"] if over else self.now
        if end is not None:
            moves.append((end, "end", ticket["counter_id"]))
        at, served, parked, was_parked = ticket["served_at"], timedelta(0), timedelta(0), False
        for until, action, counter in moves:
            if action == "unpark" or (action == "end" and moves[-2:-1] and moves[-2][1] == "park"):
                parked += until - at
                was_parked = True
            else:
                served += until - at
                self.busy(counter, at, until)
            at = until
        self.told.took[f"walk/{service}"].append(ticket["served_at"] - ticket["called_at"])
        if over:
            self.told.took[f"serve/{service}"].append(served)
            if was_parked:
                self.told.took[f"park/{service}"].append(parked)

    def busy(self, counter: int | None, since: datetime, until: datetime) -> None:
        unknown = any(
            seat["left_open"]
            and seat["counter_id"] == counter
            and since < seat["until_at"]
            and seat["since_at"] < until
            for seat in self.seats
        )
        if counter is not None and not unknown:
            self.told.count(f"counter/{counter}/busy", round((until - since).total_seconds()))

    def outcomes(self) -> None:
        seen = set()
        finished = [ticket for ticket in self.counted if ticket["state"] == "finished"]
        for ticket in sorted(finished, key=lambda ticket: (ticket["served_at"], ticket["id"])):
            service, about = self.service(ticket), (self.who(ticket), ticket["service_id"])
            again = ticket["again"] or about in seen
            seen.add(about)
            self.told.count(f"served/{service}")
            self.told.count(f"outcome/{ticket['outcome'] or 'none'}/{service}")
            if ticket["avoidable"]:
                self.told.count(f"avoidable/{ticket['avoidable']}/{service}")
            if again:
                self.told.count(f"again/{service}")
            elif ticket["outcome"] == "resolved":
                self.told.count(f"first_time/{service}")

    def appointments(self) -> None:
        seen = set()
        for line in self.lines():
            for ticket in line:
                if (
                    ticket["counted"]
                    and ticket["booking_id"] is not None
                    and ticket["booking_id"] not in seen
                ):
                    seen.add(ticket["booking_id"])
                    how = "kept" if ticket["ticket_class"] == "booked" else "late"
                    self.told.count(f"booking/{how}/{self.service(ticket)}")
        for booking in self.rows.bookings:
            if booking["state"] in ("missed", "cancelled") and self.rows.on(booking["starts_at"]) == self.on:
                self.told.count(f"booking/{booking['state']}/{self.rows.hidden(booking['service_id'])}")

    def counters(self) -> None:
        for seat in self.seats:
            counter = seat["counter_id"]
            if seat["left_open"]:
                self.told.count(f"counter/{counter}/inaccurate")
                continue
            end = seat["until_at"] or self.now
            if end is not None:
                self.told.count(f"counter/{counter}/open", round((end - seat["since_at"]).total_seconds()))
            for pause in self.rows.pauses:
                stop = pause["until_at"] or end
                if pause["seat_id"] == seat["id"] and stop is not None:
                    self.told.count(
                        f"counter/{counter}/break", round((stop - pause["since_at"]).total_seconds())
                    )

    def beside(self) -> None:
        for tally in self.rows.tallies:
            if tally["counted_on"] != self.on or tally["withdrawn_at"] is not None:
                continue
            people = tally["people"]
            self.told.count(f"tap/{tally['activity']}/{tally['source']}", people)
            self.told.count(f"tap/weekday/{self.on.weekday()}", people)
            if tally["source"] != "tally_sheet":
                self.told.count(f"tap/half/{self.rows.half(tally['at'])}", people)
            if tally["activity"] == "door_help":
                self.told.count(f"help/{self.rows.hidden(tally['service_id'])}", people)
                self.told.count("help/solved", people if tally["solved"] else 0)
                self.told.count("help/avoidable", people if tally["avoidable"] else 0)
        for said in self.rows.feedback:
            if said["given_on"] == self.on and said["withdrawn_at"] is None:
                score = said["score"]
                self.told.count(f"said/score/{score}")
                self.told.count(f"said/way/{said['way']}/{score}")
                self.told.count(f"said/language/{said['language']}/{score}")
                self.told.count(f"said/service/{self.rows.hidden(said['service_id'])}/{score}")
                if said["reason"]:
                    self.told.count(f"said/reason/{said['reason']}/{score}")

    def estimates(self) -> None:
        tickets = {ticket["id"]: ticket for ticket in self.tickets}
        for given in self.rows.given:
            ticket = tickets.get(given["ticket_id"])
            if ticket is None or not given["told"]:
                continue
            called = ticket["first_called_at"]
            judged = called is not None and called >= given["at"]
            if not judged and ticket["state"] == "waiting":
                continue
            service, band = (
                self.service(ticket),
                max(b for b in (0, 5, 10, 20, 40) if b * 60 <= given["middle_seconds"]),
            )
            for place in (str(service), f"band/{band}"):
                self.told.count(f"estimate/{place}/told")
            if not judged:
                continue
            took = (called - given["at"]).total_seconds()
            how = (
                "early"
                if took < given["low_seconds"]
                else "late"
                if took > given["high_seconds"]
                else "within"
            )
            off = round(took) - given["middle_seconds"]
            for place in (str(service), f"band/{band}"):
                self.told.count(f"estimate/{place}/{how}")
                self.told.count(f"estimate/{place}/minutes", abs(off))
                self.told.count(f"estimate/{place}/bias", off)
            self.told.took[f"estimate/error/{service}"].append(timedelta(seconds=abs(off)))
            self.told.took[f"estimate/took/{band}"].append(timedelta(seconds=round(took)))
