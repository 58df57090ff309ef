"""The topic of the estimate's own score: its sums, the weeks before, and which services are held back now."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection

from server.domain import spans
from server.domain.asked import Asked
from server.domain.figure import Figure
from server.domain.scoring import Tally
from server.domain.service_names import ServicesNamed
from server.domain.spans import Kind, Span
from server.domain.sums import UNNAMED
from server.domain.tallies import LEAST_SHOWN
from server.domain.telling import estimates
from server.domain.telling.compared import compared
from server.domain.telling.estimates import Lately
from server.live.doubtful import standings
from server.live.sums import read_series, services_named

WEEKS = 12
LONG = 12 * 7
"""A time of more days is divided as `spans.fitting` has it; a shorter one is shown as the last of twelve weeks."""
UNNAMED_SERVICES = "A service that is not named"


def read(connection: Connection, centre: int, asked: Asked) -> list[Figure]:
    parts = parts_of(asked)
    now, before, year, *series = read_series(
        connection, centre, [asked.span, asked.before, asked.year_before, *parts], asked.now
    )
    named = services_named(connection, centre)
    return estimates.figures(
        compared(asked, now, before, year),
        list(zip(parts, series, strict=True)),
        lately(connection, centre, asked.today, named),
        named,
    )


def parts_of(asked: Asked) -> list[Span]:
    """Twelve weeks up to the end of the time (or to today, while it runs), or the parts of a longer time that have begun."""
    passed = asked.passed or asked.span
    if passed.days > LONG:
        return spans.parts(passed, spans.fitting(passed))
    last = spans.span_of(Kind.WEEK, passed.last)
    return [
        Span(last.first - timedelta(weeks=ago), last.last - timedelta(weeks=ago), Kind.WEEK)
        for ago in reversed(range(WEEKS))
        if last.first - timedelta(weeks=ago) >= spans.EARLIEST
    ]


def lately(connection: Connection, centre: int, today: date, named: ServicesNamed) -> list[Lately]:
    """By service, as it is told now. Of what may not be named only that something is held back; of what fewer than five visitors came for, nothing."""
    shown = set(named.named)
    found, unnamed = [], False
    for each in standings(connection, centre, today):
        if each.service in shown:
            if each.lately.tickets >= LEAST_SHOWN or each.held:
                found.append(
                    _lately(named.name(each.service), each.lately, each.short, each.proved, each.held)
                )
        elif named.goes_to.get(each.service, UNNAMED) == UNNAMED:
            unnamed = unnamed or each.held
    if unnamed:
        found.append(Lately(UNNAMED_SERVICES, 0, 0, True, True, 0, 0))
    return found


def _lately(name: str, four_weeks: Tally, week: Tally, proved: bool, held: bool) -> Lately:
    return Lately(name, four_weeks.judged, four_weeks.right, proved, held, week.judged, week.right)
