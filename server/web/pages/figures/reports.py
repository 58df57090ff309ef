"""Taking the figures away: files and printed reports, how far those being made are, reports that go out by e-mail, and the figures for publication as a page.

What is short is answered at once; anything else is a row that a job works through (`server.jobs.reports`), shown with how far it is, with script and without. A report is for whoever asked for
it and of centres where they are manager, which is looked at again whenever it is fetched: whoever lost the right has lost the file.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forms.contact import Email, read_email
from server.actions import reports
from server.clock import from_micros
from server.connectors.smtp import Smtp
from server.domain import reports as rules
from server.domain import spans
from server.domain.asked import Asked
from server.domain.publishing import NOTE, why_not
from server.domain.refusals import Refused
from server.domain.reports import PUBLICATION, Every, Wanted
from server.domain.spans import Kind
from server.edge import House
from server.live.reports import ReportShown, chapter_of, head_of, places_of, plans_of, reports_of, shown
from server.live.telling import TOPICS, Topic
from server.reports import Booklet, Chapter, Form, make
from server.store.tables import Report
from server.store.tx import Tx
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.figures.asked import asked_of, show
from server.web.render import page
from wire.vocabulary import RefusalCode, ReportState, Way

router = APIRouter()

FORMS = {
    Form.PDF: "Printed report (PDF)",
    Form.XLSX: "Workbook (Excel)",
    Form.CSV: "CSV files in one archive",
    Form.JSON: "JSON, for programs",
}
EVERY = {Every.WEEK: "Every week", Every.MONTH: "Every month", Every.QUARTER: "Every quarter"}
NO_RECIPIENT = "Write at least one e-mail address."
MANY_RECIPIENTS = f"At most {rules.MOST_RECIPIENTS} addresses get one report."
NO_MAIL = "No mail server is set up, so no report can go out by e-mail. Whoever runs the server names one in FOYER_SMTP_HOST."
NO_WEEKS = "For publication choose every month or every quarter: a week is not published."


@router.get("/figures/publication")
async def publication_page(
    request: Request, caller: Guarded, kind: str = "", first: str = "", last: str = "", only: str = ""
) -> Response:
    asked = await asked_of(request, caller, kind, first, last, default=Kind.QUARTER)
    if not kind and asked.back is not None:
        asked = await asked_of(request, caller, Kind.QUARTER, asked.back.first.isoformat())
    why = asked.said or why_not(asked.span, asked.today)
    return await show(request, caller, PUBLICATION, asked, "figures/publication.html", only=only, why=why)


@router.get("/figures/reports")
async def reports_page(
    request: Request, caller: Guarded, kind: str = "", first: str = "", last: str = ""
) -> Response:
    asked = await asked_of(request, caller, kind, first, last, default=Kind.QUARTER)
    if not kind and asked.back is not None:
        asked = await asked_of(request, caller, Kind.QUARTER, asked.back.first.isoformat())
    return await _page(request, caller, asked, said=asked.said)


async def _page(
    request: Request, caller: Caller, asked: Asked, said: str = "", status: int = 200, **typed: Any
) -> Response:
    house = house_of(request)
    own = [centre for centre, _ in asked.centres]
    found = await house.read(partial(reports_of, staff=caller.actor.id, centre=caller.actor.centre, own=own))
    blank = {
        "topics": frozenset({"footfall"}),
        "centres": frozenset({caller.actor.centre}),
        "form": "pdf",
        "public": False,
        "every": "quarter",
        "recipients": "",
        "of": PUBLICATION,
    }
    context = {
        "asked": asked,
        "reports": found,
        "plans": await house.read(partial(plans_of, centre=caller.actor.centre)),
        "topics": _topics(caller),
        "forms": FORMS,
        "every": EVERY,
        "domains": sorted(_domains(house)),
        "mail": isinstance(house.carriers.by_way.get(Way.EMAIL), Smtp),
        "zone": asked.zone,
        "title_of": lambda slug: TOPICS[slug].title if slug in TOPICS else slug,
        "names": dict(asked.centres),
        "typed": {**blank, **typed},
    }
    return page(request, "figures/reports.html", said=said, status=status, **context)


def _topics(caller: Caller) -> list[Topic]:
    """What this person may read, but for what is for publication: that is a choice of its own."""
    return [each for each in TOPICS.values() if each.rule.lets_in(caller.actor) and each.slug != PUBLICATION]


def _domains(house: House) -> frozenset[str]:
    return rules.domains_of(house.settings.report_domains, house.settings.smtp_from)


# Asking --------------------------------------------------------------------------------------------------------------


@router.post("/figures/reports")
async def ask(request: Request, caller: Guarded) -> Response:
    """Make it now, where that is a moment's work; otherwise have it made and show how far it is."""
    house, form = house_of(request), await form_of(request, caller)
    kind, first, last = (text_of(form, name, 20) for name in ("kind", "first", "last"))
    asked = await asked_of(request, caller, kind, first, last, default=Kind.QUARTER)
    typed = _typed(form)
    again = partial(_page, request, caller, asked, **typed)
    if asked.said:
        return await again(said=asked.said, status=422)
    wanted = _wanted(typed, asked)
    allowed = [each.slug for each in _topics(caller)] + [PUBLICATION]
    why = rules.why_not(wanted, allowed, [centre for centre, _ in asked.centres], asked.today)
    if why:
        return await again(said=why, status=403 if why == rules.NOT_YOURS else 422)
    try:
        if wanted.is_short:
            return await _at_once(house, caller, wanted)
        report = await house.change(caller.actor, "ask_report", partial(reports.ask, wanted=wanted))
    except Refused as refused:
        return await again(said=refused.refusal.say, status=status_of(refused.refusal))
    return RedirectResponse(f"/figures/reports/{report}", status_code=303)


