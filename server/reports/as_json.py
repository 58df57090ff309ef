"""Figures as JSON, for other programs: each table with its columns, what each column's cells are, its rows as objects by the columns' keys."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from server.domain.figure import Cell, Column, Figure, Table
from server.reports.booklet import Booklet


def figure_told(figure: Figure) -> dict[str, Any]:
    """One figure; `null` in a row: there is nothing to tell, which is not 0."""
    return {
        "slug": figure.slug,
        "title": figure.title,
        "sentence": figure.sentence,
        "definition": figure.definition,
        "notes": list(figure.notes),
        "tables": [_table(each) for each in (figure.table, *figure.also)],
    }


def _table(table: Table) -> dict[str, Any]:
    columns = table.columns
    return {
        "columns": [{"key": c.key, "title": c.title, "measure": c.measure.value} for c in columns],
        "rows": [_row(columns, row) for row in table.rows],
        "total": _row(columns, table.total) if table.total is not None else None,
    }


def _row(columns: Sequence[Column], row: Sequence[Cell]) -> dict[str, Any]:
    return {column.key: _cell(cell) for column, cell in zip(columns, row, strict=True)}


def _cell(cell: Cell) -> Any:
    return cell.isoformat() if isinstance(cell, date) else cell


def document(booklet: Booklet) -> bytes:
    told = {
        "title": booklet.title,
        "period": {
            "kind": booklet.span.kind.value,
            "start": booklet.span.first.isoformat(),
            "end": booklet.span.last.isoformat(),
        },
        "made_at": booklet.made_at.isoformat(timespec="seconds"),
        "for_publication": booklet.public,
        "notes": list(booklet.notes),
        "chapters": [
            {
                "centre": chapter.centre,
                "centre_slug": chapter.centre_slug,
                "topic": chapter.topic,
                "title": chapter.title,
                "figures": [figure_told(figure) for figure in chapter.figures],
            }
            for chapter in booklet.chapters
        ],
        "definitions": [
            {
                "slug": each.slug,
                "name": each.name,
                "counts": each.counts,
                "times": each.times,
                "leaves_out": each.leaves_out,
            }
            for each in booklet.definitions
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False).encode()
