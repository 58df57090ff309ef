"""A house nobody has set up yet: every page of the day and of the set-up stands, and says what is missing and who adds it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlmodel import Session, select

from server.store.tables import Choice, Counter, Opening, Service
from tests.server.web.rehearsal import serving

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SAYS = {
    "priya": {"/counter": "No counter yet, so nobody can sit down.", "/floor": "No counter yet."},
    "grace": {"/greeter": "No service yet. An administrator adds"},
    "max": {"/greeter": "No counter yet.", "/figures": "", "/figures/now": "", "/counts": "", "/appointments/new": "No service takes appointments"},
    "ada": {
        "/setup": "the centre is never open",
        "/setup/services": "Begin with a",
        "/setup/counters": "Advisers need one to sit down at.",
        "/setup/layout": "",
        "/setup/hours": "",
        "/setup/calendar": "",
        "/admin/emergency": "",
    },
}  # fmt: skip


def test_every_page_of_a_house_with_nothing_says_what_to_do(sqlite_url: str) -> None:
    with serving(sqlite_url) as served:
        served.run(served.house.change(served.actor("ada"), "empty", lambda tx: _empty(tx.session())))
        for who, pages in SAYS.items():
            client = served.signed_in(who)
            for path, says in pages.items():
                answer = client.get(path)
                assert answer.status_code == 200, path
                assert says in answer.text, (path, says)
        assert "There is nothing to book here" in served.client().get("/book").text


def _empty(session: Session) -> None:
    for table in (Choice, Counter, Service):
        for row in session.exec(select(table)):
            row.retired_at = LONG_AGO
    for opening in session.exec(select(Opening)):
        session.delete(opening)
