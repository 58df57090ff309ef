"""The form "Praise or complain", filled in on the web: what is sent is received as a complaint with the days by which it is answered, and a manager reads its answers."""

from __future__ import annotations

import re

from sqlmodel import col, select

from server.actions.forms import offer
from server.centrefile.handing import OfferedForm
from server.clock import from_micros
from server.domain.said import SAID_FORM
from server.live.views.forms import form_rows
from server.store.tables import Audit, Said, Submission
from server.store.tx import Tx
from tests.server.web.formed_house import formed_house
from tests.server.web.rehearsal import token_of

WORDS = "I came twice about the same letter, and nobody had read it."


def test_a_complaint_on_the_web_is_told_by_when_it_is_answered(sqlite_url: str) -> None:
    with formed_house(sqlite_url) as house:

        def open_it(tx: Tx) -> None:
            offer(
                tx.session(), 1, (OfferedForm(SAID_FORM, keep_days=28, at_kiosks=True),), from_micros(tx.now)
            )
            tx.touch(1)

        house.change(open_it)
        floor = house.served.run(house.served.house.hub.floor_at_a_glance(1))
        told = {key: row.get("promised") for key, row in form_rows(floor).items()}
        assert told.pop(f"form:{SAID_FORM}") == [5, 10]
        assert set(told.values()) <= {None}
        visitor = house.visitor().begin(SAID_FORM)
        visitor.answer("complaint", "waiting", WORDS, {}, "no", "", "none")
        assert visitor.go(f"/forms/{SAID_FORM}/check").spot == "check", (visitor.spot, visitor.heading)
        visitor.send()
        assert visitor.spot == "done", (visitor.spot, visitor.wrong())
        reference = visitor.reference()
        assert "We tell you who looks into it by Tuesday 1 December." in visitor.text
        assert "You have our answer by Tuesday 15 December." in visitor.text
        (row,) = house.rows(Said)
        (submission,) = house.rows(Submission)
        assert (row.kind, row.state, row.way) == ("complaint", "received", "form")
        assert row.reference == submission.reference == reference
        manager = house.served.signed_in("max")
        one = manager.get(f"/said/{row.id}").text
        assert WORDS in one
        assert "What is it about?" in one
        assert "Waiting, or no answer" in one
        about = {"csrf": token_of(manager), "service": "housing"}
        acknowledged = manager.post(f"/said/{row.id}/acknowledge", data=about)
        assert acknowledged.status_code == 303
        listed = manager.get("/said").text
        assert "Somewhere to live" in listed
        assert 'href="/said" aria-current="page">Complaints' in listed
        assert 'href="/figures" aria-current="page">Figures' in listed
        unknown = manager.post(f"/said/{row.id}/about", data=about | {"service": "atlantis"})
        assert unknown.status_code == 404
        assert manager.post(f"/said/{row.id}/answer", data=about | {"service": ""}).status_code == 303
        for service in ("parking", "parking", "housing"):
            assert manager.post(f"/said/{row.id}/about", data=about | {"service": service}).status_code == 303
        assert re.search('value="housing" selected', manager.get(f"/said/{row.id}").text)
        elsewhere = house.served.signed_in("olga")
        theirs = about | {"csrf": token_of(elsewhere)}
        assert elsewhere.post(f"/said/{row.id}/about", data=theirs).status_code == 404
        deeds = house.read(lambda session: [each.what for each in session.exec(select(Audit)).all()])
        assert deeds.count("said_service_named") == 2, "once for each that changed anything"
        looks = house.read(
            lambda session: session.exec(select(Audit).where(col(Audit.what) == "said_read")).all()
        )
        assert {each.about for each in looks} == {f"said:{row.id}"}
