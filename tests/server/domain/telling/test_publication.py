"""The figures for publication hold what may be published of the sums, and nothing that gives the rest away."""

from __future__ import annotations

from datetime import date

from server.domain.figure import Bars, Columns, Figure
from server.domain.publishing import HIDDEN, NOTE
from server.domain.spans import Kind, Span, span_of
from server.domain.sums import Sums
from server.domain.telling import publication
from server.domain.telling.publication import Offered
from wire.vocabulary import Activity

APRIL = span_of(Kind.MONTH, date(2026, 4, 1))
QUARTER = span_of(Kind.QUARTER, date(2026, 4, 1))
OFFERED = {
    1: Offered("Council tax", Activity.ADVICE),
    2: Offered("Housing", Activity.ADVICE),
    3: Offered("Parking", Activity.ADVICE),
    4: Offered("Show papers", Activity.SCAN_STATION),
}


def month(scans: int = 40, support: int = 3, private: int = 2) -> Sums:
    sums = Sums()
    for count, *key in (
        (90, "visits"), (6, "visits", "left"), (70, "visits", "half", 19), (17, "visits", "half", 20), (3, "visits", "half", 30),
        (90, "visits", "weekday", 1), (85, "visits", "language", "en"), (5, "visits", "language", "pl"), (90, "visits", "channel", "kiosk"),
        (47 + private, "ticket", "advice"), (support, "ticket", "support"), (scans, "tap", "scan_station", "greeter"), (10, "ticket", "scan_station"),
        (30, "service", 1), (12, "service", 2), (5, "service", 3), (10, "service", 4), (private, "service", 0),
        (7, "tap", "door_help", "greeter"), (7, "help", 1), (2, "help", "solved"),
    ):  # fmt: skip
        sums.tell(count, *key)
    for minutes in range(30):
        sums.put(minutes * 60_000_000, "wait", "walk_in", 1 + minutes % 2)
        if minutes < 5:
            sums.put(60_000_000, "wait", "booked", 1)
    return sums


def told(span: Span, *months: Sums) -> dict[str, Figure]:
    return {each.slug: each for each in publication.figures(span, months, OFFERED)}


def rows(figure: Figure) -> dict[object, object]:
    return {row[0]: row[-1] for row in figure.table.rows}


def test_small_numbers_are_hidden_with_a_neighbour_and_the_total_stays() -> None:
    figure = told(APRIL, month())["by-activity"]
    assert rows(figure) == {"Scan station": 50, "Advice": 49, "Helped at the door": HIDDEN, "Support": HIDDEN}
    assert figure.table.total == ("Together", 109)
    assert NOTE in figure.notes
    assert "109" in figure.sentence
    assert "3" not in figure.sentence


def test_nothing_hidden_is_drawn() -> None:
    for figure in told(APRIL, month()).values():
        if isinstance(figure.chart, Bars):
            drawn = dict(zip(figure.chart.labels, figure.chart.values, strict=True))
        elif isinstance(figure.chart, Columns):
            drawn = dict(zip(figure.chart.labels, figure.chart.series[0].values, strict=True))
        else:
            continue
        shown = rows(figure)
        assert all(value is None or shown[label] == value for label, value in drawn.items()), figure.slug


def test_private_needs_are_no_difference_of_the_services() -> None:
    """49 came for advice, and two of them privately: were all three services shown, 49 - 47 would tell."""
    figure = told(APRIL, month())["by-service"]
    assert rows(figure)["Council tax"] == 30
    hidden = [name for name, number in rows(figure).items() if number == HIDDEN]
    assert "Parking" in hidden
    assert figure.table.total is None


def test_services_of_a_hidden_activity_are_not_told() -> None:
    """Scans are hidden beside support, so their one service must not tell them."""
    sums = month(scans=0)
    sums.counts["tap/door_help/greeter"] = 0
    figures = told(APRIL, sums)
    assert rows(figures["by-activity"]) == {"Advice": 49, "Scan station": HIDDEN, "Support": HIDDEN}
    assert rows(figures["by-service"])["Show papers"] == HIDDEN


def test_the_same_visits_are_told_by_hour_weekday_language_and_way() -> None:
    figures = told(QUARTER, month(), month(), month())
    assert rows(figures["by-hour"]) == {"09:00": 210, "10:00": 51, "15:00": 9}
    assert rows(told(APRIL, month())["by-hour"]) == {"09:00": 70, "10:00": HIDDEN, "15:00": HIDDEN}
    assert {
        figures[slug].table.total for slug in ("by-hour", "by-weekday", "by-language", "by-channel", "by-end")
    } == {("Together", 270)}
    assert rows(figures["by-end"]) == {"Seen": 252, "Left before being served": 18}


def test_waits_are_told_where_many_waited() -> None:
    figure = told(APRIL, month())["waits"]
    assert figure.table.rows == (("Without an appointment", 14, 26), ("With an appointment", HIDDEN, HIDDEN))


def test_a_time_without_anybody_is_told_as_such() -> None:
    figures = told(APRIL, Sums())
    assert figures["by-activity"].sentence == publication.NOBODY
    assert figures["by-activity"].table.rows == ()


def test_a_time_of_very_few_is_not_told_at_all() -> None:
    few = Sums()
    few.tell(2, "visits")
    few.tell(2, "visits", "weekday", 1)
    figures = told(APRIL, few)
    assert {figures[slug].sentence for slug in ("by-hour", "by-weekday", "by-language")} == {
        publication.WITHHELD
    }
    assert all(
        figures[slug].table == figures[slug].table.__class__(figures[slug].table.columns, ())
        for slug in ("by-hour", "by-end")
    )
    assert "2 " not in figures["waits"].sentence.replace("2026", "")
