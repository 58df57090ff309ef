"""Every table of the database is either told of in docs/privacy.md or said here to hold nothing of a person.

A data protection officer reads that page as the whole of what is held. So whoever adds a table says with it, here, which row of the page tells of
it, or that it holds settings, sums or the house's own state. What the row says of a column is for people to hold against the table: a test cannot read it.
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlmodel import SQLModel

import server.store.tables as _tables
from tests.repo.tree import read

TOLD = {
    "visit": "a ticket's code, service, times",
    "ticket": "a ticket's code, service, times",
    "step": "each step of a ticket",
    "note": "notes that staff wrote",
    "seat": "who sat at which counter",
    "pause": "who sat at which counter",
    "given_estimate": "the range of the wait that was told",
    "print_job": "that a ticket was sent to a printer",
    "attention": "that staff raised an alarm",
    "booking": "of an appointment: name, telephone",
    "bookable": "whose time can be booked",
    "rota": "whose time can be booked",
    "block": "whose time can be booked",
    "draft": "a booking form being filled in",
    "wish": "a place on the waiting list",
    "booking_try": "who tried to book or find",
    "post": "the address a message went to",
    "heard_text": "what a visitor texted back",
    "text_wish": "a walk-in's mobile number",
    "hook_call": "by a webhook is kept for 31 days",
    "submission": "that something was handed in",
    "document": "papers and answers that were handed in",
    "piece": "papers and answers that were handed in",
    "hand_off": "that something was handed in",
    "sighting": "that a paper was seen and not kept",
    "self_service_use": "how somebody used a scan station",
    "carried": "a form being filled in on the web",
    "address": "addresses by postcode",
    "address_list": "addresses by postcode",
    "feedback": "how somebody found their visit",
    "said": "a complaint or compliment: what it says",
    "tally": "who counted or corrected what",
    "shift": "who shall sit where and when",
    "report": "addresses that a report of figures goes to",
    "report_plan": "addresses that a report of figures goes to",
    "command": "The answer to what was asked",
    "audit": "what staff did, about which thing",
    "audit_seal": "what staff did, about which thing",
    "staff": "staff accounts: name, roles",
    "staff_role": "staff accounts: name, roles",
    "staff_skill": "staff accounts: name, roles",
    "browser_session": "sessions and sign-ins",
    "sign_on": "sessions and sign-ins",
    "login_try": "sessions and sign-ins",
    "second_factor": "passwords, authenticator apps",
    "recovery_code": "passwords, authenticator apps",
}
"""Table: words of the page by which it is told of."""
SILENT = {
    *("centre", "counter", "service", "message", "choice", "opening", "special_hours", "closure"),
    *("change", "known_event", "keeping_rule", "erasure", "sign_on_role"),
    *("form", "form_version", "announcement", "hook", "calendar_feed", "api_key"),
    *("day_sum", "month_sum", "past_import", "past_count", "door_count"),
    *("device", "device_event", "enrolment", "house_key", "house_life", "server_process", "lease"),
    *("schema_step", "trouble", "backup_run", "release", "rollout"),
}
"""Tables of which the worst is who of staff set them up, by number."""


def test_every_table_is_told_of() -> None:
    there = {table.name for table in SQLModel.metadata.sorted_tables}
    assert _tables
    assert TOLD.keys() & SILENT == set()
    assert sorted(there - TOLD.keys() - SILENT) == [], (
        "say here which row of docs/privacy.md tells of these, or that they hold nobody"
    )
    assert sorted((TOLD.keys() | SILENT) - there) == [], "there are no such tables"


def test_every_row_named_is_on_the_page() -> None:
    page = re.sub(r"\s+", " ", read(Path("docs/privacy.md")))
    missing = sorted({words for words in TOLD.values() if words not in page})
    assert not missing, f"docs/privacy.md does not say: {missing}"
