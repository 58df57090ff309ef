"""How was your visit, on a ticket's own page when the visit is over: asked once, for a day, and nothing leads from the answer back to the visit."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import select

from server.store.tables import Visit
from tests.server.web.rehearsal import NOON, Served
from tests.server.web.test_rating import PAGE, answers, fields_of, heading
from wire.asks import Arrive, CallNext, Finish, NoShow
from wire.vocabulary import Language, Outcome


def served_to_an_end(served: Served, *, discreet: bool = False, service: str = "housing") -> str:
    """A visit that is over: the secret on its paper."""
    ticket, _, secret = served.visitor(service, discreet=discreet, language=Language.PL)
    served.ask(served.actor("priya"), CallNext())
    served.ask(served.actor("priya"), Arrive(ticket=ticket))
    served.ask(served.actor("priya"), Finish(ticket=ticket, outcome=Outcome.RESOLVED))
    return secret


def test_a_ticket_is_asked_once_and_nothing_leads_back_to_its_visit(served: Served) -> None:
    hands = served.set_clock(NOON + timedelta(minutes=17, seconds=5))
    served.sit("priya")
    secret = served_to_an_end(served)
    client = served.client()
    faces = client.get(f"/t/{secret}")
    assert heading(faces) == "Jak przebiegła wizyta?"
    hands.turn(timedelta(minutes=9))
    why = client.post(f"/t/{secret}/how", data=fields_of(faces, score="4"))
    client.post(PAGE, data=fields_of(why, reason="answer"))
    once = client.post(f"/t/{secret}/how", data=fields_of(faces, score="1"))
    assert heading(once) == heading(client.get(f"/t/{secret}")) == "Mamy już tę odpowiedź"
    (row,) = answers(served)
    assert (row.score, row.reason, row.way, row.language) == (4, "answer", "phone", "pl")
    assert row.service_id == 2
    assert row.device_id is None
    assert row.at == NOON, "the hour and no more"
    everything = served.run(
        served.house.look(
            lambda connection: [
                str(tuple(record))
                for table in ("feedback", "audit", "command")
                for record in connection.execute(text(f"SELECT * FROM {table}"))
                if row.id in str(tuple(record))
            ]
        )
    )
    (visit,) = served.run(served.house.read(lambda session: session.exec(select(Visit)).all()))
    assert visit.rated
    assert len(everything) == 1, "its own row, and no other that names it"
    assert not any(each in everything[0] for each in (visit.id, visit.follow_hash, visit.code))
    assert row.id not in visit.model_dump_json()


def test_a_day_later_the_page_is_over(served: Served) -> None:
    hands = served.set_clock(NOON)
    served.sit("priya")
    secret = served_to_an_end(served)
    hands.turn(timedelta(hours=24))
    faces = served.client().get(f"/t/{secret}")
    assert faces.status_code == 200
    hands.turn(timedelta(seconds=1))
    assert served.client().get(f"/t/{secret}").status_code == 404
    late = served.client().post(f"/t/{secret}/how", data={"score": "5"})
    assert late.status_code == 404
    assert answers(served) == []


def test_a_discreet_visit_names_no_service(served: Served) -> None:
    served.sit("priya")
    for secret in (
        served_to_an_end(served, discreet=True),
        served_to_an_end(served, service="private"),
    ):
        faces = served.client().get(f"/t/{secret}")
        served.client().post(f"/t/{secret}/how", data=fields_of(faces, score="3"))
    assert [(each.score, each.service_id) for each in answers(served)] == [(3, None), (3, None)]


def test_who_was_called_and_did_not_come_is_not_asked(served: Served) -> None:
    """They may still be in the house: they are sent to a person instead."""
    served.sit("priya")
    ticket, _, secret = served.visitor()
    served.ask(served.actor("priya"), CallNext())
    served.ask(served.actor("priya"), NoShow(ticket=ticket))
    assert served.client().get(f"/t/{secret}").status_code == 404


def test_an_open_visit_is_not_asked(served: Served) -> None:
    _, _, secret = served.visitor()
    posted = served.client().post(f"/t/{secret}/how", data={"score": "5"})
    assert posted.status_code == 404
    assert answers(served) == []
    assert "Your number" in served.client().get(f"/t/{secret}").text
