"""Figures of self-service: scans by purpose, forms, pages elsewhere and the search; how many were finished, how long they took, where people gave up.

Charts are bars with their number beside them, and every figure stands in a table too. The file (CSV) holds the same, and nothing a spreadsheet would run.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.domain.self_service_sums import Sum
from server.live.figures import today_of
from server.live.self_service import UsesNow, read_self_service
from server.web.gate import Guarded, house_of
from server.web.pages.counts import span_of
from server.web.render import page
from wire.vocabulary import UseKind

router = APIRouter()

USUAL_DAYS = 28
KINDS = {
    UseKind.SCAN: "Scan station",
    UseKind.FORM: "Form",
    UseKind.ONLINE: "Page elsewhere",
    UseKind.SEARCH: "Search",
}
_ALIKE = {
    "check": "Looking over everything before it is sent",
    "sending": "While it was being sent",
    "failed": "It could not be sent",
    "sent": "It was sent, and the receipt shown",
    "person": "Asking for a person",
}
STEPS: Mapping[UseKind, Mapping[str, str]] = {
    UseKind.SCAN: {
        **_ALIKE,
        "purpose": "Choosing what the papers are for",
        "reference": "Typing a reference",
        "before": "Reading what happens to the pictures",
        "plate": "Laying pages on the plate",
        "page": "Looking at one page",
        "corners": "Dragging the corners of a page",
        "kind": "Saying which papers they are",
        "receipt": "Choosing how to get the receipt",
        "phone": "Typing a telephone number",
        "email": "Typing an e-mail address",
    },
    UseKind.FORM: {
        **_ALIKE,
        "": "On the web, where it is not kept how far they came",
        "list": "Choosing a form",
        "opening": "While the form was being opened",
        "not_opened": "The form could not be opened",
        "start": "Reading what the form is for",
        "page": "Answering a question",
        "carry": "Carrying on on a phone",
    },
    UseKind.ONLINE: (
        _FINDING := {
            "browse": "Looking through what there is",
            "search": "Searching",
            "portal": "Looking at one page elsewhere",
            "on_pc": "It was sent to a PC",
            "phone": "It was on their phone",
        }
    ),
    UseKind.SEARCH: _FINDING,
}
"""Where a use ended, by the pages of the kiosk's journeys (`kiosk.flow.*.shown.At`)."""
_COLUMNS = (
    ("Uses", "uses"),
    ("Finished", "done"),
    ("Left unfinished", "stopped"),
    ("Failed", "failed"),
    ("Went on by phone", "to_phone"),
    ("Went on at a PC", "to_pc"),
    ("Asked for a person", "to_person"),
    ("Did not work", "did_not_work"),
    ("Pages", "pages"),
    ("Retakes", "retakes"),
    ("Middle time in seconds", "seconds"),
)


@router.get("/papers/figures")
async def figures_page(
    request: Request, caller: Guarded, first: str = "", last: str = "", file: str = ""
) -> Response:
    house, centre = house_of(request), caller.actor.centre
    now = house.clock.micros()
    today = await house.look(partial(today_of, centre=centre, now=now))
    begins, ends, said = span_of(first, last, today)
    if not first and not last:
        begins = today - timedelta(days=USUAL_DAYS - 1)
    found = await house.read(partial(read_self_service, centre=centre, first=begins, last=ends))
    if file:
        return _file(found)
    return page(
        request,
        "papers_figures.html",
        said=said,
        status=400 if said else 200,
        found=found,
        kinds=KINDS,
        span=said_span,
        step=said_step,
    )


def said_span(seconds: int | None) -> str:
    """`1 min 20 s`: how long something took."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(seconds, 60)
    said = f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return said.replace(" ", "\N{NO-BREAK SPACE}")


def said_step(kind: UseKind, step: str) -> str:
    """Where in a journey, in words. A newer kiosk may have pages whose names are not known here; they stand as they are told."""
    return STEPS[kind].get(step) or step.replace("_", " ").capitalize() or "At the very beginning"


def _file(found: UsesNow) -> Response:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["Kind", "What for", *(label for label, _ in _COLUMNS)])
    for usage in (found.scans, found.forms, found.online):
        for each in usage.rows:
            rows.writerow(_row(each, found.name(each)))
    rows.writerow(_row(found.search, ""))
    rows.writerow([])
    rows.writerow(["Kind", "Left unfinished at", "Times"])
    for step in found.gave_up:
        rows.writerow([KINDS[step.kind], said_step(step.kind, step.step), step.times])
    name = f"self-service-{found.first.isoformat()}-{found.last.isoformat()}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _row(each: Sum, name: str) -> list[object]:
    plain = name if not name.startswith(("=", "+", "-", "@")) else f"'{name}"
    told = (getattr(each, field) for _, field in _COLUMNS)
    return [KINDS[each.kind], plain, *("" if value is None else value for value in told)]
