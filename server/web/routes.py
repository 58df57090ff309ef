"""Every route and socket of the application, in one place; who may use which stands in `server.domain.access.ROUTES`."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.routing import WebSocketRoute

from server.web.api import addresses as api_addresses
from server.web.api import door, enrol, feeds, health, metrics, notify, packets
from server.web.api import forms as api_forms
from server.web.api import releases as api_releases
from server.web.api.v1 import booking, document, reading
from server.web.api.v1 import figures as api_figures
from server.web.api.v1.answers import throttle_of
from server.web.counted import Counted
from server.web.errors import add_errors
from server.web.gate import guard
from server.web.headers import SafeAnswers
from server.web.lines import Lines
from server.web.pages import (
    account,
    addresses,
    appointment,
    appointment_find,
    appointment_new,
    appointment_times,
    appointments,
    assets,
    audit,
    bookable,
    booking_import,
    broken,
    calendars,
    centres_admin,
    confirming,
    connections,
    counter,
    counting,
    counts,
    device_admin,
    display,
    emergency,
    form_editor,
    forms_admin,
    greeter,
    greeter_begun,
    house,
    keeping,
    messages,
    own_account,
    papers,
    papers_sort,
    past_import,
    phone,
    phone_rating,
    releases,
    said,
    second_step,
    secrets_kept,
    seen_papers,
    self_service,
    setup,
    setup_appointments,
    setup_calendar,
    setup_things,
    sign_on,
    sign_on_admin,
    speech,
    staff_admin,
    visitor_sheet,
)
from server.web.pages.figures import centres as figures_centres
from server.web.pages.figures import estimates as figures_estimates
from server.web.pages.figures import footfall as figures_footfall
from server.web.pages.figures import known_events as figures_known_events
from server.web.pages.figures import now as figures_now
from server.web.pages.figures import overview as figures_overview
from server.web.pages.figures import persons as figures_persons
from server.web.pages.figures import reports as figures_reports
from server.web.pages.figures import roster as figures_roster
from server.web.pages.figures import roster_import as figures_roster_import
from server.web.pages.figures import satisfaction as figures_satisfaction
from server.web.pages.figures import staffing as figures_staffing
from server.web.pages.figures import waits as figures_waits
from server.web.pages.figures import why as figures_why
from server.web.public import choosing, heard, managing, rating, sheets, signposts, telling, waiting
from server.web.public.forms import filling, moving, person, receipts, sending, starting, uploads
from server.web.socket import device_socket, phone_socket, staff_socket

ROOMS = (
    health,
    metrics,
    account,
    second_step,
    confirming,
    own_account,
    sign_on,
    sign_on_admin,
    secrets_kept,
    counter,
    greeter,
    greeter_begun,
    bookable,
    broken,
    appointments,
    figures_satisfaction,
    figures_waits,
    appointment_times,
    appointment_find,
    appointment_new,
    booking_import,
    appointment,
    counting,
    counts,
    figures_overview,
    figures_reports,
    figures_footfall,
    figures_centres,
    figures_why,
    figures_persons,
    figures_estimates,
    figures_staffing,
    figures_roster,
    figures_roster_import,
    figures_known_events,
    figures_now,
    past_import,
    seen_papers,
    self_service,
    papers,
    papers_sort,
    staff_admin,
    device_admin,
    centres_admin,
    emergency,
    messages,
    notify,
    setup,
    setup_appointments,
    setup_calendar,
    setup_things,
    audit,
    enrol,
    door,
    packets,
    connections,
    calendars,
    feeds,
    document,
    reading,
    api_figures,
    booking,
    assets,
    display,
    phone,
    phone_rating,
    rating,
    heard,
    said,
    speech,
    visitor_sheet,
    sheets,
    choosing,
    waiting,
    managing,
    telling,
    signposts,
    starting,
    filling,
    uploads,
    receipts,
    sending,
    person,
    moving,
    api_forms,
    api_releases,
    releases,
    api_addresses,
    addresses,
    forms_admin,
    house,
    keeping,
    form_editor,
)
"""In this order: the first route that fits an address is taken."""


def attach(app: FastAPI) -> None:
    """Give `app` its sockets, pages, JSON and static files.

    Every router is included behind `guard`, so a route without a rule is a closed door, not an open one.
    """
    add_errors(app)
    app.add_middleware(SafeAnswers, tls=app.state.settings.secure_cookies)
    app.add_middleware(Counted)
    app.state.api_throttle = throttle_of(app.state.settings)
    app.state.rating_limits = rating.Limits()
    for room in ROOMS:
        app.include_router(room.router, dependencies=[Depends(guard)])
    sockets = (
        WebSocketRoute("/ws/device", device_socket),
        WebSocketRoute("/ws/staff", staff_socket),
        WebSocketRoute("/ws/t/{secret}", phone_socket),
    )
    app.router.routes.extend(sockets)
    app.middleware_stack = Lines(app.build_middleware_stack(), sockets)
