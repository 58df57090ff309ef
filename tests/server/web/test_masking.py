"""What a discreet visit is about is on no staff page, in no role, before the call: not its name, its synonyms, its notes or its past."""

from __future__ import annotations

from sqlmodel import col, select

from server.domain.access import SYSTEM
from server.store.tables import Service, StaffRole
from server.store.tx import Tx
from tests.server.web.rehearsal import Served
from wire import asks
from wire.vocabulary import Outcome, Role

SECRETS = ("Somewhere to live", "sleeping rough", "the brother must not hear", "secret first note")
"""The need's name, one of its synonyms, a note, and a note of what came before."""


def a_discreet_visit(served: Served) -> str:
    """Came for parking, was passed on to housing with a note, is discreet; waits and its ticket is answered."""

    def synonyms(tx: Tx) -> None:
        found = tx.session().exec(
            select(Service).where(col(Service.slug) == "housing", col(Service.centre_id) == served.ids.centre)
        )
        found.one().synonyms = ["sleeping rough"]
        tx.session().add(
            StaffRole(staff_id=served.ids.staff["max"], centre_id=served.ids.centre, role=Role.DISCREET)
        )

    served.run(served.house.change(SYSTEM, "synonyms", synonyms))
    ticket, _, _ = served.visitor("parking", minutes_ago=40, discreet=True)
    amina = served.actor("amina")
    served.ask(amina, asks.AddNote(ticket=ticket, note="secret first note"))
    passed = served.ask(
        amina, asks.Transfer(ticket=ticket, service="housing", note="the brother must not hear")
    )
    assert passed.result is not None
    return str(passed.result["ticket"])


NOT_ABOUT_ANYBODY = (
    ("<option", "</option>"),
    ('<label class="pick', "</label>"),
    ('<th scope="row"', "</th>"),
)
"""Where every service is named whether anybody came for it or not: lists to choose from, the table of services."""


def secrets_in(html: str) -> list[str]:
    for opening, closing in NOT_ABOUT_ANYBODY:
        first, *rest = html.split(opening)
        html = first + "".join(part.split(closing, 1)[-1] for part in rest)
    return [secret for secret in SECRETS if secret in html]


def pages_of(served: Served, username: str, ticket: str) -> dict[str, str]:
    client = served.signed_in(username)
    found = {}
    for path in (
        "/floor",
        "/floor/now",
        "/counter",
        "/counter/now",
        f"/floor/ticket/{ticket}",
        "/greeter",
        "/greeter/now",
    ):
        answer = client.get(path)
        assert answer.status_code in (200, 403, 404), (path, answer.status_code)
        if answer.status_code == 200:
            found[path] = answer.text
    return found


def test_nobody_reads_what_a_waiting_discreet_visit_is_about(served: Served) -> None:
    ticket = a_discreet_visit(served)
    served.sit("priya", "desk-1", ("housing",))
    served.visitor("council-tax")
    for username in ("priya", "tom", "grace", "amina", "max"):
        for path, html in pages_of(served, username, ticket).items():
            assert secrets_in(html) == [], (username, path)
            if not path.startswith("/counter") or username == "priya":
                assert "Private visit" in html, (username, path)


def test_who_serves_a_discreet_visit_reads_it_from_the_call_on_and_no_longer_than_they_serve(
    served: Served,
) -> None:
    ticket = a_discreet_visit(served)
    served.sit("priya", "desk-1", ("housing",))
    served.sit("tom", "desk-2", ("housing",))
    priya = served.actor("priya")
    assert served.ask(priya, asks.CallNext()).result["ticket"] == ticket
    mine = served.signed_in("priya").get("/counter").text
    assert {"Somewhere to live", "the brother must not hear", "secret first note"} <= set(secrets_in(mine))
    for username in ("tom", "grace", "max"):
        for path, html in pages_of(served, username, ticket).items():
            assert "the brother must not hear" not in html, (username, path)
            if path.startswith("/floor/ticket"):
                assert "Private visit" in html, username
    served.ask(priya, asks.Arrive(ticket=ticket))
    served.ask(priya, asks.Park(ticket=ticket, note="the brother must not hear, again"))
    parked = served.signed_in("priya").get("/counter").text
    assert secrets_in(parked) == []
    assert "Private visit" in parked
    served.ask(priya, asks.Unpark(ticket=ticket))
    served.ask(priya, asks.Finish(ticket=ticket, outcome=Outcome.REFERRED))
    done = served.signed_in("priya").get("/counter").text
    assert secrets_in(done) == []


def test_an_open_visit_is_read_by_all_so_the_tests_above_could_fail(served: Served) -> None:
    ticket, _, _ = served.visitor("housing")
    served.ask(served.actor("amina"), asks.AddNote(ticket=ticket, note="the brother must not hear"))
    for path, html in pages_of(served, "grace", ticket).items():
        assert "Somewhere to live" in html, path
    sheet = served.signed_in("grace").get(f"/floor/ticket/{ticket}").text
    assert "the brother must not hear" in sheet
