"""Who and what can be booked follows the centre's file: rooms by themselves, people added and never taken away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from sqlmodel import Session, select

from server.actions.bookable_rows import rota_of
from server.actions.centres import export, load
from server.centrefile import CentrePlan, read
from server.domain.hours import Usual
from server.domain.offers import read_offer
from server.live.centre_contact import contact_of
from server.store.database import Database, open_database
from server.store.tables import Bookable, Centre, Service
from wire.vocabulary import CounterKind

NOW = datetime(2026, 11, 19, 8, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 8, tzinfo=UTC)
YORK_HOUSE = Path(__file__).resolve().parents[3] / "server" / "centrefile" / "york-house.toml"


@pytest.fixture(scope="module")
def york_house() -> CentrePlan:
    plan = read(YORK_HOUSE.read_text(encoding="utf-8"))
    assert isinstance(plan, CentrePlan)
    return plan


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close()


def rooms(session: Session) -> dict[str, bool]:
    """Which rooms can be booked, by name."""
    rows = session.exec(select(Bookable).where(Bookable.kind == "room").order_by(Bookable.name))
    return {row.name: row.retired_at is None for row in rows}


def named(session: Session, name: str) -> Bookable:
    return session.exec(select(Bookable).where(Bookable.name == name)).one()


def test_every_room_can_be_booked_and_no_desk(database: Database, york_house: CentrePlan) -> None:
    with database.writing() as session:
        load(session, york_house, NOW)
        assert rooms(session) == {"Room 1": True, "Room 2": True, "Room 3": True}


def test_a_room_goes_with_its_counter_and_comes_again_with_it(
    database: Database, york_house: CentrePlan
) -> None:
    without = replace(
        york_house,
        counters=tuple(each for each in york_house.counters if each.slug != "room-2"),
        services=tuple(each for each in york_house.services if each.slug != "interview"),
        bookables=(),
    )
    renamed = tuple(
        replace(each, name="The blue room") if each.slug == "room-2" else each for each in york_house.counters
    )
    with database.writing() as session:
        load(session, york_house, NOW)
        load(session, without, LATER)
        assert rooms(session) == {"Room 1": True, "Room 2": False, "Room 3": True}
        load(session, replace(york_house, counters=renamed), LATER)
        assert rooms(session) == {"Room 1": True, "Room 3": True, "The blue room": True}


def test_a_room_that_becomes_a_desk_cannot_be_booked(database: Database, york_house: CentrePlan) -> None:
    desk = tuple(
        replace(each, kind=CounterKind.DESK) if each.slug == "crisis-room" else each
        for each in york_house.counters
    )
    with database.writing() as session:
        load(session, york_house, NOW)
        load(session, replace(york_house, counters=desk), LATER)
        assert rooms(session)["Room 3"] is False
        load(session, york_house, LATER)
        assert rooms(session)["Room 3"] is True


def test_a_room_taken_away_by_hand_stays_away_when_the_file_is_loaded_again(
    database: Database, york_house: CentrePlan
) -> None:
    with database.writing() as session:
        load(session, york_house, NOW)
        named(session, "Room 1").retired_at = NOW
        session.flush()
        load(session, replace(york_house, name="York House 2"), LATER)
        assert rooms(session)["Room 1"] is False


def test_somebody_no_longer_in_the_file_stays_and_a_changed_rota_is_changed(
    database: Database, york_house: CentrePlan
) -> None:
    amina, *_ = york_house.bookables
    other = replace(amina, rota=(Usual(3, time(14), time(16)),))
    with database.writing() as session:
        load(session, york_house, NOW)
        loaded = load(session, replace(york_house, bookables=(other,)), LATER)
        assert loaded.changed == ("person Amina Yusuf",)
        assert named(session, "Ruth Castle").retired_at is None
        number = named(session, "Amina Yusuf").id
        assert number is not None
        assert rota_of(session, [number]) == {number: other.rota}


def test_loading_twice_changes_nothing(database: Database, york_house: CentrePlan) -> None:
    with database.writing() as session:
        load(session, york_house, NOW)
        before = len(session.exec(select(Bookable)).all())
        again = load(session, york_house, LATER)
        assert not again
        assert len(session.exec(select(Bookable)).all()) == before


def test_who_only_served_what_is_gone_does_not_come_back_as_serving_everything(
    database: Database, york_house: CentrePlan
) -> None:
    """Without services of their own a person takes what their skills allow: that must not be how a file says "none are left"."""
    fewer = tuple(each for each in york_house.services if each.slug != "debt-and-rights")
    with database.writing() as session:
        load(session, york_house, NOW)
        load(session, replace(york_house, services=fewer, bookables=()), LATER)
        plan = export(session, york_house.slug)
        assert plan is not None
        assert "ruth" not in [each.username for each in plan.bookables]


def test_what_a_service_offers_is_kept_as_the_document_that_rules_read(
    database: Database, york_house: CentrePlan
) -> None:
    with database.writing() as session:
        load(session, york_house, NOW)
        kept = {row.slug: read_offer(row.booking) for row in session.exec(select(Service))}
        assert kept == {each.slug: each.appointments for each in york_house.services}
        assert sum(offer is not None for offer in kept.values()) >= 7


def test_how_to_find_the_centre_is_said_in_the_visitors_language_or_in_english(
    database: Database, york_house: CentrePlan
) -> None:
    with database.writing() as session:
        load(session, york_house, NOW)
        centre = session.exec(select(Centre)).one()
        told = contact_of(centre, "pl")
        assert (told.telephone, told.dial) == ("0116 454 1000", "01164541000")
        assert told.find_us == york_house.find_us["pl"]
        assert contact_of(centre, "so").find_us == york_house.find_us["en"]
        centre.extra = {}
        assert contact_of(centre).map_url == ""