def _typed(form: FormData) -> dict[str, Any]:
    topics = [each for each in form.getlist("topic") if isinstance(each, str)]
    centres = [each for each in form.getlist("centre") if isinstance(each, str)]
    return {
        "topics": frozenset(topics),
        "centres": frozenset(
            int(each) for each in centres if each.isascii() and each.isdigit() and len(each) < 10
        ),
        "form": text_of(form, "form", 10),
        "public": text_of(form, "public", 5) == "yes",
    }


def _wanted(typed: dict[str, Any], asked: Asked) -> Wanted:
    """In the order of the topics and of the centres' names, so that the same asked twice is the same."""
    topics = (PUBLICATION,) if typed["public"] else tuple(slug for slug in TOPICS if slug in typed["topics"])
    named = [centre for centre, _ in asked.centres if centre in typed["centres"]]
    others = sorted(typed["centres"] - set(named))
    form = typed["form"] if typed["form"] in set(Form) else Form.PDF
    return Wanted(topics, (*named, *others), asked.span, str(form), typed["public"])


async def _at_once(house: House, caller: Caller, wanted: Wanted) -> Response:
    places = await house.look(partial(places_of, centres=wanted.centres))
    now = house.clock.micros()
    chapters = []
    for place in places:
        for topic in wanted.topics:
            read = partial(chapter_of, place=place, topic=topic, wanted=wanted, centres=places, now=now)
            figures = tuple(await house.look(read))
            chapters.append(Chapter(**head_of(place, topic, places)._asdict(), figures=figures))
    at = from_micros(now).astimezone(places[0].zone)
    booklet = Booklet(
        wanted.title, wanted.span, at, tuple(chapters), wanted.public, (NOTE,) if wanted.public else ()
    )
    made = await asyncio.to_thread(make, booklet, Form(wanted.form))
    await house.change(caller.actor, "report_at_once", partial(reports.note_taken, wanted=wanted))
    return _file(made.name, made.media_type, made.body)


def _file(name: str, media_type: str, body: bytes) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)


# One that is being made, or is made ----------------------------------------------------------------------------------


async def _own(request: Request, caller: Caller, report_id: str) -> tuple[ReportShown, Asked]:
    asked = await asked_of(request, caller)
    return shown(await _row(request, caller, report_id, asked)), asked


async def _row(request: Request, caller: Caller, report_id: str, asked: Asked) -> Report:
    own = [centre for centre, _ in asked.centres]

    def read(session: Session) -> Report:
        row = session.get(Report, report_id)
        if row is None or not reports.is_theirs(row, caller.actor.id, caller.actor.centre, own):
            raise Refused(RefusalCode.UNKNOWN, reports.NONE_HERE)
        session.expunge(row)
        return row

    return await house_of(request).read(read)


@router.get("/figures/reports/{report_id}")
async def report_page(request: Request, caller: Guarded, report_id: str) -> Response:
    report, asked = await _own(request, caller, report_id)
    context: dict[str, Any] = {
        "asked": asked,
        "report": report,
        "when": spans.say(report.wanted.span),
        "form": FORMS[Form(report.wanted.form)],
        "names": [name for centre, name in asked.centres if centre in report.wanted.centres],
        "titles": [TOPICS[each].title for each in report.wanted.topics if each in TOPICS],
        "being_made": report.state in reports.OPEN,
    }
    return page(request, "figures/report.html", **context)


