"""What is told of nobody, of one and of a hundred thousand; of a centre open past midnight; and never more of a service than may be."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from server.domain.asked import Asked, ask
from server.domain.figure import Figure, Lines, Ranges, Table
from server.domain.service_names import ServiceNow, name_services
from server.domain.spans import Kind, Span, parts, span_of
from server.domain.sums import Sums, together
from server.domain.telling import avoidable, counters, endings, waits, waits_when, why
from server.domain.telling.by_service import Offered
from server.domain.telling.compared import Compared, compared

TODAY = date(2026, 11, 24)
MINUTE = 60_000_000
TAX, HOMES, SAFE = 1, 2, 3
OFFERED = Offered(
    name_services(
        [
            ServiceNow(TAX, "tax", "Council tax", False, (), None),
            ServiceNow(HOMES, "homes", "Finding a home", False, (), None),
            ServiceNow(SAFE, "safe", "Safety", True, (), None),
        ]
    ),
    {TAX: 20, HOMES: 10, SAFE: 5},
    5,
)
MONTH = span_of(Kind.MONTH, date(2026, 10, 1))


def asked(span: Span = MONTH) -> Asked:
    return ask(span, TODAY, 0, 1, "York House", ZoneInfo("Europe/London"))


def beside(now: Sums, before: Sums | None = None, span: Span = MONTH) -> Compared:
    return compared(asked(span), now, before or Sums(), Sums())


def all_figures(now: Sums, before: Sums | None = None, span: Span = MONTH) -> dict[str, Figure]:
    told = beside(now, before, span)
    series = [(part, Sums()) for part in parts(span, Kind.DAY)]
    figures = [
        *waits.figures(told, OFFERED),
        *waits_when.figures(told, series, OFFERED),
        *endings.figures(told, OFFERED),
        counters.figure(told, {1: "Desk 1"}),
        *why.figures(told, OFFERED),
        *avoidable.figures(told, OFFERED),
    ]
    return {figure.slug: figure for figure in figures}


def came(number: int, service: int = TAX, minutes: int = 7, half: int = 20) -> Sums:
    """So many without an appointment, called after `minutes` and resolved."""
    sums = Sums()
    for kind in ("service", "called", "served", "first_time"):
        sums.tell(number, kind, service)
    sums.tell(number, "outcome", "resolved", service)
    for path in (("wait", "walk_in", service), ("wait", "half", half), ("serve", service), ("walk", service)):
        sums.put(minutes * MINUTE, *path)
        spread = sums.spreads["/".join(str(part) for part in path)]
        spread.number, spread.seconds = number, number * minutes * 60
        spread.minutes[minutes] = number
    return sums


def tables(figure: Figure) -> list[Table]:
    return [figure.table, *figure.also]


def test_of_nobody_it_says_so_and_draws_nothing() -> None:
    figures = all_figures(Sums())
    assert not [figure.slug for figure in figures.values() if figure.chart]
    assert figures["how-long"].sentence == "Nobody was called in this time."
    assert (
        figures["one-visit"].sentence
        == figures["outcomes"].sentence
        == "Nobody was served to an end in this time."
    )
    cells = [cell for figure in figures.values() for row in figure.table.rows for cell in row[1:]]
    assert set(cells) <= {0, None}


def test_of_one_it_speaks_of_one() -> None:
    figures = all_figures(came(1))
    assert figures["how-long"].sentence.startswith(
        "One visitor without an appointment was called, after 7 minutes."
    )
    assert (
        figures["one-visit"].sentence
        == "1 of 1 need was resolved in one visit (100%). The target of 95% is met."
    )
    for slug in ("waits-by-service", "one-visit", "again"):
        assert [row[0] for row in figures[slug].table.rows] == ["All needs together"], slug


def test_of_a_hundred_thousand_nothing_is_lost() -> None:
    figures = all_figures(came(100_000))
    assert figures["how-long"].table.rows[0][1:6] == (100_000, 7, 7.0, 7, 1.0)
    assert "100,000 times" in figures["how-long"].sentence
    assert figures["waits-by-service"].table.rows[0][:2] == ("Council tax", 100_000)


def test_every_row_is_as_wide_as_its_headings() -> None:
    for span in (MONTH, span_of(Kind.YEAR, TODAY), span_of(Kind.DAY, TODAY)):
        for figure in all_figures(came(9), came(3), span).values():
            for table in tables(figure):
                rows = [*table.rows, *([table.total] if table.total else [])]
                assert {len(row) for row in rows} <= {len(table.columns)}, figure.slug
                assert len({column.key for column in table.columns}) == len(table.columns), figure.slug


@pytest.mark.parametrize(
    ("came_in", "order"),
    [
        ([19, 20, 32], [*range(19, 33)]),
        ([44, 47, 0, 3], [44, 45, 46, 47, 0, 1, 2, 3]),  # open past midnight
        ([7], [7]),
        ([], []),
        ([*range(48)], [*range(48)]),
    ],
)
def test_the_day_begins_after_its_longest_silence(came_in: list[int], order: list[int]) -> None:
    assert waits_when.halves(came_in) == order


def test_shares_within_target_are_of_waits_and_not_of_services() -> None:
    """Nine of nine in time at one service, one of ninety at another: a tenth in all, not half."""
    sums = came(9, TAX, 15)
    sums.add(came(1, HOMES, 5))
    sums.add(came(89, HOMES, 15))
    assert waits.share_within(sums, waits.Came.WALK_IN, OFFERED) == pytest.approx(10 / 99)


def test_a_private_visit_is_held_against_the_private_target_and_never_named() -> None:
    sums = came(50, TAX, 6)
    sums.add(came(6, 0, 6))
    figures = all_figures(OFFERED.named.read(sums))
    rows = {row[0]: row for row in figures["waits-by-service"].table.rows}
    assert set(rows) == {"Council tax", "Other"}
    assert (rows["Council tax"][6], rows["Other"][6]) == (1.0, 0.0)
    assert "Safety" not in str(figures)


def test_who_reads_of_a_service_is_told_what_went_into_it() -> None:
    named = name_services(
        [
            ServiceNow(TAX, "tax", "Council tax", False, ("benefit",), None),
            ServiceNow(HOMES, "benefit", "Council tax support", False, (), date(2026, 10, 9)),
        ]
    )
    offered = Offered(named, {TAX: 20}, 5)
    sums = came(6, TAX)
    sums.add(came(6, HOMES))
    told = beside(named.read(sums))
    for figure in (
        *waits.services(told, offered),
        why.one_visit(told, offered),
        avoidable.causes(told, offered),
    ):
        assert (
            "Council tax includes Council tax support, as it was called until 9 October 2026." in figure.notes
        )
    assert waits.services(told, offered)[0].table.rows[0][:2] == ("Council tax", 12)


def test_services_are_told_of_no_time_that_could_be_taken_from_another() -> None:
    week = span_of(Kind.WEEK, date(2026, 10, 8))
    figures = all_figures(came(500), came(400), week)
    assert "Council tax" not in str(figures)
    assert "act-first" not in figures
    for slug in ("how-long", "one-visit", "avoidable"):
        assert "Near this time: October 2026." in figures[slug].notes[-1], slug
    longer = Span(date(2026, 9, 1), date(2026, 10, 31))  # whole months, but what lies before it is not
    columns = all_figures(came(500), came(400), longer)["waits-by-service"].table.columns
    assert [each.key for each in columns if each.key.startswith("share_within_")] == [
        "share_within_year_before"
    ]


def test_a_whole_year_is_compared_once() -> None:
    columns = all_figures(came(9), came(3), span_of(Kind.YEAR, TODAY))["what-became"].table.columns
    assert [column.key for column in columns][-1] == "number_before"


def test_sending_people_away_does_not_make_the_share_in_one_visit_better() -> None:
    sums = came(95)
    sums.tell(5, "outcome", "not_ours", TAX)
    sums.tell(5, "served", TAX)
    figure = all_figures(sums)["one-visit"]
    assert figure.table.rows[0][1:6] == (100, 95, 0, 5, 0.95)
    assert figure.sentence.endswith("The target of 95% is met.")
    sums.tell(1, "outcome", "left", TAX)
    assert all_figures(sums)["one-visit"].sentence.endswith("The target is 95%: 1 more would have met it.")


def test_what_nobody_noted_is_in_no_share_of_any_time() -> None:
    before = came(10)
    before.tell(10, "served", TAX)
    before.tell(10, "outcome", "none", TAX)
    figure = all_figures(came(10), before)["one-visit"]
    assert figure.table.rows[0][5:7] == (1.0, 1.0)
    assert "as in the month before" in figure.sentence


def test_act_first_on_what_most_came_for_and_on_nothing_small_or_private() -> None:
    sums = came(60, TAX)
    sums.add(came(40, HOMES))
    sums.add(came(40, 0))
    for number, cause, service in (
        (8, "chasing", TAX),
        (12, "unclear_letter", HOMES),
        (4, "our_mistake", TAX),
        (30, "chasing", 0),
    ):
        sums.tell(number, "avoidable", cause, service)
    figures = all_figures(sums)
    assert [row[:3] for row in figures["act-first"].table.rows] == [
        ("Finding a home", "Letter was unclear", 12),
        ("Council tax", "Chasing an answer", 8),
    ]
    assert figures["act-first"].sentence.startswith("Begin with “Finding a home”: 12 came")
    assert figures["avoidable"].table.total is not None
    assert figures["avoidable"].table.total[1] == 54


def test_days_without_anything_are_left_out_and_charts_hold_what_the_table_holds() -> None:
    series = [(part, came(3) if part.first.weekday() < 5 else Sums()) for part in parts(MONTH, Kind.DAY)]
    figure = waits_when.over_time(series, OFFERED)
    assert len(figure.table.rows) == 22
    assert isinstance(figure.chart, Lines)
    assert [len(each.values) for each in figure.chart.series] == [22, 22]
    assert any("left out" in note for note in figure.notes)
    for each in all_figures(came(12)).values():
        if isinstance(each.chart, Ranges):
            assert len(each.chart.labels) <= len(each.table.rows)


def test_what_counters_did_adds_up() -> None:
    sums = Sums()
    for number, kind in ((36_000, "open"), (18_000, "busy"), (3_600, "break"), (1, "inaccurate")):
        sums.tell(number, "counter", 1, kind)
    figure = all_figures(sums)["counters"]
    assert figure.table.rows[0][:6] == ("Desk 1", 10.0, 5.0, 1.0, 4.0, 0.5)
    assert "1 sitting was left open" in figure.notes[0]


def test_nothing_is_called_the_most_that_is_as_many_as_another() -> None:
    sums = together([came(9), came(8, HOMES)])
    for service in (TAX, HOMES):
        sums.tell(3, "again", service)
        sums.tell(2, "avoidable", "chasing", service)
        sums.tell(2, "avoidable", "unclear_letter", service)
    told = all_figures(sums)
    assert told["again"].sentence == "6 of 17 needs had brought the visitor here before (35%)."
    assert (
        "The most usual causes were “chasing an answer” and “letter was unclear”: 4 each."
        in told["avoidable"].sentence
    )
    sums.tell(1, "again", TAX)
    sums.tell(1, "avoidable", "chasing", TAX)
    told = all_figures(sums)
    assert "More came about “Council tax” than about anything else: 4." in told["again"].sentence
    assert "The most usual cause was “chasing an answer”: 5." in told["avoidable"].sentence


def test_what_took_longest_is_what_the_sentence_compares() -> None:
    sums = together([came(9, minutes=6), came(9, HOMES, minutes=7)])
    sums.put(900 * MINUTE, "serve", TAX)  # one very long talk: the longer mean, the shorter median
    assert (
        all_figures(sums)["serving-by-service"].sentence
        == "“Finding a home” took longest: half were served within 7 minutes."
    )


def test_pages_leave_out_what_is_not_known_and_files_do_not() -> None:
    told = all_figures(came(9))
    table = told["how-long"].table
    assert [column.key for column in table.columns][-2:] == ["median_before", "median_year_before"]
    assert [column.key for column in table.known.columns] == [column.key for column in table.columns][:-2]
    assert {len(line) for line in table.known.lines} == {len(table.known.columns)}
    assert all_figures(came(9), came(3))["how-long"].table.known.columns[-1].key == "median_before"
    assert not told["how-long"].empty
    assert all(figure.empty for figure in all_figures(Sums()).values())
    past = all_figures(Sums(), came(3))
    assert not past["how-long"].empty, "there is something to compare with"


def test_of_any_days_it_is_said_with_how_many_they_are_compared() -> None:
    told = all_figures(came(9), came(9), Span(date(2026, 11, 3), date(2026, 11, 9)))
    assert (
        "100% of these calls came within the target of the service, as in the 7 days before."
        in told["how-long"].sentence
    )
    one = compared(asked(Span(TODAY, TODAY)), Sums(), Sums(), Sums())
    assert [other.title for other in one.others] == ["Day before", "Year before"]
