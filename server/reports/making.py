"""One booklet as one file, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from server.reports import as_csv, as_json
from server.reports.booklet import Booklet, Form, Made

MEDIA_TYPES = {
    Form.PDF: ("pdf", "application/pdf"),
    Form.XLSX: ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Form.CSV: ("zip", "application/zip"),
    Form.JSON: ("json", "application/json"),
}


def load(form: Form) -> None:
    """Have what makes such a file in memory before there is anything to make."""
    if form is Form.PDF:
        import_module("server.reports.as_pdf")
    elif form is Form.XLSX:
        import_module("server.reports.as_xlsx")


def make(
    booklet: Booklet, form: Form, progress: Callable[[int, str], None] = lambda percent, say: None
) -> Made:
    """Blocks until it is done: a PDF takes seconds of a processor (`press` makes it elsewhere)."""
    match form:
        case Form.PDF:
            # Loading the typesetter takes a second and 60 MB, which a server that makes no PDF need not spend.
            from server.reports import as_pdf

            body = as_pdf.document(booklet, progress)
        case Form.XLSX:
            from server.reports import as_xlsx  # 10 MB, for a file that is made now and then

            body = as_xlsx.workbook(booklet)
        case Form.CSV:
            body = as_csv.archive(booklet)
        case Form.JSON:
            body = as_json.document(booklet)
    ending, media_type = MEDIA_TYPES[form]
    return Made(f"{booklet.stem}{'-for-publication' if booklet.public else ''}.{ending}", media_type, body)
