"""The console's reading and every administrator's page, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.live.console import read_floor
from server.live.console_shapes import FloorNow
from tests.server.web.rehearsal import NOON, Served, serving, token_of
from wire import asks
from wire.vocabulary import Language, Need, Outcome, PrinterState, TicketState, new_id

MINUTE = 60_000_000


@pytest.fixture
def both(database_url: str) -> Iterator[Served]:
    with serving(database_url) as running:
        yield running


def look(served: Served, username: str, about: str = "") -> FloorNow:
    actor = served.actor(username)
    now = served.house.clock.micros()
    return served.run(
        served.house.look(lambda connection: read_floor(connection, actor.centre, actor.id, now, about))
    )


def test_the_floor_as_an_adviser_sees_it(both: Served) -> None:
    both.set_clock(NOON)
    tax, _, _ = both.visitor("council-tax", minutes_ago=21)
    home, _, _ = both.visitor("housing", minutes_ago=12, language=Language.PL, needs=(Need.CHILD,))
    quiet, _, _ = both.visitor("private", minutes_ago=1)
    both.sit("priya", "desk-1", ("council-tax", "housing"))
    both.sit("tom", "desk-2", ("parking",))
    floor = look(both, "priya")
    assert [ticket.id for ticket in floor.waiting] == [home, tax, quiet]
    assert [ticket.standing(floor.now) for ticket in floor.waiting] == ["nearly", "over", "fine"]
    assert floor.next_up is not None
    assert floor.next_up.id == home
    assert floor.why_next.startswith("To be seen soon: the wait counts twice. Waiting 12 minutes")
    assert (floor.waiting_for_me, floor.waiting[0].needs, floor.waiting[2].discreet) == (2, ("child",), True)
    assert {each.name: (each.waiting, each.over, each.served_by) for each in floor.by_service} == {
        "Council tax": (1, 1, 1),
        "Somewhere to live": (1, 0, 1),
        "Parking permits": (0, 0, 1),
        "Private visits": (1, 0, 0),
    }
    assert (floor.waiting[2].service.name, floor.waiting[2].masked) == ("Private visit", True)
    assert [(counter.name, counter.staff_name) for counter in floor.counters] == [
        ("Desk 1", "Priya Shah"),
        ("Desk 2", "Tom Baker"),
        ("Desk 3", ""),
    ]


def test_what_was_done_to_a_visit_is_told_to_whoever_serves_next(both: Served) -> None:
    hands = both.set_clock(NOON)
    priya, tom = both.actor("priya"), both.actor("tom")
    both.visitor("council-tax", minutes_ago=5)
    both.sit("priya", "desk-1", ("council-tax",))
    both.sit("tom", "desk-2", ("housing",))
    called = both.ask(priya, asks.CallNext()).result
    assert called is not None
    both.ask(priya, asks.Arrive(ticket=called["ticket"]))
    both.ask(priya, asks.Transfer(ticket=called["ticket"], service="housing", note="Pays from May."))
    assert look(both, "priya").last_step is not None
    hands.turn(hands.at.resolution)
    served = both.ask(tom, asks.CallNext()).result
    assert served is not None
    floor = look(both, "tom")
    assert floor.current is not None
    assert (floor.current.id, floor.current.passed_on, floor.current.state) == (
        served["ticket"],
        True,
        TicketState.CALLED,
    )
    assert [(each.service, each.state, each.by) for each in floor.history] == [
        ("Council tax", TicketState.TRANSFERRED, "Priya Shah")
    ]
    assert [(note.text, note.by) for note in floor.notes[floor.current.visit]] == [
        ("Pays from May.", "Priya Shah")
    ]
    both.ask(tom, asks.Arrive(ticket=served["ticket"]))
    both.ask(tom, asks.Finish(ticket=served["ticket"], outcome=Outcome.RESOLVED))
    done = look(both, "tom")
    assert done.last_step is not None
    assert (done.last_step.action, done.last_step.outcome, done.today.served) == ("finish", "resolved", 1)
    assert done.today.mean_wait == 5 * MINUTE + 1


def test_what_needs_somebody(both: Served) -> None:
    both.set_clock(NOON)
    both.ask(both.kiosk(), asks.Help(request=new_id(), language=Language.UR))
    both.ask(both.kiosk(), asks.Health(printer=PrinterState.SILENT))
    floor = look(both, "grace")
    help_asked, paper = (
        each for each in floor.concerns if "The kiosk" in each.say or "The kiosk" in each.device
    )
    assert (help_asked.kind, help_asked.language, help_asked.since_at) == ("help", "ur", floor.now)
    assert (paper.kind, paper.request) == ("paper", None)
    assert "does not answer" in paper.say


def test_every_page_on_either_database(both: Served) -> None:
    both.visitor(minutes_ago=3)
    both.sit("amina")
    both.ask(both.actor("amina"), asks.CallNext())
    for who, paths in {
        "amina": ("/counter", "/counter/now", "/floor", "/floor/now"),
        "ada": ("/", "/admin/staff", "/admin/devices", "/admin/audit", "/password"),
    }.items():
        client = both.signed_in(who)
        for path in paths:
            assert client.get(path).status_code == 200, path
    admin = both.signed_in("ada")
    form = {"csrf": token_of(admin), "username": "noor", "name": "Noor Khan", "roles": ["greeter", "adviser"]}
    assert "One-time password" in admin.post("/admin/staff", data=form).text
    told = both.client().post("/api/enrol", json={"kind": "kiosk", "name": ""}).json()
    approved = admin.post("/admin/devices/approve", data={"csrf": form["csrf"], "code": told["code"]})
    assert approved.status_code == 303
    claimed = both.client().post(
        "/api/enrol/claim", json={"enrolment": told["enrolment"], "secret": told["secret"]}
    )
    assert claimed.status_code == 200
