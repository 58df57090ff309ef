"""One administrator of two centres with a window open at each: nothing meant for one is done at the other, and nothing of one is seen at the other."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from sqlmodel import Session, select

from server.actions.centres import export
from server.domain.access import SYSTEM
from server.store.tables import Centre, Change, StaffRole
from server.store.tx import Tx
from tests.server.web.forms import filled, form_in
from tests.server.web.rehearsal import Served, token_of
from tests.server.web.setup_forms import do, plan, send
from wire.vocabulary import Role


@pytest.fixture
def ada(served: Served) -> httpx.Client:
    """Administrator of York House, greeter of the other centre too."""

    def join(tx: Tx) -> None:
        for role in (Role.ADMINISTRATOR, Role.GREETER):
            row = StaffRole(staff_id=served.ids.staff["ada"], centre_id=served.ids.other, role=role)
            tx.session().add(row)

    served.run(served.house.change(SYSTEM, "join", join))
    client = served.signed_in("ada")
    assert "York House" in client.get("/setup").text
    return client


def work_at(client: httpx.Client, centre: int) -> None:
    """As in another window of the same browser."""
    answer = client.post("/centre", data={"csrf": token_of(client), "centre": str(centre)})
    assert answer.status_code == 303, answer.text


def elsewhere(served: Served) -> object:
    return served.run(served.house.read(lambda session: export(session, "elsewhere")))


def test_a_preview_of_one_centre_is_not_done_at_another(served: Served, ada: httpx.Client) -> None:
    before = elsewhere(served)
    preview = send(ada, "/setup/services/housing", target_minutes="25")
    closing = send(ada, "/setup/closures/add", first="2027-12-24", reason__en="Closed for the day.")
    draft = form_in(ada.get("/setup/counters/add").text, "/setup/counters/add")
    work_at(ada, served.ids.other)
    for shown in (preview, closing):
        sent = filled(form_in(shown.text, "/setup/changes/do"), when="now")
        answer = ada.post("/setup/changes/do", data=sent)
        assert answer.status_code == 403, answer.text
        assert "Nothing was changed" in answer.text
        assert "load it again" in answer.text
    assert ada.post("/setup/counters/add", data=filled(draft, name="Desk 9")).status_code == 403
    assert elsewhere(served) == before
    work_at(ada, served.ids.centre)
    assert do(ada, send(ada, "/setup/services/housing", target_minutes="25")).status_code == 303
    assert plan(served).services[1].target_minutes == 25
    assert elsewhere(served) == before


def test_a_form_about_people_of_one_centre_changes_nobody_at_another(
    served: Served, ada: httpx.Client
) -> None:
    adding = form_in(ada.get("/admin/staff").text, "/admin/staff")
    own = f"/admin/staff/{served.ids.staff['ada']}/roles"
    roles = form_in(ada.get(own.removesuffix("/roles")).text, own)
    work_at(ada, served.ids.other)
    data = filled(adding, username="new.person", name="New Person", roles=["adviser"])
    assert ada.post("/admin/staff", data=data).status_code == 403
    assert ada.post(own, data=filled(roles, roles=["administrator", "adviser"])).status_code == 403

    def held(session: Session) -> set[str]:
        rows = session.exec(select(StaffRole)).all()
        return {
            each.role
            for each in rows
            if (each.staff_id, each.centre_id) == (served.ids.staff["ada"], served.ids.other)
        }

    assert served.run(served.house.read(held)) == {Role.ADMINISTRATOR, Role.GREETER}


def test_a_renamed_centre_is_called_so_on_the_very_next_page(served: Served, ada: httpx.Client) -> None:
    done = do(ada, send(ada, "/setup/centre", name="New Parks Library"))
    assert '<span class="bar-centre" title="New Parks Library">' in ada.get(done.headers["location"]).text


def test_a_day_without_closing_is_said_in_words(served: Served, ada: httpx.Client) -> None:
    preview = send(ada, "/setup/hours", hours__0__opens="09:30", hours__0__closes="16:30").text
    assert "(all day and night, then 09:30 to 16:30)" in preview


def test_choosing_the_same_centre_again_leaves_open_forms_alone(served: Served, ada: httpx.Client) -> None:
    preview = send(ada, "/setup/services/housing", target_minutes="25")
    work_at(ada, served.ids.centre)
    assert do(ada, preview).status_code == 303


def test_the_number_of_another_centres_change_is_nothing_here(served: Served, ada: httpx.Client) -> None:
    done = do(ada, send(ada, "/setup/services/housing", target_minutes="25"))
    number = done.headers["location"].partition("=")[2]
    work_at(ada, served.ids.other)
    token = token_of(ada)
    for deed in ("undo", "cancel"):
        answer = ada.post(f"/setup/changes/{number}/{deed}", data={"csrf": token})
        assert answer.status_code == 404
        assert "There is no such change at this centre." in answer.text
    assert plan(served).services[1].target_minutes == 25


def test_no_page_of_one_centre_says_anything_of_the_other(served: Served, ada: httpx.Client) -> None:
    """York House is given names that stand nowhere else, and every page of the other centre is read for them."""

    def name(tx: Tx) -> None:
        tx.session().get_one(Centre, served.ids.centre).address = "Zanzibar Road"
        for centre in (served.ids.centre, served.ids.other):
            tx.session().get_one(Centre, centre).emergency_letter = "E"

    served.run(served.house.change(SYSTEM, "name", name))
    for path, more in (
        ("/setup/services/housing", {"names__en": "Zanzibar housing"}),
        ("/setup/counters/desk-1", {"name": "Zanzibar desk"}),
        ("/setup/messages/add", {"text__en": "Zanzibar message"}),
        ("/setup/areas/add", {"names__en": "Zanzibar hall"}),
    ):
        assert do(ada, send(ada, path, **more)).status_code == 303
    assert (
        do(ada, send(ada, "/setup/choices/money", names__en="Zanzibar money"), "tomorrow").status_code == 303
    )
    served.visitor()
    served.sit("priya", "desk-1")
    pages = [
        "/", "/setup", "/setup/centre", "/setup/hours", "/setup/layout", "/setup/private", "/setup/choices", "/setup/services",
        "/setup/counters", "/setup/areas", "/setup/messages", "/setup/order/counter", "/setup/services/housing", "/setup/calendar",
        "/admin/staff", "/admin/devices", "/admin/emergency", "/admin/emergency/pack?tickets=10", "/admin/audit", "/counts", "/greeter",
        "/floor", "/admin/centres/elsewhere/file?staff=true", "/counts/figures.csv",
    ]  # fmt: skip
    here = "".join(ada.get(path).text for path in pages)
    assert here.count("Zanzibar") > 10, "there is something that could leak"
    assert "Priya Shah" in here
    work_at(ada, served.ids.other)
    for path in pages:
        answer = ada.get(path)
        assert answer.status_code == 200, path
        assert "Zanzibar" not in answer.text, path
        assert "Priya" not in answer.text, path
    names = ada.get("/admin/staff").text
    assert "Olga Berg" in names


def test_each_role_holds_where_it_was_given(served: Served) -> None:
    """Grace is greeter at York House and administrator elsewhere."""

    def join(tx: Tx) -> None:
        row = StaffRole(
            staff_id=served.ids.staff["grace"], centre_id=served.ids.other, role=Role.ADMINISTRATOR
        )
        tx.session().add(row)

    served.run(served.house.change(SYSTEM, "join", join))
    grace = served.signed_in("grace")
    assert (grace.get("/greeter").status_code, grace.get("/setup").status_code) == (200, 403)
    work_at(grace, served.ids.other)
    assert (grace.get("/greeter").status_code, grace.get("/setup").status_code) == (403, 200)
    assert grace.get("/admin/centres/york-house/file").status_code == 404


def test_what_could_not_be_done_is_said_where_an_administrator_looks_first(
    served: Served, ada: httpx.Client
) -> None:
    def fail(tx: Tx) -> None:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        tx.session().add(
            Change(
                centre_id=served.ids.centre, part="service:housing", title="Service: Zanzibar", before=None, after=None,
                made_at=now, effective_at=now, failed="2 people wait for it. Pass them on first.",
            )
        )  # fmt: skip

    assert "could not be done" not in ada.get("/").text
    served.run(served.house.change(SYSTEM, "fail", fail))
    home = ada.get("/").text
    assert "A planned change of the set-up could not be done" in home
    assert "2 people wait for it. Pass them on first." in home
    assert '1<span class="unseen"> not done' in ada.get("/setup/services").text
    assert "Zanzibar" not in served.signed_in("grace").get("/").text
    work_at(ada, served.ids.other)
    assert "could not be done" not in ada.get("/").text
