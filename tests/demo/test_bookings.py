"""The demonstration's diary: in every state a morning knows, made by the real actions, the same for the same seed, and nobody is written to."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from demo.bookings import add_bookings
from demo.ground import centre_plan
from server.cli_centre import load_into
from server.clock import Clock, from_micros
from server.domain.access import Actor
from server.domain.offers import read_offer
from server.live.diary import read_diary
from server.store.database import Database, open_database
from server.store.tables import Booking, Centre, Post, Service, Staff, Ticket
from wire.vocabulary import Role

NOW = datetime(2026, 11, 24, 11, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Database:
    from server.store.schema import migrate

    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'foyer.db'}")
    migrate(database)
    load_into(database, centre_plan(), Clock(NOW))
    assert add_bookings(database, NOW) > 100
    return database


def test_the_day_has_appointments_in_every_state_and_weeks_ahead_have_some(filled: Database) -> None:
    with filled.session() as session:
        centre, helen = session.exec(select(Centre.id)).one(), session.exec(select(Staff.id)).first()
        assert centre is not None
        actor = Actor(kind="staff", id=helen or 0, centre=centre, roles=frozenset({Role.MANAGER}))
        now = Clock(NOW).micros()
        day = read_diary(session, actor, NOW.date(), 1, now)
        standings = Counter(each.standing(now) for each in day.bookings)
        assert standings["booked"] >= 5
        assert standings["served"] >= 2
        assert standings["here"] >= 1
        assert standings["late"] + standings["expected"] + standings["missed"] >= 1
        assert any(each.masked for each in day.bookings), "nobody has a private appointment"
        weeks = Counter(row.starts_at.isocalendar().week for row in session.exec(select(Booking)))
        assert len(weeks) >= 3
        assert not [row for row in session.exec(select(Ticket)) if row.state in ("called", "serving")]
        assert not list(session.exec(select(Post))), "people who do not exist must not be written to"


def test_every_answer_is_to_a_question_that_is_asked(filled: Database) -> None:
    with filled.session() as session:
        offers = {row.id: read_offer(row.booking) for row in session.exec(select(Service))}
        for row in session.exec(select(Booking)):
            offer = offers[row.service_id]
            assert offer is not None
            questions = {each.slug: each for each in offer.questions}
            for slug, answer in row.answers.items():
                assert not questions[slug].choices or answer in questions[slug].choices
            assert row.phone == "" or row.phone.startswith("+447700900")
            assert row.email == "" or row.email.endswith("@example.org")


def test_a_diary_that_has_appointments_is_left_as_it_is(filled: Database) -> None:
    assert add_bookings(filled, from_micros(Clock(NOW).micros())) == 0
