"""The figures of a day or a span of days, for the page Counts and its files.

Live tickets, taps, tally sheets, imported figures and the door's counter stand side by side and are added up here, each worked out by the domain's
rules. What is discreet has lost its service before it comes here, so that no figure by need can name it. Of days whose detail was erased because it was due, what is
kept of them (`server.store.queries.sum_copies`) is added to what their rows say, so that the page tells the same before and after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain import tallies
from server.domain.sums import UNNAMED, Sums, together
from server.domain.tallies import DoorDay, Named, Sought, Visits
from server.store.queries import counts, sum_copies
from server.store.sql import Sql
from wire.vocabulary import Activity, CountSource

MOST_CORRECTIONS = 200
BY_DAY = 45
"""A longer span is told by month."""


@dataclass(frozen=True)
class ActivityRow:
    activity: Activity
    tickets: int
    left: int
    """Of the tickets: went, or did not come, before anybody served them."""
    taps: int
    sheets: int
    imported: int

    @property
    def live(self) -> int:
        return self.tickets + self.taps + self.sheets

    @property
    def total(self) -> int:
        return self.live + self.imported


@dataclass(frozen=True)
class PartRow:
    """One day or month of a span. Imported figures stand in the part that holds their whole period, if there is one."""

    first: date
    last: date
    tickets: int
    taps: int
    imported: int
    went_in: int | None

    @property
    def total(self) -> int:
        return self.tickets + self.taps + self.imported


@dataclass(frozen=True)
class Helped:
    people: int
    solved: int
    avoidable: int


@dataclass(frozen=True)
class Figures:
    centre: str
    zone: ZoneInfo
    today: date
    first: date
    last: date
    rows: tuple[ActivityRow, ...]
    visits: Visits
    needs: tuple[Named, ...] | None
    """Tickets and help at the door by need, folded so that nobody is singled out. None: not of this span, see `months`."""
    months: tuple[date, date] | None
    """The whole months near the span whose needs are told."""
    helped: Helped
    parts: tuple[PartRow, ...]
    by_month: bool
    doors: tuple[counts.DoorSum, ...]
    door: DoorDay
    partly: tuple[counts.PastFigure, ...]
    """Imported figures whose period reaches beyond the span: they cannot be divided, so they are not added."""
    corrections: tuple[counts.Correction, ...]

    @property
    def is_day(self) -> bool:
        return self.first == self.last

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def live(self) -> int:
        return sum(row.live for row in self.rows)

    @property
    def imported(self) -> int:
        return sum(row.imported for row in self.rows)


def today_of(connection: Connection, centre: int, now: int) -> date:
    """The centre's date."""
    sql = Sql(connection)
    zone = ZoneInfo(counts.zone_name(sql, centre))
    sql.close()
    return from_micros(now).astimezone(zone).date()


def read_figures(
    connection: Connection, centre: int, name: str, first: date, last: date, now: int
) -> Figures:
    """Everything about `centre` from `first` to `last`, both included."""
    sql = Sql(connection)
    zone = ZoneInfo(counts.zone_name(sql, centre))
    services = counts.services_of(sql, centre)
    sought = tallies.sought(counts.tickets_of(sql, centre, first, last, services))
    taps = counts.tally_sums(sql, centre, first, last)
    past = counts.past_figures(sql, centre, first, last)
    whole = [each for each in past if first <= each.first and each.last <= last]
    helps = counts.door_helps(sql, centre, first, last)
    kept_days = sum_copies.kept_of(sql, centre, first, last)
    kept = together(kept_days.values())
    rows = _rows(sought, kept, taps, whole)
    by_month = (last - first).days + 1 > BY_DAY
    by_day = Counter(each.on for each in sought)
    for on, sums in kept_days.items():
        by_day[on] += sum(sums.by("ticket").values())
    tapped: Counter[date] = Counter()
    for each in taps:
        tapped[date.fromisoformat(each.on)] += each.people
    parts = [_part(sql, centre, *span, by_day, tapped, whole) for span in _parts(first, last, by_month)]
    doors = counts.door_sums(sql, centre, first, last)
    today = from_micros(now).astimezone(zone).date()
    tells_needs = tallies.may_be_told_by_need(first, last, today)
    figures = Figures(
        centre=name,
        zone=zone,
        today=today,
        first=first,
        last=last,
        rows=rows,
        visits=_visits(sought, kept),
        needs=tuple(_needs(sought, kept, helps, services)) if tells_needs else None,
        months=None if tells_needs else tallies.whole_months(first, last, today),
        helped=Helped(
            sum(each.people for each in helps),
            sum(each.solved for each in helps),
            sum(each.avoidable for each in helps),
        ),
        parts=tuple(parts) if first != last else (),
        by_month=by_month,
        doors=tuple(doors),
        door=DoorDay(
            went_in=sum(each.went_in for each in doors),
            went_out=sum(each.went_out for each in doors),
            counted=sum(row.live for row in rows),
        ),
        partly=tuple(each for each in past if each not in whole),
        corrections=tuple(counts.corrections_of(sql, centre, first, last, MOST_CORRECTIONS)),
    )
    sql.close()
    return figures


