"""What holds of every figure of every topic, so that whoever draws or exports one need not look: whole tables, definitions that are there, sentences, no name twice."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from server.charts import draw
from server.clock import to_micros
from server.domain.asked import ask
from server.domain.definitions import DEFINITIONS
from server.domain.figure import Bars, Columns, Figure, Grid, Lines, Ranges, Table
from server.domain.spans import Kind, Span, span_of
from server.live.telling import TOPICS
from server.store.database import open_database
from tests.server.live.test_figures_by_hand import BEGINS, DAYS, fill

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
SPANS = (
    span_of(Kind.DAY, NOW.date()),
    span_of(Kind.WEEK, NOW.date()),
    span_of(Kind.MONTH, BEGINS),
    Span(BEGINS - timedelta(days=3000), BEGINS + timedelta(days=DAYS), Kind.RANGE),
    span_of(Kind.YEAR, date(2001, 5, 1)),
    span_of(Kind.MONTH, date(2027, 2, 1)),
)


@pytest.fixture(scope="module")
def figures(
    sqlite_template: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, Span], list[Figure]]]:
    """Of every topic and each of those times: a busy one, a running one, one before there was anything, one in the future."""
    from server.store.schema import migrate_address

    address = f"sqlite:///{tmp_path_factory.mktemp('topics')}/foyer.db"
    migrate_address(address)
    database = open_database(address)
    with database.writing() as session:
        rows = fill(session, random.Random(9))
        for visit in rows.visits.values():
            session.add(visit)
    zone = ZoneInfo("Europe/London")
    with database.session() as session:
        yield {(slug, span): _read(session, slug, span, zone) for slug in TOPICS for span in SPANS}
    database.close()


def _read(session: Session, slug: str, span: Span, zone: ZoneInfo) -> list[Figure]:
    asked = ask(span, NOW.date(), to_micros(NOW), 1, "Here", zone, ((1, "Here"), (2, "There")))
    return TOPICS[slug].read(connection=session.connection(), centre=1, asked=asked)


@pytest.mark.parametrize("slug", TOPICS)
def test_every_figure_is_whole(figures: dict[tuple[str, Span], list[Figure]], slug: str) -> None:
    for span in SPANS:
        told = figures[slug, span]
        names = [figure.slug for figure in told]
        assert len(set(names)) == len(names)
        for figure in told:
            where = (slug, span, figure.slug)
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", figure.slug), where
            assert figure.definition in DEFINITIONS, where
            for sentence in (figure.sentence, *figure.notes):
                assert sentence.strip(), where
                assert sentence[-1] in ".?!:", (*where, sentence)
                assert not re.search(r"\bNone\b(?! of)|\bnan\b|  |%%|\.\.", sentence), (*where, sentence)
            for table in (figure.table, *figure.also):
                check_table(table, where)
            if figure.chart is not None:
                check_chart(figure, where)


def check_table(table: Table, where: object) -> None:
    keys = [column.key for column in table.columns]
    assert len(set(keys)) == len(keys), where
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in keys), (where, keys)
    for row in (*table.rows, *((table.total,) if table.total else ())):
        assert len(row) == len(keys), (where, row)
        assert row[0] is not None, where


def check_chart(figure: Figure, where: object) -> None:
    chart = figure.chart
    match chart:
        case Bars():
            lists = [chart.values, *([chart.other] if chart.other else [])]
        case Columns() | Lines():
            lists = [
                values for each in chart.series for values in (each.values, each.low, each.high) if values
            ]
        case Ranges():
            lists = [values for values in (chart.median, chart.ninth, chart.mean, chart.target) if values]
        case Grid():
            assert len(chart.values) == len(chart.rows), where
            assert {len(row) for row in chart.values} <= {len(chart.columns)}, where
            lists = []
    if not isinstance(chart, Grid):
        assert chart is not None
        assert {len(values) for values in lists} == {len(chart.labels)}, where
    assert draw(chart, "key", figure.title, figure.sentence).startswith("<svg"), where


def test_every_definition_is_written_in_sentences() -> None:
    for definition in DEFINITIONS.values():
        for said in (definition.counts, definition.times, definition.leaves_out):
            assert said[0].isupper() or said[0].isdigit(), definition.slug
            assert said.endswith("."), definition.slug