@router.get("/figures/reports/{report_id}/file")
async def report_file(request: Request, caller: Guarded, report_id: str) -> Response:
    row = await _row(request, caller, report_id, await asked_of(request, caller))
    if row.state != ReportState.DONE or row.body is None:
        raise Refused(RefusalCode.UNKNOWN, "This report has no file. See the page of the report for why.")
    return _file(row.file_name, row.media_type, row.body)


@router.post("/figures/reports/{report_id}/stop")
async def stop(request: Request, caller: Guarded, report_id: str) -> Response:
    await form_of(request, caller)
    asked = await asked_of(request, caller)
    own = [centre for centre, _ in asked.centres]
    await house_of(request).change(
        caller.actor, "stop_report", partial(reports.stop, report_id=report_id, own=own)
    )
    return RedirectResponse(f"/figures/reports/{report_id}", status_code=303)


# By e-mail -----------------------------------------------------------------------------------------------------------


@router.post("/figures/plans")
async def plan(request: Request, caller: Guarded) -> Response:
    """Have a report of this centre sent whenever a week, month or quarter is over."""
    house, form = house_of(request), await form_of(request, caller)
    asked = await asked_of(request, caller)
    every, of, kind = text_of(form, "every", 10), text_of(form, "of", 30), text_of(form, "form", 10)
    typed = text_of(form, "recipients", 4000)
    again = partial(_page, request, caller, asked, every=every, of=of, recipients=typed, form=kind)
    addresses, why = _recipients(house, typed)
    if every not in set(Every) or (
        of != PUBLICATION and of not in {each.slug for each in _topics(caller)} | {"all"}
    ):
        why = why or rules.NO_TOPIC
    if of == PUBLICATION and every == Every.WEEK:
        why = NO_WEEKS
    if not isinstance(house.carriers.by_way.get(Way.EMAIL), Smtp):
        why = NO_MAIL
    if why:
        return await again(said=why, status=422)
    topics = tuple(each.slug for each in _topics(caller)) if of == "all" else (of,)
    span = rules.span_told(Every(every), rules.first_due(Every(every), asked.today))
    form_asked = kind if kind in {Form.PDF, Form.XLSX} else Form.PDF
    wanted = Wanted(topics, (caller.actor.centre,), span, str(form_asked), of == PUBLICATION)
    make_plan = partial(
        reports.plan, every=Every(every), wanted=wanted, recipients=addresses, today=asked.today
    )
    await house.change(caller.actor, "plan_report", make_plan)
    return RedirectResponse("/figures/reports#by-mail", status_code=303)


def _recipients(house: House, typed: str) -> tuple[list[str], str]:
    """The addresses, and why they cannot be taken. An address is said back only to who typed it."""
    domains = _domains(house)
    found: list[str] = []
    for part in typed.replace(",", " ").replace(";", " ").split():
        read = read_email(part)
        if not isinstance(read, Email):
            return [], f"{part[:80]} is no e-mail address. Correct it."
        if not rules.is_ours(read.address, domains):
            where = " or ".join(f"@{each}" for each in sorted(domains))
            return (
                [],
                f"{read.address} is not an address of the council. Reports go to {where} only; whoever runs the server can name more in FOYER_REPORT_DOMAINS.",
            )
        found.append(read.address)
    found = list(dict.fromkeys(found))
    if not found:
        return [], NO_RECIPIENT
    return (found, "") if len(found) <= rules.MOST_RECIPIENTS else ([], MANY_RECIPIENTS)


@router.post("/figures/plans/{plan_id}/stop")
async def stop_plan(request: Request, caller: Guarded, plan_id: int) -> Response:
    await form_of(request, caller)
    await house_of(request).change(caller.actor, "stop_plan", partial(reports.stop_plan, plan_id=plan_id))
    return RedirectResponse("/figures/reports#by-mail", status_code=303)


@router.post("/figures/plans/{plan_id}/start")
async def start_plan(request: Request, caller: Guarded, plan_id: int) -> Response:
    await form_of(request, caller)
    today = (await asked_of(request, caller)).today

    def start(tx: Tx) -> None:
        reports.start_plan(tx, plan_id, today)

    await house_of(request).change(caller.actor, "start_plan", start)
    return RedirectResponse("/figures/reports#by-mail", status_code=303)