def _visits(sought: Sequence[Sought], kept: Sums) -> Visits:
    there = tallies.visits(sought)
    return replace(
        there,
        visits=there.visits + kept.count("visits"),
        visitors=there.visitors + kept.count("visitors"),
        left=there.left + kept.count("visits", "left"),
    )


def _rows(
    sought: Sequence[Sought],
    kept: Sums,
    taps: Sequence[counts.TallySum],
    past: Sequence[counts.PastFigure],
) -> tuple[ActivityRow, ...]:
    tickets, left = (
        Counter(each.activity for each in some) for some in (sought, [s for s in sought if s.left])
    )
    for activity in Activity:
        tickets[activity] += kept.count("ticket", activity.value)
        left[activity] += kept.count("ticket", activity.value, "left")
    tapped: Counter[str] = Counter()
    sheets: Counter[str] = Counter()
    for tally in taps:
        of = sheets if tally.source == CountSource.TALLY_SHEET.value else tapped
        of[tally.activity] += tally.people
    imported: Counter[str] = Counter()
    for figure in past:
        imported[figure.activity] += figure.visitors
    return tuple(
        ActivityRow(
            each, tickets[each], left[each], tapped[each.value], sheets[each.value], imported[each.value]
        )
        for each in Activity
    )


def _parts(first: date, last: date, by_month: bool) -> list[tuple[date, date]]:
    found, begins = [], first
    while begins <= last:
        after = (
            (begins.replace(day=1) + timedelta(days=32)).replace(day=1)
            if by_month
            else begins + timedelta(days=1)
        )
        ends = min(last, after - timedelta(days=1))
        found.append((begins, ends))
        begins = ends + timedelta(days=1)
    return found


def _part(
    sql: Sql,
    centre: int,
    begins: date,
    ends: date,
    tickets: Mapping[date, int],
    taps: Mapping[date, int],
    past: Sequence[counts.PastFigure],
) -> PartRow:
    doors = counts.door_sums(sql, centre, begins, ends)
    return PartRow(
        begins,
        ends,
        tickets=sum(number for on, number in tickets.items() if begins <= on <= ends),
        taps=sum(number for on, number in taps.items() if begins <= on <= ends),
        imported=sum(each.visitors for each in past if begins <= each.first and each.last <= ends),
        went_in=sum(each.went_in for each in doors) if doors else None,
    )


def _needs(
    sought: Sequence[Sought],
    kept: Sums,
    helps: Sequence[counts.Helped],
    services: Mapping[int, counts.ServiceFact],
) -> list[Named]:
    named: Counter[str] = Counter()
    unnamed = 0
    for service, number in [
        *((each.service, 1) for each in sought),
        *((int(service), number) for service, number in kept.by("service").items()),
        *((each.service, each.people) for each in helps),
    ]:
        if service is None or service == UNNAMED or services[service].discreet:
            unnamed += number
        else:
            named[services[service].name] += number
    return tallies.fold(named, unnamed)
