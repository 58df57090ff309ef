"""What the page Footfall tells."""

from __future__ import annotations

from sqlalchemy import Connection

from server.domain.asked import Asked
from server.domain.figure import Bars, Column, Figure, Measure, Table
from server.domain.telling.words import ACTIVITIES
from server.domain.telling.writing import count
from server.live.figures import read_figures


def read(connection: Connection, centre: int, asked: Asked) -> list[Figure]:
    figures = read_figures(
        connection, centre, asked.centre_name, asked.span.first, asked.span.last, asked.now
    )
    rows = sorted(((ACTIVITIES[row.activity], row.total) for row in figures.rows), key=lambda r: -r[1])
    return [
        Figure(
            slug="by-activity",
            title="By activity",
            sentence=f"{count(figures.total)} came.",
            table=Table(
                (Column("activity", "Activity", Measure.TEXT), Column("visitors", "People")),
                tuple(rows),
                ("Together", figures.total),
            ),
            definition="activities",
            chart=Bars(tuple(name for name, _ in rows), tuple(number for _, number in rows)),
        )
    ]
